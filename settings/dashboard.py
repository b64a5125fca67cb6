"""Key Metrics: the dashboard's name, and what two of its twelve metrics count by."""

from typing import Annotated

from pydantic import Field

from settings.base import Block
from settings.values import Text, Whole

NAME = Text(
    name="name",
    allowed="a name of 1 to 255 letters, digits, hyphens and underscores",
    pattern="[A-Za-z0-9_-]{1,255}",
)


class ActiveUsers(Block):
    """Where the application counts its active users; docs/application-metrics.md says how it writes them."""

    namespace: Annotated[
        str,
        Text(
            name="namespace",
            allowed="a namespace of your own: 1 to 255 letters, digits and . - _ / #, not beginning with AWS/",
            pattern="(?!AWS/)[A-Za-z0-9._/#-]{1,255}",
        ),
    ] = Field(description="The metric's namespace. Source: Key Metrics, Active Users.")
    metric: Annotated[
        str, Text(name="metric", allowed="a metric's name: 1 to 255 letters and digits", pattern="[A-Za-z0-9]{1,255}")
    ] = Field(description="The metric's name. Source: Key Metrics, Active Users.")


class Dashboard(Block):
    """The dashboard of one stack."""

    name: Annotated[str, NAME] = Field(description="The dashboard's name. Source: Key Metrics.")
    apdex_target: Annotated[int, Whole(name="milliseconds", allowed="50 to 10000 ms", minimum=50, maximum=10_000)] = (
        Field(
            description="Milliseconds within which an answer satisfies; within four times as many it is tolerated. "
            "Source: Key Metrics, Apdex; the figure is that of the alert on P95."
        )
    )
    uptime_days: Annotated[int, Whole(name="days", allowed="1 to 60 days", minimum=1, maximum=60)] = Field(
        description="Days over which the uptime is counted; CloudWatch keeps five-minute figures for 63. Source: Key "
        "Metrics, Uptime."
    )
    active_users: ActiveUsers = Field(description="The application's own count. Source: Key Metrics, Active Users.")
