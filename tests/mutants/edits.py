"""The edits of one value: what a slip of a person, or of the program, could make of it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

Step: TypeAlias = "str | int"
Path: TypeAlias = tuple[Step, ...]

REMOVED: Final = object()
# AWS's account for examples, which nothing here may name.
FOREIGN_ACCOUNT: Final = "111122223333"
OPEN_CIDR: Final = "0.0.0.0/0"
MANAGED_POLICY: Final = "arn:aws:iam::aws:policy/"
_CIDR: Final = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")
_ACCOUNT: Final = re.compile(r"(?<=:)\d{12}(?=:)|^\d{12}$")
# The members of a statement to which `*` is the widest value.
_WIDE: Final = frozenset({"Action", "Resource", "Principal", "AWS", "Service", "Federated"})
_EFFECTS: Final = {"Allow": "Deny", "Deny": "Allow"}
_SWITCHES: Final = {"true": "false", "false": "true", "TRUE": "FALSE", "yes": "no"}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit: its kind, as the reviewed list names it, and the new value (REMOVED: none)."""

    kind: str
    value: object


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the edits of a text depend on: its path, AWS's other choices, and other resources' ids of the same kind.

    `is_reference` is whether it is another resource's id: AWS refuses one of nothing.
    """

    path: Path
    choices: frozenset[str] = frozenset()
    others: Sequence[str] = ()
    is_reference: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether `*` is a value of a policy document's statement here."""
        names = [step for step in self.path if isinstance(step, str)]
        return "Statement" in names and names[-1] in _WIDE


def edits_of(value: object, near: Surroundings) -> Iterator[Edit]:
    """Return the edits of a value: a leaf, a list or an object."""
    yield Edit(kind="removed", value=REMOVED)
    if isinstance(value, bool):
        yield Edit(kind="inverted", value=not value)
    elif isinstance(value, int | float):
        yield from _numbers(value)
    elif isinstance(value, str):
        yield from _texts(value, near)
    elif isinstance(value, list):
        yield from _lists(cast("list[object]", value), near)
    elif isinstance(value, Mapping) and near.path[-1:] == ("Principal",):
        yield Edit(kind="opened", value="*")


def _numbers(value: float) -> Iterator[Edit]:
    larger, smaller = (value + 1, value * 2), (value - 1, value // 2)
    yield from (Edit(kind="larger", value=number) for number in larger if number > value)
    yield from (Edit(kind="smaller", value=number) for number in smaller if 0 < number < value)
    if value != 0:
        yield Edit(kind="zero", value=0)


def _texts(value: str, near: Surroundings) -> Iterator[Edit]:
    if near.path[-1:] == ("Effect",):
        yield Edit(kind="another value", value=_EFFECTS[value])
    elif near.is_wide and value != "*":
        yield Edit(kind="opened", value="*")
        yield from _foreign(value)
    elif near.is_wide:
        pass
    elif value in _SWITCHES:
        yield Edit(kind="inverted", value=_SWITCHES[value])
    elif value.isascii() and value.isdigit() and not _ACCOUNT.search(value):
        yield from (Edit(kind=edit.kind, value=str(edit.value)) for edit in _numbers(int(value)))
    elif near.choices:
        yield from (Edit(kind="another value", value=choice) for choice in sorted(near.choices - {value}))
    elif _CIDR.fullmatch(value):
        yield Edit(kind="another text", value="172.31.0.0/16")
        if value != OPEN_CIDR:
            yield Edit(kind="opened", value=OPEN_CIDR)
    else:
        yield from _names(value, near)


def _names(value: str, near: Surroundings) -> Iterator[Edit]:
    yield from (Edit(kind="another resource", value=other) for other in near.others[:1])
    if value.startswith(MANAGED_POLICY):
        yield Edit(kind="another resource", value=f"{MANAGED_POLICY}PowerUserAccess")
    yield from _foreign(value)
    if near.is_reference:
        return
    if "." in value and "://" not in value and value.islower():
        yield Edit(kind="another text", value=f"x{value}")
    else:
        yield Edit(kind="another text", value=f"{value}x")


def _foreign(value: str) -> Iterator[Edit]:
    if _ACCOUNT.search(value):
        yield Edit(kind="foreign", value=_ACCOUNT.sub(FOREIGN_ACCOUNT, value))


def _lists(values: Sequence[object], near: Surroundings) -> Iterator[Edit]:
    if not values:
        return
    yield Edit(kind="emptied", value=[])
    last = values[-1]
    if near.is_wide:
        if "*" not in values:
            yield Edit(kind="opened", value=[*values, "*"])
    elif near.path[-1:] == ("Statement",) and isinstance(last, Mapping) and "Effect" in last:
        identity = {"Principal": "*"} if "Principal" in last else {}
        yield Edit(kind="opened", value=[*values, {"Effect": "Allow", **identity, "Action": "*", "Resource": "*"}])
    elif isinstance(last, str):
        added = sorted(near.choices.difference(map(str, values))) or [f"{last}x"]
        yield Edit(kind="one more", value=[*values, OPEN_CIDR if _CIDR.fullmatch(last) else added[0]])


@dataclass(frozen=True, kw_only=True)
class Place:
    """A value within a resource's inputs, also within JSON texts; `above` are the containers, outermost first."""

    path: Path
    value: object = field(repr=False)


def places(value: object, path: Path = ()) -> Iterator[Place]:
    """Return every value below one, containers first."""
    value = opened(value)
    if isinstance(value, Mapping):
        members: Iterator[tuple[Step, object]] = iter(cast("Mapping[str, object]", value).items())
    elif isinstance(value, list):
        members = iter(enumerate(cast("list[object]", value)))
    else:
        return
    for step, member in members:
        if not str(step).startswith("__"):
            yield Place(path=(*path, step), value=opened(member))
            yield from places(member, (*path, step))


def opened(value: object) -> object:
    """Return the content of a JSON text; any other value unchanged."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return cast("object", json.loads(value))
        except json.JSONDecodeError:
            return value
    return value


def put(value: object, path: Path, new: object) -> object:
    """Return a copy of a value in which the one at a path is another, or is removed."""
    step, *rest = path
    content = opened(value)
    changed: dict[str, object] | list[object]
    if isinstance(content, list):
        index = int(step)
        changed = list(cast("list[object]", content))
        if not rest and new is REMOVED:
            del changed[index]
        else:
            changed[index] = put(changed[index], tuple(rest), new) if rest else new
    else:
        name = str(step)
        changed = dict(cast("Mapping[str, object]", content))
        if not rest and new is REMOVED:
            del changed[name]
        else:
            changed[name] = put(changed.get(name), tuple(rest), new) if rest else new
    return json.dumps(changed) if isinstance(value, str) else changed
