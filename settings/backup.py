"""Backup & Recovery: the weekly snapshot, the vaults that keep it, and the copies in the recovery region.

The schedule's other rows stand with what they belong to: rds.backupRetention, elasticache.snapshotRetention, and the
logs' retention in each block that has logs.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from settings.base import Block, Conflict, Place
from settings.environment import Region
from settings.retention import BackupDays, SnapshotDays
from settings.values import Whole
from settings.windows import Moment, Span, minute_of_week


class WeeklySnapshot(Block):
    """The weekly snapshot of the database, made by AWS Backup."""

    at: Moment = Field(description="When it is due, UTC. Source: Backup Schedule, RDS Snapshot (weekly).")
    start_window: Annotated[int, Whole(name="minutes", allowed="60 to 480 minutes", minimum=60, maximum=480)] = Field(
        description="Minutes in which it may begin. Source: AWS Backup, at least 60."
    )
    completion_window: Annotated[
        int, Whole(name="minutes", allowed="120 to 10080 minutes", minimum=120, maximum=10_080)
    ] = Field(description="Minutes in which it must be done. Source: AWS Backup.")
    retention: SnapshotDays = Field(
        description="Days that it is kept. Source: Backup Schedule, RDS Snapshot (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check of the two windows."""
        return (self._done_after_begun(),)

    def _done_after_begun(self) -> Iterator[Conflict]:
        if self.completion_window < self.start_window + 60:
            allowed = "at least an hour more than {against}"
            yield Conflict(at=("completion_window",), allowed=allowed, against=("start_window",))

    def begins(self) -> Span:
        """Give the minutes of the week in which it may begin."""
        return Span(start=minute_of_week(self.at), length=self.start_window)


class VaultLock(Block):
    """How short and how long a vault lets a snapshot be kept, whoever asks (governance: the lock can be lifted)."""

    min_retention: SnapshotDays = Field(
        description="Days before which nobody deletes a snapshot. Source: Backup Schedule, RDS Snapshot (90 days)."
    )
    max_retention: SnapshotDays = Field(
        description="Days beyond which no snapshot is kept. Source: AWS Backup Vault Lock; this project's choice."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check of the bounds' order."""
        return (self._in_order(),)

    def _in_order(self) -> Iterator[Conflict]:
        if self.max_retention < self.min_retention:
            yield Conflict(at=("max_retention",), allowed="at least {against}", against=("min_retention",))


class Recovery(Block):
    """The copies in the recovery region, for the loss of this one."""

    region: Region = Field(description="The region that copies go to. Source: Environment Details, Region (DR).")
    snapshot_retention: SnapshotDays = Field(
        description="Days that the weekly snapshot's copy is kept there. Source: Backup Schedule, RDS Snapshot."
    )
    automated_retention: BackupDays = Field(
        description="Days that the daily backups' copies are kept there. Source: Backup Schedule, RDS Automated."
    )


class Backup(Block):
    """Backups beyond what RDS and ElastiCache make by themselves."""

    weekly_snapshot: WeeklySnapshot = Field(description="The weekly snapshot. Source: Backup Schedule, RDS Snapshot.")
    vault_lock: VaultLock = Field(description="The vaults' bounds. Source: AWS Backup Vault Lock.")
    recovery: Recovery | None = Field(
        default=None, description="The copies elsewhere; without it there are none. Source: Environment Details."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks of what the lock lets in."""
        return (self._snapshot_within_lock(), self._copy_within_lock())

    def _snapshot_within_lock(self) -> Iterator[Conflict]:
        yield from self._within_lock(("weekly_snapshot", "retention"), self.weekly_snapshot.retention)

    def _copy_within_lock(self) -> Iterator[Conflict]:
        if self.recovery:
            yield from self._within_lock(("recovery", "snapshot_retention"), self.recovery.snapshot_retention)

    def _within_lock(self, at: Place, days: int) -> Iterator[Conflict]:
        if days < self.vault_lock.min_retention:
            allowed = "at least {against}: the vault refuses what is kept for less"
            yield Conflict(at=at, allowed=allowed, against=("vault_lock", "min_retention"))
        elif days > self.vault_lock.max_retention:
            allowed = "at most {against}: the vault refuses what is kept for longer"
            yield Conflict(at=at, allowed=allowed, against=("vault_lock", "max_retention"))
