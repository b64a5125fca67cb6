"""A stack as its rules read it: its resources by type, and the resource that a property refers to.

In an `up` a property holds the other resource's id. In a preview ids are unknown, but the engine passes the resources
that a property depends on: they decide most relations, and the others are unknown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from policies.engine.facts import ABSENT, Absent, Known, Node, Resource, Unknown, Value

IDENTITY = ("id", "arn")

# Packages without components: a resource of these types is the source itself, and contains no other.
_NO_COMPONENTS = ("aws:", "random:", "pulumi:")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The property refers to this resource of the stack."""

    resource: Resource


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The property refers to no resource of the types in this stack; `text` is its value."""

    text: str


Reference: TypeAlias = Found | Outside | Unknown | Absent


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, in the order of their URNs: the engine's order varies."""

    resources: tuple[Resource, ...]

    @classmethod
    def of_resources(cls, resources: Iterable[Resource]) -> "Stack":
        """Return the stack of these resources."""
        return cls(tuple(sorted(resources, key=lambda resource: resource.urn)))

    @property
    def name(self) -> str:
        """Return the stack's name, from its resources' URNs; empty without resources."""
        return self.resources[0].stack if self.resources else ""

    @property
    def is_empty(self) -> bool:
        """Whether it has no AWS resource, as before the first `up` and in a destroy: no rule requires any then."""
        return not any(resource.type.startswith("aws:") for resource in self.resources)

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of these types."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))

    def refer(self, resource: Resource, node: Node, *types: str, by: Sequence[str] = IDENTITY) -> Reference:
        """Return the resource of one of `types` that the property at `node` refers to, by one of its outputs `by`."""
        match node.text():
            case Known(value=value):
                # The ARN of a log group is used with and without this suffix.
                identity = value.removesuffix(":*")
                for candidate in self.of(*types):
                    if identity in _identities(candidate, by):
                        return Found(resource=candidate)
                # A source without known outputs can only be this one, unless another part of the property is unknown.
                unidentified = [other for other in self._sources(resource, node, types) if not _identities(other, by)]
                is_source = len(unidentified) == 1 and not _has_unknown(resource.at(node.path[0]).value)
                return Found(resource=unidentified[0]) if is_source else Outside(text=value)
            case Absent():
                return ABSENT
            case Unknown() as unknown:
                candidates = self._sources(resource, node, types)
                if len(candidates) == 1:
                    return Found(resource=candidates[0])
                dependencies = self._dependencies_of(resource, node)
                if candidates or not dependencies:
                    return unknown
                names = ", ".join(sorted({other.name for other in dependencies}))
                return Outside(text=f"an output of {names}")

    def refer_each(self, resource: Resource, node: Node, *types: str) -> tuple[Reference, ...]:
        """Return the reference of each element of the list at `node`; none for an absent or empty list.

        If all elements are unknown, and as many as their sources, each refers to one of the sources.
        """
        match node.items():
            case Absent():
                return ()
            case Unknown():
                return (self.refer(resource, node, *types),)
            case Known(value=elements):
                sources = self._sources(resource, node, types)
                if len(sources) == len(elements) and all(isinstance(element.value, Unknown) for element in elements):
                    return tuple(Found(resource=source) for source in sources)
                return tuple(self.refer(resource, element, *types) for element in elements)

    def _dependencies_of(self, resource: Resource, node: Node) -> tuple[Resource, ...]:
        urns = (resource.property_urns or {}).get(node.path[0], ())
        return tuple(self._by_urn[urn] for urn in urns if urn in self._by_urn)

    def _sources(self, resource: Resource, node: Node, types: Sequence[str]) -> tuple[Resource, ...]:
        """Return the resources of the types that the property depends on: directly, or by a component's output.

        For an output of a component from another process (awsx's) the engine passes the component and its subnets
        instead of the resource, so all resources of the types in the component are candidates.
        """
        dependencies = self._dependencies_of(resource, node)
        direct = tuple(other for other in dependencies if other.type in types)
        if direct:
            return direct
        components = {other.urn for other in dependencies if not other.type.startswith(_NO_COMPONENTS)}
        return tuple(other for other in self.of(*types) if components & set(self._ancestors(other)))

    def _ancestors(self, resource: Resource) -> list[str]:
        urns: list[str] = []
        parent = resource.parent
        while parent is not None and parent in self._by_urn and parent not in urns:
            urns.append(parent)
            parent = self._by_urn[parent].parent
        return urns

    @cached_property
    def _by_urn(self) -> dict[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_type(self) -> dict[str, tuple[Resource, ...]]:
        kinds: dict[str, list[Resource]] = {}
        for resource in self.resources:
            kinds.setdefault(resource.type, []).append(resource)
        return {kind: tuple(resources) for kind, resources in kinds.items()}


def _has_unknown(value: Value) -> bool:
    match value:
        case dict():
            return any(_has_unknown(member) for member in value.values())
        case list():
            return any(_has_unknown(element) for element in value)
        case _:
            return isinstance(value, Unknown)


def _identities(resource: Resource, by: Sequence[str]) -> set[str]:
    facts = (resource.at(key).text() for key in by)
    return {fact.value for fact in facts if isinstance(fact, Known)}
