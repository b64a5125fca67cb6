"""The index of the requirements document: its headings, and everything that it requires (tests/conformance)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from reports.states import PROJECT

FOLDER = PROJECT / "tests" / "conformance"
KINDS = ("box", "edge", "figure", "rule", "step", "item", "level", "metric", "alert", "backup", "link")
# The levels in which an environment's documents require something: Markdown's ## and ###.
_HEADING = re.compile(r"(#{2,3}) (.+)")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One thing that the document requires; `id` is the slug of its heading and a key: `waf-rules/rate-limit`."""

    id: str
    section: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of the document, with what it requires."""

    level: int
    title: str
    statements: Sequence[Statement]


@cache
def headings(file: Path = FOLDER / "document.yaml") -> Sequence[Heading]:
    """Return the headings in the document's order; ValueError for an entry of another form."""
    index = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", yaml.safe_load(file.read_text(encoding="utf-8")))
    return [_heading(text, entries) for text, entries in index.items()]


@cache
def statements() -> Mapping[str, Statement]:
    """Return all statements by id, in the document's order."""
    return {each.id: each for heading in headings() for each in heading.statements}


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _heading(text: str, entries: Mapping[str, Mapping[str, object]]) -> Heading:
    match = _HEADING.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a heading of level 2 or 3")
    marks, title = match.groups()
    return Heading(
        level=len(marks), title=title, statements=[_statement(title, key, entry) for key, entry in entries.items()]
    )


def _statement(section: str, key: str, entry: Mapping[str, object]) -> Statement:
    if len(entry) != 1 or not set(entry) <= set(KINDS):
        raise ValueError(f"{section}, {key}: one kind of {', '.join(KINDS)} is required, not {dict(entry)}")
    ((kind, text),) = entry.items()
    return Statement(id=f"{slug(section)}/{key}", section=section, kind=kind, text=str(text))
