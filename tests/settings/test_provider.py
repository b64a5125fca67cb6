"""Each setting of the AWS provider is accepted, or forbidden with a reason."""

import importlib.util
import re
from pathlib import Path

import pytest

from settings.errors import NoValue
from settings.provider import FORBIDDEN_KEYS
from settings.stack import PULUMI_KEYS, keys
from tests.settings.support import as_data, changed, problems_by_path, settings_error

# Not a key of the installed version.
BESIDE = {"aws:assumeRole"}


def _providers_keys() -> set[str]:
    """Return the keys that the installed provider reads, from its source: importing it takes seconds."""
    (package,) = (
        importlib.util.find_spec("pulumi_aws") or pytest.fail("no pulumi_aws")
    ).submodule_search_locations or []
    source = (Path(package) / "config" / "vars.py").read_text()
    return {f"aws:{name}" for name in re.findall(r"__config__\.get\w*\('(\w+)'\)", source)}


def test_each_provider_setting_is_accepted_or_forbidden() -> None:
    accepted, forbidden = ({key for key in of if key.startswith("aws:")} for of in (keys(), FORBIDDEN_KEYS))
    assert len(accepted) > 10
    assert not accepted & forbidden
    assert accepted | forbidden == _providers_keys() | BESIDE


@pytest.mark.parametrize("key", FORBIDDEN_KEYS)
def test_a_forbidden_key_is_reported_with_its_reason_and_without_its_value(key: str) -> None:
    """Some of them are credentials. No similar key is suggested in their place."""
    assert key not in PULUMI_KEYS
    error = settings_error(changed(as_data("production"), {key: "s3cr3t"}))
    problem = problems_by_path(error)[key]
    assert (problem.value, problem.allowed, problem.hint) == (NoValue.HIDDEN, f"nothing: {FORBIDDEN_KEYS[key]}", "")
    assert "s3cr3t" not in str(error)
