"""How the arrows of an architecture run through the grid: beside the boxes, never across one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reports.diagram.drawing import DASHES, LABEL, Point, Rect
from reports.diagram.grid import GUTTER, LEFT, MAIN, RIGHT, Grid
from reports.diagram.letters import text_width
from reports.diagram.model import Arrow, Box


@dataclass(frozen=True, kw_only=True)
class Route:
    """The line of an arrow; `label_at` is where its label begins."""

    arrow: Arrow
    points: Sequence[Point]
    label_at: Point | None = None
    is_two_way: bool = False
    dash_offset: float = 0


def routes(grid: Grid) -> Iterator[Route]:
    """Yield the route of every arrow; two that are opposite share one."""
    for arrow in grid.diagram.arrows:
        opposite = grid.diagram.arrow(arrow.target, arrow.source)
        if not opposite or arrow.id < opposite.id:
            yield replace(_route(grid, arrow), is_two_way=opposite is not None)


def _route(grid: Grid, arrow: Arrow) -> Route:
    """Return a route by what an arrow joins."""
    source, target = (grid.diagram.by_id[end] for end in (arrow.source, arrow.target))
    return next(route for applies, route in _ROUTES if applies(source, target))(grid, arrow)


def _upwards(grid: Grid, arrow: Arrow) -> Route:
    """Return the way to a box in the next column, one row higher."""
    a, b = grid.boxes[arrow.source], grid.boxes[arrow.target]
    x, y = (a.right + b.x) / 2, b.bottom - 12
    return Route(arrow=arrow, points=[(a.right, a.centre), (x, a.centre), (x, y), (b.x, y)])


def _straight(grid: Grid, arrow: Arrow) -> Route:
    return straight(arrow, grid.boxes[arrow.source], grid.boxes[arrow.target])


def straight(arrow: Arrow, a: Rect, b: Rect) -> Route:
    """Return the shortest line, horizontal or vertical, in the middle of what both have in common."""
    low, high = max(a.x, b.x), min(a.right, b.right)
    if low < high:
        x = (low + high) / 2
        ends = (a.bottom, b.y) if a.y < b.y else (a.y, b.bottom)
        label = (x + 5, (ends[0] + ends[1]) / 2 + 4)
        return Route(arrow=arrow, points=[(x, ends[0]), (x, ends[1])], label_at=label)
    y = (max(a.y, b.y) + min(a.bottom, b.bottom)) / 2
    width = text_width(arrow.label, LABEL)
    ends = (a.right, b.x) if a.x < b.x else (a.x, b.right)
    return Route(arrow=arrow, points=[(ends[0], y), (ends[1], y)], label_at=(sum(ends) / 2 - width / 2, y - 4))


def _from_users(grid: Grid, arrow: Arrow) -> Route:
    """Return a branch of the fork from the users."""
    users, target = grid.boxes[arrow.source], grid.boxes[arrow.target]
    frame = next(iter(grid.frames.values()))
    y = frame.y - 10
    points = [(users.middle, users.bottom + 2), (users.middle, y), (target.middle, y), (target.middle, target.y)]
    return Route(arrow=arrow, points=points, label_at=(users.middle + 8, users.bottom + 12))


def _fork(grid: Grid, arrow: Arrow) -> Route:
    """Return a branch of the fork from a name to the nodes of the load balancer."""
    name, node = grid.boxes[arrow.source], grid.boxes[arrow.target]
    # Beside the arrows of the other name.
    aside = 8 if arrow.kind == "after" else 0
    apart = 8 if any(each.kind == "after" for each in grid.diagram.arrows) else 0
    y, x = grid.frames["vpc"].y - 8 - aside / 1.5, node.middle + aside
    points = [(name.middle, name.bottom), (name.middle, y), (x, y), (x, node.y)]
    return Route(arrow=arrow, points=points, label_at=(node.middle + 5 + apart, grid.frames["vpc"].y + 34))


def _from_tasks(grid: Grid, arrow: Arrow) -> Route:
    """Return the way from the tasks of a zone: up to the NAT gateway, aside to endpoints, down to the data."""
    tasks, target = grid.boxes[arrow.source], grid.boxes[arrow.target]
    zone = grid.diagram.by_id[arrow.source].zone
    is_left = zone == 1
    # On the side of the outer column.
    outer = tasks.x + 14 if is_left else tasks.right - 14
    if target.bottom < tasks.y:
        y = grid.frames[f"private-{zone}"].y - GUTTER / 2
        points = [(outer, tasks.y), (outer, y), (target.middle, y), (target.middle, target.bottom)]
        return Route(arrow=arrow, points=points, label_at=_label(outer, y, is_left=is_left))
    if target.y < tasks.bottom:
        return _straight(grid, arrow)
    y = grid.frames[f"private-{zone}"].bottom + GUTTER / 2 + 2
    if target.x <= tasks.middle <= target.right:
        x = tasks.middle
        return Route(arrow=arrow, points=[(x, tasks.bottom), (x, target.y)], label_at=(x + 5, y + 2))
    is_inward = (target.x > tasks.x) == is_left
    start = tasks.right + tasks.x - outer if is_inward else outer
    end = target.right - 10 if target.x < tasks.x else target.x + 10
    points = [(start, tasks.bottom), (start, y), (end, y), (end, target.y)]
    return Route(arrow=arrow, points=points, label_at=_label(start, y, is_left=target.x < tasks.x))


def _label(x: float, y: float, *, is_left: bool) -> Point:
    """Return where a label begins above a line that leaves to one side."""
    return (x - 27, y - 3) if is_left else (x + 4, y - 3)


def _to_service(grid: Grid, arrow: Arrow) -> Route:
    """Return a branch of the bus from the endpoints to the region's services."""
    source, target = grid.boxes[arrow.source], grid.boxes[arrow.target]
    bus = grid.frames["vpc"].right + 9
    points = [(source.right, source.centre), (bus, source.centre), (bus, target.centre), (target.x, target.centre)]
    return Route(arrow=arrow, points=points)


def _copy(grid: Grid, arrow: Arrow) -> Route:
    """Return a branch of the bus between the region's services and their copies."""
    if grid.diagram.by_id[arrow.target].place == "data-across":
        return _straight(grid, arrow)
    own, copy = grid.boxes[arrow.source], grid.boxes[arrow.target]
    y = grid.frames["copies"].y - GUTTER / 2
    if own.x > LEFT + MAIN:
        bus = RIGHT + 7
        points = [(own.right, own.centre), (bus, own.centre), (bus, y), (copy.middle, y), (copy.middle, copy.y)]
        # Where they share the bus, the dashes of all lines are the same.
        return Route(arrow=arrow, points=points, dash_offset=(own.centre - (bus - own.right)) % DASHES)
    x = own.x + 12
    end = x if copy.x < x < copy.right else copy.middle
    return Route(arrow=arrow, points=[(x, own.bottom), (x, y), (end, y), (end, copy.y)])


# The first that applies to source and target. The last one always does.
_ROUTES: Sequence[tuple[Callable[[Box, Box], bool], Callable[[Grid, Arrow], Route]]] = (
    (lambda source, _: source.place == "users", _from_users),
    (lambda source, target: "copies" in (source.place, target.place), _copy),
    (lambda _, target: target.place == "services", _to_service),
    (lambda source, target: (source.place, target.place) == ("names", "public"), _fork),
    (lambda source, _: source.place == "private", _from_tasks),
    (lambda source, target: (source.id, target.id) == ("trail", "audit-archive"), _upwards),
    (lambda _, __: True, _straight),
)
