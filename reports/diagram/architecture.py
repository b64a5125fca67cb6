"""Draws the architecture of one stack."""

from collections.abc import Mapping

from reports.diagram.cards import draw_card, draw_chip, draw_frame
from reports.diagram.drawing import Drawing, Rect
from reports.diagram.furniture import draw_arrows, draw_head, draw_users, finish
from reports.diagram.grid import LEFT, RIGHT, TOP, WIDTH, lay_out
from reports.diagram.model import Container, Diagram
from reports.diagram.routes import routes

# The frames that no resource stands for.
_TITLES: Mapping[str, str] = {
    "edge": "Edge",
    "names": "Failover of the origin",
    "services": "Services of the region",
    "alerts": "Alerts",
    "audit": "Records",
}


def draw_architecture(diagram: Diagram) -> str:
    """Return the picture as SVG."""
    grid = lay_out(diagram)
    drawing = Drawing(width=WIDTH)
    draw_head(drawing, diagram)
    cloud = Rect(x=LEFT - 14, y=TOP, width=RIGHT - LEFT + 28, height=grid.bottom - TOP)
    drawing.rect(cloud, "cloud", radius=6)
    # What contains another frame is drawn before it.
    for id_, rect in sorted(grid.frames.items(), key=lambda item: -item[1].width * item[1].height):
        _frame(drawing, diagram, id_, rect)
    draw_arrows(drawing, list(routes(grid)))
    for box in diagram.boxes:
        rect = grid.boxes[box.id]
        if box.place == "users":
            draw_users(drawing, box, rect)
        elif box.place == "names" and "names" not in grid.frames:
            draw_chip(drawing, box, rect)
        else:
            draw_card(drawing, box, rect)
    return finish(drawing, diagram, grid.bottom)


def _frame(drawing: Drawing, diagram: Diagram, id_: str, rect: Rect) -> None:
    container = diagram.container.get(id_) or Container(id=id_, title=_TITLES.get(id_, ""))
    kind = id_.partition("-")[0]
    style = kind if kind in ("edge", "vpc", "zone", "public", "private", "data", "copies") else "group"
    draw_frame(drawing, container, rect, style, is_right=id_.endswith("-2"), is_below=id_ == "copies")
