"""The timeline of an incident: its entries, the commands of its ticket, deployments, and changes of alarms."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import explained
from operations.frame.context import Context
from operations.frame.errors import OperationError
from operations.frame.log_search import equals, search
from operations.incident.record import Incident, Kind, TimelineEntry
from operations.incident.situation import LOOK_BACK
from operations.release.api import Api

ALARM = "ALARM"
SUMMARY = re.compile(r"from (\w+) to (\w+)")
# What these commands did is in the incident's own entries.
OWN_COMMANDS = ("incident ", "emergency ")
# Commands of other tickets that may be the cause.
CHANGES = ("release", "rollback")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line: when, from where it is known, and what."""

    at: datetime
    source: str
    text: str
    # Whether it shows that a person works on the incident.
    is_response: bool = False


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The lines, the oldest first, and what couldn't be read."""

    lines: Sequence[Line]
    missing: Sequence[str]

    def response(self, incident: Incident) -> Line | None:
        """Return the first note or command after the declaration."""
        return next((each for each in self.lines if each.is_response and each.at >= incident.declared.at), None)


def read_timeline(context: Context, incident: Incident) -> Timeline:
    """Return the timeline from two hours before the declaration to the end; sources that can't be read are missing."""
    since = incident.declared.at - LOOK_BACK
    until = incident.ended.at if incident.ended else context.clock.now()
    lines = [_line_of(entry) for entry in incident.timeline]
    missing: list[str] = []
    sources: tuple[tuple[str, Callable[[], Iterator[Line]]], ...] = (
        ("the audit log (commands)", lambda: _commands(context, incident.ticket, since, until)),
        ("ECS (deployments)", lambda: _deployments(context, since, until)),
        ("CloudWatch (alarms)", lambda: _alarm_changes(context, since, until)),
    )
    for name, read in sources:
        try:
            lines += sorted(read(), key=lambda each: (each.at, each.text))
        except (BotoCoreError, ClientError, OperationError) as error:
            problem = error if isinstance(error, OperationError) else explained(error, context.environment.region)
            missing.append(f"{name}: {problem.message}")
            context.report.warning(f"Not in the timeline: {missing[-1]}")
    # Of the same second, the entries first and in their order: sorted() is stable.
    return Timeline(lines=sorted(lines, key=lambda each: each.at), missing=missing)


def describe(entry: TimelineEntry) -> str:
    """Return an entry in words."""
    until = f" until {entry.until:%H:%M:%S} UTC" if entry.until else ""
    texts = {
        Kind.DECLARED: f"declared as {entry.severity}: {entry.text}",
        Kind.SEVERITY: f"severity changed to {entry.severity}",
        Kind.NOTE: entry.text,
        Kind.APPROVED: f"emergency access approved by {entry.text}",
        Kind.ACCESS: f"emergency access as {entry.text}{until}",
        Kind.LEFT: f"emergency access as {entry.text} left",
        Kind.DATABASE_APPROVED: f"database access approved by {entry.text}",
        Kind.DATABASE_ACCESS: f"database access as {entry.text}{until}",
        Kind.DATABASE_LEFT: "database access ended",
        Kind.RECOVERY_APPROVED: f"promotion of dr approved by {entry.text}",
        Kind.FAILBACK_APPROVED: f"failback to production approved by {entry.text}",
        Kind.REVIEWED: f"emergency access reviewed: {entry.text}",
        Kind.ENDED: "ended",
    }
    return texts[entry.kind]


def _line_of(entry: TimelineEntry) -> Line:
    is_response = entry.kind in {Kind.NOTE, Kind.ACCESS, Kind.DATABASE_ACCESS}
    return Line(at=entry.at, source=entry.author, text=describe(entry), is_response=is_response)


def _commands(context: Context, ticket: str, since: datetime, until: datetime) -> Iterator[Line]:
    """Return the commands with this ticket, and releases and rollbacks with another one."""
    conditions = [equals("$.ticket", ticket), *(equals("$.action", action) for action in CHANGES)]
    pattern = f"{{ {equals('$.event_type', 'operation')} && ({' || '.join(conditions)}) }}"
    for event in search(
        context.aws, context.environment.audit_log_group_name, pattern, since=since, until=until
    ):  # fmt: skip
        fields = event.fields
        action, stack = str(fields.get("action", "")), fields.get("stack")
        if action.startswith(OWN_COMMANDS) or stack not in {None, context.environment.stack}:
            continue
        reason = f": {fields['reason']}" if fields.get("reason") else ""
        is_own = fields.get("ticket") == ticket
        other = "" if is_own else f" ({fields.get('ticket')})"
        text = f"{fields.get('target') or action}: {fields.get('outcome')}{reason}{other}"
        yield Line(at=event.at, source="command", text=text, is_response=is_own)


def _deployments(context: Context, since: datetime, until: datetime) -> Iterator[Line]:
    """Return the service's deployments, from ECS: also those that no command has recorded."""
    api = Api(context=context)
    for deployment in api.service.deployments():
        if deployment.created_at < since:
            return
        if deployment.created_at > until:
            continue
        definition = api.definition_of(deployment.target)
        name = api.definitions.read(definition).name if definition else "an unknown revision"
        status = deployment.status.lower().replace("_", " ")
        yield Line(at=deployment.created_at, source="ECS", text=f"deployment of {name} began; now {status}")


def _alarm_changes(context: Context, since: datetime, until: datetime) -> Iterator[Line]:
    """Return when alarms of the stack went on and off. Without AlarmTypes CloudWatch omits composite alarms."""
    paginator: Any = context.aws.cloudwatch.get_paginator("describe_alarm_history")
    for page in paginator.paginate(
        AlarmTypes=["CompositeAlarm", "MetricAlarm"], HistoryItemType="StateUpdate", StartDate=since, EndDate=until,
        ScanBy="TimestampAscending",
    ):  # fmt: skip
        for item in page["AlarmHistoryItems"]:
            states = _states(item)
            if item["AlarmName"].startswith(f"{context.environment.name}-") and ALARM in states:
                state = "on" if states[1] == ALARM else "off"
                yield Line(at=item["Timestamp"], source="alarm", text=f"{item['AlarmName']} went {state}")


def _states(item: dict[str, Any]) -> tuple[str, str]:
    """Return the state before and after a change, from CloudWatch's JSON about it.

    It may be cut off at 4,095 characters: then from its summary, such as `Alarm updated from OK to ALARM`.
    """
    try:
        data: dict[str, dict[str, str]] = json.loads(item.get("HistoryData", ""))
    except ValueError:
        found = SUMMARY.search(item.get("HistorySummary", ""))
        return (found[1], found[2]) if found else ("", "")
    before, after = (data.get(name, {}).get("stateValue", "") for name in ("oldState", "newState"))
    return before, after
