"""A resource's inputs as the request that the provider makes of them, each value beside the property it comes from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.service_models.models import Shape, request_shape
from sandbox.service_models.row import Request
from sandbox.values import UNKNOWN, Value

# Members that hold one pair of a map, in lower case: tags, dimensions, environment variables, header values.
PAIRS: Final = (("key", "value"), ("tagkey", "tagvalue"), ("name", "value"))
SCALARS: Final = (str, int, float)
_NO_ENTRY: Final = "(no entry)"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a value stands: the property with its indexes, the same without (as rows name it), and the member."""

    path: str = ""
    property: str = ""
    member: str = ""

    def down(self, name: str) -> "Place":
        """Return the place of a property of this object."""
        return Place(path=_joined(self.path, name), property=_joined(self.property, name), member=self.member)

    def at(self, index: int | str) -> "Place":
        """Return the place of an item of this list, or of this map."""
        return Place(path=f"{self.path}[{index}]", property=self.property, member=self.member)

    def to(self, member: str) -> "Place":
        """Return the same property's place as another member."""
        return Place(path=self.path, property=self.property, member=_joined(self.member, member))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@dataclass(kw_only=True)
class Node:
    """A value of a request: scalar, structure (members), list (items), map (pairs), or not known (`unknown`).

    A structure is `incomplete` if some of its members come from an object that isn't known.
    """

    shape: Shape
    place: Place
    scalar: Value = None
    members: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    items: "list[Node]" = field(default_factory=list["Node"])
    pairs: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    unknown: bool = False
    incomplete: bool = False


@dataclass(kw_only=True)
class Requests:
    """The requests of a resource by operation, and the properties that none has (path, as rows name it → leaves)."""

    roots: dict[str, Node]
    unmapped: dict[str, int] = field(default_factory=dict[str, int])


def requests_of(row: Request, inputs: Mapping[str, Value]) -> Requests:
    """Return the requests that a resource's inputs become (camelCase, secrets opened, unknowns as Pulumi's mark)."""
    return _Builder(row).build(inputs)


def is_unknown(value: Value) -> bool:
    """Whether a preview doesn't know the value, or a part of its text."""
    return isinstance(value, str) and UNKNOWN in value


def leaves(value: Value) -> Iterator[Value]:
    """Yield the known texts and numbers in a value, at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, SCALARS) and not isinstance(value, bool) and not is_unknown(value):
        yield value


def is_absent(value: Value) -> bool:
    """Whether the provider sends nothing: it doesn't tell an empty text or list from none."""
    return value is None or value in ("", [])


class _Builder:
    def __init__(self, row: Request) -> None:
        self.row = row
        self.requests = Requests(roots={row.operation: self._root(row.operation)})

    def _root(self, operation: str) -> Node:
        return Node(shape=request_shape(self.row.service, operation), place=Place())

    def build(self, inputs: Mapping[str, Value]) -> Requests:
        self.object(self.requests.roots[self.row.operation], inputs, Place())
        return self.requests

    def object(self, node: Node, values: Mapping[str, Value], place: Place) -> None:
        """Put an object's properties into a structure."""
        for name, value in values.items():
            below = place.down(name)
            is_unset = value == 0 and below.property in self.row.unset_by_zero
            if not name.startswith("__") and not is_absent(value) and not is_unset:
                self.property(node, name, value, below)

    def property(self, node: Node, name: str, value: Value, place: Place) -> None:
        """Put a property where its row says, or into the member of its name."""
        target = self.row.names.get(place.property, self.row.names.get(f"*.{name}", _NO_ENTRY))
        if target == _NO_ENTRY:
            target = member_named(node.shape, name)
        if target is None:
            self.leave_out(value, place)
        elif target == "":
            self.flatten(node, value, place)
        else:
            operation, _, path = target.rpartition(":")
            if operation:
                node = self.requests.roots.setdefault(operation, self._root(operation))
            self.put(node, path, value, place)

    def flatten(self, node: Node, value: Value, place: Place) -> None:
        """Put a nested object's properties into its parent's own structure."""
        if isinstance(value, list) and len(value) == 1:
            value, place = value[0], place.at(0)
        if is_unknown(value):
            node.incomplete = True
        elif isinstance(value, dict):
            self.object(node, value, place)
        else:
            self.leave_out(value, place)

    def put(self, node: Node, path: str, value: Value, place: Place) -> None:
        """Put a value into the member at a path, with the structures on the way."""
        step, _, rest = path.partition(".")
        if node.shape.kind == "map":
            if node.shape.of:
                of = node.shape.members.get(step, node.shape.of)
                node.pairs[step] = self.node(value, of, _at_member(place, _joined(node.place.member, step)))
            return
        shape = node.shape.members.get(step)
        if shape is None:
            self.leave_out(value, place)
            return
        member = _joined(node.place.member, step)
        if not rest:
            self.merge(node, step, self.node(value, shape, _at_member(place, member)))
            return
        child = node.members.setdefault(step, Node(shape=shape, place=_at_member(place, member)))
        if child.unknown:
            child.unknown, child.incomplete = False, True
        if child.shape.kind != "list":
            self.put(child, rest, value, place)
        elif child.shape.of and isinstance(value, list) and not _ends_in_list(child.shape.of, rest):
            for index, item in enumerate(value):
                self.put(_item(child, child.shape.of, index), rest, item, place.at(index))
        elif child.shape.of:
            self.put(_item(child, child.shape.of, 0), rest, value, place)

    def merge(self, node: Node, step: str, new: Node) -> None:
        """Take a member in beside what other properties have put there."""
        old = node.members.get(step)
        if old is None:
            node.members[step] = new
        else:
            old.incomplete |= new.unknown
            old.members |= new.members
            old.items += new.items
            old.pairs |= new.pairs

    def node(self, value: Value, shape: Shape, place: Place) -> Node:
        """Return a value as a shape has it."""
        node = Node(shape=shape, place=place)
        if is_unknown(value):
            node.unknown = True
        elif shape.kind == "structure":
            self.fill_structure(node, value)
        elif shape.kind == "list" and shape.of:
            self.fill_list(node, value, shape.of)
        elif shape.kind == "map" and shape.of and isinstance(value, dict):
            node.pairs = {key: self.node(item, shape.of, _key(place, key)) for key, item in value.items()}
        elif isinstance(value, list) and len(value) == 1 and not isinstance(value[0], (dict, list)):
            node.scalar, node.place = value[0], place.at(0)
        elif isinstance(value, SCALARS):
            node.scalar = value
        else:
            self.mismatch(node, value)
        return node

    def fill_structure(self, node: Node, value: Value) -> None:
        """Fill a structure: from an object, a list of one, JSON in a text, or what CloudFront calls its items."""
        if isinstance(value, str):
            value = parsed(value)
        items = node.shape.members.get("Items")
        if items and not (isinstance(value, dict) and self.has_member(node, value)):
            node.members["Items"] = self.node(value, items, node.place.to("Items"))
            return
        if isinstance(value, list) and len(value) == 1:
            value, node.place = value[0], node.place.at(0)
        if isinstance(value, dict):
            self.object(node, value, node.place)
        else:
            self.mismatch(node, value)

    def has_member(self, node: Node, value: Mapping[str, Value]) -> bool:
        """Whether an object has a property of the structure itself, so that it isn't its only item."""
        names = self.row.names
        return any(
            member_named(node.shape, name) or names.get(_joined(node.place.property, name), names.get(f"*.{name}"))
            for name in value
        )

    def fill_list(self, node: Node, value: Value, of: Shape) -> None:
        """Fill a list: from a list, a map of pairs, JSON in a text, or its one item."""
        if isinstance(value, str) and of.kind == "structure":
            value = parsed(value)
        pair = pair_of(of, value) if isinstance(value, dict) else None
        if isinstance(value, dict) and pair:
            node.items = [self.pair(of, pair, key, item, _key(node.place, key)) for key, item in value.items()]
        elif isinstance(value, list):
            node.items = [self.node(item, of, node.place.at(index)) for index, item in enumerate(value)]
        else:
            node.items = [self.node(value, of, node.place)]

    def pair(self, of: Shape, pair: tuple[str, str], key: str, value: Value, place: Place) -> Node:
        node = Node(shape=of, place=place)
        for member, item in zip(pair, (key, value), strict=True):
            node.members[member] = self.node(item, of.members[member], place.to(member))
        # The key is no value of the plan's: it is judged, but it doesn't count as a leaf.
        node.members[pair[0]].place = Place(
            path=f"{place.path} (its key)", property="", member=_joined(place.member, pair[0])
        )
        return node

    def mismatch(self, node: Node, value: Value) -> None:
        """Leave a value out whose form isn't the model's: what it is held to isn't known."""
        node.unknown = True
        self.leave_out(value, node.place)

    def leave_out(self, value: Value, place: Place) -> None:
        count = sum(1 for _ in leaves(value))
        self.requests.unmapped[place.property] = self.requests.unmapped.get(place.property, 0) + count


def _item(node: Node, of: Shape, index: int) -> Node:
    """Return an item of a list, which may have to be made."""
    while len(node.items) <= index:
        node.items.append(Node(shape=of, place=node.place))
    return node.items[index]


def _ends_in_list(shape: Shape, path: str) -> bool:
    """Whether the member at a path takes a list, or any member on the way does."""
    step, _, rest = path.partition(".")
    member = shape.members.get(step)
    return member is not None and (member.kind == "list" or bool(rest and _ends_in_list(member, rest)))


def _at_member(place: Place, member: str) -> Place:
    return Place(path=place.path, property=place.property, member=member)


def _key(place: Place, key: str) -> Place:
    return Place(path=_joined(place.path, key), property=place.property, member=place.member)


def member_named(shape: Shape, name: str) -> str | None:
    """Return the member that a property's name stands for: the same, in the singular or in the plural."""
    lower = name.lower()
    candidates = [lower, f"{lower}s", f"{lower}es"]
    if lower.endswith("y"):
        candidates.append(f"{lower[:-1]}ies")
    if lower.endswith("ies"):
        candidates.append(f"{lower[:-3]}y")
    if lower.endswith("s"):
        candidates += [lower[:-1], lower.removesuffix("es")]
    return next((shape.by_lower_name[c] for c in candidates if c in shape.by_lower_name), None)


def pair_of(shape: Shape, value: Mapping[str, Value]) -> tuple[str, str] | None:
    """Return the two members of a list's pairs, if an object is such a list written as a map."""
    names = shape.by_lower_name
    found = next(((names[k], names[v]) for k, v in PAIRS if {k, v} == set(names)), None)
    return None if found and {name.lower() for name in value} == {name.lower() for name in found} else found


def parsed(text: str) -> Value:
    """Return what a JSON document holds, or the text itself."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
