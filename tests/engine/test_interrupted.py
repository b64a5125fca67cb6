"""An `up` that stopped half-way is run again on the engine: its preview under the policies, then the `up` itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from policies.pack import policies
from sandbox.__main__ import STACKS, project
from sandbox.workspace import Sandbox
from tests.engine.both import Both
from tests.engine.live_stack import interrupt
from tests.engine.support import pending, resources, run, sandboxed
from tests.policies.interrupted import Interrupted, shares
from tests.policies.judged import judged
from tests.policies.test_interrupted import CUTS, LIFECYCLE


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Where an `up` of a stack stopped: after a part of all resources, or before the first one of a type."""

    stack: str
    part: int = 0
    before: str | None = None

    def __str__(self) -> str:
        return f"{self.stack}-{self.before or self.part}"

    def made(self, types: Sequence[str]) -> int:
        """Return how many resources were made, of a stack that makes these types in this order."""
        return types.index(self.before) if self.before else shares(len(types), CUTS)[self.part]


# Those for `make test`: one where the state shows a region that the plan doesn't, and a late one of each stack.
QUICK = (Cut(stack="production", before=LIFECYCLE), *(Cut(stack=stack, part=CUTS * 4 // 5) for stack in STACKS))
THOROUGH = [cut for stack in STACKS for part in range(CUTS) if (cut := Cut(stack=stack, part=part)) not in QUICK]
CUTS_OF_BOTH = [
    pytest.param(cut, marks=[pytest.mark.xdist_group(f"interrupted-{cut.stack}"), *marks])
    for cuts, marks in ((QUICK, ()), (THOROUGH, (pytest.mark.thorough,)))
    for cut in cuts
]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    world = tmp_path_factory.mktemp("interrupted") / "world.json"
    with sandboxed(project(), world=world) as sandbox:
        yield sandbox, world


@pytest.mark.parametrize("cut", CUTS_OF_BOTH, ids=str)
def test_it_is_previewed_under_the_policies_and_completes(
    cut: Cut, standing: tuple[Sandbox, Path], recording: Path, both: Both
) -> None:
    """The Automation API's `up` has no preview: it is run by itself, as the official CLI does."""
    (sandbox, world), name = standing, cut.stack
    whole = {str(resource["urn"]) for resource in both[name].resources}
    made = cut.made([str(resource["type"]) for resource in both[name].resources])
    interrupt(sandbox, world, recording, name, made)
    stack = sandbox.stack(name)
    before = {str(resource["urn"]) for resource in resources(stack)}
    assert len(before) == made
    preview = run(stack.preview)
    assert preview.ok, preview.text
    assert preview.violations == []
    assert {p.urn: p.operation for p in preview.changed} == dict.fromkeys(whole - before, "create")
    # tests/policies/test_interrupted.py shows the pack the same, without the engine.
    alike = judged(policies(), Interrupted.of(both[name]).after(made))
    assert sorted(policy for policy, _ in alike.advisories) == _policies(preview.advisories)
    up = run(stack.up)
    assert up.ok, up.text
    assert {str(resource["urn"]) for resource in resources(stack)} == whole
    assert pending(stack) == []


def _policies(advisories: list[str]) -> list[str]:
    return sorted(line.partition(": ")[0] for line in advisories)
