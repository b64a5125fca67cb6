"""What a picture shows: boxes with figures, containers, and arrows between boxes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from reports.states import Recorded

ArrowKind: TypeAlias = Literal["way", "after", "copy"]


@dataclass(frozen=True, kw_only=True)
class Box:
    """One thing of the picture, with its figures; `place` is where the layout puts it.

    `sources` are the URNs of the resources that it is read from. An external box stands for what another stack has.
    """

    id: str
    icon: str
    title: str
    place: str
    figures: Sequence[str] = ()
    zone: int | None = None
    sources: Sequence[str] = ()
    is_external: bool = False


@dataclass(frozen=True, kw_only=True)
class Container:
    """What boxes are in: the VPC, a zone, a subnet. The note stands at the other end of the title's line."""

    id: str
    title: str
    note: str = ""
    sources: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A way of requests and events, a way that they take only after a failover, or one of copies."""

    source: str
    target: str
    label: str = ""
    kind: ArrowKind = "way"
    sources: Sequence[str] = ()

    @property
    def id(self) -> str:
        """Return both ends."""
        return f"{self.source}--{self.target}"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one tier adds to a picture."""

    boxes: Sequence[Box] = ()
    containers: Sequence[Container] = ()
    arrows: Sequence[Arrow] = ()


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """A picture's content. Its name is the file's."""

    name: str
    title: str
    subtitle: str
    description: str
    boxes: Sequence[Box] = field(repr=False)
    containers: Sequence[Container] = field(repr=False)
    arrows: Sequence[Arrow] = field(repr=False)

    @cached_property
    def by_id(self) -> Mapping[str, Box]:
        """Return the boxes by id."""
        return {box.id: box for box in self.boxes}

    def at(self, place: str) -> Sequence[Box]:
        """Return the boxes of a place, in their order."""
        return [box for box in self.boxes if box.place == place]

    @cached_property
    def container(self) -> Mapping[str, Container]:
        """Return the containers by id."""
        return {container.id: container for container in self.containers}

    def arrow(self, source: str, target: str) -> Arrow | None:
        """Return the arrow between two boxes, if there is one."""
        return next((arrow for arrow in self.arrows if (arrow.source, arrow.target) == (source, target)), None)


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def urns(*resources: Iterable[Recorded]) -> Sequence[str]:
    """Return the URNs of resources, as a box's sources."""
    return tuple(resource.urn for group in resources for resource in group)


def assemble(*, name: str, title: str, subtitle: str, description: str, parts: Sequence[Part]) -> Diagram:
    """Return a picture of parts, with the arrows whose ends both exist; an arrow found twice has both labels."""
    boxes = [box for part in parts for box in part.boxes]
    ids = {box.id for box in boxes}
    arrows: dict[str, Arrow] = {}
    for arrow in (arrow for part in parts for arrow in part.arrows):
        if arrow.source in ids and arrow.target in ids:
            before = arrows.get(arrow.id)
            both = [each for each in (before, arrow) if each]
            labels = sorted({label for each in both for label in each.label.split(", ") if label})
            sources = sorted({source for each in both for source in each.sources})
            arrows[arrow.id] = replace(arrow, label=", ".join(labels), sources=sources)
    return Diagram(
        name=name,
        title=title,
        subtitle=subtitle,
        description=description,
        boxes=boxes,
        containers=[container for part in parts for container in part.containers],
        arrows=sorted(arrows.values(), key=lambda arrow: arrow.id),
    )
