"""A stack as its rules see it: its resources by type, and which resource a property refers to.

In an `up` a property holds the other's id. In a preview ids are unknown, but the engine knows which resources a
property was made from: that decides most relations, and what stays open is said to be unknown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from policies.engine.facts import ABSENT, Absent, Known, Node, Resource, Unknown, Value

IDENTITY = ("id", "arn")

# Packages without components: what has these types refers to nothing but itself.
_NO_COMPONENTS = ("aws:", "random:", "pulumi:")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The property refers to this resource of the stack."""

    resource: Resource


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The property refers to nothing of the wanted types in this stack; `text` says what it holds."""

    text: str


Reference: TypeAlias = Found | Outside | Unknown | Absent


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, in the order of their URNs: the engine gives them in none."""

    resources: tuple[Resource, ...]

    @classmethod
    def of_resources(cls, resources: Iterable[Resource]) -> "Stack":
        """The stack of these resources."""
        return cls(tuple(sorted(resources, key=lambda resource: resource.urn)))

    @property
    def name(self) -> str:
        """The stack's name, from its resources' URNs; empty where nothing is left of it."""
        return self.resources[0].stack if self.resources else ""

    @property
    def is_empty(self) -> bool:
        """Nothing in AWS belongs to it, as before the first `up` and in a destroy: no rule asks for anything then."""
        return not any(resource.type.startswith("aws:") for resource in self.resources)

    def of(self, *types: str) -> tuple[Resource, ...]:
        """The resources of these types."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))

    def refer(self, resource: Resource, node: Node, *types: str, by: Sequence[str] = IDENTITY) -> Reference:
        """The resource of one of `types` that the property at `node` refers to, by one of its outputs `by`."""
        match node.text():
            case Known(value=value):
                # Log groups are referred to with and without this ending.
                wanted = value.removesuffix(":*")
                for candidate in self.of(*types):
                    if wanted in _identities(candidate, by):
                        return Found(resource=candidate)
                nameless = [other for other in self._sources(resource, node, types) if not _identities(other, by)]
                # Where a part of the property is unknown, that is the part that was made from the nameless one.
                is_named = len(nameless) == 1 and not _has_unknown(resource.at(node.path[0]).value)
                return Found(resource=nameless[0]) if is_named else Outside(text=value)
            case Absent():
                return ABSENT
            case Unknown() as unknown:
                candidates = self._sources(resource, node, types)
                if len(candidates) == 1:
                    return Found(resource=candidates[0])
                if candidates or not self._made_from(resource, node):
                    return unknown
                names = ", ".join(sorted({other.name for other in self._made_from(resource, node)}))
                return Outside(text=f"something of {names}")

    def refer_each(self, resource: Resource, node: Node, *types: str) -> tuple[Reference, ...]:
        """What each element of the list at `node` refers to; nothing for an absent or empty list.

        As many unknown elements as resources that they were made from stand for one each.
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

    def _made_from(self, resource: Resource, node: Node) -> tuple[Resource, ...]:
        urns = (resource.property_urns or {}).get(node.path[0], ())
        return tuple(self._by_urn[urn] for urn in urns if urn in self._by_urn)

    def _sources(self, resource: Resource, node: Node, types: Sequence[str]) -> tuple[Resource, ...]:
        """The resources of the types that the property was made from: directly, or through a component's output.

        An output of a component that another process made (awsx's) names the component and its subnets instead of the
        resource itself, so the resource is looked for inside the component.
        """
        made_from = self._made_from(resource, node)
        direct = tuple(other for other in made_from if other.type in types)
        if direct:
            return direct
        components = {other.urn for other in made_from if not other.type.startswith(_NO_COMPONENTS)}
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
