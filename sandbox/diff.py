"""Differences between old and new inputs of a resource, and whether the provider replaces it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.kinds.table import KINDS
from sandbox.replacements.table import REPLACEMENTS
from sandbox.values import Value

Change = Literal["add", "delete", "update"]
INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One changed property: its path, the change, and whether it forces a replacement."""

    path: str
    change: Change
    replaces: bool


def differences(token: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Difference]:
    """Compare two sets of inputs of a resource type; unknown values count as changes."""
    return [
        Difference(
            path=path, change=change, replaces=_replaces(token, path, change) or _downgrades(token, path, old, new)
        )
        for path, change in _walk_map("", old, new)
    ]


def is_deleted_first(token: str, found: list[Difference], new: Mapping[str, Value]) -> bool:
    """Whether the old resource is deleted before the new one is created: its unique name isn't generated and stays."""
    kind = KINDS[token]
    defaults = new.get("__defaults")
    is_generated = isinstance(defaults, list) and kind.autoname in defaults
    is_renamed = any(d.path == kind.unique for d in found)
    return bool(kind.unique) and not is_generated and not is_renamed and any(d.replaces for d in found)


def _replaces(token: str, path: str, change: Change) -> bool:
    plain = INDEX.sub("", path)
    if plain == "region" and KINDS[token].is_regional:
        return True
    row = REPLACEMENTS[token]
    if change != "update" and plain in row.added_or_removed:
        return True
    if change == "delete" and plain in row.unless_removed:
        return False
    return any(plain == p or plain.startswith(f"{p}.") for p in row.properties)


def _downgrades(token: str, path: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    return path in REPLACEMENTS[token].downgraded and is_lower(new.get(path), old.get(path))


def is_lower(version: Value, other: Value) -> bool:
    """Whether a dotted version is lower than another; a shorter version covers all that begin with it."""
    ours, theirs = ([int(part) for part in str(each).split(".") if part.isdigit()] for each in (version, other))
    return bool(ours) and ours < theirs[: len(ours)]


def _walk_map(path: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[tuple[str, Change]]:
    for name in sorted({*old, *new}):
        if not name.startswith("__"):
            yield from _walk(f"{path}.{name}" if path else name, old.get(name), new.get(name))


def _walk(path: str, old: Value, new: Value) -> Iterator[tuple[str, Change]]:
    if old == new:
        return
    if old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_map(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _walk(f"{path}[{index}]", before, after)
    else:
        yield path, "update"
