"""The record of incidents: an SSM parameter for each entry, so that two people can write at once.

    /taskflow/production/incident/incident-12345           how it was declared
    /taskflow/production/incident/incident-12345/<time>…   an entry of its timeline
    /taskflow/production/incident/incident-12345/end       how it ended

No parameter is ever overwritten. Free text and people's names are here only, not in the audit log.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from components.shared.environment import Environment
from operations.frame.aws import Aws
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.report import Report
from operations.frame.roles import person_of
from operations.frame.store import MAX_LENGTH, Entry
from operations.incident.severity import Severity

# The same entry of the same person within so long is the repetition of a command whose answer was lost.
REPEATED_WITHIN = timedelta(minutes=10)
END = "end"


class Kind(StrEnum):
    """What an entry is about."""

    DECLARED = "declared"
    SEVERITY = "severity"
    NOTE = "note"
    APPROVED = "emergency approved"
    ACCESS = "emergency access"
    LEFT = "emergency access left"
    REVIEWED = "emergency reviewed"
    RECOVERY_APPROVED = "recovery approved"
    FAILBACK_APPROVED = "failback approved"
    DATABASE_APPROVED = "database access approved"
    DATABASE_ACCESS = "database access"
    DATABASE_LEFT = "database access left"
    ENDED = "ended"


# What a second run of a command may write again; the others differ in their time, or aren't written twice.
REPEATABLE = frozenset(
    {
        Kind.NOTE, Kind.APPROVED, Kind.DATABASE_APPROVED, Kind.RECOVERY_APPROVED, Kind.FAILBACK_APPROVED,
        Kind.REVIEWED,
    }
)  # fmt: skip


class TimelineEntry(Entry):
    """An entry. `text`: a title, a note, a role, or who approved; `until`: of access, the end of its credentials."""

    kind: Kind
    at: datetime
    author: str
    text: str = ""
    severity: Severity | None = None
    # When the first of the alarms began that were on at the declaration.
    detected_at: datetime | None = None
    until: datetime | None = None

    def repeats(self, other: "TimelineEntry") -> bool:
        """Whether it says the same as another one of the same person shortly before."""
        is_soon = timedelta() <= self.at - other.at <= REPEATED_WITHIN
        mine, others = ((each.kind, each.author, each.text) for each in (self, other))
        return is_soon and mine == others and self.kind in REPEATABLE


@dataclass(frozen=True, kw_only=True)
class Incident:
    """An incident: its ticket, how it was declared, and the other entries, the oldest first."""

    ticket: str
    declared: TimelineEntry
    entries: Sequence[TimelineEntry]

    @property
    def timeline(self) -> Sequence[TimelineEntry]:
        """All entries, the oldest first."""
        return sorted((self.declared, *self.entries), key=lambda each: each.at)

    @property
    def ended(self) -> TimelineEntry | None:
        """The entry of its end; None while it is open."""
        return next((each for each in self.entries if each.kind is Kind.ENDED), None)

    @property
    def severity(self) -> Severity:
        """Its severity now."""
        levels = [each.severity for each in self.timeline if each.severity]
        return levels[-1] if levels else Severity.SEV1

    @property
    def title(self) -> str:
        """What it is about."""
        return self.declared.text


class IncidentStore:
    """The incidents of one stack."""

    def __init__(self, aws: Aws, environment: Environment, report: Report) -> None:
        self._ssm = aws.ssm
        self._report = report
        self.path = f"/{environment.application}/{environment.stack}/incident"

    def find(self, ticket: str) -> Incident | None:
        """Return an incident; None if it isn't declared."""
        name = f"{self.path}/{ticket}"
        try:
            value = self._ssm.get_parameter(Name=name)["Parameter"].get("Value", "")
        except self._ssm.exceptions.ParameterNotFound:
            return None
        declared = self._entry(name, value)
        if declared is None:
            raise OperationError(f"The record {name} is invalid", command=f"aws ssm get-parameter --name {name}")
        entries = [entry for _, entry in self._below(name)]
        return Incident(ticket=ticket, declared=declared, entries=sorted(entries, key=lambda each: each.at))

    def require(self, ticket: str) -> Incident:
        """Return an incident; OperationError if it isn't declared."""
        incident = self.find(ticket)
        if incident is None:
            raise OperationError(
                f"{ticket} isn't declared as an incident",
                code=ExitCode.REFUSED,
                advice="Declare it:",
                command=f'taskflow incident start --severity SEV1 "what is broken" --ticket {ticket}',
            )
        return incident

    def open_incidents(self) -> Sequence[Incident]:
        """Return the incidents that haven't ended, the newest first."""
        declared = {name.rpartition("/")[2]: entry for name, entry in self._below(self.path)}
        found = [self.find(ticket) for ticket in declared if not self._has_ended(ticket)]
        return sorted(filter(None, found), key=lambda each: each.declared.at, reverse=True)

    def declare(self, ticket: str, entry: TimelineEntry) -> TimelineEntry:
        """Record an incident; return how it was declared, if another command has recorded it meanwhile."""
        return self._put(f"{self.path}/{ticket}", entry)

    def end(self, ticket: str, entry: TimelineEntry) -> TimelineEntry:
        """Record the end of an incident; return the end that was recorded first."""
        return self._put(f"{self.path}/{ticket}/{END}", entry)

    def add(self, incident: Incident, entry: TimelineEntry) -> bool:
        """Add an entry to the timeline; return whether it is new, not a repetition."""
        if any(entry.repeats(each) for each in incident.entries):
            return False
        digest = hashlib.sha256(f"{entry.kind}/{entry.author}/{entry.text}/{entry.severity}".encode()).hexdigest()[:8]
        # Names of parameters contain no colons (Parameter Store, naming constraints).
        self._put(f"{self.path}/{incident.ticket}/{entry.at:%Y%m%dT%H%M%S.%f}-{digest}", entry)
        return True

    def _has_ended(self, ticket: str) -> bool:
        try:
            self._ssm.get_parameter(Name=f"{self.path}/{ticket}/{END}")
        except self._ssm.exceptions.ParameterNotFound:
            return False
        return True

    def _below(self, path: str) -> Iterator[tuple[str, TimelineEntry]]:
        """Return the valid entries directly below a path by name. A page holds ten, and may be empty."""
        more: dict[str, Any] = {}
        while True:
            answer = self._ssm.get_parameters_by_path(Path=path, **more)
            for parameter in answer["Parameters"]:
                name = parameter.get("Name", "")
                entry = self._entry(name, parameter.get("Value", ""))
                if entry:
                    yield name, entry
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer.get("NextToken")}

    def _entry(self, name: str, value: str) -> TimelineEntry | None:
        """Return an entry; one that can't be read must not hide the others."""
        try:
            return TimelineEntry.model_validate_json(value)
        except ValidationError as error:
            self._report.warning(f"The entry {name} is invalid and left out: {error.errors()[0]['msg']}")
            return None

    def _put(self, name: str, entry: TimelineEntry) -> TimelineEntry:
        """Write an entry; return the one that has the name already."""
        try:
            self._ssm.put_parameter(Name=name, Value=_value(entry), Type="String", Overwrite=False)
        except self._ssm.exceptions.ParameterAlreadyExists:
            found = self._entry(name, self._ssm.get_parameter(Name=name)["Parameter"].get("Value", ""))
            return found or entry
        return entry


def incident_store(context: Context, aws: Aws | None = None) -> IncidentStore:
    """Return the store of the stack's incidents, read and written by these clients or by the command's."""
    return IncidentStore(aws or context.aws, context.environment, context.report)


def entry_of(context: Context, kind: Kind, principal: str, **values: Any) -> TimelineEntry:
    """Return an entry of now; its author is the person who calls, or the role whose session bears the ticket's name."""
    return TimelineEntry(kind=kind, at=context.clock.now(), author=person_of(principal), **values)


def _value(entry: TimelineEntry) -> str:
    """Return an entry as a parameter's value; OperationError if it is too long.

    Parameter Store rejects values that contain `{{…}}`, which a note may quote: opening braces of texts are escaped.
    """
    text = entry.model_dump_json(exclude_defaults=True)
    value = text[0] + text[1:].replace("{", r"\u007b")
    size = len(value.encode())
    if size > MAX_LENGTH:
        raise OperationError(
            f"The text is too long: {size} bytes with its time and author; an entry holds {MAX_LENGTH}",
            code=ExitCode.USAGE,
            advice=f"Shorten it by {size - MAX_LENGTH} bytes, or write it as several notes.",
        )
    return value
