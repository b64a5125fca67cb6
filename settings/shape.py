"""Reads the models: the names of fields in the file, and the types and constraints of their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Self, TypeVar, Union, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from settings.base import Block, Location
from settings.errors import did_you_mean
from settings.values import Allowed, Unit, date_hint

T = TypeVar("T")

# Pydantic's mark, after a map's key, of an error in the key itself.
KEY_MARK = "[key]"


@dataclass(frozen=True, kw_only=True)
class ValueType:
    """The type and constraints of a setting, read from its annotation.

    `base` is bool, int, str, tuple, Mapping or a block; `choices` are those of a Literal; `parts` are the types of a
    list's items, or of a map's keys and values.
    """

    base: type
    choices: tuple[str | int, ...] = ()
    parts: "tuple[ValueType, ...]" = ()
    metadata: tuple[object, ...] = ()

    @classmethod
    def of(cls, annotation: object, metadata: Sequence[object] = ()) -> Self:
        """Read an annotation; an optional setting has the type without None."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            inner, *outer = arguments
            return cls.of(inner, [*_constraints(outer), *metadata])
        if origin in (Union, UnionType):
            return cls.of(next(option for option in arguments if option is not NoneType), metadata)
        if origin is Literal:
            choices = cast("tuple[str | int, ...]", arguments)
            return cls(base=type(choices[0]), choices=choices, metadata=tuple(metadata))
        parts = tuple(cls.of(part) for part in arguments if part is not ...)
        return cls(base=cast("type", origin or annotation), parts=parts, metadata=tuple(metadata))

    @classmethod
    def of_field(cls, info: FieldInfo) -> Self:
        """Read a field's annotation."""
        return cls.of(info.annotation, _constraints(info.metadata))

    def find(self, kind: type[T]) -> T | None:
        """Return the metadata of a class."""
        return next((data for data in self.metadata if isinstance(data, kind)), None)

    def constraint(self, name: Literal["ge", "le", "pattern", "max_length"]) -> object:
        """Return the value of one of Pydantic's constraints."""
        return next((found for data in self.metadata if (found := getattr(data, name, None)) is not None), None)

    @property
    def allowed(self) -> str:
        """Return what is allowed, in words."""
        if words := self.find(Allowed):
            return words.text
        if issubclass(self.base, Block):
            return block_of(self.base)
        if self.base is bool:
            return " or ".join(str(choice).lower() for choice in self.choices or (True, False))
        if self.base is str:
            choices = ", ".join(map(str, self.choices))
            return f"one of {choices}" if len(self.choices) > 1 else choices
        unit = self.find(Unit) or Unit("")
        bounds = _listed(self.choices) if self.choices else f"{self.constraint('ge')} to {self.constraint('le')}"
        return f"{bounds} {unit.name}".rstrip() + (f": {unit.reason}" if unit.reason else "")

    def hint(self, value: object) -> str:
        """Return the probable mistake behind an invalid value and its correction; empty if unknown."""
        if self.base is bool:
            is_word = isinstance(value, str) and value.lower() in ("true", "false", "yes", "no", "on", "off")
            return "this is text: write true or false, without quotes" if is_word else ""
        if self.base is int:
            is_digits = isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value)
            return "this is text: write the number without quotes" if is_digits else ""
        if self.base is tuple:
            return "write a list, even of one item" if isinstance(value, str | int) else ""
        return self._text_hint(value) if self.base is str else ""

    def _text_hint(self, value: object) -> str:
        words = self.find(Allowed) or Allowed("")
        if not isinstance(value, str):
            return not_text_hint(value, number=words.number_advice)
        if self.choices:
            return did_you_mean(value, [str(choice) for choice in self.choices])
        return date_hint(value) or (words.advice(value) if words.advice else "")


def names(model: type[Block]) -> Mapping[str, FieldInfo]:
    """Return a block's fields by their names in the file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def block_in(annotation: object) -> type[Block] | None:
    """Return the block in an annotation: the annotation itself, a list's item or an option of a union."""
    if isclass(annotation) and issubclass(annotation, Block):
        return annotation
    return next((block for block in map(block_in, get_args(annotation)) if block), None)


def block_at(model: type[Block], location: Location) -> type[Block]:
    """Return the block at a location in the file, or the nearest one above it."""
    for part in location:
        info = names(model).get(part) if isinstance(part, str) else None
        model = (block_in(info.annotation) if info else None) or model
    return model


def type_at(model: type[Block], location: Location) -> ValueType:
    """Return the type of the value at a location in the file, or of a map's key if KEY_MARK follows it."""
    found = ValueType(base=model)
    for part in location:
        if part == KEY_MARK:
            break
        if issubclass(found.base, Block):
            found = ValueType.of_field(names(found.base)[str(part)])
        else:
            found = found.parts[0 if location[-1] == KEY_MARK else -1]
    return found


def block_of(block: type[Block]) -> str:
    """Return what a block contains, in words."""
    return f"a block of {', '.join(names(block))}"


def not_text_hint(value: object, *, number: str = "") -> str:
    """Return the hint for a value that isn't text where text is required; `number` is the one for numbers."""
    if isinstance(value, bool):
        return "YAML reads this as true or false: quote it"
    if isinstance(value, int | float):
        return number or "YAML reads this as a number, which Pulumi rewrites (15.10 to 15.1, 0987 to 987): quote it"
    return "the value is missing" if value is None else "write one string, not a list or block"


def _constraints(metadata: Sequence[object]) -> list[object]:
    """Return metadata with the constraints of `Field(…)` taken out of it."""
    found: list[object] = []
    for data in metadata:
        found += data.metadata if isinstance(data, FieldInfo) else [data]
    return found


def _listed(choices: Sequence[str | int]) -> str:
    *others, last = map(str, choices)
    return f"{', '.join(others)} or {last}" if others else last
