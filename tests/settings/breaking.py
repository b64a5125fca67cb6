"""Ways to break a setting: those that follow from its type, and short forms for the tables of the others.

The tables are the modules breakages_*.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from pydantic.fields import FieldInfo

from settings.base import Block
from settings.shape import ValueType, names
from settings.yaml_values import Json

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
NO_QUOTES = "write the number without quotes"

Rows: TypeAlias = tuple[str, Sequence[Breakage]]


def rejected(
    path: str, message: str, *values: Json, at: Sequence[str] = ("",), also: Mapping[str, Json] | None = None
) -> Rows:
    """Return values that aren't allowed; `message` is a part of what is.

    The problems are at the setting's own path, or `at` others: parts of the value (`[0]`, `.name`), or full paths.
    """
    paths = tuple(f"{path}{place}" if place[:1] in ("", ".", "[") else place for place in at)
    return path, tuple(
        Breakage(kind="value", value=value, paths=paths, message=message, also=also or {}) for value in values
    )


def ordinary(path: str, info: FieldInfo) -> Iterator[Breakage]:
    """Return the ways that follow from a field's type: other types, values beyond its bounds, and a misspelled name.

    docs/settings.md states the bounds a second time: the test of the page fails if they change.
    """
    above, dot, own = path.rpartition(".")
    doubled = f"{own}{own[-1]}"
    yield misspelled(doubled, f"{above}{dot}{doubled}", f"did you mean {own}?")
    kind = ValueType.of_field(info)
    if issubclass(kind.base, Block) or kind.base is Mapping:
        yield wrong_type("text", path, kind.allowed)
        yield wrong_type([], path, kind.allowed)
    elif kind.base is tuple:
        yield wrong_type("text", path, "write a list")
        yield wrong_type({"a": "text"}, path, kind.allowed)
    elif path.startswith("aws:") and not dot:
        # Pulumi hands over `"3"` and `3` alike.
        yield wrong_type(["a b"], path, kind.allowed)
        yield wrong_type({"a b": 1}, path, kind.allowed)
    else:
        yield wrong_type(None, path, kind.allowed)
        yield from _of_other_types(path, kind)
    yield from (not_allowed(value, path, message=kind.allowed) for value in _beyond(kind))
    if issubclass(kind.base, Block):
        missing = {f"{path}.{name}": field_ for name, field_ in names(kind.base).items() if field_.is_required()}
        if missing:
            yield not_allowed({}, *missing, message=ValueType.of_field(next(iter(missing.values()))).allowed)


def _of_other_types(path: str, kind: ValueType) -> Iterator[Breakage]:
    if kind.base is bool:
        yield wrong_type("yes", path, "without quotes")
        yield wrong_type(1, path, kind.allowed)
    elif kind.base is int:
        yield wrong_type("3", path, NO_QUOTES)
        yield wrong_type(True, path, kind.allowed)
        yield wrong_type(3.5, path, kind.allowed)
    else:
        yield wrong_type(15.1, path, QUOTE_IT)
        yield wrong_type(True, path, "true or false")
        yield wrong_type(["x"], path, "write one string")


def _beyond(kind: ValueType) -> Iterator[Json]:
    """Return the values next to those that are allowed, as far as the type states them."""
    if kind.base is bool:
        yield from ("maybe", *({True, False} - set(kind.choices or (True, False))))
    elif kind.base is int:
        bounds = kind.choices or (kind.constraint("ge"), kind.constraint("le"))
        low, *others = (cast("int", bound) for bound in bounds)
        yield low - 1
        # Also between the choices.
        yield from (each + 1 for each in (others if not kind.choices else (low, *others)) if each + 1 not in bounds)
    elif kind.choices:
        first = str(kind.choices[0])
        yield from (value for value in (f"{first}x", first.swapcase(), "") if value not in kind.choices)
