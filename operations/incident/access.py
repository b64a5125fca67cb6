"""What access in an incident requires: that it is declared, and that another person approved.

Sections: Database Access (incident ticket, approval, MFA), Emergency Access.
"""

from collections.abc import Callable

from operations.frame.context import INCIDENT, Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.roles import person_of
from operations.incident.record import Incident, incident_store


def require_open(
    ticket: str, incident: Incident | None, access: str, *, command: Callable[[str, str], str] | None = None
) -> Incident:
    """Return the ticket's incident; OperationError unless it is declared and open. `access` is what requires it.

    `command` completes the command that declares it, for another stack than production.
    """
    if incident is None or incident.ended:
        new, other = ("it", ticket) if incident is None else ("another one", f"{INCIDENT}-…")
        state = f"ended at {incident.ended.at:%Y-%m-%d %H:%M} UTC" if incident and incident.ended else "isn't declared"
        words = 'incident start --severity SEV1 "what is broken"'
        raise OperationError(
            f"{access} requires an open incident, and {ticket} {state}",
            code=ExitCode.REFUSED,
            advice=f"Declare {new} first:",
            command=command(words, other) if command else f"taskflow {words} --ticket {other}",
        )
    return incident


def open_incident(context: Context, ticket: str | None, access: str) -> Incident:
    """Return the ticket's incident, of the context's stack; OperationError unless it is declared and open."""
    found = incident_store(context).find(ticket or "")
    return require_open(ticket or "", found, access, command=context.command)


def approver(context: Context, approved_by: str, principal: str, access: str) -> str:
    """Return who approved, asked for by default; OperationError if it isn't another person."""
    name = (approved_by or context.ask_text("Tech lead who approved it:") or "").strip()
    if not name:
        raise OperationError(
            f"{access} requires the approval of the tech lead",
            code=ExitCode.REFUSED,
            advice="Call the tech lead, then add --approved-by NAME. The approval is spoken; the name is recorded.",
        )
    person = person_of(principal).casefold()
    if name.casefold() in {person, person.partition("@")[0]}:
        raise OperationError(
            f"{name} can't approve the access of {name}",
            code=ExitCode.REFUSED,
            advice="The approval is another person's: the tech lead's.",
        )
    return name
