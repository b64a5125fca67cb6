"""Alert Configuration: thresholds, severities and notification channels of the document's alerts."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block
from settings.values import Allowed, NotNull, Unit, reject_if

# The document's words.
SeverityName: TypeAlias = Literal["Critical", "High", "Warning"]
Channel: TypeAlias = Literal["PagerDuty", "Slack"]
Percent: TypeAlias = Annotated[int, Field(ge=1, le=100), Unit("percent")]
Minutes: TypeAlias = Annotated[int, Field(ge=1, le=60), Unit("minutes")]

SEVERITY = "Severity of the alert. Source: Alert Configuration, Severity."
MINUTES = "Minutes in a row that breach the threshold. Source: Alert Configuration, Threshold."


def _no_such_day(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "the calendar has no such day"
    return None


Date: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"),
    reject_if(_no_such_day),
    Allowed('a date in quotes, such as "2026-12-01"'),
]


class ShareAlert(Block):
    """An alert on a share: of requests, of a task's CPU, of connections."""

    threshold: Percent = Field(description="Threshold in percent. Source: Alert Configuration, Threshold.")
    minutes: Minutes = Field(description=MINUTES)
    severity: SeverityName = Field(description=SEVERITY)


class LatencyAlert(Block):
    """The alert on slow requests."""

    threshold: Annotated[int, Field(ge=1, le=60_000), Unit("milliseconds")] = Field(
        description="Threshold in milliseconds. Source: Alert Configuration, Threshold."
    )
    minutes: Minutes = Field(description=MINUTES)
    severity: SeverityName = Field(description=SEVERITY)


class HealthAlert(Block):
    """The alert on unhealthy, missing or unreported tasks."""

    minutes: Minutes = Field(description=MINUTES)
    severity: SeverityName = Field(description=SEVERITY)


class CertificateAlert(Block):
    """The alert on expiring certificates."""

    days: Annotated[int, Field(ge=1, le=60), Unit("days")] = Field(
        description="Days before expiry; AWS starts to renew 60 days before. Source: Alert Configuration, SSL Expiry."
    )
    severity: SeverityName = Field(description=SEVERITY)


class Routes(Block):
    """The notification channel of each severity."""

    critical: Channel = Field(
        alias="Critical", description="Channel of critical alerts. Source: Alert Configuration, Notification."
    )
    high: Channel = Field(
        alias="High", description="Channel of alerts of high severity. Source: Alert Configuration, Notification."
    )
    warning: Channel = Field(
        alias="Warning", description="Channel of warnings. Source: Alert Configuration, Notification."
    )


class Slack(Block):
    """The Slack channel for notifications; its workspace is authorized once, by hand."""

    workspace: Annotated[
        str, StringConstraints(pattern="^T[A-Z0-9]{8,20}$"), Allowed("a workspace's id, such as T0123456789")
    ] = Field(description="Id of the workspace. Source: Alert Configuration, Slack.")
    channel: Annotated[
        str, StringConstraints(pattern="^[CG][A-Z0-9]{8,20}$"), Allowed("a channel's id, such as C0123456789")
    ] = Field(description="Id of the stack's channel. Source: Alert Configuration, Slack.")
    region: Literal["us-west-2", "us-east-2", "eu-west-1", "ap-southeast-1"] = Field(
        description="Region of the channel configuration: few regions have its API. Source: AWS, chat applications."
    )


class Alerts(Block):
    """The document's alerts, by its names."""

    error_rate: ShareAlert = Field(
        description="Alert on the share of failed requests. Source: Alert Configuration, Error Rate."
    )
    p95_latency: LatencyAlert = Field(
        alias="p95Latency", description="Alert on slow requests. Source: Alert Configuration, P95 Latency."
    )
    service_down: HealthAlert = Field(
        description="Alert on unhealthy tasks. Source: Alert Configuration, Service Down."
    )
    cpu_high: ShareAlert = Field(description="Alert on the tasks' CPU. Source: Alert Configuration, CPU High.")
    memory_high: ShareAlert = Field(description="Alert on the tasks' memory. Source: Alert Configuration, Memory High.")
    db_connections: ShareAlert = Field(
        description="Alert on connections, as a share of rds.maxConnections. Source: Alert Configuration, DB "
        "Connections."
    )
    disk_space: ShareAlert = Field(
        description="Alert on used disk space of the databases. Source: Alert Configuration, Disk Space."
    )
    ssl_expiry: CertificateAlert = Field(
        description="Alert on expiring certificates. Source: Alert Configuration, SSL Expiry."
    )
    routes: Routes = Field(
        description="Notification channel of each severity. Source: Alert Configuration, Notification."
    )
    slack: Slack = Field(description="Slack channel for notifications. Source: Alert Configuration, Slack.")
    runbooks: Annotated[
        str,
        StringConstraints(pattern="^https://[a-z0-9][a-z0-9.-]{0,60}(?:/[A-Za-z0-9._-]{1,40}){0,8}$"),
        Allowed("an https URL without a trailing slash"),
    ] = Field(description="URL of the runbooks, one page per alarm. Source: Incident Response.")
    silent_until: Annotated[Date | None, NotNull()] = Field(
        default=None,
        description="Date until which alarms that the placeholder triggers send no notification; only before the first "
        "release. A policy rejects a past date, or one more than 14 days ahead. Source: Incident Response.",
    )
