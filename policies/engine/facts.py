"""Reads the properties of one resource: each value is absent, unknown (until an `up`) or known.

To a rule, a missing property may be a violation, and one that a preview can't know leaves it undecided. So every read
returns one of three states, and none raises.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar, cast

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
)

T_co = TypeVar("T_co", covariant=True)
Scalar: TypeAlias = bool | int | float | str
Path: TypeAlias = tuple[str, ...]

_SENTINELS = frozenset(
    {
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The property is missing, null, or an empty text (which providers write for an unset text)."""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The value can't be known before an `up`; `sentinel` is the engine's mark for its kind."""

    path: Path
    sentinel: str = UNKNOWN_STRING_VALUE


@dataclass(frozen=True, kw_only=True)
class Known(Generic[T_co]):
    """The value is known."""

    value: T_co


Fact: TypeAlias = Known[T_co] | Unknown | Absent
Value: TypeAlias = "Scalar | Unknown | list[Value] | dict[str, Value] | None"

ABSENT = Absent()


@dataclass(frozen=True, kw_only=True)
class Node:
    """A place in a resource's properties: its path from the top, and its value (None: absent)."""

    path: Path
    value: Value

    @classmethod
    def of(cls, value: object, path: Path) -> "Node":
        """Return the node of a value that comes from the engine or a state."""
        return cls(path=path, value=_convert(value, path))

    def at(self, *keys: str) -> "Node":
        """Return the node below, which is absent below a scalar and unknown below an unknown."""
        value: Value = self.value
        for key in keys:
            if isinstance(value, Unknown):
                break
            value = value.get(key) if isinstance(value, dict) else None
        return Node(path=(*self.path, *keys), value=value)

    def scalar(self) -> Fact[Scalar]:
        """Return a number, boolean or text; a whole number is an int, a list or object its JSON text."""
        match self.value:
            case None | "":
                return ABSENT
            case Unknown() as unknown:
                return unknown
            case list() | dict():
                return Known(value=format_value(self.value))
            case scalar:
                return Known(value=scalar)

    def text(self) -> Fact[str]:
        """Return the scalar as text, as in JSON."""
        if isinstance(self.value, str):
            return Known(value=self.value) if self.value else ABSENT
        match self.scalar():
            case Known(value=value):
                return Known(value=value if isinstance(value, str) else format_value(value))
            case state:
                return state

    def items(self) -> "Fact[tuple[Node, ...]]":
        """Return the elements of a list, each of which may be unknown; any other value is a list of one."""
        match self.value:
            case None | "":
                return ABSENT
            case Unknown() as unknown:
                return unknown
            case list() as values:
                return Known(value=tuple(Node(path=(*self.path, str(i)), value=v) for i, v in enumerate(values)))
            case _:
                return Known(value=(self,))

    def parsed(self) -> "Node":
        """Return the node with a JSON text parsed; any other text stays a text."""
        if not isinstance(self.value, str) or not self.value.startswith(("{", "[")):
            return self
        try:
            return Node.of(cast("object", json.loads(self.value)), self.path)
        except json.JSONDecodeError:
            return self


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the engine passes it: in a resource rule its inputs, in a stack rule its outputs.

    `property_urns` are the resources that each property depends on (stack rules only). In a stack rule an unknown that
    depends on none is an output of the provider that the program doesn't set, so it reads as absent. `hidden` are
    properties whose secret values an exported state doesn't contain: the program does set those.
    """

    urn: str
    type: str
    properties: Mapping[str, object] = field(repr=False, compare=False)
    protect: bool = False
    parent: str | None = None
    property_urns: Mapping[str, tuple[str, ...]] | None = field(default=None, repr=False, compare=False)
    provider: Mapping[str, object] | None = field(default=None, repr=False, compare=False)
    hidden: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    _read: dict[str, Node] = field(default_factory=dict[str, Node], init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the logical name: the last part of the URN."""
        return self.urn.split("::", 3)[-1]

    @property
    def stack(self) -> str:
        """Return the name of the stack, from the URN."""
        return self.urn.split("::", 1)[0].removeprefix("urn:pulumi:")

    def at(self, key: str, *keys: str) -> Node:
        """Return the node of a property, or one below it."""
        node = self._read.get(key)
        if node is None:
            value = _member(self.properties, key, ())
            is_computed = self.property_urns is not None and not self.property_urns.get(key) and key not in self.hidden
            if isinstance(value, Unknown) and is_computed:
                value = None
            # Rules about relations read the same property many times.
            node = self._read[key] = Node(path=(key,), value=value)
        return node.at(*keys) if keys else node

    def at_provider(self, key: str) -> Node:
        """Return the node of an input of its provider."""
        return Node(path=("provider", key), value=_member(self.provider or {}, key, ("provider",)))

    @classmethod
    def from_args(cls, args: ResourceValidationArgs) -> "Resource":
        """Return the resource that a resource rule judges."""
        return cls(
            urn=args.urn,
            type=args.resource_type,
            properties=args.props,
            protect=args.opts.protect,
            parent=args.opts.parent,
            provider=args.provider.props if args.provider else None,
        )

    @classmethod
    def from_policy(cls, resource: PolicyResource) -> "Resource":
        """Return one of the resources that a stack rule judges."""
        return cls(
            urn=resource.urn,
            type=resource.resource_type,
            properties=resource.props,
            protect=resource.opts.protect,
            parent=resource.parent.urn if resource.parent else resource.opts.parent,
            property_urns={
                name: tuple(dependency.urn for dependency in dependencies)
                for name, dependencies in resource.property_dependencies.items()
            },
            provider=resource.provider.props if resource.provider else None,
        )


def format_value(value: Value) -> str:
    """Return a value as messages show it: a text bare, anything else as JSON, an unknown as "(unknown)"."""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=lambda _: "(unknown)", ensure_ascii=False)


def _convert(value: object, path: Path) -> Value:
    if isinstance(value, str):
        return Unknown(path=path, sentinel=value) if value in _SENTINELS else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {key: _member(members, key, path) for key in members}
    if isinstance(value, Sequence):
        elements = cast("Sequence[object]", value)
        return [_element(elements, index, path) for index in range(len(elements))]
    # Files and archives: rules only check that there is one.
    return f"({type(value).__name__})"


# The engine's proxies raise when an unknown is read, also by a loop over values and by `in`.
def _member(container: Mapping[str, object], key: str, path: Path) -> Value:
    try:
        return _convert(container[key], (*path, key))
    except KeyError:
        return None
    except UnknownValueError as error:
        return Unknown(path=(*path, key), sentinel=error.unknown_type_sentinel)


def _element(container: Sequence[object], index: int, path: Path) -> Value:
    try:
        return _convert(container[index], (*path, str(index)))
    except UnknownValueError as error:
        return Unknown(path=(*path, str(index)), sentinel=error.unknown_type_sentinel)


def elements_of(node: Node) -> tuple[Node, ...]:
    """Return the elements of a list; an unknown list is one unknown element."""
    match node.items():
        case Known(value=nodes):
            return nodes
        case Unknown():
            return (node,)
        case Absent():
            return ()
