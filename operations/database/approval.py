"""The approval of a session with the database, and its lines in the incident's timeline.

Section: Database Access (Requires: Incident ticket, approval, MFA).
"""

from dataclasses import dataclass

from operations.database.identity import Identity
from operations.frame.context import Context, Operation
from operations.incident.access import approver, require_open
from operations.incident.partial import attempt
from operations.incident.record import Incident, Kind, entry_of, incident_store

ACCESS = "Database access"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who approved, and for whom: the ARN of who ran the command, before a role is assumed."""

    ticket: str
    approved_by: str
    principal: str

    def record(self, identity: Identity, role: str) -> Incident:
        """Record approval and access in the role, which may read and add to incidents; return the incident."""
        context = identity.context
        store = incident_store(context)
        incident = require_open(self.ticket, store.find(self.ticket), ACCESS)
        for entry in (
            entry_of(context, Kind.DATABASE_APPROVED, self.principal, text=self.approved_by),
            entry_of(context, Kind.DATABASE_ACCESS, self.principal, text=role, until=identity.expires_at),
        ):
            store.add(incident, entry)
        return incident

    def close(self, context: Context, incident: Incident) -> None:
        """Record that the session ended; a warning if that isn't possible any more."""
        entry = entry_of(context, Kind.DATABASE_LEFT, self.principal)
        attempt(
            context,
            f"The timeline of {self.ticket} can't be written",
            lambda: incident_store(context).add(incident, entry),
        )


def require_approval(operation: Operation, approved_by: str) -> Approval:
    """Return the approval; OperationError without one, or without an open incident.

    The incident is looked up before the role is assumed, because that raises an alarm. A log-in that may only assume
    roles can't read it; then it is looked up in the role.
    """
    context, ticket = operation.context, operation.ticket or ""
    found = attempt(context, f"{ticket} can't be read yet", lambda: [incident_store(context).find(ticket)])
    if found is not None:
        require_open(ticket, found[0], ACCESS)
    name = "" if context.options.dry_run else approver(context, approved_by, operation.principal, ACCESS)
    return Approval(ticket=ticket, approved_by=name, principal=operation.principal)
