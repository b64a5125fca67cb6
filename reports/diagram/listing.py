"""The list of what the pictures show, for machines; and how two of them differ, for a pull request."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from reports.diagram.model import Diagram

Change: TypeAlias = Literal["added", "removed", "changed"]
_KINDS = {"way": "", "after": "after a failover", "copy": "copies"}


class Entry(BaseModel):
    """A box, container or arrow: what it is called, and its figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    figures: tuple[str, ...] = ()


Listing: TypeAlias = Mapping[str, Mapping[str, Entry]]
_LISTING = TypeAdapter[Listing](Listing)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed in one entry of a picture."""

    picture: str
    change: Change
    title: str
    before: str = ""
    after: str = ""


def _entries(diagram: Diagram) -> Iterator[tuple[str, Entry]]:
    for box in diagram.boxes:
        yield f"box {box.id}", Entry(title=box.title, figures=tuple(box.figures))
    for container in diagram.containers:
        yield f"in {container.id}", Entry(title=container.title, figures=(container.note,) if container.note else ())
    for arrow in diagram.arrows:
        ends = " → ".join(diagram.by_id[end].title for end in (arrow.source, arrow.target))
        figures = tuple(figure for figure in (arrow.label, _KINDS[arrow.kind]) if figure)
        yield f"arrow {arrow.id}", Entry(title=ends, figures=figures)


def list_diagrams(diagrams: Sequence[Diagram]) -> str:
    """Return the list as JSON: pictures, and in each the entries by kind and id, one figure a line."""
    listing = {
        diagram.name: {
            key: {"title": entry.title, "figures": list(entry.figures)} for key, entry in sorted(_entries(diagram))
        }
        for diagram in diagrams
    }
    return json.dumps(listing, ensure_ascii=False, indent=1) + "\n"


def read_listing(text: str) -> Listing:
    """Return a list that was written before; raise ValueError for any other text."""
    try:
        return _LISTING.validate_json(text)
    except ValidationError as error:
        raise ValueError("not a list of boxes and arrows, as `make diagram` writes it") from error


def differences(before: Listing, after: Listing) -> Iterator[Difference]:
    """Yield what was added, removed or changed, picture by picture."""
    for picture in sorted({*before, *after}):
        old, new = before.get(picture, {}), after.get(picture, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield _difference(picture, key, old.get(key), new.get(key))


def _difference(picture: str, key: str, old: Entry | None, new: Entry | None) -> Difference:
    """Return how an entry changed: its figures that are only before, and those that are only after."""
    entry = new or old or Entry(title="")
    kind, _, id_ = key.partition(" ")
    title = f"arrow {entry.title}" if kind == "arrow" else f"{entry.title} (`{id_}`)"
    if old is None or new is None:
        figures = ", ".join(entry.figures)
        if old is None:
            return Difference(picture=picture, change="added", title=title, after=figures)
        return Difference(picture=picture, change="removed", title=title, before=figures)
    texts = (old.title, *old.figures), (new.title, *new.figures)
    gone = [text for text in texts[0] if text not in texts[1]]
    come = [text for text in texts[1] if text not in texts[0]]
    if not gone and not come:
        gone, come = list(texts[0]), list(texts[1])
    return Difference(picture=picture, change="changed", title=title, before=", ".join(gone), after=", ".join(come))


def as_markdown(found: Sequence[Difference]) -> str:
    """Return differences as a table for a pull request."""
    if not found:
        return "No box changed.\n"
    rows = [
        f"| {row.picture} | {row.change} | {_cell(row.title)} | {_cell(row.before)} | {_cell(row.after)} |"
        for row in found
    ]
    return "\n".join(["| picture | | what | before | after |", "|---|---|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
