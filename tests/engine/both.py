"""Both stacks on the engine: what becomes of them, once in a test run for all tests that only look at the result."""

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
class BroughtUp:
    """What happened to one stack: previewed, brought up, brought up again, refreshed, previewed again."""

    preview: Run
    up: Run
    again: Run
    refresh: str
    after: Run
    state: str
    stack_file_before: bytes

    @cached_property
    def resources(self) -> list[Mapping[str, Value]]:
        return json.loads(self.state)["deployment"]["resources"]


Both: TypeAlias = Mapping[str, BroughtUp]
Resource: TypeAlias = Mapping[str, Value]


def of_type(both: Both, stack: str, *types: str) -> list[Resource]:
    """Give the resources of some types in a stack's state."""
    return [resource for resource in both[stack].resources if resource["type"] in types]


def inputs_of(resource: Resource) -> Resource:
    return cast("Resource", resource["inputs"])


def outputs_of(resource: Resource) -> Resource:
    return cast("Resource", resource["outputs"])


def recorded(folder: Path) -> Path:
    """Have both stacks come up in one account, dr beside production as in reality, and keep all of it in `folder`.

    The first process that asks does it; the others wait for it. `both` reads what became of the stacks, and
    tests.engine.live_stack.stand goes on from where they stand: a folder of the backend's, and the account's file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "both").exists():
            world = folder / "world.json"
            with sandboxed(world=world) as sandbox:
                lives = {name: live(sandbox, name) for name in STACKS}
                sandbox.keep(folder)
            (folder / "both").write_bytes(pickle.dumps(lives))
    return folder


def both_in(recording: Path) -> Both:
    """Give what became of both stacks."""
    return pickle.loads((recording / "both").read_bytes())  # noqa: S301  (written by `recorded` in this run)


def live(sandbox: Sandbox, name: str) -> BroughtUp:
    """Give one stack its whole life in the sandbox."""
    before = (PROJECT / f"Pulumi.{name}.yaml").read_bytes()
    stack = sandbox.stack(name)
    return BroughtUp(
        preview=run(stack.preview),
        up=run(stack.up),
        again=run(stack.up),
        refresh=json.dumps(stack.refresh()),
        after=run(stack.preview),
        state=stack.state(),
        stack_file_before=before,
    )
