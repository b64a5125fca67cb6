"""Loading from Pulumi's configuration: settings, or one error without a traceback."""

import contextvars
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping

import pulumi
import pytest
from pulumi.runtime import set_all_config

from settings.base import Block
from settings.load import load, load_blocks
from settings.load_balancer import LoadBalancer
from settings.rds import Rds
from settings.stack import Settings
from tests.settings.support import ROOT, as_data, changed

# The required secrets.
HIDDEN = {
    "taskflow:originSecret": "Abcdefgh12345678Abcdefgh12345678",
    "taskflow:pagerDutyUrl": "https://events.pagerduty.com/integration/x/enqueue",
}


@pytest.fixture
def under_pulumi(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str], Collection[str]], Settings]:
    """Return `load` in a stack with given values, in a context that ends with the call."""
    monkeypatch.setattr(pulumi, "get_project", lambda: "taskflow")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "production")

    def run(values: Mapping[str, str], secret_keys: Collection[str]) -> Settings:
        def in_context() -> Settings:
            set_all_config({**values, **HIDDEN}, [*secret_keys, *HIDDEN])
            return load()

        return contextvars.copy_context().run(in_context)

    return run


def test_the_settings_of_the_running_stack(
    under_pulumi: Callable[[Mapping[str, str], Collection[str]], Settings],
) -> None:
    settings = under_pulumi(changed(as_data("production"), {}), ())
    assert (settings.project, settings.stack) == ("taskflow", "production")
    assert settings.network.cidr_block == "10.20.0.0/16"


def test_invalid_settings_become_an_error_that_pulumi_shows_without_a_traceback(
    under_pulumi: Callable[[Mapping[str, str], Collection[str]], Settings],
) -> None:
    """Pulumi shows a RunError as its text, if it has no cause."""
    values = changed(as_data("production"), {"taskflow:environment.domain": "x", "taskflow:network": 5})
    with pytest.raises(pulumi.RunError) as caught:
        under_pulumi(values | {"taskflow:orignSecret": "hunter2"}, ["taskflow:orignSecret"])
    error = caught.value
    assert str(error).startswith("Pulumi.production.yaml: 3 invalid settings\n")
    assert error.__suppress_context__
    assert error.__cause__ is None
    assert "Traceback" not in str(error)
    assert "hunter2" not in str(error)


def test_a_secret_block_is_recognized_by_pulumis_list(
    under_pulumi: Callable[[Mapping[str, str], Collection[str]], Settings],
) -> None:
    with pytest.raises(pulumi.RunError, match="flat keys"):
        under_pulumi(changed(as_data("production"), {}), ["taskflow:network"])


class Two(Block):
    """Two blocks that another program uses."""

    rds: Rds
    load_balancer: LoadBalancer


def test_another_programs_blocks_are_validated_like_a_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its other keys aren't checked; a secret block is neither read nor reported as missing."""
    monkeypatch.setattr(pulumi, "get_project", lambda: "taskflow")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "demo")

    def loaded(values: Mapping[str, str], secret_keys: Collection[str] = ()) -> Two:
        def in_context() -> Two:
            set_all_config({**values, "taskflow:own": "x"}, list(secret_keys))
            return load_blocks(Two)

        return contextvars.copy_context().run(in_context)

    values = changed(as_data("production"), {})
    assert loaded(values).rds.storage == 200
    with pytest.raises(pulumi.RunError) as caught:
        loaded(changed(as_data("production"), {"taskflow:rds.storage": 362, "taskflow:loadBalancer.idleTimeout": 0}))
    assert [line.split(". ")[1] for line in str(caught.value).splitlines() if line[:4].strip()[:1].isdigit()] == [
        "taskflow:rds.maxStorage",
        "taskflow:loadBalancer.idleTimeout",
    ]
    assert str(caught.value).startswith("Pulumi.demo.yaml: 2 invalid settings")
    with pytest.raises(pulumi.RunError, match=r"^Pulumi.demo.yaml: 1 invalid setting\n\n  1. taskflow:rds\n"):
        loaded(values, ["taskflow:rds"])


def test_importing_the_settings_imports_neither_pulumi_nor_a_component() -> None:
    """So that an invalid setting is reported at once: the SDK takes seconds to import."""
    modules = "settings.load, settings.schema, settings.reference"
    code = f"import sys, {modules}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    imported = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "settings" in imported.split()
    assert not {"pulumi", "pulumi_aws", "pulumi_awsx", "components", "policies", "sandbox"} & set(imported.split())
