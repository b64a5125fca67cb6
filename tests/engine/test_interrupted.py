"""Run an interrupted `up` again on the engine: the preview with policies, then the `up`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from policies.pack import policies
from sandbox.__main__ import STACKS, project
from sandbox.workspace import Sandbox
from tests.engine.both import BothStacks
from tests.engine.live_stack import restore_interrupted
from tests.engine.support import pending_operations, resources, run, sandboxed
from tests.policies.interrupted import Interrupted, cut_points
from tests.policies.judged import evaluate
from tests.policies.test_interrupted import CUTS, LIFECYCLE


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The point where an `up` stopped: after a share of all resources, or before the first one of a type."""

    stack: str
    part: int = 0
    before: str | None = None

    def __str__(self) -> str:
        return f"{self.stack}-{self.before or self.part}"

    def created_count(self, types: Sequence[str]) -> int:
        """Return the number of created resources, for a stack that creates these types in this order."""
        return types.index(self.before) if self.before else cut_points(len(types), CUTS)[self.part]


# For `make test`: one of production, where only the state contains the region, and a late one of dr.
QUICK = (Cut(stack="production", before=LIFECYCLE), Cut(stack="dr", part=CUTS * 4 // 5))
THOROUGH = [cut for stack in STACKS for part in range(CUTS) if (cut := Cut(stack=stack, part=part)) not in QUICK]
CUTS_OF_BOTH = [
    pytest.param(cut, marks=[pytest.mark.xdist_group(f"interrupted-{cut.stack}"), *marks])
    for cuts, marks in ((QUICK, ()), (THOROUGH, (pytest.mark.thorough,)))
    for cut in cuts
]


@pytest.fixture(scope="module")
def live_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    world = tmp_path_factory.mktemp("interrupted") / "world.json"
    with sandboxed(project(), world=world) as sandbox:
        yield sandbox, world


@pytest.mark.parametrize("cut", CUTS_OF_BOTH, ids=str)
def test_the_preview_has_no_violation_and_the_up_completes(
    cut: Cut, live_sandbox: tuple[Sandbox, Path], recording: Path, both: BothStacks
) -> None:
    """The Automation API's `up` includes no preview, so the test runs one first, as the official CLI does."""
    (sandbox, world), name = live_sandbox, cut.stack
    whole = {str(resource["urn"]) for resource in both[name].resources}
    created = cut.created_count([str(resource["type"]) for resource in both[name].resources])
    restore_interrupted(sandbox, world, recording, name, created)
    stack = sandbox.stack(name)
    before = {str(resource["urn"]) for resource in resources(stack)}
    assert len(before) == created
    preview = run(stack.preview)
    assert preview.ok, preview.text
    assert preview.violations == []
    assert {p.urn: p.operation for p in preview.changed} == dict.fromkeys(whole - before, "create")
    # tests/policies/test_interrupted.py evaluates the same state without the engine.
    without_engine = evaluate(policies(), Interrupted.of(both[name]).after(created))
    assert sorted(policy for policy, _ in without_engine.advisories) == _policies(preview.advisories)
    up = run(stack.up)
    assert up.ok, up.text
    assert {str(resource["urn"]) for resource in resources(stack)} == whole
    assert pending_operations(stack) == []


def _policies(advisories: list[str]) -> list[str]:
    return sorted(line.partition(": ")[0] for line in advisories)
