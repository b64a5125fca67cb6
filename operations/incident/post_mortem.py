"""The post-mortem of an incident, as Markdown: what is known is filled in, the rest is marked TO DO."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from operations.frame.context import Context
from operations.incident.record import Incident, Kind
from operations.incident.severity import MEANINGS, Severity, in_words, response_time
from operations.incident.timeline import Timeline

if TYPE_CHECKING:
    from settings.stack import Settings

TO_DO = "**TO DO:**"
QUESTIONS = (
    ("Impact", "Which users and functions were affected, from when to when? How many requests failed? Was data lost?"),
    ("Root cause", "What failed, and why then? Which change or condition made it possible?"),
    ("Detection and response", "Did an alarm fire, soon enough, with a runbook that helped? What did people wait for?"),
    ("What went well", "What shortened the incident?"),
    ("What went badly", "What prolonged it? What was luck?"),
)


def response_due(settings: "Settings", incident: Incident, severity: Severity) -> datetime:
    """Return until when people are to respond: the time counts from the first alarm, or from the declaration."""
    return (incident.declared.detected_at or incident.declared.at) + response_time(settings, severity)


def post_mortem(context: Context, incident: Incident, timeline: Timeline) -> str:
    """Return the document. The same incident always becomes the same text."""
    lines = [
        f"# Post-mortem of {incident.ticket}: {cell(incident.title)}",
        "Blameless: it is about the system that let this happen, not about people.",
        "",
        *table(("", ""), _facts(context, incident, timeline)),
        "",
        *_questions(QUESTIONS[:2]),
        "## Timeline",
        "All times are UTC.",
        *(f"\n{TO_DO} add what is missing. It couldn't be read from {each}" for each in timeline.missing),
        "",
        *table(("time", "from", "what"), [(stamp(each.at), each.source, each.text) for each in timeline.lines]),
        "",
        *_questions(QUESTIONS[2:]),
        "## Actions",
        f"{TO_DO} what prevents it, detects it sooner, or shortens it; each with an owner and a date.",
        "",
        *table(("action", "owner", "by"), [("", "", "")]),
        "",
    ]
    if any(each.kind is Kind.ACCESS for each in incident.entries):
        lines += [
            "## Emergency access",
            f"Reviewed separately: `taskflow emergency end --ticket {incident.ticket}`.",
            "",
        ]
    return "\n".join(lines)


def _facts(context: Context, incident: Incident, timeline: Timeline) -> Sequence[tuple[str, str]]:
    declared, ended = incident.declared, incident.ended
    began = declared.detected_at or declared.at
    first = declared.severity or Severity.SEV1
    changes = [
        f"{each.severity} from {each.at:%H:%M}" for each in incident.entries if each.kind is Kind.SEVERITY
    ]  # fmt: skip
    end = ended.at if ended else context.clock.now()
    detected = stamp(declared.detected_at) if declared.detected_at else f"{TO_DO} no alarm was on; who noticed it?"
    return (
        ("Stack", f"{context.environment.name} ({context.environment.region})"),
        ("Severity", ", then ".join([f"{first} ({MEANINGS[first].description})", *changes])),
        ("Detected, by the first alarm", detected),
        ("Declared", f"{stamp(declared.at)} by {declared.author}"),
        ("Response", _response(context, incident, timeline, first)),
        ("Ended", f"{stamp(end)} by {ended.author}" if ended else "not yet"),
        ("Duration", in_words(end - began)),
    )


def _response(context: Context, incident: Incident, timeline: Timeline, severity: Severity) -> str:
    """Return whether people responded in time: with the first note, or the first command with the ticket."""
    due = response_due(context.settings, incident, severity)
    required = f"required by {due:%H:%M:%S} (within {in_words(response_time(context.settings, severity))})"
    response = timeline.response(incident)
    if response is None:
        return f"{required}; {TO_DO} no note and no command with this ticket: when did people respond?"
    # The document: less than the response time.
    verdict = "in time" if response.at < due else f"late by {in_words(response.at - due)}"
    return f"{stamp(response.at)}, {verdict}; {required}"


def _questions(questions: Sequence[tuple[str, str]]) -> Iterator[str]:
    for title, question in questions:
        yield from (f"## {title}", f"{TO_DO} {question}", "")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return a table of Markdown."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(map(cell, row))} |" for row in rows),
    ]


def cell(text: str) -> str:
    """Return a text that stays within a cell, and is shown as it was written."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def stamp(at: datetime) -> str:
    """Return a time for a document."""
    return f"{at:%Y-%m-%d %H:%M:%S}"
