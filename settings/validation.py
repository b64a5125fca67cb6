"""Validates a stack file's values: every field by its type, then every cross check whose fields are valid.

Pydantic runs no validator between fields once one field is invalid. Here the valid fields are put together without the
invalid ones, and each check runs until it reads one that is absent, so that all errors are reported at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.base import CONFLICT, Block, Conflict, InvalidFieldError, InvalidItem, Location, resolve
from settings.errors import NoValue, did_you_mean, format_value, nearest
from settings.shape import KEY_MARK, block_at, block_in, names, type_at
from settings.values import HINT

B = TypeVar("B", bound=Block)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One invalid value, at its location (under the file's names) below the validated model."""

    location: Location
    value: object
    allowed: str
    hint: str = ""


def validate(
    model: type[B], values: Mapping[str, object], *, path: Callable[[Location], str]
) -> tuple[B, Sequence[Finding]]:
    """Validate values under the file's names; return the model's instance and all findings.

    Without a finding the instance is complete; else it has only the valid fields, and reading another one raises
    InvalidFieldError. `path` returns the text of a location, for a finding that names another field.
    """
    try:
        return model.model_validate(values), ()
    except ValidationError as error:
        # Conflicts are found below, where their locations start at the top of the file.
        lines = [line for line in error.errors(include_url=False) if line["type"] != CONFLICT]
    invalid = [_finding(model, line) for line in lines]
    reported = {finding.location for finding in invalid}
    instance = _valid_part(model, values, reported, ())
    conflicts = [finding for finding in _conflicts(instance, path) if finding.location not in reported]
    return instance, [*_without_consequences(invalid), *conflicts]


def _finding(model: type[Block], line: ErrorDetails) -> Finding:
    location = tuple(part for part in line["loc"] if part != KEY_MARK)
    if line["type"] == "extra_forbidden":
        return _unknown_name(block_at(model, location[:-1]), location)
    expected, value = type_at(model, line["loc"]), line["input"]
    if line["type"] == "missing":
        return Finding(location=location, value=NoValue.NOT_SET, allowed=expected.allowed)
    hint = line.get("ctx", {}).get("hint", "") if line["type"] == HINT else ""
    return Finding(location=location, value=value, allowed=expected.allowed, hint=hint or expected.hint(value))


def _unknown_name(block: type[Block], location: Location) -> Finding:
    name = str(location[-1])
    if name in block.forbidden_names:
        return Finding(location=location, value=NoValue.HIDDEN, allowed=f"nothing: {block.forbidden_names[name]}")
    hint = did_you_mean(name, names(block))
    return Finding(location=location, value=NoValue.UNKNOWN, allowed=", ".join(names(block)), hint=hint)


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out a missing name whose misspelling is reported beside it."""
    missing = {finding.location for finding in findings if finding.value is NoValue.NOT_SET}
    misspelled: set[Location] = set()
    for finding in findings:
        if finding.value is NoValue.UNKNOWN:
            *above, name = finding.location
            intended = nearest(str(name), finding.allowed.split(", "))
            misspelled.add((*above, intended or ""))
    return [finding for finding in findings if finding.location not in missing & misspelled]


def _valid_part(model: type[B], values: Mapping[str, object], invalid: Set[Location], at: Location) -> B:
    """Return an instance with the valid fields. No validator changes an accepted value, so each is taken as it is."""
    fields = {
        name: _valid_value(block_in(info.annotation), values[name], invalid, (*at, name))
        for name, info in names(model).items()
        if name in values and (*at, name) not in invalid
    }
    return model.model_construct(None, **fields)


def _valid_value(block: type[Block] | None, value: object, invalid: Set[Location], at: Location) -> object:
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        if block:
            return _valid_part(block, entries, invalid, at)
        return {key: entry for key, entry in entries.items() if (*at, key) not in invalid}
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return tuple(
            InvalidItem.ITEM if (*at, index) in invalid else _valid_value(block, item, invalid, (*at, index))
            for index, item in enumerate(items)
        )
    return value


def _conflicts(root: Block, path: Callable[[Location], str]) -> Iterator[Finding]:
    for at, conflict in _conflicts_below(root, ()):
        location, value = resolve(root, (*at, *conflict.at))
        # None is the default of a setting that was left out.
        value = NoValue.NOT_SET if value is None else value
        allowed = conflict.allowed
        if conflict.against is not None:
            other, other_value = resolve(root, (*at, *conflict.against))
            allowed = allowed.replace("{against}", f"{path(other)} ({format_value(other_value)})")
        yield Finding(location=location, value=value, allowed=allowed, hint=conflict.hint)


def _conflicts_below(block: Block, at: Location) -> Iterator[tuple[Location, Conflict]]:
    for check in block.cross_checks():
        with suppress(InvalidFieldError):
            for conflict in check:
                yield at, conflict
    for name in type(block).model_fields:
        value: object = getattr(block, name, None)
        if isinstance(value, Block):
            yield from _conflicts_below(value, (*at, name))
        elif isinstance(value, tuple):
            for index, item in enumerate(cast("tuple[object, ...]", value)):
                if isinstance(item, Block):
                    yield from _conflicts_below(item, (*at, name, index))
