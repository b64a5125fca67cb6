"""Pulumi as a command runs it, in the sandbox: the real engine, program and policy pack over stand-ins for AWS."""

import functools
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from operations.frame.errors import OperationError
from operations.frame.pulumi import Step
from sandbox.__main__ import project
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.live_stack import AwsResource
from tests.engine.support import Run, run
from tests.operations.fake.pulumi import NoPlans

LAST_LINES = 40
# The engine's words for steps; a replacement has three.
WORDS = {
    "create": "created", "update": "updated", "delete": "deleted", "import": "imported",
    "create-replacement": "created in replacement", "replace": "replaced", "delete-replaced": "deleted in replacement",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EngineRun:
    """A run of the engine: what it did, and how long it took in reality."""

    verb: str
    stack: str
    seconds: float
    steps: Sequence[Step]
    unchanged: int = 0

    @property
    def counts(self) -> str:
        """How many resources were changed in which way."""
        if self.verb == "preview":
            words = [f"to {each.operation}" for each in self.steps]
        else:
            words = [WORDS.get(each.operation, each.operation) for each in self.steps]
        found = Counter(words)
        return ", ".join(f"{found[word]} {word}" for word in sorted(found)) or "nothing changed"


@dataclass(kw_only=True)
class SandboxPulumi(NoPlans):
    """Deploys the stack files of a folder. `applied` is called after each `up`, as AWS has changed by then.

    `show` prints what a run has changed, in the place of Pulumi's own output.
    """

    sandbox: Sandbox
    world: Path
    folder: Path
    applied: Callable[[], None] = lambda: None
    show: Callable[[EngineRun], None] = lambda _: None
    runs: list[EngineRun] = field(default_factory=list[EngineRun])

    # The protocol.

    def preview(self, stack: str) -> Sequence[Step]:
        """Return the steps of an `up`, without those that change nothing."""
        return self._run("preview", stack, lambda opened: run(opened.preview)).steps

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        """Deploy a stack as its file describes it, or some of its resources, by URN."""
        up = functools.partial(self._run, "up", stack, has_policies=not targets)
        try:
            self.show(up(lambda opened: run(functools.partial(opened.up, target=list(targets) or None))))
        finally:
            # What an `up` has done before it fails stays.
            self.applied()

    def refresh(self, stack: str, urn: str) -> None:
        """Read one resource into the state."""

        def refresh(opened: SandboxStack) -> Run:
            opened.stack.refresh(target=[urn], color="never")
            return Run()

        self._run("refresh", stack, refresh)

    # The region.

    def lose(self, region: str | None) -> None:
        """Reject every call of providers to a region, and to the control planes in it; None: no longer."""
        content = json.loads(self.world.read_text())
        self.world.write_text(json.dumps({**content, "outage": region, "rejected_calls": []}))

    @property
    def rejected_calls(self) -> Sequence[str]:
        """The providers' calls to the region that is lost."""
        return cast("list[str]", json.loads(self.world.read_text())["rejected_calls"])

    def resources(self) -> Sequence[AwsResource]:
        """Return what exists in the simulated account."""
        return cast("list[AwsResource]", json.loads(self.world.read_text())["resources"])

    def _run(
        self, verb: str, stack: str, operate: Callable[[SandboxStack], Run], *, has_policies: bool = True
    ) -> EngineRun:
        found = replace(project(), stack_files=self.folder)
        self.sandbox.project = found if has_policies else replace(found, policies=None)
        opened = self.sandbox.stack(stack)
        start = time.monotonic()
        result = operate(opened)
        seconds = time.monotonic() - start
        if not result.ok:
            # The outputs of the stack come last.
            told = [*result.violations, *(line for line in result.text.splitlines() if "error:" in line)]
            words = "; ".join(told) or "\n".join(result.text.splitlines()[-LAST_LINES:])
            raise OperationError(f"`pulumi {verb}` of {stack} failed", advice=f"Its output: {words}.")
        steps = [Step(operation=each.operation, urn=each.urn) for each in result.changed]
        unchanged = len(result.planned) - len(steps)
        self.runs.append(EngineRun(verb=verb, stack=stack, seconds=seconds, steps=steps, unchanged=unchanged))
        return self.runs[-1]
