"""Broken values of the dashboard."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import Breakage, Rows, block, number, text

DASHBOARD = "taskflow:dashboard"
USERS = f"{DASHBOARD}.activeUsers"

_ROWS: Sequence[Rows] = (
    block(
        DASHBOARD,
        "taskflow:dashbord",
        "a block of name",
        *(f"{DASHBOARD}.{name}" for name in ("activeUsers", "apdexTarget", "name", "uptimeDays")),
        message="50 to 10000 ms",
    ),
    text(f"{DASHBOARD}.name", "names", "1 to 255 letters, digits", "task flow", "a" * 256, ""),
    number(f"{DASHBOARD}.apdexTarget", "apdextarget", "50 to 10000 ms", 0, 49, 10_001),
    number(f"{DASHBOARD}.uptimeDays", "uptime", "1 to 60 days", 0, 61),
    block(
        USERS,
        "activeUser",
        "a block of namespace",
        *(f"{USERS}.{name}" for name in ("metric", "namespace")),
        message="a ",
    ),
    text(f"{USERS}.namespace", "namespaces", "a namespace: 1 to 255", "AWS/ECS", "Task Flow", ""),
    text(f"{USERS}.metric", "metrics", "1 to 255 letters and digits", "Active Users", "active-users", ""),
)

DASHBOARD_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)
