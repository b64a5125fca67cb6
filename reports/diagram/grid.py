"""Where the boxes of an architecture are: rows for edge, public, private and data subnets, columns for two zones.

The layout is the one of the requirements document. It mirrors the second zone, so that what belongs together in both
zones is side by side: the load balancer's nodes, the tasks, a database and its standby.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.diagram.cards import HEADER, card_height, chip_width
from reports.diagram.drawing import Rect
from reports.diagram.model import Box, Diagram

WIDTH = 840.0
LEFT, RIGHT = 22.0, 818.0
SIDE, GAP = 190.0, 18.0
MAIN = RIGHT - LEFT - SIDE - GAP
TOP = 62.0
# Between a frame and what is in it, between two rows of subnets, and between cards.
PAD, GUTTER, BETWEEN = 6.0, 24.0, 22.0
TIERS = ("public", "private", "data")
ZONES = 2


@dataclass(kw_only=True)
class Grid:
    """The rectangles of a diagram's boxes and frames, by id."""

    diagram: Diagram
    boxes: dict[str, Rect] = field(default_factory=dict)
    frames: dict[str, Rect] = field(default_factory=dict)
    bottom: float = TOP


def lay_out(diagram: Diagram) -> Grid:
    """Return the places of all boxes; raise ValueError for a box or a zone that has none."""
    zones = [container for container in diagram.containers if container.id.startswith("zone-")]
    if len(zones) > ZONES:
        raise ValueError(f"the picture has room for {ZONES} zones, and the state has {len(zones)}")
    grid = Grid(diagram=diagram)
    middle = LEFT + MAIN / 2
    for box in diagram.at("users"):
        grid.boxes[box.id] = Rect(x=middle - 16, y=14, width=32, height=32)
    y = _edge(grid, TOP + 24)
    y = _names(grid, y)
    y = _vpc(grid, y)
    y = _row(grid, "copies", y + GUTTER)
    grid.bottom = _records(grid, y + 10) + 10
    if missing := [box.id for box in diagram.boxes if box.id not in grid.boxes]:
        raise ValueError(f"boxes without a place in the picture: {', '.join(missing)}")
    return grid


def _columns(x: float, width: float, count: int, between: float) -> Sequence[tuple[float, float]]:
    """Return left edge and width of equal columns."""
    each = (width - between * (count - 1)) / count
    return [(x + (each + between) * index, each) for index in range(count)]


def _edge(grid: Grid, y: float) -> float:
    """Place CloudFront, with its web ACL in the middle, and the static assets at the side."""
    boxes = list(grid.diagram.at("edge"))
    if not boxes:
        return y
    boxes.sort(key=lambda box: box.id == "web-acl")
    if boxes[-1].id == "web-acl":
        boxes.insert(len(boxes) // 2, boxes.pop())
    height = card_height(boxes)
    frame = Rect(x=LEFT, y=y, width=MAIN, height=HEADER + height + 8)
    grid.frames["edge"] = frame
    for box, (x, width) in zip(boxes, _columns(frame.x + 8, frame.width - 16, len(boxes), 28), strict=True):
        grid.boxes[box.id] = Rect(x=x, y=y + HEADER, width=width, height=height)
    for box in grid.diagram.at("assets"):
        grid.boxes[box.id] = Rect(x=RIGHT - SIDE, y=y + HEADER, width=SIDE, height=height)
    return frame.bottom


def _names(grid: Grid, y: float) -> float:
    """Place the origin's name as a chip on the way to the load balancer, or several names in a row."""
    boxes = grid.diagram.at("names")
    if grid.diagram.at("edge"):
        for box in boxes:
            width = chip_width(box)
            grid.boxes[box.id] = Rect(x=LEFT + (MAIN - width) / 2, y=y + 18, width=width, height=28)
            y += 18 + 28
    elif boxes:
        frame = Rect(x=LEFT, y=y + 8, width=RIGHT - LEFT, height=HEADER + card_height(boxes) + 8)
        grid.frames["names"] = frame
        for box, (x, width) in zip(boxes, _columns(frame.x + 8, frame.width - 16, len(boxes), 28), strict=True):
            grid.boxes[box.id] = Rect(x=x, y=frame.y + HEADER, width=width, height=card_height(boxes))
        y = frame.bottom
    return y + 20


def _vpc(grid: Grid, y: float) -> float:
    """Place the zones with their subnets, and the region's services beside them."""
    columns = _columns(LEFT + 8, MAIN - 16, ZONES, 8)
    top = y + HEADER
    row = top + HEADER
    for tier in TIERS:
        height = HEADER + _tier_height(grid.diagram, tier) + PAD
        for index, (left, width) in enumerate(columns, 1):
            if f"{tier}-{index}" in grid.diagram.container:
                subnet = Rect(x=left + 4, y=row, width=width - 8, height=height)
                grid.frames[f"{tier}-{index}"] = subnet
                _subnet(grid, tier, index, subnet)
        if tier == "data":
            _across(grid, row + HEADER, columns)
        row += height + GUTTER
    bottom = row - GUTTER + 4
    grid.frames["vpc"] = Rect(x=LEFT, y=y, width=MAIN, height=bottom + 8 - y)
    for index, (left, width) in enumerate(columns, 1):
        if f"zone-{index}" in grid.diagram.container:
            grid.frames[f"zone-{index}"] = Rect(x=left, y=top, width=width, height=bottom - top)
    _services(grid, y, grid.frames["vpc"].bottom)
    return grid.frames["vpc"].bottom


def _inner_and_outer(subnet: Rect, zone: int) -> tuple[float, float, float]:
    """Return where the columns of a subnet begin, the one beside the other zone first, and their width."""
    (first, width), (second, _) = _columns(subnet.x + PAD, subnet.width - 2 * PAD, 2, BETWEEN)
    return (second, first, width) if zone == 1 else (first, second, width)


def _of_zone(diagram: Diagram, tier: str, zone: int) -> tuple[Sequence[Box], Sequence[Box]]:
    """Return the boxes of a tier in one zone: those of the inner column, those of the outer one."""
    boxes = [box for box in diagram.at(tier) if box.zone == zone]
    inner = [box for box in boxes if box.id.startswith(("alb", "tasks", "database"))]
    return inner, [box for box in boxes if box not in inner]


def _stack_height(boxes: Sequence[Box]) -> float:
    return sum(card_height([box]) for box in boxes) + 8 * max(0, len(boxes) - 1)


def _tier_height(diagram: Diagram, tier: str) -> float:
    stacks = [_stack_height(column) for zone in (1, 2) for column in _of_zone(diagram, tier, zone)]
    if tier != "data":
        return max(stacks)
    has_inner = any(_of_zone(diagram, tier, zone)[0] for zone in (1, 2))
    across = [card_height([box]) for box in diagram.at("data-across")]
    across += [card_height(diagram.at("data"))] if has_inner else []
    return max([*stacks, sum(across) + 14 * max(0, len(across) - 1)])


def _subnet(grid: Grid, tier: str, zone: int, subnet: Rect) -> None:
    """Place the boxes of a subnet: they share its height, but in the data subnets, where replicas are below them."""
    inner, outer, width = _inner_and_outer(subnet, zone)
    available = subnet.height - HEADER - PAD
    data_height = card_height(grid.diagram.at("data"))
    for x, boxes in zip((inner, outer), _of_zone(grid.diagram, tier, zone), strict=True):
        y = subnet.y + HEADER
        spare = max(0, available - _stack_height(boxes)) / max(1, len(boxes))
        for box in boxes:
            height = data_height if tier == "data" else card_height([box]) + spare
            grid.boxes[box.id] = Rect(x=x, y=y, width=width, height=height)
            y += height + 8


def _across(grid: Grid, y: float, columns: Sequence[tuple[float, float]]) -> None:
    """Place the databases whose zone AWS chooses over the border of the zones, below those with a zone."""
    middle = LEFT + MAIN / 2
    placed = [rect.bottom for id_, rect in grid.boxes.items() if id_.startswith("database")]
    y = max(placed) + 14 if placed else y
    width = 200 if placed else columns[1][0] - columns[0][0] - 10
    for box in grid.diagram.at("data-across"):
        height = card_height([box])
        grid.boxes[box.id] = Rect(x=middle - width / 2, y=y, width=width, height=height)
        y += height + 14


def _services(grid: Grid, y: float, bottom: float) -> None:
    """Place the region's services in a column of equal cards beside the VPC."""
    boxes = grid.diagram.at("services")
    frame = Rect(x=RIGHT - SIDE, y=y, width=SIDE, height=bottom - y)
    grid.frames["services"] = frame
    each = (frame.height - HEADER - 8 * len(boxes)) / max(1, len(boxes))
    for index, box in enumerate(boxes):
        top = frame.y + HEADER + (each + 8) * index
        grid.boxes[box.id] = Rect(x=frame.x + 8, y=top, width=SIDE - 16, height=each)


def _row(grid: Grid, place: str, y: float) -> float:
    """Place boxes in a row over the whole width; one alone is below the middle of the VPC."""
    boxes = grid.diagram.at(place)
    if not boxes:
        return y - GUTTER
    frame = Rect(x=LEFT, y=y, width=RIGHT - LEFT, height=HEADER + card_height(boxes) + 8)
    grid.frames[place] = frame
    columns = list(_columns(frame.x + 8, frame.width - 16, max(6, len(boxes)), 8))
    if len(boxes) == 1:
        columns = [(LEFT + MAIN / 2 - 100, 200)]
    for box, (x, width) in zip(boxes, columns, strict=False):
        grid.boxes[box.id] = Rect(x=x, y=y + 8, width=width, height=card_height(boxes))
    return frame.bottom


# Column, row, and number of rows of each box of the two groups at the bottom.
_ALERTS = {"alarms": (0, 0, 2), "topics": (1, 0, 2), "pages": (2, 0, 1), "chats": (2, 1, 1)}
_AUDIT = {
    "logs": (0, 0, 1),
    "detection": (0, 1, 1),
    "delivery": (1, 0, 1),
    "trail": (1, 1, 1),
    "other-buckets": (2, 1, 1),
    "audit-archive": (2, 0, 1),
}


def _records(grid: Grid, y: float) -> float:
    """Place alerts and records side by side, each in three columns and two rows."""
    places = {"alerts": _ALERTS, "audit": _AUDIT}
    bottom = y
    every = [box for place in places for box in grid.diagram.at(place)]
    cells = {id_: cell for table in places.values() for id_, cell in table.items()}
    heights = [card_height([b for b in every if cells[b.id][1:] == (row, 1)]) for row in (0, 1)]
    for (place, table), (x, width) in zip(places.items(), _columns(LEFT, RIGHT - LEFT, 2, 12), strict=True):
        boxes = grid.diagram.at(place)
        if not boxes:
            continue
        frame = Rect(x=x, y=y, width=width, height=HEADER + sum(heights) + 8 + 8)
        grid.frames[place] = frame
        columns = _columns(x + 8, width - 16, 3, 22)
        for box in boxes:
            column, row, rows = table[box.id]
            left, each = columns[column]
            parts = heights if place == "audit" else [sum(heights) / 2] * 2
            top = y + HEADER + (parts[0] + 8 if row else 0)
            height = parts[row] if rows == 1 else sum(parts) + 8
            grid.boxes[box.id] = Rect(x=left, y=top, width=each, height=height)
        bottom = frame.bottom
    return bottom
