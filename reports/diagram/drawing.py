"""Writes SVG: one element per line, in the order of drawing, with the colours of light and dark themes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from reports.diagram.icons import symbols
from reports.diagram.letters import FONT, text_width

# Sizes of text in pixels. A README shows the pictures at 830 of their 840 pixels: no text gets smaller than 11.
TITLE, HEADING, BODY, LABEL = 17.0, 12.0, 11.5, 11.2

# Fill and line of each class, light and dark.
SURFACES = {
    "paper": ("#ffffff", "none", "#0d1117", "none"),
    "cloud": ("none", "#8c959f", "none", "#656c76"),
    "edge": ("#f6f2fd", "#c4aef0", "#1b1628", "#5b4590"),
    "vpc": ("#ffffff", "#8c4fff", "#0d1117", "#8c6ad6"),
    "zone": ("none", "#8c959f", "none", "#656c76"),
    "public": ("#f1f7e4", "#b9d07a", "#151d0c", "#4e6620"),
    "private": ("#e5f5f6", "#86cbd0", "#0a1e20", "#1f666b"),
    "data": ("#eef1fb", "#a9b8e8", "#12172a", "#40508c"),
    "group": ("#f6f8fa", "#d1d9e0", "#151b23", "#3d444d"),
    "copies": ("#eaf3fd", "#8fbcec", "#0d1b2c", "#2d5a8e"),
    "card": ("#ffffff", "#c8d1da", "#1c232c", "#4a535e"),
    "external": ("#ffffff", "#8c959f", "#0d1117", "#7d8590"),
}
# Colours of text and arrows, light and dark.
INKS = {"ink": ("#1f2328", "#f0f6fc"), "quiet": ("#4d5763", "#a5aeb8")}
ARROWS = {"way": ("#424a53", "#b7bfc8"), "copy": ("#0a5bc4", "#58a6ff"), "after": ("#bc4c00", "#f0883e")}
# Length of a dash of copies with its gap.
DASHES = 8
_DASHED = ("zone", "external", "copies")


def _style() -> Sequence[str]:
    """Return the style sheet: the light theme, and what the dark one changes."""
    light = [f"text{{font-family:{FONT}}}", ".strong{font-weight:bold}", ".line{fill:none;stroke-width:1.4}"]
    dark: list[str] = []
    light += [
        ".copy.line{stroke-dasharray:5 3}",
        ".after.line{stroke-dasharray:7 3 1.5 3}",
        ".cased{stroke-width:3;stroke-linejoin:round;paint-order:stroke}",
    ]
    light += [f".{name}{{stroke-dasharray:4 3}}" for name in _DASHED]
    for name, (fill, line, dark_fill, dark_line) in SURFACES.items():
        light.append(f".{name}{{fill:{fill};stroke:{line}}}")
        dark.append(f".{name}{{fill:{dark_fill};stroke:{dark_line}}}")
    for name, colours in INKS.items():
        for sheet, colour in zip((light, dark), colours, strict=True):
            sheet.append(f".{name}{{fill:{colour}}}")
    for sheet, index in ((light, 0), (dark, 2)):
        sheet.append(f".cased{{stroke:{SURFACES['paper'][index]}}}")
    for name, colours in ARROWS.items():
        for sheet, colour in zip((light, dark), colours, strict=True):
            sheet += [f".{name}.line{{stroke:{colour}}}", f".{name}.head{{fill:{colour}}}"]
    light.append(".in-dark{display:none}")
    dark += [".in-dark{display:inline}", ".in-light{display:none}"]
    return ["<style>", *light, "@media (prefers-color-scheme: dark) {", *dark, "}", "</style>"]


@dataclass(frozen=True, kw_only=True)
class Rect:
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Return the middle between left and right."""
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        """Return the middle between top and bottom."""
        return self.y + self.height / 2


Point = tuple[float, float]


@dataclass(kw_only=True)
class Drawing:
    """A picture that is being drawn."""

    width: float
    _lines: list[str] = field(default_factory=list)
    _icons: set[str] = field(default_factory=set)
    _overflows: list[str] = field(default_factory=list)

    def rect(self, rect: Rect, style: str, *, radius: float = 4) -> None:
        """Draw a rectangle."""
        box = f'x="{rect.x:g}" y="{rect.y:g}" width="{rect.width:g}" height="{rect.height:g}"'
        self._lines.append(f'<rect class="{style}" {box} rx="{radius:g}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BODY,
        style: str = "ink",
        within: float,
        anchor: str = "start",
    ) -> None:
        """Draw a text at its baseline, which has to fit into a width."""
        width = text_width(text, size, bold="strong" in style)
        if width > within:
            self._overflows.append(f"{text!r} takes {width:.0f} of {within:.0f} pixels")
        end = "" if anchor == "start" else f' text-anchor="{anchor}"'
        length = f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
        where = f'x="{x:g}" y="{y:g}" font-size="{size:g}"{end}'
        self._lines.append(f'<text class="{style}" {where} {length}>{escape(text)}</text>')

    def icon(self, name: str, x: float, y: float, size: float) -> None:
        """Draw an icon; the users' has a form for dark themes."""
        forms = {"users": ("in-light", "users"), "users-dark": ("in-dark", "users-dark")}
        for style, form in [forms[f] for f in ("users", "users-dark")] if name == "users" else [("", name)]:
            self._icons.add(form)
            shown = f'class="{style}" ' if style else ""
            where = f'x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}"'
            self._lines.append(f'<use {shown}href="#icon-{form}" {where}/>')

    def line(
        self, id_: str, points: Sequence[Point], style: str, *, start: bool = False, dash_offset: float = 0
    ) -> None:
        """Draw a line through points, with rounded corners, and a head at its end, or at both ends."""
        heads = f' marker-end="url(#{style})"'
        heads += f' marker-start="url(#{style})"' if start else ""
        heads += f' stroke-dashoffset="{dash_offset:g}"' if dash_offset else ""
        name = f"id={quoteattr(id_)} " if id_ else ""
        self._lines.append(f'<path {name}class="{style} line" d="{_rounded(points)}"{heads}/>')

    def begin(self, id_: str) -> None:
        """Begin a group."""
        self._lines.append(f"<g id={quoteattr(id_)}>")

    def end(self) -> None:
        """End a group."""
        self._lines.append("</g>")

    def finish(self, *, height: float, title: str, description: str) -> str:
        """Return the picture; raise ValueError with every text that doesn't fit."""
        if self._overflows:
            raise ValueError("texts that don't fit:\n" + "\n".join(self._overflows))
        markers = [
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            f'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="{name} head" d="M0 .5L8 4L0 7.5Z"/>'
            "</marker>"
            for name in ARROWS
        ]
        size = f'width="{self.width:g}" height="{height:g}" viewBox="0 0 {self.width:g} {height:g}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description">',
                f'<title id="title">{escape(title)}</title>',
                f'<desc id="description">{escape(description)}</desc>',
                "<!-- Written by `make diagram`. -->",
                *_style(),
                "<defs>",
                *symbols(self._icons),
                *markers,
                "</defs>",
                f'<rect class="paper" width="{self.width:g}" height="{height:g}" rx="6"/>',
                *self._lines,
                "</svg>",
                "",
            ]
        )


def _rounded(points: Sequence[Point], radius: float = 4) -> str:
    """Return the path through points, of horizontal and vertical pieces, with rounded corners."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        if before in (corner, after) or corner == after:
            continue
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        path += f"L{enter[0]:g} {enter[1]:g}Q{corner[0]:g} {corner[1]:g} {leave[0]:g} {leave[1]:g}"
    return path + f"L{points[-1][0]:g} {points[-1][1]:g}"


def _towards(start: Point, end: Point, distance: float) -> Point:
    """Return the point at a distance from the start, at most half of the way."""
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(distance / length, 0.5) if length else 0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
