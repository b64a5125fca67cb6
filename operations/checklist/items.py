"""The checklist's items: the document's words, in its order, and what a machine knows besides.

Section: Deployment Checklist. `--confirm` takes the keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from operations.frame.errors import ExitCode, OperationError


class Phase(StrEnum):
    """The document's four lists."""

    DAY_BEFORE = "24 hours before"
    HOUR_BEFORE = "1 hour before"
    DEPLOYMENT = "Deployment"
    AFTER = "Post-deployment (30 min)"


class Source(StrEnum):
    """Who answers an item. STAGING: a machine, if the settings name a staging account."""

    MACHINE = "machine"
    PERSON = "person"
    STAGING = "staging"


# An answer of the last hour holds for so long; one of the day before, as long as the version's image is the same.
HOUR_LIMIT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the checklist. `is_documented`: the title has the document's words."""

    key: str
    phase: Phase
    title: str
    source: Source = Source.MACHINE
    is_documented: bool = True

    def is_asked(self, *, has_staging: bool) -> bool:
        """Whether a person answers it; `has_staging`: the settings name a staging account."""
        return self.source is Source.PERSON or (self.source is Source.STAGING and not has_staging)

    @property
    def limit(self) -> timedelta | None:
        """How long an answer holds; None: as long as the image is the same."""
        return HOUR_LIMIT if self.phase is Phase.HOUR_BEFORE else None


def _listed(phase: Phase, *rows: tuple[str, str, Source], is_documented: bool = True) -> Sequence[Item]:
    return [
        Item(key=key, phase=phase, title=title, source=source, is_documented=is_documented)
        for key, title, source in rows
    ]


STAGING, SECURITY_SCAN, CHANGE_REQUEST = "staging", "security-scan", "change-request"
ROLLBACK_PLAN, DASHBOARDS, ALARMS, DEPLOYMENTS = "rollback-plan", "dashboards", "alarms", "deployments"
POINT_IN_TIME, DAILY_BACKUP = "point-in-time", "daily-backup"
WEEKLY_SNAPSHOT, CACHE_SNAPSHOT = "weekly-snapshot", "cache-snapshot"
MIGRATIONS, SERVICE, HEALTH, SMOKE = "migrations", "service", "health", "smoke"
ERROR_RATE, LATENCY = "error-rate", "latency"

ITEMS: Sequence[Item] = (
    *_listed(
        Phase.DAY_BEFORE,
        (STAGING, "Staging verification complete (24+ hours)", Source.STAGING),
        ("e2e-tests", "All E2E tests passing", Source.PERSON),
        ("benchmarks", "Performance benchmarks acceptable", Source.PERSON),
        (SECURITY_SCAN, "Security scan clean", Source.MACHINE),
        (CHANGE_REQUEST, "Change request approved", Source.PERSON),
    ),
    *_listed(
        Phase.HOUR_BEFORE,
        ("window", "Deployment window confirmed", Source.PERSON),
        ("on-call", "On-call engineer available", Source.PERSON),
        (ROLLBACK_PLAN, "Rollback plan documented", Source.MACHINE),
        ("stakeholders", "Stakeholders notified", Source.PERSON),
        (DASHBOARDS, "Monitoring dashboards open", Source.PERSON),
    ),
    *_listed(
        Phase.HOUR_BEFORE,
        (ALARMS, "Alarms quiet", Source.MACHINE),
        (DEPLOYMENTS, "No deployment unfinished", Source.MACHINE),
        (POINT_IN_TIME, "Database: point-in-time recovery", Source.MACHINE),
        (DAILY_BACKUP, "Database: daily backup", Source.MACHINE),
        (WEEKLY_SNAPSHOT, "Database: weekly snapshot", Source.MACHINE),
        (CACHE_SNAPSHOT, "Redis: daily snapshot", Source.MACHINE),
        is_documented=False,
    ),
    *_listed(
        Phase.DEPLOYMENT,
        (MIGRATIONS, "Database migrations run", Source.MACHINE),
        (SERVICE, "ECS service updated", Source.MACHINE),
        (HEALTH, "Health checks passing", Source.MACHINE),
        (SMOKE, "Smoke tests passing", Source.MACHINE),
    ),
    *_listed(
        Phase.AFTER,
        (ERROR_RATE, "Error rate normal", Source.MACHINE),
        (LATENCY, "Latency normal", Source.MACHINE),
        ("user-flows", "Key user flows tested", Source.PERSON),
        ("complaints", "No customer complaints", Source.PERSON),
    ),
)


def items_of(*phases: Phase) -> Sequence[Item]:
    """Return the items of some lists, in their order."""
    return [item for item in ITEMS if item.phase in phases]


def require_questions(keys: Iterable[str], asked: Iterable[Item]) -> None:
    """Require that a person may answer the items with these keys."""
    allowed = [item.key for item in asked]
    for key in keys:
        if key not in allowed:
            raise OperationError(
                f"{key} is not an item that a person answers here",
                code=ExitCode.USAGE,
                advice=f"--confirm takes one of {', '.join(allowed)}.",
            )
