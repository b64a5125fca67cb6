"""The document's figures in a recorded state: the values that the conformance table names."""

import fnmatch
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import cast

import yaml

from policies.engine.facts import Resource
from tests.mutants.edits import Path, opened

TABLE = File(__file__).parent.parent / "conformance" / "rows.yaml"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value that a row states of one resource; an empty path: that the resource exists."""

    requirement: str
    urn: str
    path: Path = ()
    value: object = field(default=None, repr=False)

    @property
    def is_of_existence(self) -> bool:
        """Whether the row requires that the resource exists."""
        return not self.path

    def covers(self, path: Path) -> bool:
        """Whether a path is the figure's, or below it."""
        return bool(self.path) and path[: len(self.path)] == self.path

    def holds_in(self, properties: object) -> bool:
        """Whether changed properties still have the value."""
        return not self.path or at(properties, self.path) == self.value

    def unset_values(self) -> Iterator[object]:
        """Return values for a property that has to stay unset."""
        if self.path and self.value is None:
            yield 1


def figures_of(resources: Sequence[Resource], rows: Sequence[Mapping[str, object]]) -> list[Figure]:
    """Return the figures that the rows state of a stack's resources."""
    return [figure for row in rows for figure in _stated(row, list(_found(resources, row)))]


def _found(resources: Sequence[Resource], row: Mapping[str, object]) -> Iterator[Resource]:
    find = cast("Mapping[str, str]", row.get("find") or {})
    for resource in resources:
        is_stack = resource.stack in cast("Sequence[str]", row.get("stacks") or (resource.stack,))
        if find and is_stack and resource.type == find["type"] and fnmatch.fnmatchcase(resource.name, find["name"]):
            yield resource


def _stated(row: Mapping[str, object], resources: Sequence[Resource]) -> Iterator[Figure]:
    requirement = str(row["requirement"])
    for resource in resources:
        # A row about every resource of a type states nothing about how many there are.
        if row.get("count") or len(resources) == 1:
            yield Figure(requirement=requirement, urn=resource.urn)
        for dotted in cast("Mapping[str, object]", row.get("each") or {}):
            path = tuple(int(step) if step.isdigit() else step for step in dotted.split("."))
            value = at(resource.properties, path)
            yield Figure(requirement=requirement, urn=resource.urn, path=path, value=value)


def at(value: object, path: Path) -> object:
    """Return the value at a path, within JSON texts too; None if there is none."""
    for step in path:
        content = opened(value)
        if isinstance(content, list) and isinstance(step, int):
            elements = cast("list[object]", content)
            value = elements[step] if step < len(elements) else None
        else:
            value = cast("Mapping[str, object]", content).get(str(step)) if isinstance(content, Mapping) else None
    return opened(value)


@functools.cache
def read_rows() -> list[Mapping[str, object]]:
    """Return the rows of the conformance table."""
    return cast("list[Mapping[str, object]]", yaml.safe_load(TABLE.read_text(encoding="utf-8")))
