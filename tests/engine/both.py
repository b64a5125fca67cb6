"""Both stacks' lifecycle on the engine: it runs once, for all tests that only read the results."""

import fcntl
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, cast

from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from sandbox.workspace import Sandbox
from tests.engine.support import Run, run, sandboxed


@dataclass(frozen=True, kw_only=True)
class StackLifecycle:
    """The results of one stack: preview, `up`, second `up`, refresh, second preview."""

    preview: Run
    up: Run
    second_up: Run
    refresh: str
    second_preview: Run
    state: str
    stack_file_before: bytes

    @cached_property
    def resources(self) -> list[Mapping[str, Value]]:
        return json.loads(self.state)["deployment"]["resources"]


BothStacks: TypeAlias = Mapping[str, StackLifecycle]
Resource: TypeAlias = Mapping[str, Value]


def of_type(both: BothStacks, stack: str, *types: str) -> list[Resource]:
    """Return the resources of some types in a stack's state."""
    return [resource for resource in both[stack].resources if resource["type"] in types]


def inputs_of(resource: Resource) -> Resource:
    return cast("Resource", resource["inputs"])


def outputs_of(resource: Resource) -> Resource:
    return cast("Resource", resource["outputs"])


def record_both_stacks(folder: Path) -> Path:
    """Run both stacks' lifecycle in one account, as in reality, and save everything in `folder`.

    The first process does it, the others wait. `load_both_stacks` reads the results. tests.engine.live_stack starts
    from the saved state: a folder of the backend, and the world's file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "both").exists():
            world = folder / "world.json"
            with sandboxed(world=world) as sandbox:
                both = {name: run_lifecycle(sandbox, name) for name in STACKS}
                sandbox.save_to(folder)
            (folder / "both").write_bytes(pickle.dumps(both))
    return folder


def load_both_stacks(recording: Path) -> BothStacks:
    """Return the results of both stacks."""
    return pickle.loads((recording / "both").read_bytes())  # noqa: S301  (written by `record_both_stacks`)


def run_lifecycle(sandbox: Sandbox, name: str) -> StackLifecycle:
    """Run one stack's lifecycle in the sandbox."""
    before = (PROJECT / f"Pulumi.{name}.yaml").read_bytes()
    stack = sandbox.stack(name)
    return StackLifecycle(
        preview=run(stack.preview),
        up=run(stack.up),
        second_up=run(stack.up),
        refresh=json.dumps(stack.refresh()),
        second_preview=run(stack.preview),
        state=stack.state(),
        stack_file_before=before,
    )
