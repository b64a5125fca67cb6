"""What was done with the break-glass role, from CloudTrail's log group. Section: Emergency Access (step 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.frame.context import Context
from operations.frame.log_search import equals, search
from settings.stacks import PRIMARY

# CloudTrail delivers after about 5 minutes on average, without a guarantee (CloudTrail, Getting and viewing log files).
DELIVERED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of AWS's API. `error` is empty if it succeeded."""

    at: datetime
    service: str
    action: str
    region: str
    error: str
    is_change: bool
    person: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Calls of one action with the same result in one region."""

    calls: Sequence[Call]

    @property
    def first(self) -> Call:
        """The first of the calls."""
        return self.calls[0]

    @property
    def last(self) -> Call:
        """The last of the calls."""
        return self.calls[-1]


def trail_context(context: Context) -> Context:
    """Return the context of the stack that owns the account's trail, which records the calls in every region."""
    if context.settings.audit.trail:
        return context
    return context.of_stack(PRIMARY)


def calls_of(context: Context, role: str, session: str, *, since: datetime) -> Sequence[Call]:
    """Return the calls of a role's sessions of this name until now, the oldest first."""
    owner = trail_context(context)
    conditions = (
        equals("$.userIdentity.sessionContext.sessionIssuer.userName", role),
        # The principal's id is the role's id and the session's name.
        equals("$.userIdentity.principalId", f"*:{session}"),
    )
    found = search(
        owner.aws,
        owner.environment.log_group_name("trail"),
        f"{{ {' && '.join(conditions)} }}",
        since=since,
        until=context.clock.now(),
    )
    return sorted((_call(event.fields) for event in found), key=lambda each: (each.at, each.service, each.action))


def grouped(calls: Sequence[Call]) -> Sequence[Group]:
    """Return the calls in groups: changes first, then by service and action."""
    groups: dict[tuple[bool, str, str, str, str], list[Call]] = {}
    for call in calls:
        key = (not call.is_change, call.service, call.action, call.error, call.region)
        groups.setdefault(key, []).append(call)
    return [Group(calls=groups[key]) for key in sorted(groups)]


def _call(event: Any) -> Call:
    """Return a call from CloudTrail's record of it."""
    context = event.get("userIdentity", {}).get("sessionContext", {})
    return Call(
        at=datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        service=event["eventSource"].removesuffix(".amazonaws.com"),
        action=event["eventName"],
        region=event.get("awsRegion", ""),
        error=event.get("errorCode", ""),
        # Absent in the oldest form of the record: then a person looks at it.
        is_change=not event.get("readOnly", False),
        person=context.get("sourceIdentity", ""),
    )
