"""`taskflow emergency`: the document's five steps of emergency access.

1. The incident is declared.  2. The tech lead's approval is recorded.  3. The break-glass role is assumed, for an hour.
4. All actions are documented: `emergency end` collects them from CloudTrail.  5. It opens the review.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from operations.emergency.actions import DELIVERED_WITHIN, Call, calls_of
from operations.emergency.processes import Processes, SystemProcesses
from operations.emergency.review import ACCESS, review
from operations.frame.context import INCIDENT, Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.roles import AssumedRole, assume_role, person_of, require_own_login
from operations.incident.access import approver, require_open
from operations.incident.files import write_document
from operations.incident.partial import attempt
from operations.incident.record import Incident, IncidentStore, Kind, TimelineEntry, entry_of, incident_store

ACCESS_TITLE = "Emergency access"


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the person asks for; what is missing is asked for. An empty command is a shell."""

    approved_by: str = ""
    mfa_device: str | None = None
    command: Sequence[str] = ()


@dataclass(kw_only=True)
class _Recorder:
    """Reads and writes the incident with the caller's permissions, or else with the role's.

    A log-in may be allowed to assume roles and nothing else. Parameter Store may also be what is down: that is a
    warning, because break-glass is for such emergencies, and CloudTrail records its use in any case.
    """

    context: Context
    ticket: str
    store: IncidentStore
    incident: Incident | None = None
    pending: list[TimelineEntry] = field(default_factory=list[TimelineEntry])

    def read(self) -> None:
        """Read the incident; OperationError if it isn't declared, or has ended."""
        found = attempt(self.context, f"{self.ticket} can't be read", lambda: [self.store.find(self.ticket)])
        if found is not None:
            self.incident = require_open(self.ticket, found[0], ACCESS_TITLE)

    def write(self, entry: TimelineEntry) -> None:
        """Add an entry to the timeline, and those that couldn't be written before."""
        self.pending.append(entry)
        incident = self.incident
        if incident is None:
            return
        what = f"The timeline of {self.ticket} can't be written"
        if attempt(self.context, what, lambda: [self.store.add(incident, each) for each in self.pending]) is not None:
            self.pending.clear()

    def retry(self, assumed: AssumedRole) -> None:
        """Read and write with the role's permissions what the caller's couldn't."""
        if self.incident and not self.pending:
            return
        self.store = incident_store(self.context, assumed.aws(self.context.environment.region))
        if self.incident is None:
            self.read()
        if self.pending:
            self.write(self.pending.pop())


def start(context: Context, access: Access, processes: Processes | None = None) -> None:
    """Open a shell, or run a command, with the break-glass role; record who approved, who used it and when."""
    processes = processes or SystemProcesses()
    operation = Operation(context=context, action="emergency start", tickets=(INCIDENT,), is_emergency=True)
    with operation.running():
        ticket, role = operation.ticket or "", context.settings.roles.break_glass_role
        require_own_login(operation.principal, role)
        command = _command(access, processes)
        recorder = _Recorder(context=context, ticket=ticket, store=incident_store(context))
        recorder.read()
        approved_by = approver(context, access.approved_by, operation.principal, ACCESS_TITLE)
        operation.begin(
            f"emergency access as {role}",
            [
                f"record in {ticket} who approved it",
                f"assume {role} for an hour, which raises the alarm emergency-access",
                f"run {' '.join(command)} with its credentials",
            ],
        )
        recorder.write(entry_of(context, Kind.APPROVED, operation.principal, text=approved_by))
        assumed = assume_role(context, role, ticket=ticket, mfa_device=access.mfa_device)
        recorder.write(entry_of(context, Kind.ACCESS, operation.principal, text=role, until=assumed.expires_at))
        recorder.retry(assumed)
        _announce(context, role, assumed, operation.principal)
        try:
            processes.run(command, assumed.environment())
        finally:
            recorder.write(entry_of(context, Kind.LEFT, operation.principal, text=role))
            recorder.retry(assumed)
            _warn_of_pending(context, recorder)
        context.report.done(f"You left {role}; the credentials are valid until {assumed.expires_at:%H:%M} UTC")
        context.report.command(f"  Steps 4 and 5: {context.command('emergency end', ticket)}")
        context.report.values |= {"ticket": ticket, "role": role, "expiresAt": assumed.expires_at}


def _command(access: Access, processes: Processes) -> Sequence[str]:
    if not access.command and not processes.is_interactive():
        raise OperationError(
            "A shell needs a terminal",
            code=ExitCode.REFUSED,
            advice="Name a command after `--`:",
            command="taskflow emergency start … -- aws sts get-caller-identity",
        )
    command = access.command or processes.shell()
    processes.require(command)
    return command


def _announce(context: Context, role: str, assumed: AssumedRole, principal: str) -> None:
    report = context.report
    report.done(f"{role} for {person_of(principal)}, until {assumed.expires_at:%H:%M:%S} UTC")
    report.warning("Its use raises the alarm emergency-access, and CloudTrail records every call")
    note = context.command('incident note "…"', context.options.ticket)
    report.line("Document what you do; to leave: `exit`.")
    report.command(f"  {note}")


def _warn_of_pending(context: Context, recorder: _Recorder) -> None:
    for entry in recorder.pending:
        context.report.warning(
            f"Not recorded, write it down: {entry.at:%H:%M:%S} UTC, {entry.kind}, {entry.text}, by {entry.author}"
        )


# Steps 4 and 5.


def end(context: Context, output: Path | None) -> None:
    """Collect what was done with break-glass in the ticket's incident, and open the review."""
    operation = Operation(
        context=context, action="emergency end", tickets=(INCIDENT,), is_emergency=True, needs_confirmation=False
    )  # fmt: skip
    with operation.running():
        store = incident_store(context)
        incident = store.require(operation.ticket or "")
        role = context.settings.roles.break_glass_role
        path = output or Path(f"{incident.ticket}-emergency.md")
        operation.begin(
            f"review of {role} in {incident.ticket}",
            [f"collect the calls of {role}/{incident.ticket} from CloudTrail", f"write the review to {path}"],
        )
        # From the declaration: a killed `start` may have assumed the role without recording it.
        calls = calls_of(context, role, incident.ticket, since=incident.declared.at)
        if not calls and not any(each.kind in ACCESS for each in incident.entries):
            context.report.line(f"{role} wasn't used in {incident.ticket}: there is nothing to review.")
            return
        written = write_document(context, path, review(context, incident, role, calls))
        failed = sum(bool(each.error) for each in calls)
        summary = f"{len(calls)} calls, {failed} failed"
        store.add(incident, entry_of(context, Kind.REVIEWED, operation.principal, text=summary))
        context.report.done(f"Review: {written} ({summary})")
        context.report.line("Answer what is marked TO DO with the tech lead.")
        _warn_of_later_calls(context, incident, calls)
        context.report.values |= {
            "ticket": incident.ticket,
            "review": str(written),
            "calls": len(calls),
            "failed": failed,
        }


def _warn_of_later_calls(context: Context, incident: Incident, calls: Sequence[Call]) -> None:
    """Warn if CloudTrail may still deliver calls: within 15 minutes of the last use that is possible."""
    last = _last_use(context, incident, calls)
    complete_at = last + DELIVERED_WITHIN
    if context.clock.now() < complete_at:
        context.report.warning(
            f"Calls may be missing: CloudTrail delivers them within about 15 minutes. Run the same command again after "
            f"{complete_at:%H:%M} UTC"
        )


def _last_use(context: Context, incident: Incident, calls: Sequence[Call]) -> datetime:
    """Return the last time at which the role may have been used: when it was left, or until its credentials expire."""
    uses = [each.at for each in (*calls, *(entry for entry in incident.entries if entry.kind in ACCESS))]
    begun, left = ([each for each in incident.entries if each.kind is kind] for kind in (Kind.ACCESS, Kind.LEFT))
    if len(left) < len(begun):
        uses += [each.until for each in begun if each.until]
    return min(max(uses), context.clock.now())
