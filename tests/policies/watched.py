"""What stack rules read of a stack: a rule that hasn't read what differs reports the same, for it is deterministic."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from policies.engine.facts import Node, Resource
from policies.engine.graph import IDENTITY, Reference, Stack
from policies.engine.rule import StackRule

# Reads of all properties of a resource, and of its protection.
ALL: Final = "*"
PROTECT: Final = "(protect)"
_ATTRIBUTES: Final = {"properties": ALL, "property_urns": ALL, "parent": ALL, "provider": ALL, "protect": PROTECT}


class Reads:
    """What each stack rule reads of an unchanged stack: properties of resources, and types that it looks up."""

    def __init__(self, stack: Stack, rules: Iterable[StackRule]) -> None:
        self.of_properties: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.of_types: dict[str, set[str]] = defaultdict(set)
        self.of_the_whole: set[str] = set()
        self.count: dict[str, int] = {}
        for rule in rules:
            reads: set[tuple[str, str]] = set()
            resources = (_WatchedResource(resource, reads) for resource in stack.resources)
            watched = _WatchedStack(Stack(tuple(resources)))
            for _ in rule.findings(watched):
                pass
            self.count[rule.id] = len(reads)
            for read in reads:
                self.of_properties[read].add(rule.id)
            for kind in watched.types:
                self.of_types[kind].add(rule.id)
            if watched.is_read_whole:
                self.of_the_whole.add(rule.id)

    def rules_that_read(self, urn: str, *keys: str) -> set[str]:
        """Return the rules that read one of the properties of a resource."""
        return {rule for key in (*keys, ALL) for rule in self.of_properties.get((urn, key), ())}

    def rules_that_find(self, kind: str) -> set[str]:
        """Return the rules that look up resources of a type."""
        return self.of_types.get(kind, set()) | self.of_the_whole


class _WatchedResource(Resource):
    """A resource that records which of its properties are read."""

    def __init__(self, resource: Resource, reads: set[tuple[str, str]]) -> None:
        vars(self).update(vars(resource), watched=(resource, reads))

    def __getattribute__(self, name: str) -> Any:
        if name in _ATTRIBUTES:
            resource, reads = super().__getattribute__("watched")
            reads.add((resource.urn, _ATTRIBUTES[name]))
        return super().__getattribute__(name)

    def at(self, key: str, *keys: str) -> Node:
        resource, reads = vars(self)["watched"]
        reads.add((resource.urn, key))
        return resource.at(key, *keys)


class _WatchedStack(Stack):
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
