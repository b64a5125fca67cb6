"""The review of emergency access, as Markdown. Section: Emergency Access (Post-incident review)."""

from collections.abc import Iterator, Sequence

from operations.emergency.actions import Call, Group, grouped
from operations.frame.context import Context
from operations.incident.post_mortem import TO_DO, cell, stamp, table
from operations.incident.record import Incident, Kind
from operations.incident.timeline import describe

ACCESS = (Kind.APPROVED, Kind.ACCESS, Kind.LEFT)
QUESTIONS = (
    "Why did no other role end the emergency? Which permission was missing, and should on-call have it?",
    "Was every change below necessary, and recorded in the incident? Which ones must be undone?",
    "What now differs from the stack? `pulumi refresh --preview-only` shows it; take it over or undo it.",
    "Did the session assume other roles or create credentials (AssumeRole, CreateAccessKey)? Their calls aren't below.",
    "Was the alarm `emergency-access` noticed?",
)


def review(context: Context, incident: Incident, role: str, calls: Sequence[Call]) -> str:
    """Return the document. The same calls always become the same text."""
    groups = grouped(calls)
    entries = [each for each in incident.timeline if each.kind in ACCESS]
    return "\n".join(
        [
            f"# Review of emergency access in {incident.ticket}: {cell(incident.title)}",
            "All times are UTC.",
            "",
            *table(("", ""), _facts(context, incident, role, calls)),
            "",
            "## Access",
            *table(("time", "by", "what"), [(stamp(each.at), each.author, describe(each)) for each in entries]),
            "",
            "## Actions",
            *_actions("Changes", [each for each in groups if each.first.is_change]),
            *_actions("Reads", [each for each in groups if not each.first.is_change]),
            "## Questions",
            *(f"- [ ] {TO_DO} {question}" for question in QUESTIONS),
            "",
            "## Sign-off",
            f"- [ ] {TO_DO} the tech lead who approved confirms the approval and the actions: name, date",
            "",
        ]
    )


def _facts(context: Context, incident: Incident, role: str, calls: Sequence[Call]) -> Sequence[tuple[str, str]]:
    approvers = [each.text for each in incident.entries if each.kind is Kind.APPROVED]
    people = sorted({each.person for each in calls if each.person})
    failed = sum(bool(each.error) for each in calls)
    changes = sum(each.is_change for each in calls)
    return (
        ("Stack", f"{context.environment.name} ({context.environment.region})"),
        ("Role and session", f"{role}/{incident.ticket}"),
        ("Approved by", ", ".join(dict.fromkeys(approvers)) or f"{TO_DO} no approval is recorded"),
        ("Used by", ", ".join(people) or f"{TO_DO} CloudTrail has no source identity"),
        ("Calls", f"{len(calls)}: {changes} changes, {len(calls) - changes} reads; {failed} failed"),
    )


def _actions(title: str, groups: Sequence[Group]) -> Iterator[str]:
    yield f"### {title}"
    if not groups:
        yield from ("None.", "")
        return
    yield from table(
        ("service", "action", "region", "result", "calls", "first", "last"),
        [
            (
                each.first.service, each.first.action, each.first.region, each.first.error or "success",
                str(len(each.calls)), stamp(each.first.at), stamp(each.last.at),
            )
            for each in groups
        ],
    )  # fmt: skip
    yield ""
