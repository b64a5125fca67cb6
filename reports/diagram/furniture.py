"""What all pictures have: the head with title and legend, the users, the arrows with their labels, the last line."""

from collections.abc import Mapping, Sequence

from reports.diagram.drawing import BODY, LABEL, TITLE, Drawing, Rect
from reports.diagram.grid import LEFT, RIGHT
from reports.diagram.letters import text_width
from reports.diagram.model import ArrowKind, Box, Diagram
from reports.diagram.routes import Route

_KINDS: Mapping[ArrowKind, str] = {
    "way": "requests, events",
    "after": "after a failover",
    "copy": "copies",
}


def draw_head(drawing: Drawing, diagram: Diagram) -> None:
    """Draw the title at the left, and what the arrows are at the right."""
    drawing.text(LEFT - 8, 32, diagram.title, size=TITLE, style="ink strong", within=270)
    drawing.text(LEFT - 8, 50, diagram.subtitle, style="quiet", within=270)
    kinds = {arrow.kind for arrow in diagram.arrows}
    x, y = RIGHT + 8, 32.0
    for kind, words in reversed(list(_KINDS.items())):
        if kind in kinds:
            x -= text_width(words, BODY)
            drawing.text(x, y, words, style="quiet", within=220)
            drawing.line("", [(x - 34, y - 4), (x - 6, y - 4)], kind)
            x -= 52


def draw_users(drawing: Drawing, box: Box, rect: Rect) -> None:
    """Draw the users, who are no box."""
    drawing.begin(f"box-{box.id}")
    drawing.icon(box.icon, rect.x, rect.y, rect.width)
    drawing.text(rect.right + 6, rect.centre + 4, box.title, style="ink strong", within=60)
    drawing.end()


def draw_arrows(drawing: Drawing, routes: Sequence[Route]) -> None:
    """Draw all lines, then all labels, so that no line crosses a label."""
    for route in routes:
        dash = route.dash_offset
        drawing.line(route.arrow.id, route.points, route.arrow.kind, start=route.is_two_way, dash_offset=dash)
    drawn: set[tuple[str, float, float]] = set()
    for route in routes:
        if route.label_at and route.arrow.label:
            x, y = route.label_at
            if (route.arrow.label, x, y) not in drawn:
                drawn.add((route.arrow.label, x, y))
                drawing.text(x, y, route.arrow.label, size=LABEL, style="quiet cased", within=300)


def finish(drawing: Drawing, diagram: Diagram, bottom: float) -> str:
    """Return the picture, with its last line: where it comes from, and what dashed boxes are."""
    drawing.text(LEFT - 8, bottom + 20, "drawn from the planned resources by make diagram", style="quiet", within=400)
    if any(box.is_external and box.place != "users" for box in diagram.boxes):
        words = "dashed boxes: not created by this stack"
        drawing.text(RIGHT + 8, bottom + 20, words, style="quiet", within=300, anchor="end")
    return drawing.finish(height=bottom + 32, title=diagram.title, description=diagram.description)
