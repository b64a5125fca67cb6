"""What a row of the tables of broken values is, and short ways to write one. The tables are the modules breakages*."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.settings.as_pulumi import Json

How: TypeAlias = Literal["type", "value", "neighbour"]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One way to break a setting: the new value (for a neighbour: the misspelt name), the paths told of, and a word.

    `beside` are other settings that are changed with it, by their paths.
    """

    how: How
    value: Json
    told: tuple[str, ...]
    says: str
    beside: Mapping[str, Json] = field(default_factory=dict[str, Json])


def wrong_type(value: Json, told: str, says: str) -> Broken:
    """Give a value of another type than the setting's."""
    return Broken(how="type", value=value, told=(told,), says=says)


def not_allowed(value: Json, *told: str, says: str) -> Broken:
    """Give a value of the right type that isn't allowed."""
    return Broken(how="value", value=value, told=told, says=says)


def misspelt(name: str, told: str, says: str) -> Broken:
    """Give a name that stands where the setting's own name belongs."""
    return Broken(how="neighbour", value=name, told=(told,), says=says)


NUMBER = "quote it"
TEXT_FOR_NUMBER = "leave the quotes out"
SWITCH = "true or false"

Rows: TypeAlias = tuple[str, Sequence[Broken]]


def number(path: str, name: str, says: str, *values: Json) -> Rows:
    """Give a whole number's rows: `name` is a misspelling, `says` stands in what is allowed, `values` are refused."""
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type("3", path, TEXT_FOR_NUMBER),
        wrong_type(True, path, says),
        *(not_allowed(value, path, says=says) for value in values),
        misspelt(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def switch(path: str, name: str, *values: Json, says: str = SWITCH) -> Rows:
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type("yes", path, "without quotes"),
        wrong_type(1, path, says),
        *(not_allowed(value, path, says=says) for value in values or ("maybe", None)),
        misspelt(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def text(path: str, name: str, says: str, *values: Json) -> Rows:
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type(15.1, path, NUMBER),
        wrong_type(["x"], path, "one text is meant here"),
        *(not_allowed(value, path, says=says) for value in values),
        misspelt(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def and_also(row: Rows, *more: Broken) -> Rows:
    return row[0], (*row[1], *more)


def block(path: str, name: str, has: str, *missing: str, says: str) -> Rows:
    """Give a block's rows: an empty one lacks all that is required in it, of which `says` stands in one's text."""
    above, dot, own = path.rpartition(".")
    return path, (
        wrong_type("text", path, has),
        wrong_type([], path, has),
        not_allowed({}, *missing, says=says),
        misspelt(name, f"{above}{dot}{name}", f"did you mean {own}?"),
    )
