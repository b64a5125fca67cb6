"""Requests and answers against AWS's service models.

botocore checks a request's types and required members only, and an answer not at all; here unknown members, enums,
lengths, ranges and patterns count too.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from sandbox.service_models.check import matches
from sandbox.service_models.models import regex_pattern

SCALARS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": (int, float, datetime),
    "blob": (str, bytes),
}


class ModelViolationError(AssertionError):
    """A request or an answer that AWS's model doesn't allow: the test or the command is wrong."""


def require_valid(shape: Shape | None, value: Mapping[str, Any], where: str) -> None:
    """Raise ModelViolationError with every violation."""
    if shape is None:
        if value:
            raise ModelViolationError(f"{where} has no members")
        return
    if problems := list(_violations(shape, value, where)):
        raise ModelViolationError("; ".join(problems))


def _violations(shape: Shape, value: object, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{path} is not a list"
            return
        yield from _limits(shape, len(cast("list[object]", value)), path)
        for index, item in enumerate(cast("list[object]", value)):
            yield from _violations(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _violations(shape.value, item, f"{path}.{key}")
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: StructureShape, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path} is not a structure"
        return
    members = cast("Mapping[str, Shape]", shape.members)
    values = cast("Mapping[str, object]", value)
    yield from (f"{path}.{name} is unknown" for name in values.keys() - members.keys())
    yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in values)
    for name, each in values.items():
        if name in members:
            yield from _violations(members[name], each, f"{path}.{name}")


def _scalar(shape: Shape, value: object, path: str) -> Iterator[str]:
    kind = SCALARS[shape.type_name]
    if not isinstance(value, kind) or (shape.type_name != "boolean" and isinstance(value, bool)):
        yield f"{path} is {value!r}, not a {shape.type_name}"
        return
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, not one of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if isinstance(value, str) and pattern and not matches(regex_pattern(pattern), value):
        yield f"{path} is {value!r}, which doesn't match {pattern}"
    if isinstance(value, str | bytes):
        yield from _limits(shape, len(value), path)
    elif isinstance(value, int | float):
        yield from _limits(shape, value, path)


def _limits(shape: Shape, size: float, path: str) -> Iterator[str]:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if smallest is not None and size < smallest:
        yield f"{path}: {size} is below {smallest}"
    if largest is not None and size > largest:
        yield f"{path}: {size} is above {largest}"
