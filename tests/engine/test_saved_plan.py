"""An `up` that is limited to a saved plan does what was planned; of anything else it does nothing."""

import functools
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.frame.pulumi import OUTSIDE_PLAN
from sandbox.workspace import SandboxStack
from settings.stacks import STACKS
from tests.engine.raw_resource import RawResource
from tests.engine.support import Run, edited_project, project_without_policies, resources, run, sandboxed

QUEUE, TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
Program = Callable[[], None]


def _program(**queues: int) -> Program:
    """Return a program with a topic and some queues, each with its retention in seconds."""

    def program() -> None:
        RawResource(TOPIC, "alerts", {})
        for name, retention in queues.items():
            RawResource(QUEUE, name, {"messageRetentionSeconds": retention})

    return program


def _deployed(
    folder: Path, planned: Program, deployed: Program, *, before: Program | None = None
) -> tuple[Run, set[str]]:
    """Plan one program, then deploy another one by that plan; return the run, and the types and names that exist."""
    plan = folder / "plan.json"
    with sandboxed(project_without_policies(), world=folder / "world.json") as sandbox:
        if before:
            assert run(sandbox.stack("dr", program=before).up).ok
        stack = sandbox.stack("dr", program=planned)
        assert run(functools.partial(stack.preview, plan=plan)).ok
        stack = sandbox.stack("dr", program=deployed)
        with previewed(stack):
            result = run(functools.partial(stack.up, plan=plan))
        existing = {str(each["urn"]).rpartition("::")[2] for each in resources(stack) if "id" in each}
    return result, existing - {"default"}


@contextmanager
def previewed(stack: SandboxStack) -> Generator[None]:
    """Let an `up` preview first, as the command's does. The Automation API's never do."""
    inner: Callable[..., Any] = getattr(stack.stack, "_run_pulumi_cmd_sync")  # noqa: B009

    def with_preview(arguments: Sequence[str], *rest: Any, **more: Any) -> Any:
        return inner([each for each in arguments if each != "--skip-preview"], *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stack.stack, "_run_pulumi_cmd_sync", with_preview)
        yield


def test_what_was_planned_is_deployed(tmp_path: Path) -> None:
    result, existing = _deployed(tmp_path, _program(jobs=60), _program(jobs=60))
    assert result.ok, result.text
    assert {"alerts", "jobs"} <= existing


@pytest.mark.parametrize(
    "deployed",
    [_program(jobs=60, more=60), _program(jobs=120)],
    ids=["another resource", "another value"],
)
def test_a_program_that_changed_since_is_refused(tmp_path: Path, deployed: Program) -> None:
    """By the words that the command knows, and before anything is changed."""
    result, existing = _deployed(tmp_path, _program(jobs=60), deployed)
    assert not result.ok
    assert any(words in result.text for words in OUTSIDE_PLAN)
    assert existing == set()


@pytest.mark.thorough
def test_a_resource_that_was_left_out_since_is_refused(tmp_path: Path) -> None:
    result, existing = _deployed(tmp_path, _program(jobs=120), _program(), before=_program(jobs=60))
    assert not result.ok
    assert any(words in result.text for words in OUTSIDE_PLAN), result.text
    assert existing == {"alerts", "jobs"}


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_is_deployed_by_its_plan_and_changed_by_another(tmp_path: Path, stack: str) -> None:
    """Hundreds of values are unknown in the first plan: none of them may look like a difference."""
    plan = tmp_path / "plan.json"
    with sandboxed(project_without_policies(), world=tmp_path / "world.json") as sandbox:
        for edits in ({}, {"taskflow:service.maxCount": 19}):
            sandbox.project = replace(edited_project(tmp_path / "files", stack, edits), policies=None)
            opened = sandbox.stack(stack)
            assert run(functools.partial(opened.preview, plan=plan)).ok
            with previewed(opened):
                result = run(functools.partial(opened.up, plan=plan))
            assert result.ok, result.text[-2000:]
            assert not run(opened.preview).changed
