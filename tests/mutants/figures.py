"""The document's figures in a recorded state: the values that the conformance table names."""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from policies.engine.facts import Resource
from reports.conformance.rows import Row
from tests.mutants.edits import Path, opened

# A step of a path to each element of a list.
EACH: Final = "*"


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
        steps = zip(self.path, path, strict=False)
        return 0 < len(self.path) <= len(path) and all(own in (step, EACH) for own, step in steps)

    def holds_in(self, properties: object) -> bool:
        """Whether changed properties still have the value."""
        return not self.path or at(properties, self.path) == self.value

    def unset_values(self) -> Iterator[object]:
        """Return values for a property that has to stay unset."""
        if self.path and self.value is None and EACH not in self.path:
            yield 1


def figures_of(resources: Sequence[Resource], rows: Sequence[Row]) -> list[Figure]:
    """Return the figures that the rows state of a stack's resources."""
    return [figure for row in rows for figure in _stated(row, list(_found(resources, row)))]


def _found(resources: Sequence[Resource], row: Row) -> Iterator[Resource]:
    find = row.find
    for resource in resources:
        is_stack = resource.stack in row.stacks
        if find and is_stack and resource.type == find["type"] and fnmatch.fnmatchcase(resource.name, find["name"]):
            yield resource


def _stated(row: Row, resources: Sequence[Resource]) -> Iterator[Figure]:
    for resource in resources:
        # A row about every resource of a type states nothing about how many there are.
        if row.count or len(resources) == 1:
            yield Figure(requirement=row.requirement, urn=resource.urn)
        for dotted in row.each:
            path = tuple(int(step) if step.isdigit() else step for step in dotted.split("."))
            value = at(resource.properties, path)
            yield Figure(requirement=row.requirement, urn=resource.urn, path=path, value=value)


def at(value: object, path: Path) -> object:
    """Return the value at a path, within JSON texts too, or None; `*` is each element that has the rest."""
    content = opened(value)
    if not path:
        return content
    step, rest = path[0], path[1:]
    if isinstance(content, list):
        elements = cast("list[object]", content)
        if step == EACH:
            return [found for element in elements if (found := at(element, rest)) is not None]
        return at(elements[step], rest) if isinstance(step, int) and step < len(elements) else None
    return at(cast("Mapping[str, object]", content).get(str(step)), rest) if isinstance(content, Mapping) else None
