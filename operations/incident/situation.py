"""What is known when an incident begins: alarms with their runbooks, releases, a running deployment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from operations.frame.context import Context
from operations.incident.partial import attempt
from operations.release.record import Release, record_store
from operations.release.service import EcsService

if TYPE_CHECKING:
    from operations.release.service import Deployment

RELEASES = 3
# An alarm that has been on for longer isn't what the incident began with.
LOOK_BACK = timedelta(hours=2)
RUNBOOK = "Runbook: "


@dataclass(frozen=True, kw_only=True)
class ActiveAlarm:
    """An alarm that is on. Its description's lines are text, severity, runbook and first command."""

    name: str
    since: datetime
    description: Sequence[str]

    @property
    def runbook(self) -> str:
        """The address of its runbook, from its own description."""
        found = (line for line in self.description if line.startswith(RUNBOOK))
        return next(found, "").removeprefix(RUNBOOK)

    @property
    def text(self) -> str:
        """What happened."""
        return self.description[0] if self.description else ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What could be read; None for what AWS didn't answer."""

    alarms: Sequence[ActiveAlarm] | None
    releases: Sequence[Release] | None
    deployment: "Deployment | None"

    def detected_at(self, now: datetime) -> datetime | None:
        """Return when the first of the alarms that are on began, of those of the last two hours."""
        return min((each.since for each in self.alarms or () if now - each.since <= LOOK_BACK), default=None)


def read_situation(context: Context) -> Situation:
    """Return what is known now; what can't be read is a warning."""
    return Situation(
        alarms=read_alarms(context),
        releases=attempt(context, "The release record can't be read", lambda: _releases(context)),
        deployment=attempt(context, "The service's deployments can't be read", lambda: _deployment(context)),
    )


def read_alarms(context: Context) -> Sequence[ActiveAlarm] | None:
    """Return the stack's alarms that are on; None, with a warning, if they can't be read."""
    return attempt(context, "The alarms can't be read", lambda: _alarms(context))


def show_situation(context: Context, situation: Situation) -> None:
    """Print alarms, releases and a running deployment."""
    report = context.report
    if situation.alarms is not None:
        report.line()
        report.line(f"Alarms that are on: {len(situation.alarms) or 'none'}", "bold")
        for alarm in situation.alarms:
            report.bullet(f"{alarm.name} since {alarm.since:%Y-%m-%d %H:%M} UTC. {alarm.text}")
            if alarm.runbook:
                report.command(f"    {alarm.runbook}")
    if situation.releases is not None:
        report.line()
        report.line("Last releases" if situation.releases else "No release yet", "bold")
        for release in situation.releases:
            report.bullet(f"{release.version}, {release.at:%Y-%m-%d %H:%M} UTC, {release.state}, {release.ticket}")
    if situation.deployment:
        began = f"{situation.deployment.created_at:%H:%M} UTC"
        report.warning(f"A deployment is running since {began}: it may be the cause. `taskflow rollback` stops it")
    report.values |= {
        "alarms": [
            {"name": each.name, "since": each.since, "runbook": each.runbook} for each in situation.alarms or ()
        ],
        "releases": [
            {"version": each.version, "at": each.at, "state": each.state} for each in situation.releases or ()
        ],
        "isDeploying": situation.deployment is not None,
    }


def _alarms(context: Context) -> Sequence[ActiveAlarm]:
    """Return the stack's alarms that are on, the newest last. Without AlarmTypes CloudWatch omits composite alarms."""
    paginator: Any = context.aws.cloudwatch.get_paginator("describe_alarms")
    pages = paginator.paginate(
        AlarmNamePrefix=f"{context.environment.name}-", StateValue="ALARM", AlarmTypes=["CompositeAlarm", "MetricAlarm"]
    )
    found: list[ActiveAlarm] = [
        ActiveAlarm(
            name=alarm["AlarmName"],
            # Metric and description may change while an alarm is on: the transition is when it began.
            since=alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"],
            description=alarm.get("AlarmDescription", "").splitlines(),
        )
        for page in pages
        for kind in ("CompositeAlarms", "MetricAlarms")
        for alarm in page.get(kind, [])
    ]
    return sorted(found, key=lambda each: each.since)


def _releases(context: Context) -> Sequence[Release]:
    return record_store(context.aws, context.environment).load().releases[:RELEASES]


def _deployment(context: Context) -> "Deployment | None":
    settings = context.settings.service
    service = EcsService(context.aws, cluster=settings.cluster, name=settings.name)
    newest = service.newest_deployment()
    return newest if newest and not newest.is_over else None
