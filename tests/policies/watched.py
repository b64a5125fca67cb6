"""A stack that records which types of resources a rule looks up."""

from collections.abc import Sequence

from policies.engine.facts import Node, Resource
from policies.engine.graph import IDENTITY, Reference, Stack


class WatchedStack(Stack):
    """A stack that records the types that a rule reads."""

    def __init__(self, stack: Stack) -> None:
        vars(self).update(_stack=stack, types=set[str](), is_read_whole=False)

    types: set[str]
    is_read_whole: bool
    _stack: Stack

    @property
    def resources(self) -> tuple[Resource, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        vars(self)["is_read_whole"] = True
        return self._stack.resources

    @property
    def name(self) -> str:
        return self._stack.name

    @property
    def is_empty(self) -> bool:
        return self._stack.is_empty

    def of(self, *types: str) -> tuple[Resource, ...]:
        self.types.update(types)
        return self._stack.of(*types)

    def refer(self, resource: Resource, node: Node, *types: str, by: Sequence[str] = IDENTITY) -> Reference:
        self.types.update(types)
        return self._stack.refer(resource, node, *types, by=by)

    def refer_each(self, resource: Resource, node: Node, *types: str) -> tuple[Reference, ...]:
        self.types.update(types)
        return self._stack.refer_each(resource, node, *types)
