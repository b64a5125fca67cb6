"""What every block of settings stands on: the base model, places in the settings, and checks between fields.

A block's own values are checked by their types (values.py). What one field says about another is a check. A block runs
its checks by itself when it is validated, in whatever program; for a whole stack file they also run over what was
accepted beside refused values, so that all errors of a file are told at once (judge.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from settings.errors import Unshown, shown

# The way to a value: names of fields (or keys of a map) and indexes of a list. Python's names in the models, the file's
# names (camelCase) in what is told.
Place: TypeAlias = tuple[str | int, ...]

T = TypeVar("T")

# The type of a Pydantic error that a check between fields raises.
CONFLICT = "conflict"


class RefusedFieldError(AttributeError):
    """A field was read that the file lacks or that was refused: the check that reads it ends here."""


class RefusedItem(Enum):
    """Stands in a list for an item that was refused, so that the others keep their indexes."""

    ITEM = "refused"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two fields that are each in order, and don't fit together.

    `at` is the field to change and `against` its neighbour, both from the block that the check belongs to. `allowed`
    says what would fit; `{against}` in it becomes the neighbour's path and value.
    """

    at: Place
    allowed: str
    against: Place | None = None
    hint: str = ""


class Block(BaseModel):
    """A block of the stack file: frozen, strict, and without room for unknown names; camelCase in the file only."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True
    )

    # Names that AWS or the provider has and a stack file may not, each with the reason.
    refused_names: ClassVar[Mapping[str, str]] = {}

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between this block's fields, each as an iterator of its own that hasn't begun."""
        return ()

    @model_validator(mode="after")
    def _run_cross_checks(self) -> Self:
        """Refuse fields that don't fit together, each at its own place in the block."""
        lines = [_error_line(self, conflict) for check in self.cross_checks() for conflict in check]
        if lines:
            raise ValidationError.from_exception_data(type(self).__name__, lines, hide_input=True)
        return self

    if not TYPE_CHECKING:
        # Only what lacks comes here: a block of which some fields were refused (see judge.py).
        def __getattr__(self, name: str) -> object:
            if name in type(self).model_fields:
                raise RefusedFieldError(name)
            return super().__getattr__(name)


def accepted_lists(block: Block, *names: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Give those of a block's lists that weren't refused, with their names, for a check that can do with some."""
    for name in names:
        items: Sequence[str] | None = getattr(block, name, None)
        if items is not None:
            yield name, items


def accepted_items(items: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Give a list's items with their indexes, without those that were refused."""
    return ((index, item) for index, item in enumerate(items) if item is not RefusedItem.ITEM)


def resolve(root: Block, place: Place) -> tuple[Place, object]:
    """Return a place under the file's names, and the value there."""
    current: object = root
    resolved: list[str | int] = []
    for part in place:
        if isinstance(current, Block) and isinstance(part, str):
            resolved.append(type(current).model_fields[part].alias or part)
            current = getattr(current, part, Unshown.NOT_SET)
        else:
            resolved.append(part)
            current = _entry(current, part)
    return tuple(resolved), current


def _entry(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[str | int, object]", value).get(part, Unshown.NOT_SET)
    if isinstance(value, tuple) and isinstance(part, int):
        return cast("tuple[object, ...]", value)[part]
    return Unshown.NOT_SET


def _error_line(block: Block, conflict: Conflict) -> InitErrorDetails:
    place, value = resolve(block, conflict.at)
    allowed = conflict.allowed
    if conflict.against is not None:
        neighbor, its_value = resolve(block, conflict.against)
        allowed = allowed.replace("{against}", f"{'.'.join(map(str, neighbor))} ({shown(its_value)})")
    error = PydanticCustomError(CONFLICT, "{allowed}", {"allowed": allowed, "hint": conflict.hint})
    return {"type": error, "loc": place, "input": value}
