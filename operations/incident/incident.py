"""`taskflow incident`: declare, note, show and end an incident. Section: Incident Response (Incident Process)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.frame.context import INCIDENT, Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.incident.files import write_document
from operations.incident.partial import attempt
from operations.incident.post_mortem import post_mortem, response_due
from operations.incident.record import Incident, IncidentStore, Kind, TimelineEntry, entry_of, incident_store
from operations.incident.severity import MEANINGS, Severity, in_words, response_time
from operations.incident.situation import Situation, read_alarms, read_situation, show_situation
from operations.incident.timeline import read_timeline


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the person who declares an incident says; what is missing is asked for."""

    severity: Severity | None = None
    title: str = ""


def _operation(context: Context, action: str) -> Operation:
    """Return the operation of a command that changes only the incident's record: it doesn't ask, and always runs."""
    return Operation(
        context=context, action=action, tickets=(INCIDENT,), is_emergency=True, needs_confirmation=False
    )  # fmt: skip


# Start.


def start(context: Context, declaration: Declaration) -> None:
    """Declare an incident, or change its severity; show what is known, and what to do next.

    What is known is shown also if the incident can't be recorded: Parameter Store may be what is down.
    """
    operation = _operation(context, "incident start")
    with operation.running():
        ticket = operation.ticket or ""
        store = incident_store(context)
        found = attempt(context, f"{ticket} can't be read", lambda: [store.find(ticket)])
        incident = found[0] if found else None
        severity = _severity(context, ticket, declaration, incident)
        title = declaration.title or ("" if incident else _ask_title(context, ticket, is_readable=found is not None))
        situation = read_situation(context)
        try:
            incident = _record(operation, store, severity, title, situation, incident)
            _show_response(context, incident)
        finally:
            show_situation(context, situation)
            _show_next(context, ticket)


def _severity(context: Context, ticket: str, declaration: Declaration, incident: Incident | None) -> Severity:
    """Return the severity that was named, or asked for; OperationError if it is no incident."""
    if incident and incident.ended:
        raise OperationError(
            f"{ticket} ended at {incident.ended.at:%Y-%m-%d %H:%M} UTC",
            code=ExitCode.REFUSED,
            advice="Declare another incident, under its own ticket.",
        )
    severity = declaration.severity or (incident.severity if incident else _ask_severity(context))
    if not severity.is_incident:
        raise _no_incident(context, severity, incident)
    return severity


def _record(
    operation: Operation,
    store: IncidentStore,
    severity: Severity,
    title: str,
    situation: Situation,
    incident: Incident | None,
) -> Incident:
    """Declare the incident, or change its severity; return it as it is then."""
    if incident is None:
        return _declare(operation, store, severity, title, situation)
    if severity is not incident.severity:
        return _change_severity(operation, store, incident, severity)
    operation.context.report.line(f"{incident.ticket} is declared already, as {severity}: nothing was changed.")
    return incident


def _declare(
    operation: Operation, store: IncidentStore, severity: Severity, title: str, situation: Situation
) -> Incident:
    context, ticket = operation.context, operation.ticket or ""
    operation.details["severity"] = severity
    operation.begin(f"declare {ticket} as {severity}", [f"record it in {store.path}/{ticket}"])
    entry = entry_of(
        context, Kind.DECLARED, operation.principal,
        text=title, severity=severity, detected_at=situation.detected_at(context.clock.now()),
    )  # fmt: skip
    declared = store.declare(ticket, entry)
    if declared == entry:
        context.report.done(f"{ticket} is declared as {severity} ({MEANINGS[severity].description}): {title}")
    else:
        context.report.warning(
            f"{ticket} was declared already, as {declared.severity} at {declared.at:%H:%M} UTC by {declared.author}: "
            f"{declared.text}. It stays so; run the same command again to change its severity"
        )
    return Incident(ticket=ticket, declared=declared, entries=())


def _change_severity(operation: Operation, store: IncidentStore, incident: Incident, severity: Severity) -> Incident:
    context, ticket = operation.context, incident.ticket
    operation.details["severity"] = severity
    operation.begin(f"change {ticket} from {incident.severity} to {severity}", [])
    entry = entry_of(context, Kind.SEVERITY, operation.principal, severity=severity)
    store.add(incident, entry)
    context.report.done(f"{ticket} is {severity} ({MEANINGS[severity].description}) now; it was {incident.severity}")
    return Incident(ticket=ticket, declared=incident.declared, entries=(*incident.entries, entry))


def _ask_title(context: Context, ticket: str, *, is_readable: bool) -> str:
    """Ask for the title; OperationError without one. An incident that can't be read may have one already."""
    title = context.ask_text("What is broken, in one line:")
    if not title:
        raise OperationError(
            "A new incident needs a title"
            if is_readable
            else f"{ticket} can't be read, and a new incident needs a title",
            code=ExitCode.USAGE if is_readable else ExitCode.UNREACHABLE,
            advice="Such as:",
            command=context.command('incident start --severity SEV1 "API is down"', ticket),
        )
    return title


def _ask_severity(context: Context) -> Severity:
    """Show the table of severities and ask; OperationError without a terminal."""
    rows = [
        (level, meaning.description, f"< {in_words(response_time(context.settings, level))}", meaning.example)
        for level, meaning in MEANINGS.items()
    ]
    context.report.table(("Level", "Description", "Response Time", "Example"), rows)
    answer = context.ask_text("Severity (1 to 4):")
    if answer is None:
        raise OperationError("The severity is missing", code=ExitCode.USAGE, advice="Add --severity SEV1 or SEV2.")
    name = f"SEV{answer.strip().upper().removeprefix('SEV')}"
    if name not in Severity.__members__:
        raise OperationError(f"{answer} is not a severity", code=ExitCode.USAGE, advice="Answer 1, 2, 3 or 4.")
    return Severity[name]


def _no_incident(context: Context, severity: Severity, incident: Incident | None) -> OperationError:
    meaning = MEANINGS[severity]
    if incident:
        return OperationError(
            f"{severity} ({meaning.description}) is no incident, and {incident.ticket} is one",
            code=ExitCode.REFUSED,
            advice="What is left becomes a ticket. End the incident:",
            command=context.command("incident end", incident.ticket),
        )
    return OperationError(
        f"{severity} ({meaning.description}, such as: {meaning.example}) is a ticket, not an incident",
        code=ExitCode.REFUSED,
        advice=f"Create a ticket, and respond within {in_words(response_time(context.settings, severity))}. If it "
        f"becomes worse, run the same command with --severity {Severity.SEV2}.",
    )


def _show_response(context: Context, incident: Incident) -> None:
    """Print until when people respond: the time counts from the first alarm, or from the declaration."""
    within = response_time(context.settings, incident.severity)
    due = response_due(context.settings, incident, incident.severity)
    since = "the first alarm" if incident.declared.detected_at else "the declaration"
    late = context.clock.now() - due
    is_late = f", {in_words(late)} ago" if late.total_seconds() > 0 else ""
    context.report.line(f"Respond by {due:%H:%M} UTC{is_late}: within {in_words(within)} of {since}.", "bold")
    context.report.values |= {
        "ticket": incident.ticket,
        "severity": incident.severity,
        "declaredAt": incident.declared.at,
        "respondBy": due,
    }


def _show_next(context: Context, ticket: str) -> None:
    context.report.line()
    context.report.line("Next", "bold")
    # A standby has no users: what is broken is production, and what may help is a promotion, whose two ways it names.
    remedies = (
        (context.command("rollback", ticket), context.command("smoke"))
        if context.settings.rds.serves_writes()
        else (context.command("dr status"), context.command("dr promote", ticket))
    )
    for command in (
        context.command('incident note "I have it; …"', ticket),
        *remedies,
        context.command("incident end", ticket),
    ):
        context.report.command(f"  {command}")


# Note, show and end.


def note(context: Context, text: str) -> None:
    """Add a note to the timeline of the ticket's incident."""
    operation = _operation(context, "incident note")
    with operation.running():
        store = incident_store(context)
        incident = store.require(operation.ticket or "")
        entry = entry_of(context, Kind.NOTE, operation.principal, text=text.strip())
        if not entry.text:
            raise OperationError("The note is empty", code=ExitCode.USAGE, advice="Write it in quotes.")
        if any(entry.repeats(each) for each in incident.entries):
            context.report.line("The same note was recorded a moment ago: nothing was changed.")
            return
        operation.begin(f"note in {incident.ticket}", [])
        store.add(incident, entry)
        context.report.done(f"Noted in {incident.ticket} at {entry.at:%H:%M:%S} UTC")
        if incident.ended:
            context.report.warning(f"{incident.ticket} ended at {incident.ended.at:%H:%M} UTC: write the note, if it "
                                   "matters, into the post-mortem too")  # fmt: skip


def show(context: Context, ticket: str | None) -> None:
    """Show an incident with its timeline, or the list of those that are open."""
    context.caller()
    ticket = ticket or context.options.ticket
    store = incident_store(context)
    if ticket is None:
        _list(context, store.open_incidents())
        return
    incident = store.require(ticket)
    state = f"ended at {incident.ended.at:%Y-%m-%d %H:%M} UTC" if incident.ended else "open"
    context.report.line(f"{ticket}, {incident.severity}, {state}: {incident.title}", "bold")
    timeline = read_timeline(context, incident)
    context.report.table(
        ("UTC", "From", "What"),
        [(f"{line.at:%m-%d %H:%M:%S}", line.source, line.text) for line in timeline.lines],
    )
    context.report.values |= {
        "ticket": ticket, "severity": incident.severity, "title": incident.title, "isOpen": incident.ended is None,
        "missing": list(timeline.missing),
        "timeline": [{"at": line.at, "source": line.source, "text": line.text} for line in timeline.lines],
    }  # fmt: skip


def _list(context: Context, incidents: Sequence[Incident]) -> None:
    if not incidents:
        context.report.line("No incident is open.")
    else:
        context.report.table(
            ("Incident", "Severity", "Declared (UTC)", "Title"),
            [(each.ticket, each.severity, f"{each.declared.at:%Y-%m-%d %H:%M}", each.title) for each in incidents],
        )
    context.report.values["incidents"] = [
        {"ticket": each.ticket, "severity": each.severity, "declaredAt": each.declared.at, "title": each.title}
        for each in incidents
    ]


def end(context: Context, output: Path | None) -> None:
    """End an incident and write its post-mortem; for an ended one, write it again."""
    operation = _operation(context, "incident end")
    with operation.running():
        store = incident_store(context)
        incident = store.require(operation.ticket or "")
        path = output or Path(f"{incident.ticket}.md")
        if not incident.ended:
            _check_alarms(context, incident)
        changes = [] if incident.ended else ["record its end"]
        operation.details["severity"] = incident.severity
        operation.begin(f"end {incident.ticket}", [*changes, f"write the post-mortem to {path}"])
        ended = incident.ended or store.end(incident.ticket, entry_of(context, Kind.ENDED, operation.principal))
        incident = _with_end(incident, ended)
        timeline = read_timeline(context, incident)
        written = write_document(context, path, post_mortem(context, incident, timeline))
        context.report.done(f"{incident.ticket} ended at {ended.at:%Y-%m-%d %H:%M} UTC")
        context.report.done(f"Post-mortem: {written}")
        context.report.line("Complete what is marked TO DO with the people who were there.")
        kinds = {each.kind for each in incident.entries}
        if Kind.ACCESS in kinds and Kind.REVIEWED not in kinds:
            context.report.command(f"Review the emergency access: {context.command('emergency end', incident.ticket)}")
        context.report.values |= {"ticket": incident.ticket, "endedAt": ended.at, "postMortem": str(written)}


def _check_alarms(context: Context, incident: Incident) -> None:
    """Warn of alarms that are on, and ask in a terminal: an incident ends once they are off."""
    alarms = read_alarms(context)
    if not alarms:
        return
    is_one = len(alarms) == 1
    context.report.warning(f"{len(alarms)} {'alarm is' if is_one else 'alarms are'} still on:")
    for alarm in alarms:
        context.report.bullet(f"{alarm.name} since {alarm.since:%Y-%m-%d %H:%M} UTC. {alarm.text}")
    options = context.options
    if options.yes or options.dry_run or context.ask(f"End {incident.ticket} nevertheless?") is not False:
        return
    raise OperationError(f"{incident.ticket} is still open", code=ExitCode.REFUSED)


def _with_end(incident: Incident, ended: TimelineEntry) -> Incident:
    entries = [each for each in incident.entries if each.kind is not Kind.ENDED]
    return Incident(ticket=incident.ticket, declared=incident.declared, entries=(*entries, ended))
