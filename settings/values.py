"""The metadata of settings' annotations beside Pydantic's constraints: words for what is allowed, and further checks.

A setting is declared with `Literal`, `StringConstraints`, `Field(ge=…, le=…)` and `AfterValidator`. No validator may
change an accepted value, except that a list becomes a tuple: validation.py relies on it. shape.py reads the
annotations.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import LiteralString, TypeAlias, TypeVar, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

T = TypeVar("T")

# The type of a Pydantic error that carries a hint.
HINT = "hint"

# Go's form of a date, which Pulumi hands over instead of the text in the file.
GO_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} (UTC|[+-]\d{4})")

JsonSchema: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Allowed:
    """What is allowed, in words.

    `advice` returns the hint for text that violates a constraint; `number_advice` is the hint for a number.
    """

    text: str
    advice: Callable[[str], str] | None = None
    number_advice: str = ""


@dataclass(frozen=True)
class Unit:
    """The unit of a number and the reason for its bounds; the words come from the constraints: `5 to 300 seconds`."""

    name: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Items:
    """The length of a list. Pydantic's own check of it reports either the length or the invalid items."""

    minimum: int = 0
    maximum: int | None = None
    unique: bool = False

    def _validate(self, value: object, inner: ValidatorFunctionWrapHandler) -> object:
        if not isinstance(value, list | tuple):
            raise rejection()
        items = tuple(cast("Sequence[object]", value))
        if self.minimum <= len(items) <= (self.maximum or len(items)):
            return inner(items)
        errors: list[InitErrorDetails] = [{"type": rejection(), "loc": (), "input": value}]
        try:
            inner(items)
        except ValidationError as error:
            errors += map(_to_raise, error.errors(include_url=False))
        raise ValidationError.from_exception_data("list", errors)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        schema: JsonSchema = dict(handler(core))
        if self.minimum:
            schema["minItems"] = self.minimum
        if self.maximum is not None:
            schema["maxItems"] = self.maximum
        if self.unique:
            schema["uniqueItems"] = True
        return schema


class NotNull:
    """`Annotated[T | None, NotNull()]`: a setting may be absent, but `null` isn't one of its values."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast("core_schema.NullableSchema", handler(source))["schema"]


def rejection(hint: str = "") -> PydanticCustomError:
    """Return the error that rejects a value."""
    return PydanticCustomError(HINT, "{hint}", {"hint": hint})


def reject_if(hint: Callable[[str], str | None]) -> AfterValidator:
    """Reject a text for which `hint` returns a hint, even an empty one; also a date that YAML read."""

    def validate(value: str) -> str:
        found = date_hint(value) or hint(value)
        if found is not None:
            raise rejection(found)
        return value

    return AfterValidator(validate)


def exactly(kind: type) -> BeforeValidator:
    """Reject what equals a Literal's value and has another type: Pydantic accepts True and 1.0 for Literal[1]."""

    def validate(value: T) -> T:
        if type(value) is not kind:
            raise rejection()
        return value

    return BeforeValidator(validate)


def date_hint(text: str) -> str | None:
    """Return the hint for a date without quotes."""
    return "YAML read a date here, and Pulumi rewrote it: quote it" if GO_DATE.fullmatch(text) else None


def _to_raise(line: ErrorDetails) -> InitErrorDetails:
    """Return one of Pydantic's errors in the form in which it can be raised again, with others."""
    context = {**line.get("ctx", {}), "message": line["msg"]}
    error = PydanticCustomError(cast("LiteralString", line["type"]), "{message}", context)
    return {"type": error, "loc": line["loc"], "input": line["input"]}
