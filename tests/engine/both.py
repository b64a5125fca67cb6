"""Both stacks on the engine: what becomes of them, once for all tests that only look at the result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

from sandbox.__main__ import PROJECT
from sandbox.values import Value
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.support import Run, run


@dataclass(frozen=True, kw_only=True)
class BroughtUp:
    """What happened to one stack: previewed, brought up, brought up again, refreshed, previewed again."""

    stack: SandboxStack
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


def live(sandbox: Sandbox, name: str) -> BroughtUp:
    """Give one stack its whole life in the sandbox."""
    before = (PROJECT / f"Pulumi.{name}.yaml").read_bytes()
    stack = sandbox.stack(name)
    return BroughtUp(
        stack=stack,
        preview=run(stack.preview),
        up=run(stack.up),
        again=run(stack.up),
        refresh=json.dumps(stack.refresh().summary.resource_changes),
        after=run(stack.preview),
        state=stack.state(),
        stack_file_before=before,
    )
