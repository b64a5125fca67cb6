"""The base of every settings block: the model, locations in the settings, and checks between fields.

A block's values are checked by their types; what one field requires of another is a cross check. A block runs its cross
checks when it is validated. For a whole stack file they also run over the valid fields beside invalid ones, so that all
errors of a file are reported at once (validation.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from settings.errors import NoValue, format_value

# The path of a value: names of fields (or keys of a map) and indexes of a list. Python's names in the models, the
# file's names (camelCase) in errors.
Location: TypeAlias = tuple[str | int, ...]

T = TypeVar("T")

# The type of a Pydantic error that a cross check raises.
CONFLICT = "conflict"


class InvalidFieldError(AttributeError):
    """A field was read that is missing or invalid: the check that reads it ends here."""


class InvalidItem(Enum):
    """Replaces an invalid item in a list, so that the other items keep their indexes."""

    ITEM = "invalid"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that is valid by itself and conflicts with another field, the stack or the region.

    `at` is the field to change and `against` the other field, both from the block that the check belongs to. `allowed`
    describes the values that fit; `{against}` in it becomes the other field's path and value.
    """

    at: Location
    allowed: str
    against: Location | None = None
    hint: str = ""


class Block(BaseModel):
    """A block of the stack file: frozen, strict, no unknown names; camelCase in the file only."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True
    )

    # Names that AWS or the provider has and a stack file must not have, each with the reason.
    forbidden_names: ClassVar[Mapping[str, str]] = {}

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Return the checks between this block's fields, each as an iterator that hasn't started."""
        return ()

    @model_validator(mode="after")
    def _run_cross_checks(self) -> Self:
        """Reject conflicting fields, each at its own location in the block."""
        lines = [_error_line(self, conflict) for check in self.cross_checks() for conflict in check]
        if lines:
            raise ValidationError.from_exception_data(type(self).__name__, lines, hide_input=True)
        return self

    if not TYPE_CHECKING:
        # Called for absent attributes only: in a block without its invalid fields (see validation.py).
        def __getattr__(self, name: str) -> object:
            if name in type(self).model_fields:
                raise InvalidFieldError(name)
            return super().__getattr__(name)


def valid_lists(block: Block, *names: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the block's valid lists with their names, for a check that can run on some of them."""
    for name in names:
        items: Sequence[str] | None = getattr(block, name, None)
        if items is not None:
            yield name, items


def no_duplicates(block: Block, *names: str) -> Iterator[Conflict]:
    """Require different items in each of the block's lists."""
    for name, items in valid_lists(block, *names):
        for index, item in valid_items(items):
            first = items.index(item)
            if first != index:
                yield Conflict(at=(name, index), allowed="a value other than {against}", against=(name, first))


def valid_items(items: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Return a list's valid items with their indexes."""
    return ((index, item) for index, item in enumerate(items) if item is not InvalidItem.ITEM)


def resolve(root: Block, location: Location) -> tuple[Location, object]:
    """Return a location under the file's names, and the value there."""
    current: object = root
    resolved: list[str | int] = []
    for part in location:
        if isinstance(current, Block) and isinstance(part, str):
            resolved.append(type(current).model_fields[part].alias or part)
            current = getattr(current, part, NoValue.NOT_SET)
        else:
            resolved.append(part)
            current = _entry(current, part)
    return tuple(resolved), current


def _entry(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[str | int, object]", value).get(part, NoValue.NOT_SET)
    if isinstance(value, tuple) and isinstance(part, int):
        return cast("tuple[object, ...]", value)[part]
    return NoValue.NOT_SET


def _error_line(block: Block, conflict: Conflict) -> InitErrorDetails:
    location, value = resolve(block, conflict.at)
    allowed = conflict.allowed
    if conflict.against is not None:
        other, other_value = resolve(block, conflict.against)
        allowed = allowed.replace("{against}", f"{'.'.join(map(str, other))} ({format_value(other_value)})")
    error = PydanticCustomError(CONFLICT, "{allowed}", {"allowed": allowed, "hint": conflict.hint})
    return {"type": error, "loc": location, "input": value}
