"""Draws boxes as cards and containers as frames, in the sizes that their texts need."""

from collections.abc import Sequence

from reports.diagram.drawing import BODY, HEADING, Drawing, Rect
from reports.diagram.letters import text_width
from reports.diagram.model import Box, Container

# A narrow card has its figures below icon and title, a wide one beside a larger icon.
NARROW = 150.0
_PADDING, _LEADING = 8.0, 14.0
_SMALL, _LARGE = 20.0, 28.0
# A card with more space to spare is one of several rows: its text is in the middle.
_TALL = 40.0
# What a frame needs above the boxes in it.
HEADER = 20.0


def card_height(boxes: Sequence[Box]) -> float:
    """Return the height that the longest of some boxes needs."""
    return 34 + _LEADING * max((len(box.figures) for box in boxes), default=0)


def draw_card(drawing: Drawing, box: Box, rect: Rect) -> None:
    """Draw a box: icon, title, figures."""
    is_wide = rect.width >= NARROW
    size = _LARGE if is_wide else _SMALL
    beside = rect.x + _PADDING + size + 6
    height = card_height([box])
    spare = rect.height - height
    top = rect.y + (max(0, spare) / 2 if is_wide or spare > _TALL else 0)
    drawing.begin(f"box-{box.id}")
    drawing.rect(rect, "external" if box.is_external else "card")
    drawing.icon(box.icon, rect.x + _PADDING, rect.centre - size / 2 if is_wide else top + 6, size)
    style = "ink strong"
    drawing.text(beside, top + 20, box.title, size=HEADING, style=style, within=rect.right - beside - 4)
    left = beside if is_wide else rect.x + _PADDING
    for index, figure in enumerate(box.figures):
        drawing.text(left, top + 38 + _LEADING * index, figure, style="quiet", within=rect.right - left - 4)
    drawing.end()


def chip_width(box: Box) -> float:
    """Return the width of a box on one line."""
    figures = ", ".join(box.figures)
    return 38 + text_width(box.title, HEADING, bold=True) + 10 + text_width(figures, BODY) + 16


def draw_chip(drawing: Drawing, box: Box, rect: Rect) -> None:
    """Draw a box on one line: icon, title, figures."""
    drawing.begin(f"box-{box.id}")
    drawing.rect(rect, "card", radius=rect.height / 2)
    drawing.icon(box.icon, rect.x + 12, rect.centre - 10, 20)
    baseline = rect.centre + 4
    drawing.text(rect.x + 38, baseline, box.title, size=HEADING, style="ink strong", within=rect.width - 54)
    left = rect.x + 38 + text_width(box.title, HEADING, bold=True) + 10
    drawing.text(left, baseline, ", ".join(box.figures), style="quiet", within=rect.right - left - 15)
    drawing.end()


def draw_frame(
    drawing: Drawing,
    container: Container,
    rect: Rect,
    style: str,
    *,
    is_right: bool = False,
    is_below: bool = False,
) -> None:
    """Draw a container with its title at the left, or at the right, and its note at the other end.

    The title is below the boxes of a container that arrows reach from above.
    """
    drawing.begin(f"in-{container.id}")
    drawing.rect(rect, style)
    baseline = rect.bottom - 7 if is_below else rect.y + 14
    ends = [(rect.x + 8, "start"), (rect.right - 8, "end")]
    for words, (x, anchor) in zip((container.title, container.note), ends[::-1] if is_right else ends, strict=True):
        if words:
            bold = "ink strong" if words == container.title else "quiet"
            drawing.text(x, baseline, words, size=BODY, style=bold, within=rect.width - 16, anchor=anchor)
    drawing.end()
