"""Alert Configuration: what people are told of, from when on, how urgently, and where."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from settings.base import Block
from settings.values import Text, Whole, Word

# The document's words.
SeverityName: TypeAlias = Literal["Critical", "High", "Warning"]
Severity: TypeAlias = Annotated[SeverityName, Word.of("severity", "Critical", "High", "Warning")]
Channel: TypeAlias = Annotated[Literal["PagerDuty", "Slack"], Word.of("channel", "PagerDuty", "Slack")]
Percent: TypeAlias = Annotated[int, Whole(name="percent", allowed="1 to 100 percent", minimum=1, maximum=100)]
Minutes: TypeAlias = Annotated[int, Whole(name="minutes", allowed="1 to 60 minutes", minimum=1, maximum=60)]

SEVERITY = "How urgent it is. Source: Alert Configuration, Severity."
MINUTES = "For so many minutes, all of them. Source: Alert Configuration, Threshold."


def _no_day(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "the calendar has no such day"
    return None


class ShareAlert(Block):
    """An alert on a share: of requests, of a task's CPU, of connections."""

    threshold: Percent = Field(description="Percent above which it fires. Source: Alert Configuration, Threshold.")
    minutes: Minutes = Field(description=MINUTES)
    severity: Severity = Field(description=SEVERITY)


class LatencyAlert(Block):
    """The alert on slow requests."""

    threshold: Annotated[
        int, Whole(name="milliseconds", allowed="1 to 60000 milliseconds", minimum=1, maximum=60_000)
    ] = Field(description="Milliseconds above which it fires. Source: Alert Configuration, Threshold.")
    minutes: Minutes = Field(description=MINUTES)
    severity: Severity = Field(description=SEVERITY)


class HealthAlert(Block):
    """The alert on tasks that are ill, too few or silent."""

    minutes: Minutes = Field(description=MINUTES)
    severity: Severity = Field(description=SEVERITY)


class CertificateAlert(Block):
    """The alert on certificates that run out."""

    days: Annotated[int, Whole(name="days", allowed="1 to 60 days", minimum=1, maximum=60)] = Field(
        description="Days left below which it fires; AWS renews from 60 days on. Source: Alert Configuration, SSL "
        "Expiry."
    )
    severity: Severity = Field(description=SEVERITY)


class Routes(Block):
    """Who is told, by severity."""

    critical: Channel = Field(
        alias="Critical", description="Who is told of what is critical. Source: Alert Configuration, Notification."
    )
    high: Channel = Field(
        alias="High", description="Who is told of what is urgent. Source: Alert Configuration, Notification."
    )
    warning: Channel = Field(
        alias="Warning", description="Who is told of a warning. Source: Alert Configuration, Notification."
    )


class Slack(Block):
    """The channel that is told; its workspace is authorised once, by hand."""

    workspace: Annotated[
        str,
        Text(name="workspace", allowed="a workspace's id, such as T0123456789", pattern="T[A-Z0-9]{8,20}"),
    ] = Field(description="The id of the workspace. Source: Alert Configuration, Slack.")
    channel: Annotated[
        str,
        Text(name="channel's id", allowed="a channel's id, such as C0123456789", pattern="[CG][A-Z0-9]{8,20}"),
    ] = Field(description="The id of the stack's own channel. Source: Alert Configuration, Slack.")
    region: Annotated[str, Word.of("region", "us-west-2", "us-east-2", "eu-west-1", "ap-southeast-1")] = Field(
        description="Where the configuration is kept: few regions have its API. Source: AWS, chat applications."
    )


class Alerts(Block):
    """The document's alerts, by its names."""

    error_rate: ShareAlert = Field(description="Requests that fail. Source: Alert Configuration, Error Rate.")
    p95_latency: LatencyAlert = Field(
        alias="p95Latency", description="Slow requests. Source: Alert Configuration, P95 Latency."
    )
    service_down: HealthAlert = Field(
        description="Any task that is unhealthy. Source: Alert Configuration, Service Down."
    )
    cpu_high: ShareAlert = Field(description="The tasks' CPU. Source: Alert Configuration, CPU High.")
    memory_high: ShareAlert = Field(description="The tasks' memory. Source: Alert Configuration, Memory High.")
    db_connections: ShareAlert = Field(
        description="Connections, of rds.maxConnections. Source: Alert Configuration, DB Connections."
    )
    disk_space: ShareAlert = Field(
        description="Used space of the databases' disks. Source: Alert Configuration, Disk Space."
    )
    ssl_expiry: CertificateAlert = Field(
        description="Certificates that run out. Source: Alert Configuration, SSL Expiry."
    )
    routes: Routes = Field(description="Who is told. Source: Alert Configuration, Notification.")
    slack: Slack = Field(description="The channel in Slack. Source: Alert Configuration, Slack.")
    runbooks: Annotated[
        str,
        Text(
            name="address",
            allowed="an https address without a slash at its end",
            pattern="https://[a-z0-9][a-z0-9.-]{0,60}(?:/[A-Za-z0-9._-]{1,40}){0,8}",
        ),
    ] = Field(description="Where the runbooks can be read, one page an alarm. Source: Incident Response.")
    silent_until: Annotated[
        str | None,
        Text(
            name="date",
            allowed='a date in quotes, such as "2026-12-01"',
            pattern="20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
            complaint=_no_day,
        ),
    ] = Field(
        default=None,
        description="Until when nobody is told of what the placeholder sets off; before a first release only. A policy "
        "refuses a day that is past, or more than 14 days ahead. Source: Incident Response.",
    )
