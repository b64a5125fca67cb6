"""Key Metrics: the dashboard's name, and the settings of three of its twelve metrics."""

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block
from settings.values import Allowed, Unit, reject_if

Name: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9_-]{1,255}$"),
    Allowed("a name of 1 to 255 letters, digits, hyphens and underscores"),
]


def _reserved_namespace(name: str) -> str | None:
    return "the prefix AWS/ is reserved for AWS" if name.startswith("AWS/") else None


class ActiveUsers(Block):
    """The application's metric of active users; docs/application-metrics.md describes how it is written."""

    namespace: Annotated[
        str,
        StringConstraints(pattern="^[A-Za-z0-9._/#-]{1,255}$"),
        reject_if(_reserved_namespace),
        Field(json_schema_extra={"not": {"pattern": "^AWS/"}}),
        Allowed("a namespace: 1 to 255 letters, digits and . - _ / #, not starting with AWS/"),
    ] = Field(description="Namespace of the metric. Source: Key Metrics, Active Users.")
    metric: Annotated[
        str, StringConstraints(pattern="^[A-Za-z0-9]{1,255}$"), Allowed("a metric's name: 1 to 255 letters and digits")
    ] = Field(description="Name of the metric. Source: Key Metrics, Active Users.")


class Dashboard(Block):
    """The dashboard of one stack."""

    name: Name = Field(description="Name of the dashboard. Source: Key Metrics.")
    apdex_target: Annotated[int, Field(ge=50, le=10_000), Unit("ms")] = Field(
        description="Milliseconds within which a response satisfies; within four times as many it is tolerated. "
        "Source: Key Metrics, Apdex; the figure is that of the alert on P95."
    )
    uptime_days: Annotated[int, Field(ge=1, le=60), Unit("days")] = Field(
        description="Days over which the uptime is calculated; CloudWatch keeps five-minute data for 63. Source: Key "
        "Metrics, Uptime."
    )
    active_users: ActiveUsers = Field(
        description="The application's metric of active users. Source: Key Metrics, Active Users."
    )
