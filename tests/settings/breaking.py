"""One way to break a setting, and short ways to write the tables of them. The tables are the modules breakages*."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.settings.as_pulumi import Json

Kind: TypeAlias = Literal["type", "value", "name"]


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """One way to break a setting: the new value (or the misspelled name), and the problems' paths and message.

    `message` is a part of one problem's text. `also` are other settings to change, by their paths.
    """

    kind: Kind
    value: Json
    paths: tuple[str, ...]
    message: str
    also: Mapping[str, Json] = field(default_factory=dict[str, Json])


def wrong_type(value: Json, path: str, message: str) -> Breakage:
    """Return a value of another type than the setting's."""
    return Breakage(kind="type", value=value, paths=(path,), message=message)


def not_allowed(value: Json, *paths: str, message: str) -> Breakage:
    """Return a value of the right type that isn't allowed."""
    return Breakage(kind="value", value=value, paths=paths, message=message)


def misspelled(name: str, path: str, message: str) -> Breakage:
    """Return a misspelled name instead of the setting's."""
    return Breakage(kind="name", value=name, paths=(path,), message=message)


QUOTE_IT = "quote it"
NO_QUOTES = "without quotes"
SWITCH = "true or false"

Rows: TypeAlias = tuple[str, Sequence[Breakage]]


def number(path: str, name: str, message: str, *values: Json) -> Rows:
    """Return an integer's rows: `name` is a misspelling, `message` is a part of what is allowed."""
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type("3", path, NO_QUOTES),
        wrong_type(True, path, message),
        *(not_allowed(value, path, message=message) for value in values),
        misspelled(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def switch(path: str, name: str, *values: Json, message: str = SWITCH) -> Rows:
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type("yes", path, NO_QUOTES),
        wrong_type(1, path, message),
        *(not_allowed(value, path, message=message) for value in values or ("maybe", None)),
        misspelled(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def text(path: str, name: str, message: str, *values: Json) -> Rows:
    above, _, own = path.rpartition(".")
    return path, (
        wrong_type(15.1, path, QUOTE_IT),
        wrong_type(["x"], path, "write one string"),
        *(not_allowed(value, path, message=message) for value in values),
        misspelled(name, f"{above}.{name}", f"did you mean {own}?"),
    )


def and_also(row: Rows, *more: Breakage) -> Rows:
    return row[0], (*row[1], *more)


def block(path: str, name: str, contents: str, *missing: str, message: str) -> Rows:
    """Return a block's rows: an empty one lacks every required setting, one of them with `message`."""
    above, dot, own = path.rpartition(".")
    return path, (
        wrong_type("text", path, contents),
        wrong_type([], path, contents),
        not_allowed({}, *missing, message=message),
        misspelled(name, f"{above}{dot}{name}", f"did you mean {own}?"),
    )
