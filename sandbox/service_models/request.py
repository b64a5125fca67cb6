"""A resource's inputs as the provider's API requests; each value keeps the property that it comes from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.service_models.models import Shape, request_shape
from sandbox.service_models.row import Request
from sandbox.values import UNKNOWN, Value

# The members of a map's pair, in lower case: tags, dimensions, environment variables, header values.
PAIRS: Final = (("key", "value"), ("tagkey", "tagvalue"), ("name", "value"))
SCALARS: Final = (str, int, float)
_NO_ENTRY: Final = "(no entry)"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A value's place: the property with indexes (`path`), without (`property`, as in rows), and the member."""

    path: str = ""
    property: str = ""
    member: str = ""

    def down(self, name: str) -> "Place":
        """Return the place of a property of this object."""
        return Place(path=_joined(self.path, name), property=_joined(self.property, name), member=self.member)

    def at(self, index: int | str) -> "Place":
        """Return the place of an item of this list or map."""
        return Place(path=f"{self.path}[{index}]", property=self.property, member=self.member)

    def to(self, member: str) -> "Place":
        """Return the place of the same property under a member of this one."""
        return Place(path=self.path, property=self.property, member=_joined(self.member, member))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@dataclass(kw_only=True)
class Node:
    """A value of a request: a scalar, structure (members), list (items), map (pairs), or unknown value.

    A structure is incomplete if some of its members come from an unknown object.
    """

    shape: Shape
    place: Place
    scalar: Value = None
    members: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    items: "list[Node]" = field(default_factory=list["Node"])
    pairs: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    is_unknown: bool = False
    is_incomplete: bool = False


@dataclass(kw_only=True)
class Requests:
    """A resource's requests by operation; `unmapped` counts the known values in no request, by property."""

    roots: dict[str, Node]
    unmapped: dict[str, int] = field(default_factory=dict[str, int])


def build_requests(row: Request, inputs: Mapping[str, Value]) -> Requests:
    """Build the requests of inputs (camelCase, secrets as plain values, unknown values as UNKNOWN)."""
    return _Builder(row).build(inputs)


def is_unknown(value: Value) -> bool:
    """Whether the value, or part of its text, is unknown."""
    return isinstance(value, str) and UNKNOWN in value


def known_values(value: Value) -> Iterator[Value]:
    """Yield the known texts and numbers of a value, at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from known_values(item)
    elif isinstance(value, list):
        for item in value:
            yield from known_values(item)
    elif isinstance(value, SCALARS) and not isinstance(value, bool) and not is_unknown(value):
        yield value


def is_omitted(value: Value) -> bool:
    """Whether the provider omits the value: an empty text or list is the same as none."""
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
        """Add an object's properties to a structure."""
        for name, value in values.items():
            below = place.down(name)
            is_omitted_zero = value == 0 and below.property in self.row.omitted_if_zero
            if not name.startswith("__") and not is_omitted(value) and not is_omitted_zero:
                self.property(node, name, value, below)

    def property(self, node: Node, name: str, value: Value, place: Place) -> None:
        """Add a property to the member that its row names, or to the member of its name."""
        target = self.row.names.get(place.property, self.row.names.get(f"*.{name}", _NO_ENTRY))
        if target == _NO_ENTRY:
            target = member_named(node.shape, name)
        if target is None:
            self.count_unmapped(value, place)
        elif target == "":
            self.flatten(node, value, place)
        else:
            operation, _, path = target.rpartition(":")
            if operation:
                node = self.requests.roots.setdefault(operation, self._root(operation))
            self.put(node, path, value, place)

    def flatten(self, node: Node, value: Value, place: Place) -> None:
        """Add a nested object's properties to its parent's structure."""
        if isinstance(value, list) and len(value) == 1:
            value, place = value[0], place.at(0)
        if is_unknown(value):
            node.is_incomplete = True
        elif isinstance(value, dict):
            self.object(node, value, place)
        else:
            self.count_unmapped(value, place)

    def put(self, node: Node, path: str, value: Value, place: Place) -> None:
        """Add a value to the member at a path; create the structures on the way."""
        step, _, rest = path.partition(".")
        if node.shape.kind == "map":
            if node.shape.of:
                of = node.shape.members.get(step, node.shape.of)
                node.pairs[step] = self.node(value, of, _at_member(place, _joined(node.place.member, step)))
            return
        shape = node.shape.members.get(step)
        if shape is None:
            self.count_unmapped(value, place)
            return
        member = _joined(node.place.member, step)
        if not rest:
            self.merge(node, step, self.node(value, shape, _at_member(place, member)))
            return
        child = node.members.setdefault(step, Node(shape=shape, place=_at_member(place, member)))
        if child.is_unknown:
            child.is_unknown, child.is_incomplete = False, True
        if child.shape.kind != "list":
            self.put(child, rest, value, place)
        elif child.shape.of and isinstance(value, list) and not _ends_in_list(child.shape.of, rest):
            for index, item in enumerate(value):
                self.put(_item(child, child.shape.of, index), rest, item, place.at(index))
        elif child.shape.of:
            self.put(_item(child, child.shape.of, 0), rest, value, place)

    def merge(self, node: Node, step: str, new: Node) -> None:
        """Add a member, or merge it with the parts from other properties."""
        old = node.members.get(step)
        if old is None:
            node.members[step] = new
        else:
            old.is_incomplete |= new.is_unknown
            old.members |= new.members
            old.items += new.items
            old.pairs |= new.pairs

    def node(self, value: Value, shape: Shape, place: Place) -> Node:
        """Convert a value to a node of a shape."""
        node = Node(shape=shape, place=place)
        if is_unknown(value):
            node.is_unknown = True
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
        """Fill a structure from an object, a list of one, JSON in a string, or CloudFront's `Items`."""
        if isinstance(value, str):
            value = parse_json(value)
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
        """Whether an object has a property of the structure; otherwise it is the only item of `Items`."""
        names = self.row.names
        return any(
            member_named(node.shape, name) or names.get(_joined(node.place.property, name), names.get(f"*.{name}"))
            for name in value
        )

    def fill_list(self, node: Node, value: Value, of: Shape) -> None:
        """Fill a list from a list, a map, JSON in a string, or a single item."""
        if isinstance(value, str) and of.kind == "structure":
            value = parse_json(value)
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
        # The key is checked but not counted: it isn't a value of the plan.
        node.members[pair[0]].place = Place(
            path=f"{place.path} (its key)", property="", member=_joined(place.member, pair[0])
        )
        return node

    def mismatch(self, node: Node, value: Value) -> None:
        """Skip a value whose form differs from the model's."""
        node.is_unknown = True
        self.count_unmapped(value, node.place)

    def count_unmapped(self, value: Value, place: Place) -> None:
        count = sum(1 for _ in known_values(value))
        self.requests.unmapped[place.property] = self.requests.unmapped.get(place.property, 0) + count


def _item(node: Node, of: Shape, index: int) -> Node:
    """Return an item of a list; add items up to it."""
    while len(node.items) <= index:
        node.items.append(Node(shape=of, place=node.place))
    return node.items[index]


def _ends_in_list(shape: Shape, path: str) -> bool:
    """Whether the member at a path, or a member on the way, is a list."""
    step, _, rest = path.partition(".")
    member = shape.members.get(step)
    return member is not None and (member.kind == "list" or bool(rest and _ends_in_list(member, rest)))


def _at_member(place: Place, member: str) -> Place:
    return Place(path=place.path, property=place.property, member=member)


def _key(place: Place, key: str) -> Place:
    return Place(path=_joined(place.path, key), property=place.property, member=place.member)


def member_named(shape: Shape, name: str) -> str | None:
    """Return the member for a property's name: the same name, in the singular or plural."""
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
    """Return the two members of a list of pairs, if the object is that list written as a map."""
    names = shape.by_lower_name
    found = next(((names[k], names[v]) for k, v in PAIRS if {k, v} == set(names)), None)
    return None if found and {name.lower() for name in value} == {name.lower() for name in found} else found


def parse_json(text: str) -> Value:
    """Return the content of a JSON document, or the text itself."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
