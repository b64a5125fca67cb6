"""Draws the failover: the pair of names above, both regions side by side below."""

from collections.abc import Iterator, Sequence

from reports.diagram.cards import HEADER, card_height, draw_card, draw_frame
from reports.diagram.drawing import LABEL, Drawing, Rect
from reports.diagram.failover import ROWS
from reports.diagram.furniture import draw_arrows, draw_head, draw_users, finish
from reports.diagram.grid import LEFT, RIGHT, TOP, WIDTH
from reports.diagram.letters import text_width
from reports.diagram.model import Arrow, Container, Diagram
from reports.diagram.routes import Route, straight

MIDDLE = (LEFT + RIGHT) / 2
# Between the regions.
_GAP = 112.0
_REGION = (RIGHT - LEFT - _GAP) / 2


def draw_failover(diagram: Diagram) -> str:
    """Return the picture as SVG; raise ValueError for a box without a place."""
    boxes, frames, bottom = _lay_out(diagram)
    if missing := [box.id for box in diagram.boxes if box.id not in boxes]:
        raise ValueError(f"boxes without a place in the picture: {', '.join(missing)}")
    drawing = Drawing(width=WIDTH)
    draw_head(drawing, diagram)
    drawing.rect(Rect(x=LEFT - 14, y=TOP, width=RIGHT - LEFT + 28, height=bottom - TOP), "cloud", radius=6)
    for id_, rect in frames.items():
        style = {"region-1": "data", "region-2": "private"}.get(id_, "group")
        container = diagram.container.get(id_) or Container(id=id_, title="Route 53")
        draw_frame(drawing, container, rect, style, is_right=id_ != "names")
    draw_arrows(drawing, list(_routes(diagram, boxes)))
    for box in diagram.boxes:
        if box.place == "users":
            draw_users(drawing, box, boxes[box.id])
        else:
            draw_card(drawing, box, boxes[box.id])
    return finish(drawing, diagram, bottom)


def _lay_out(diagram: Diagram) -> tuple[dict[str, Rect], dict[str, Rect], float]:
    """Return boxes, frames, and where the cloud ends."""
    boxes = {box.id: Rect(x=MIDDLE - 16, y=14, width=32, height=32) for box in diagram.at("users")}
    y = TOP + 22
    for box in diagram.at("cdn"):
        boxes[box.id] = Rect(x=MIDDLE - 125, y=y, width=250, height=card_height([box]))
        y = boxes[box.id].bottom + 26
    names = {"primary": LEFT + 8, "switch": MIDDLE - 110, "secondary": RIGHT - 8 - 220}
    height = card_height(diagram.at("names"))
    frames = {"names": Rect(x=LEFT, y=y, width=RIGHT - LEFT, height=HEADER + height + 8)}
    for box in diagram.at("names"):
        boxes[box.id] = Rect(x=names[box.id], y=y + HEADER, width=220, height=height)
    bottom = _regions(diagram, frames["names"].bottom + 24, boxes, frames)
    for box in diagram.at("steps"):
        boxes[box.id] = Rect(x=LEFT, y=bottom + 10, width=RIGHT - LEFT, height=card_height([box]))
        bottom = boxes[box.id].bottom
    return boxes, frames, bottom + 10


def _regions(diagram: Diagram, y: float, boxes: dict[str, Rect], frames: dict[str, Rect]) -> float:
    """Place both regions, row by row; the latch is beside dr's load balancer."""
    left, right = LEFT + 8, RIGHT - _REGION + 8
    width = _REGION - 16
    top = y + HEADER
    for row in ROWS:
        present = [diagram.by_id[id_] for id_ in row if id_ in diagram.by_id]
        height = card_height(present)
        for id_, x in zip(row, (left, right), strict=True):
            if id_ in diagram.by_id:
                boxes[id_] = Rect(x=x, y=top, width=width, height=height)
        top += height + 16 if row[0] in ("alb", "tasks") else height + 8
    if "latch" in diagram.by_id:
        balancer = boxes.get("dr-alb") or Rect(x=right, y=y + HEADER, width=width, height=48)
        boxes["latch"] = Rect(x=right, y=balancer.y, width=132, height=balancer.height)
        boxes["dr-alb"] = Rect(x=right + 144, y=balancer.y, width=width - 144, height=balancer.height)
    for index, x in enumerate((LEFT, RIGHT - _REGION), 1):
        frames[f"region-{index}"] = Rect(x=x, y=y, width=_REGION, height=top - y)
    return top


def _routes(diagram: Diagram, boxes: dict[str, Rect]) -> Iterator[Route]:
    for arrow in diagram.arrows:
        opposite = diagram.arrow(arrow.target, arrow.source)
        if not opposite or arrow.id < opposite.id:
            yield _route(arrow, boxes, is_two_way=opposite is not None)


def _route(arrow: Arrow, boxes: dict[str, Rect], *, is_two_way: bool) -> Route:
    a, b = boxes[arrow.source], boxes[arrow.target]
    if arrow.source == "cdn" and arrow.target in ("primary", "secondary"):
        y = a.bottom + 13
        points = [(a.middle, a.bottom), (a.middle, y), (b.middle, y), (b.middle, b.y)]
        return Route(arrow=arrow, points=points)
    if arrow.source == "cdn":
        # Beside everything else, down to the static assets.
        x, end = (LEFT - 7, b.x) if b.x < MIDDLE else (RIGHT + 7, b.right)
        side = a.x if b.x < MIDDLE else a.right
        return Route(arrow=arrow, points=[(side, a.centre), (x, a.centre), (x, b.centre), (end, b.centre)])
    if arrow.kind == "copy":
        return _copy(arrow, a, b, is_two_way=is_two_way)
    return straight(arrow, a, b)


def _copy(arrow: Arrow, a: Rect, b: Rect, *, is_two_way: bool) -> Route:
    """Return the way between the regions, with its label in the middle; one row lower if it has to be."""
    middle = (a.right + b.x) / 2
    is_level = a.y == b.y
    points: Sequence[tuple[float, float]] = [(a.right, a.centre), (b.x, b.centre)]
    if not is_level:
        points = [(a.right, a.bottom - 10), (a.right + 24, a.bottom - 10), (a.right + 24, b.centre), (b.x, b.centre)]
    at = (middle - text_width(arrow.label, LABEL) / 2 + (0 if is_level else 10), b.centre - 5)
    return Route(arrow=arrow, points=points, label_at=at, is_two_way=is_two_way)
