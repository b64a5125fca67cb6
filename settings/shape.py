"""What a model's fields are called in the file, and what may stand in them: for errors, the table and the schema."""

from collections.abc import Mapping
from inspect import isclass
from typing import get_args

from pydantic.fields import FieldInfo

from settings.base import Block, Place
from settings.values import Kind


def names(model: type[Block]) -> Mapping[str, FieldInfo]:
    """Give a block's fields by their names in the file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def block_in(annotation: object) -> type[Block] | None:
    """Give the block that a field holds: itself, in a list or as one of its choices."""
    if isclass(annotation) and issubclass(annotation, Block):
        return annotation
    return next((block for block in map(block_in, get_args(annotation)) if block), None)


def kind_of(info: FieldInfo) -> Kind | None:
    """Give the kind of a field's value; a block has none."""
    return next((data for data in info.metadata if isinstance(data, Kind)), None)


def block_at(model: type[Block], place: Place) -> type[Block]:
    """Give the block that stands at a place in the file, or the nearest one above it."""
    for part in place:
        info = names(model).get(part) if isinstance(part, str) else None
        model = (block_in(info.annotation) if info else None) or model
    return model


def allowed_in(info: FieldInfo) -> str:
    """Say what may stand in a field."""
    kind, block = kind_of(info), block_in(info.annotation)
    if kind:
        return kind.allowed
    return block_of(block) if block else "a value"


def block_of(block: type[Block]) -> str:
    """Say what a block has in it."""
    return f"a block of {', '.join(names(block))}"
