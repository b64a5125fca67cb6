"""The AWS provider's settings: each one that it has is accepted or refused with a reason, and none is left out."""

import importlib.util
import re
from pathlib import Path

import pytest

from settings.errors import Unshown
from settings.provider import REFUSED_KEYS
from settings.stack import PULUMIS_OWN, keys
from tests.settings.support import as_data, changed, refusal, told

# Older than the installed version, or not of the provider.
BESIDE = {"aws:assumeRole"}


def _providers_keys() -> set[str]:
    """Return the keys that the installed provider reads, from its source: importing it takes seconds."""
    (package,) = (
        importlib.util.find_spec("pulumi_aws") or pytest.fail("no pulumi_aws")
    ).submodule_search_locations or []
    source = (Path(package) / "config" / "vars.py").read_text()
    return {f"aws:{name}" for name in re.findall(r"__config__\.get\w*\('(\w+)'\)", source)}


def test_each_of_the_providers_settings_is_accepted_or_refused_with_a_reason() -> None:
    accepted, refused = ({key for key in of if key.startswith("aws:")} for of in (keys(), REFUSED_KEYS))
    assert len(accepted) > 10
    assert not accepted & refused
    assert accepted | refused == _providers_keys() | BESIDE


@pytest.mark.parametrize("key", REFUSED_KEYS)
def test_a_refused_key_is_told_with_its_reason_and_without_its_value(key: str) -> None:
    """Some of them are credentials. No similar key is suggested in their place."""
    assert key not in PULUMIS_OWN
    error = refusal(changed(as_data("production"), {key: "s3cr3t"}))
    problem = told(error)[key]
    assert (problem.value, problem.allowed, problem.hint) == (Unshown.HIDDEN, f"nothing: {REFUSED_KEYS[key]}", "")
    assert "s3cr3t" not in str(error)
