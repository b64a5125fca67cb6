"""The conformance table: how each statement of the document is met (tests/conformance/rows)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Literal, cast

import yaml

from reports.conformance.document import FOLDER, headings
from settings.stacks import STACKS

# Fields that may be one text or a list of texts.
_LISTS = ("covers", "setting", "policy", "command", "test")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One requirement, and what meets it; tests/conformance/README.md describes the fields."""

    section: str
    requirement: str
    covers: Sequence[str] = ()
    beyond: str = ""
    setting: Sequence[str] = ()
    stacks: Sequence[str] = STACKS
    find: Mapping[str, str] = field(default_factory=dict[str, str])
    each: Mapping[str, object] = field(default_factory=dict[str, object])
    count: int | None = None
    absent: bool = False
    output: str = ""
    # `is` in the file, a reserved word here.
    is_: object = None
    command: Sequence[str] = ()
    by: Literal["", "people"] = ""
    page: str = ""
    policy: Sequence[str] = ()
    test: Sequence[str] = ()
    note: str = ""
    decision: str = ""
    differs: str = ""
    unmet: str = ""

    @property
    def key(self) -> str:
        """Return what no other row has."""
        return f"{self.section}: {self.requirement} ({', '.join(self.stacks)})"

    @property
    def is_evaluated(self) -> bool:
        """Return whether it is evaluated against the states of the stacks."""
        return bool(self.find or self.output)


@cache
def rows(folder: Path = FOLDER / "rows") -> Sequence[Row]:
    """Return all rows in the order of the document's headings; ValueError for one that can't be read."""
    order = [heading.title for heading in headings()]
    listed = [row for file in sorted(folder.glob("*.yaml")) for row in _read(file)]
    if unknown := {row.section for row in listed} - set(order):
        raise ValueError(f"not a heading of the document: {', '.join(sorted(unknown))}")
    return sorted(listed, key=lambda row: order.index(row.section))


def _read(file: Path) -> Iterator[Row]:
    sections = cast("Mapping[str, Sequence[Mapping[str, object]]]", yaml.safe_load(file.read_text(encoding="utf-8")))
    for section, listed in sections.items():
        for values in listed:
            yield _row(section, values, file)


def _row(section: str, values: Mapping[str, object], file: Path) -> Row:
    named = {("is_" if key == "is" else key): value for key, value in values.items()}
    where = f"{file.name}, {section}: {named.get('requirement', dict(values))}"
    if unknown := set(named) - {each.name for each in fields(Row)}:
        raise ValueError(f"{where}: unknown fields: {', '.join(sorted(unknown))}")
    if named.get("by", "people") != "people":
        raise ValueError(f"{where}: by is people, or left out")
    named |= {key: (named[key],) for key in _LISTS if isinstance(named.get(key), str)}
    return Row(**{"section": section, **named})  # pyright: ignore[reportArgumentType]  # the tests hold the values' types
