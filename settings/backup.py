"""Backup & Recovery: the weekly snapshot, its vaults, the copies in the recovery region, and the weekly restore test.

The schedule's other rows are in the blocks that they belong to: rds.backupRetention, elasticache.snapshotRetention, and
the log retention of each block with logs.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, Location
from settings.environment import Region
from settings.retention import BackupDays, SnapshotDays
from settings.values import Allowed, NotNull, Unit
from settings.windows import DAYS, Moment, Span, minute_of_week, weekly_cron

Query: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^[Ss][Ee][Ll][Ee][Cc][Tt]\s[^;]{1,2000}$"),
    Allowed("one SELECT without a semicolon"),
]


class WeeklySnapshot(Block):
    """The weekly snapshot of the database, taken by AWS Backup."""

    at: Moment = Field(description="Time of the snapshot, UTC. Source: Backup Schedule, RDS Snapshot (weekly).")
    start_window: Annotated[int, Field(ge=60, le=480), Unit("minutes")] = Field(
        description="Minutes within which it starts. Source: AWS Backup, at least 60."
    )
    completion_window: Annotated[int, Field(ge=120, le=10_080), Unit("minutes")] = Field(
        description="Minutes within which it must be complete. Source: AWS Backup."
    )
    retention: SnapshotDays = Field(
        description="Retention of the snapshot in days. Source: Backup Schedule, RDS Snapshot (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require the completion window to be longer than the start window."""
        return (self._completion_after_start(),)

    def _completion_after_start(self) -> Iterator[Conflict]:
        if self.completion_window < self.start_window + 60:
            allowed = "at least an hour more than {against}"
            yield Conflict(at=("completion_window",), allowed=allowed, against=("start_window",))

    def start_span(self) -> Span:
        """Return the minutes of the week in which it may start."""
        return Span(start=minute_of_week(self.at), length=self.start_window)


class VaultLock(Block):
    """The shortest and longest retention that a vault accepts (governance mode: the lock can be lifted)."""

    min_retention: SnapshotDays = Field(
        description="Shortest retention in days: no snapshot is deleted earlier. Source: Backup Schedule, RDS Snapshot "
        "(90 days)."
    )
    max_retention: SnapshotDays = Field(
        description="Longest retention in days. Source: AWS Backup Vault Lock; this project's choice."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require ordered bounds."""
        return (self._ordered(),)

    def _ordered(self) -> Iterator[Conflict]:
        if self.max_retention < self.min_retention:
            yield Conflict(at=("max_retention",), allowed="at least {against}", against=("min_retention",))


class RestoreTest(Block):
    """The weekly restore of the newest snapshot, which is validated by queries and deleted."""

    at: Moment = Field(
        description="Time of the test, UTC: after the weekly snapshot is complete. Source: Backup & Recovery."
    )
    # AWS Backup accepts 168.
    start_window: Annotated[int, Field(ge=1, le=12), Unit("hours", "the result is checked a day after the test")] = (
        Field(description="Hours within which it starts, at random. Source: AWS Backup, restore testing.")
    )
    # AWS Backup accepts less, which a week without a snapshot would leave without a test.
    selection_window: Annotated[int, Field(ge=7, le=365), Unit("days")] = Field(
        description="Days within which a snapshot must have been created to be restored. "
        "Source: AWS Backup, restore testing."
    )
    validation_window: Annotated[int, Field(ge=1, le=168), Unit("hours")] = Field(
        description="Hours after which the restored database is deleted, validated or not. "
        "Source: AWS Backup, restore testing."
    )
    query: Annotated[Query | None, NotNull()] = Field(
        default=None,
        description="Query of the application that returns true (one row, one column) if the restored data is whole, "
        "such as SELECT max(created_at) > now() - interval '9 days' FROM tasks. Source: Backup & Recovery.",
    )

    @property
    def schedule(self) -> str:
        """Return the time of the test as a cron expression."""
        return weekly_cron(self.at)

    @property
    def check_schedule(self) -> str:
        """Return the time at which its result is checked, a day later, as a cron expression."""
        day, _, time = self.at.partition(":")
        return weekly_cron(f"{DAYS[(DAYS.index(day) + 1) % len(DAYS)]}:{time}")


class Recovery(Block):
    """The copies in the recovery region, for the loss of the primary region."""

    region: Region = Field(description="Region of the copies. Source: Environment Details, Region (DR).")
    snapshot_retention: SnapshotDays = Field(
        description="Retention in days of the weekly snapshot's copy. Source: Backup Schedule, RDS Snapshot."
    )
    automated_retention: BackupDays = Field(
        description="Retention in days of the daily backups' copies. Source: Backup Schedule, RDS Automated."
    )


class Backup(Block):
    """Backups beyond those of RDS and ElastiCache."""

    weekly_snapshot: WeeklySnapshot = Field(
        description="Weekly snapshot of the database. Source: Backup Schedule, RDS Snapshot."
    )
    vault_lock: VaultLock = Field(description="Retention bounds of the vaults. Source: AWS Backup Vault Lock.")
    restore_test: RestoreTest = Field(
        description="Weekly restore test of the database. Source: Backup & Recovery, Recovery Procedures."
    )
    recovery: Recovery | None = Field(
        default=None,
        description="Copies in the recovery region; without it there are none. Source: Environment Details.",
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require retention periods that the vaults accept."""
        return (self._snapshot_within_lock(), self._copy_within_lock())

    def _snapshot_within_lock(self) -> Iterator[Conflict]:
        yield from self._within_lock(("weekly_snapshot", "retention"), self.weekly_snapshot.retention)

    def _copy_within_lock(self) -> Iterator[Conflict]:
        if self.recovery:
            yield from self._within_lock(("recovery", "snapshot_retention"), self.recovery.snapshot_retention)

    def _within_lock(self, at: Location, days: int) -> Iterator[Conflict]:
        if days < self.vault_lock.min_retention:
            allowed = "at least {against}: the vault rejects a shorter retention"
            yield Conflict(at=at, allowed=allowed, against=("vault_lock", "min_retention"))
        elif days > self.vault_lock.max_retention:
            allowed = "at most {against}: the vault rejects a longer retention"
            yield Conflict(at=at, allowed=allowed, against=("vault_lock", "max_retention"))
