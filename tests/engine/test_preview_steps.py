"""What a command reads from a preview's JSON, as the real engine writes it: drift, and changes of protection."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import pytest

from operations.frame.pulumi import NOT_COMPARED, after_refresh, changed_protection, changes
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.raw_resource import RawResource
from tests.engine.support import project_without_policies, run, sandboxed

# One sandbox for both tests.
pytestmark = pytest.mark.xdist_group("preview-steps")

QUEUE, TOPIC, SECRET = "aws:sqs/queue:Queue", "aws:sns/topic:Topic", "aws:secretsmanager/secretVersion:SecretVersion"
RETENTION = "messageRetentionSeconds"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world") / "world.json"


@pytest.fixture(scope="module")
def sandbox(world: Path) -> Generator[Sandbox]:
    with sandboxed(project_without_policies(), world=world) as opened:
        yield opened


def _program(*, is_protected: bool = True) -> None:
    RawResource(TOPIC, "alerts", {})
    RawResource(QUEUE, "jobs", {RETENTION: 60})
    RawResource(QUEUE, "mail", {RETENTION: 60}, pulumi.ResourceOptions(protect=is_protected))
    # As the service's task definition, which releases change.
    RawResource(QUEUE, "released", {RETENTION: 60}, pulumi.ResourceOptions(ignore_changes=[RETENTION]))
    RawResource(SECRET, "password", {"secretId": "cache-auth", "secretString": "first"})


def _preview_json(stack: SandboxStack, monkeypatch: pytest.MonkeyPatch, *options: str) -> Sequence[Mapping[str, Any]]:
    """Return the steps of `pulumi preview --json`, for which the Automation API has no option."""
    inner: Callable[..., Any] = getattr(stack.stack, "_run_pulumi_cmd_sync")  # noqa: B009
    outputs: list[str] = []

    def with_json(arguments: Sequence[str], *rest: Any, **more: Any) -> Any:
        result = inner([*arguments, "--json", *options], *rest, **more)
        outputs.append(result.stdout)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(stack.stack, "_run_pulumi_cmd_sync", with_json)
        stack.stack.preview(color="never")
    return json.loads(outputs[0])["steps"]


def test_a_change_of_protection_is_a_change(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi counts it as unchanged. If it weren't deployed, the deletion that it prepares would be refused."""
    assert run(sandbox.stack("dr", program=_program).up).ok
    steps = _preview_json(sandbox.stack("dr", program=lambda: _program(is_protected=False)), monkeypatch)
    assert changes(steps) == []
    assert [str(each) for each in changed_protection(steps)] == [f"unprotect {QUEUE} mail"]


def test_drift_is_what_an_up_would_change_back(sandbox: Sandbox, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh has a step for each resource, also for those that are as they were; secrets aren't read."""
    stack = sandbox.stack("dr", program=_program)
    assert run(stack.up).ok
    options = ("--refresh", f"--exclude={NOT_COMPARED}")
    steps = _preview_json(stack, monkeypatch, *options)
    assert [each["op"] for each in steps].count("refresh") > 1
    assert not any(SECRET in each["urn"] for each in steps)
    assert changes(after_refresh(steps)) == []

    account = json.loads(world.read_text())
    account["resources"] = [each for each in account["resources"] if each["type"] != TOPIC]
    for each in account["resources"]:
        each["outputs"] |= {RETENTION: 99} if each["type"] == QUEUE else {"secretString": "rotated"}
    world.write_text(json.dumps(account))
    found = changes(after_refresh(_preview_json(stack, monkeypatch, *options)))
    assert {str(each) for each in found} == {
        f"create {TOPIC} alerts", f"update {QUEUE} jobs", f"update {QUEUE} mail",
    }  # fmt: skip
