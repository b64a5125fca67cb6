"""Broken values of the dashboard."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

DASHBOARD = "taskflow:dashboard"
USERS = f"{DASHBOARD}.activeUsers"

ROWS: Sequence[Rows] = (
    rejected(f"{DASHBOARD}.name", "1 to 255 letters, digits", "task flow", "a" * 256, ""),
    rejected(f"{USERS}.namespace", "a namespace: 1 to 255", "AWS/ECS", "Task Flow", ""),
    rejected(f"{USERS}.metric", "1 to 255 letters and digits", "Active Users", "active-users", ""),
)
