"""Judges what stands in the file against a model: every field by its type, then every check whose fields are in order.

Pydantic runs no check between fields once one field is refused. Here the accepted fields are put together without the
refused ones, and each check runs until it reads one that isn't there: so all errors are told at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.base import CONFLICT, Block, Conflict, Place, RefusedFieldError, RefusedItem, resolve
from settings.errors import Unshown, did_you_mean, nearest, shown
from settings.shape import allowed_in, block_at, block_in, block_of, names
from settings.values import REFUSED

B = TypeVar("B", bound=Block)

# Pydantic's mark, behind a map's key, of an error in the key itself.
KEY_MARK = "[key]"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One refused value, at its place in the file (the file's names) below the judged model."""

    place: Place
    value: object
    allowed: str
    hint: str = ""


def judge(model: type[B], given: Mapping[str, object], *, path: Callable[[Place], str]) -> tuple[B, Sequence[Finding]]:
    """Judge what is given under the file's names: (the model's instance, all findings).

    Without a finding the instance is whole; else it has only what was accepted, and reading more of it raises
    RefusedFieldError. `path` gives the text for a place in the file, by which a finding names its neighbour.
    """
    try:
        return model.model_validate(given), ()
    except ValidationError as error:
        # Conflicts are found below, where they are named by their place in the whole file.
        lines = [line for line in error.errors(include_url=False) if line["type"] != CONFLICT]
        refused = [_finding(model, line) for line in lines]
        instance = _accepted(model, given, {finding.place for finding in refused}, ())
    findings = _without_consequences(refused)
    told = {finding.place for finding in refused}
    for finding in _conflicting(instance, path):
        if finding.place not in told:
            findings.append(finding)
    return instance, findings


def _finding(model: type[Block], line: ErrorDetails) -> Finding:
    place = tuple(part for part in line["loc"] if part != KEY_MARK)
    block = block_at(model, place[:-1])
    if line["type"] == REFUSED:
        said = line.get("ctx", {})
        return Finding(place=place, value=line["input"], allowed=said["allowed"], hint=said["hint"])
    if line["type"] == "missing":
        return Finding(place=place, value=Unshown.NOT_SET, allowed=allowed_in(names(block)[str(place[-1])]))
    if line["type"] == "extra_forbidden":
        name = str(place[-1])
        if name in block.refused_names:
            return Finding(place=place, value=Unshown.HIDDEN, allowed=f"nothing: {block.refused_names[name]}")
        hint = did_you_mean(name, names(block))
        return Finding(place=place, value=Unshown.UNKNOWN_NAME, allowed=", ".join(names(block)), hint=hint)
    allowed = block_of(block_at(model, place)) if line["type"] == "model_type" else line["msg"]
    return Finding(place=place, value=line["input"], allowed=allowed)


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out a missing name whose misspelling is told of beside it."""
    missing = {finding.place for finding in findings if finding.value is Unshown.NOT_SET}
    misspelt: set[Place] = set()
    for finding in findings:
        if finding.value is Unshown.UNKNOWN_NAME:
            *above, name = finding.place
            meant = nearest(str(name), finding.allowed.split(", "))
            misspelt.add((*above, meant or ""))
    return [finding for finding in findings if finding.place not in missing & misspelt]


def _accepted(model: type[B], given: Mapping[str, object], refused: Set[Place], at: Place) -> B:
    """Put together what was accepted. No kind of value changes what it accepts, so it is taken as it was given."""
    values = {
        name: _accepted_value(block_in(info.annotation), given[name], refused, (*at, name))
        for name, info in names(model).items()
        if name in given and (*at, name) not in refused
    }
    return model.model_construct(None, **values)


def _accepted_value(block: type[Block] | None, value: object, refused: Set[Place], at: Place) -> object:
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        if block:
            return _accepted(block, entries, refused, at)
        return {key: entry for key, entry in entries.items() if (*at, key) not in refused}
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return tuple(
            RefusedItem.ITEM if (*at, index) in refused else _accepted_value(block, item, refused, (*at, index))
            for index, item in enumerate(items)
        )
    return value


def _conflicting(root: Block, path: Callable[[Place], str]) -> Iterator[Finding]:
    for at, conflict in _conflicts(root, ()):
        place, value = resolve(root, (*at, *conflict.at))
        # What may be left out was: the default isn't the owner's word.
        value = Unshown.NOT_SET if value is None else value
        allowed = conflict.allowed
        if conflict.against is not None:
            neighbour, its_value = resolve(root, (*at, *conflict.against))
            allowed = allowed.replace("{against}", f"{path(neighbour)} ({shown(its_value)})")
        yield Finding(place=place, value=value, allowed=allowed, hint=conflict.hint)


def _conflicts(block: Block, at: Place) -> Iterator[tuple[Place, Conflict]]:
    for check in block.cross_checks():
        with suppress(RefusedFieldError):
            for conflict in check:
                yield at, conflict
    for name in type(block).model_fields:
        value: object = getattr(block, name, None)
        if isinstance(value, Block):
            yield from _conflicts(value, (*at, name))
        elif isinstance(value, tuple):
            for index, item in enumerate(cast("tuple[object, ...]", value)):
                if isinstance(item, Block):
                    yield from _conflicts(item, (*at, name, index))
