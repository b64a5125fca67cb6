"""The kinds of values that settings are made of, each with what it allows in words, as a check and as JSON Schema.

A kind is an annotation: `Annotated[str, Text(...)]`. It never changes an accepted value but for a list, which becomes a
tuple. A refused one is a Pydantic error of type `refused` that carries what is allowed and a hint. The kinds that are
particular to a block stand in its module.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from settings.base import CONFLICT
from settings.errors import did_you_mean

REFUSED = "refused"

# What Go makes of a date, which Pulumi hands on in place of what stood in the file.
GO_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} (UTC|[+-]\d{4})")

JsonSchema: TypeAlias = dict[str, object]


class Kind:
    """A kind of value: `name` for the table of settings, `allowed` for errors."""

    name: str
    allowed: str

    def refused(self, hint: str = "") -> PydanticCustomError:
        """Give the error that refuses a value."""
        return PydanticCustomError(REFUSED, "{allowed}", {"allowed": self.allowed, "hint": hint})


class Leaf(Kind, ABC):
    """A kind of one single value. Subclasses judge it by themselves, since only so can each error say what it needs."""

    @abstractmethod
    def validate(self, value: object) -> object:
        """Give the value back, or raise `refused()`."""

    @abstractmethod
    def json_schema(self) -> JsonSchema:
        """Give the kind as JSON Schema, as far as that can say it."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return self.json_schema()


@dataclass(frozen=True, kw_only=True)
class Text(Leaf):
    """Text of a pattern (of the whole text, in a form that Python and JSON Schema share).

    `complaint` says what else is wrong with a text that has the pattern: a hint, maybe an empty one, or None. `advice`
    gives the hint for a text that hasn't the pattern; `number_advice` is added when YAML made a number of it.
    """

    name: str
    allowed: str
    pattern: str = ".*"
    max_length: int | None = None
    complaint: Callable[[str], str | None] | None = None
    advice: Callable[[str], str] | None = None
    number_advice: str = ""

    def validate(self, value: object) -> str:
        """Give the text back; what isn't text is told how YAML or Pulumi came to change it."""
        if not isinstance(value, str):
            raise self.refused(self._why_no_text(value))
        if GO_DATE.fullmatch(value):
            raise self.refused("YAML read a date here, and Pulumi wrote it out anew: quote it")
        if not re.fullmatch(self.pattern, value) or len(value) > (self.max_length or len(value)):
            raise self.refused(self.advice(value) if self.advice else "")
        if self.complaint and (hint := self.complaint(value)) is not None:
            raise self.refused(hint)
        return value

    def _why_no_text(self, value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self.number_advice if is_number and self.number_advice else why_no_text(value)

    def json_schema(self) -> JsonSchema:
        """Give a string schema with the pattern and the longest length."""
        length = {} if self.max_length is None else {"maxLength": self.max_length}
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", **length}


@dataclass(frozen=True, kw_only=True)
class Word(Leaf):
    """One of a few words."""

    name: str
    allowed: str
    words: Sequence[str]

    @classmethod
    def of(cls, name: str, *words: str) -> Self:
        """Give the kind of these words."""
        return cls(name=name, allowed=f"one of {', '.join(words)}", words=words)

    def validate(self, value: object) -> str:
        """Give the word back, or name the nearest one."""
        if not isinstance(value, str):
            raise self.refused(why_no_text(value))
        if value not in self.words:
            raise self.refused(did_you_mean(value, self.words))
        return value

    def json_schema(self) -> JsonSchema:
        """Give the words as an enumeration."""
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, kw_only=True)
class Switch(Leaf):
    """True or false; `only` where the document leaves no choice and AWS no way back."""

    name: str = "true or false"
    allowed: str = "true or false"
    only: bool | None = None

    def validate(self, value: object) -> bool:
        """Give the value back."""
        if not isinstance(value, bool):
            word = isinstance(value, str) and value.lower() in ("true", "false", "yes", "no", "on", "off")
            raise self.refused("text stands here: write true or false, without quotes" if word else "")
        if self.only is not None and value is not self.only:
            raise self.refused()
        return value

    def json_schema(self) -> JsonSchema:
        """Give a truth value, or the only one."""
        return {"type": "boolean"} if self.only is None else {"type": "boolean", "const": self.only}


@dataclass(frozen=True, kw_only=True)
class Whole(Leaf):
    """A whole number within bounds, or one of a few."""

    name: str
    allowed: str
    minimum: int
    maximum: int
    choices: Sequence[int] = ()

    def validate(self, value: object) -> int:
        """Give the number back."""
        if isinstance(value, bool) or not isinstance(value, int):
            digits = isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value)
            raise self.refused("a number is meant here, not text: leave the quotes out" if digits else "")
        if not self.minimum <= value <= self.maximum or (self.choices and value not in self.choices):
            raise self.refused()
        return value

    def json_schema(self) -> JsonSchema:
        """Give the choices, or else the bounds."""
        if self.choices:
            return {"type": "integer", "enum": [n for n in self.choices if self.minimum <= n <= self.maximum]}
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, kw_only=True)
class Items(Kind):
    """A list: `Annotated[tuple[T, ...], Items(...)]`, with its shortest and longest length."""

    name: str
    allowed: str
    minimum: int = 0
    maximum: int | None = None
    unique: bool = False

    def _judge(self, value: object, inner: ValidatorFunctionWrapHandler) -> object:
        """Judge the list and its items; a wrong length and wrong items are both told."""
        if not isinstance(value, list | tuple):
            raise self.refused("a list is meant here, even of one" if isinstance(value, str | int) else "")
        items = tuple(cast("Sequence[object]", value))
        if self.minimum <= len(items) <= (self.maximum or len(items)):
            return inner(items)
        errors: list[InitErrorDetails] = [{"type": self.refused(), "loc": (), "input": value}]
        try:
            inner(items)
        except ValidationError as error:
            errors += _lines(error)
        raise ValidationError.from_exception_data("list", errors)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._judge, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        schema: JsonSchema = dict(handler(core))
        if self.minimum:
            schema["minItems"] = self.minimum
        if self.maximum is not None:
            schema["maxItems"] = self.maximum
        if self.unique:
            schema["uniqueItems"] = True
        return schema


@dataclass(frozen=True, kw_only=True)
class Entries(Kind):
    """A map from names to values of the owner's choice: `Annotated[Mapping[K, V], Entries(...)]`.

    `required` names only stand in the schema: the block that has the map says why it needs them, in a check of its own.
    """

    name: str
    allowed: str
    maximum: int
    keys: Text
    required: Sequence[str] = ()

    def _judge(self, value: object, inner: ValidatorFunctionWrapHandler) -> object:
        if not isinstance(value, dict) or len(value) > self.maximum:  # pyright: ignore[reportUnknownArgumentType]
            raise self.refused()
        return inner(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._judge, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        schema: JsonSchema = dict(handler(core))
        names = {"propertyNames": self.keys.json_schema(), "required": list(self.required)}
        return {**schema, **names, "maxProperties": self.maximum}


def why_no_text(value: object) -> str:
    """Say how something that isn't text came to stand where text is meant, and what to do."""
    if isinstance(value, bool):
        return "YAML read true or false here, not text: quote it"
    if isinstance(value, int | float):
        return "YAML read a number here, which Pulumi writes out anew (15.10 becomes 15.1, 0987 becomes 987): quote it"
    if value is None:
        return "nothing stands here"
    return "one text is meant here"


def _lines(error: ValidationError) -> Iterator[InitErrorDetails]:
    """Give a Pydantic error's lines in the form in which they can be raised again, together with others."""
    for line in error.errors(include_url=False):
        context = line.get("ctx", {})
        name = line["type"]
        kind = PydanticCustomError(name, "{allowed}", context) if name in (REFUSED, CONFLICT) else name
        yield {"type": kind, "loc": line["loc"], "input": line["input"], "ctx": context}
