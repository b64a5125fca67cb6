"""What a rule may read of one resource: each value is absent, unknown (until an `up`) or known.

A missing property and one that a preview can't know yet are different answers to a rule: the first may be a fault,
the second is a doubt to pass on. So every read gives one of three states, and none raises.
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
    """The property isn't there, is null, or is an empty text (providers write unset texts so)."""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The value can't be known before an `up`; `sentinel` is the engine's own mark for the kind of value."""

    path: Path
    sentinel: str = UNKNOWN_STRING_VALUE


@dataclass(frozen=True, kw_only=True)
class Known(Generic[T_co]):
    """The value is there."""

    value: T_co


Fact: TypeAlias = Known[T_co] | Unknown | Absent
Value: TypeAlias = "Scalar | Unknown | list[Value] | dict[str, Value] | None"

ABSENT = Absent()


@dataclass(frozen=True, kw_only=True)
class Node:
    """A place in a resource's properties: its path from the top, and what stands there (None: nothing)."""

    path: Path
    value: Value

    @classmethod
    def of(cls, value: object, path: Path) -> "Node":
        """The place of a value as the engine or a state gives it."""
        return cls(path=path, value=_plain(value, path))

    def at(self, *keys: str) -> "Node":
        """The place below; nothing stands below a scalar, and below an unknown all is unknown."""
        value: Value = self.value
        for key in keys:
            if isinstance(value, Unknown):
                break
            value = value.get(key) if isinstance(value, dict) else None
        return Node(path=(*self.path, *keys), value=value)

    def scalar(self) -> Fact[Scalar]:
        """A number, truth value or text; whole numbers are ints. A list or object counts as its JSON text."""
        match self.value:
            case None | "":
                return ABSENT
            case Unknown() as unknown:
                return unknown
            case list() | dict():
                return Known(value=shown(self.value))
            case scalar:
                return Known(value=scalar)

    def text(self) -> Fact[str]:
        """The scalar as text, as it would stand in JSON."""
        if isinstance(self.value, str):
            return Known(value=self.value) if self.value else ABSENT
        match self.scalar():
            case Known(value=value):
                return Known(value=value if isinstance(value, str) else shown(value))
            case state:
                return state

    def items(self) -> "Fact[tuple[Node, ...]]":
        """The places in a list, which may be unknown one by one; anything else stands for a list of one."""
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
        """The same place with a JSON text read as what it says; a text that isn't JSON stays a text."""
        if not isinstance(self.value, str) or not self.value.startswith(("{", "[")):
            return self
        try:
            return Node.of(cast("object", json.loads(self.value)), self.path)
        except json.JSONDecodeError:
            return self


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the engine shows it: in a resource rule its inputs, in a stack rule its outputs.

    `property_urns` says which resources each property was made from (stack rules only). A stack rule's unknown that
    was made from nothing is the provider's own computation: the program said nothing, so it reads as absent. `closed`
    are properties that an exported state has as secrets and doesn't show: those the program said.
    """

    urn: str
    type: str
    properties: Mapping[str, object] = field(repr=False, compare=False)
    protect: bool = False
    parent: str | None = None
    property_urns: Mapping[str, tuple[str, ...]] | None = field(default=None, repr=False, compare=False)
    provider: Mapping[str, object] | None = field(default=None, repr=False, compare=False)
    closed: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    _read: dict[str, Node] = field(default_factory=dict[str, Node], init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The logical name: the last part of the URN."""
        return self.urn.split("::", 3)[-1]

    @property
    def stack(self) -> str:
        """The name of the stack, from the URN."""
        return self.urn.split("::", 1)[0].removeprefix("urn:pulumi:")

    def at(self, key: str, *keys: str) -> Node:
        """The place of a property, or of something below it."""
        node = self._read.get(key)
        if node is None:
            value = _member(self.properties, key, ())
            is_computed = self.property_urns is not None and not self.property_urns.get(key) and key not in self.closed
            if isinstance(value, Unknown) and is_computed:
                value = None
            # Rules about relations ask the same of a resource many times.
            node = self._read[key] = Node(path=(key,), value=value)
        return node.at(*keys) if keys else node

    def at_provider(self, key: str) -> Node:
        """The place of one of its provider's own inputs."""
        return Node(path=("provider", key), value=_member(self.provider or {}, key, ("provider",)))

    @classmethod
    def from_args(cls, args: ResourceValidationArgs) -> "Resource":
        """What a resource rule is given."""
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
        """What a stack rule is given for each resource."""
        return cls(
            urn=resource.urn,
            type=resource.resource_type,
            properties=resource.props,
            protect=resource.opts.protect,
            parent=resource.parent.urn if resource.parent else resource.opts.parent,
            property_urns={
                name: tuple(dependency.urn for dependency in made_from)
                for name, made_from in resource.property_dependencies.items()
            },
            provider=resource.provider.props if resource.provider else None,
        )


def shown(value: Value) -> str:
    """A value as it stands in a message: texts bare, all else as JSON, the unknown as such."""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=lambda _: "(unknown)", ensure_ascii=False)


def _plain(value: object, path: Path) -> Value:
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
    # Files and archives: a rule can ask whether one is there.
    return f"({type(value).__name__})"


# The engine's proxies raise where an unknown is read, and looping over values or asking `in` is a read.
def _member(container: Mapping[str, object], key: str, path: Path) -> Value:
    try:
        return _plain(container[key], (*path, key))
    except KeyError:
        return None
    except UnknownValueError as error:
        return Unknown(path=(*path, key), sentinel=error.unknown_type_sentinel)


def _element(container: Sequence[object], index: int, path: Path) -> Value:
    try:
        return _plain(container[index], (*path, str(index)))
    except UnknownValueError as error:
        return Unknown(path=(*path, str(index)), sentinel=error.unknown_type_sentinel)


def elements_of(node: Node) -> tuple[Node, ...]:
    """The places in a list; an unknown list counts as one place that is unknown."""
    match node.items():
        case Known(value=nodes):
            return nodes
        case Unknown():
            return (node,)
        case Absent():
            return ()
