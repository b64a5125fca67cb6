"""Copies that RDS has: automatic backups, snapshots, and instances that were restored from either."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from operations.data.ends import RESTORE_TEST, daily_removed_at, expires_at
from operations.data.objects import versions_below
from operations.data.remainder import Question, Remainder
from operations.frame.context import Context

# AWS Backup names the instances of restore tests so, and deletes them after their validation.
RESTORE_TEST_PREFIX = "awsbackup-restore-test"
_SNAPSHOT_KINDS: Sequence[Literal["automated", "manual", "awsbackup"]] = ("automated", "manual", "awsbackup")


@dataclass(frozen=True, kw_only=True)
class Databases:
    """What RDS has in one region. `recovery_points` are the ARNs of those that AWS Backup deletes by itself."""

    context: Context
    question: Question
    identifiers: frozenset[str]
    recovery_points: frozenset[str]
    _cache: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict[str, Sequence[Mapping[str, Any]]])

    def remainders(self) -> Iterator[Remainder]:
        """Yield every place."""
        yield from map(self._automatic, self._listed("describe_db_instance_automated_backups"))
        for kind in _SNAPSHOT_KINDS[1:]:
            yield from map(self._endless, self._unbounded(kind))
        yield from self._restored()
        yield from self._exports()
        yield from self._insights()

    def _automatic(self, backup: Mapping[str, Any]) -> Remainder:
        """Judge an automatic backup: of an instance, a replica of it in this region, or retained after its deletion."""
        name, days = backup["DBInstanceIdentifier"], backup.get("BackupRetentionPeriod")
        window: Mapping[str, datetime] = backup.get("RestoreWindow", {})
        deleted_at = self.question.deleted_at
        snapshots = [each for each in self._before("automated") if each["DBInstanceIdentifier"] == name]
        reaches_back = "EarliestTime" not in window or window["EarliestTime"] <= deleted_at
        newest = min(deleted_at, window.get("LatestTime", deleted_at))
        # RDS doesn't count the time in which an instance is stopped (RDS User Guide, Backup retention period).
        is_stopped = any(
            each["DBInstanceIdentifier"] == name and str(each.get("DBInstanceStatus", "")).startswith("stop")
            for each in self._instances
        )
        status = backup.get("Status", "")
        return self._remainder(
            f"automatic backups, {name}{' (retained)' if status == 'retained' else ''}",
            max(len(snapshots), int(reaches_back)),
            daily_removed_at(newest, days) if days and not is_stopped else None,
            f"RDS: {days} days, and its daily cycle" if days else "RDS: no retention period",
            remedy="RDS stops counting the days of a stopped instance: start it"
            if is_stopped
            else "Set its backup retention period (rds.backupRetention), or delete the backup.",
        )

    def _unbounded(self, kind: Literal["automated", "manual", "awsbackup"]) -> Iterator[Mapping[str, Any]]:
        """Yield the snapshots from before the deletion that nothing deletes."""
        for each in self._before(kind):
            if kind == "manual" or each.get("DBSnapshotArn") not in self.recovery_points:
                yield each

    def _endless(self, snapshot: Mapping[str, Any]) -> Remainder:
        identifier = snapshot["DBSnapshotIdentifier"]
        region = self.context.environment.region
        return self._remainder(
            f"snapshot {identifier}", 1, None, "a snapshot that nothing deletes",
            remedy="It contains the data for ever: delete it, or agree on a date and note it in the ticket",
            command=f"aws --region {region} rds delete-db-snapshot --db-snapshot-identifier {identifier}",
        )  # fmt: skip

    def _before(self, kind: Literal["automated", "manual", "awsbackup"]) -> Iterator[Mapping[str, Any]]:
        """Yield the snapshots of a kind that may have the data.

        A copy has the time of the copy as its own; its original's time is the one of the data. A snapshot that is being
        created has neither.
        """
        for each in self._listed("describe_db_snapshots", SnapshotType=kind):
            at = each.get("OriginalSnapshotCreateTime") or each.get("SnapshotCreateTime")
            if at is None or at <= self.question.deleted_at:
                yield each

    def _restored(self) -> Iterator[Remainder]:
        """Yield the instances that are neither the application's nor replicas of it: they may have older data."""
        region = self.context.environment.region
        for each in self._instances:
            name = each["DBInstanceIdentifier"]
            source = str(each.get("ReadReplicaSourceDBInstanceIdentifier", "")).rpartition(":")[2]
            if self.identifiers & {name, source}:
                continue
            if name.startswith(RESTORE_TEST_PREFIX):
                created = each.get("InstanceCreateTime", self.context.clock.now())
                yield self._remainder(
                    f"restore test {name}", 1, created + RESTORE_TEST,
                    "AWS Backup deletes it after the test, within 168 hours",
                    remedy="Find out why AWS Backup left it, and delete it",
                )  # fmt: skip
            else:
                yield self._remainder(
                    f"instance {name}", 1, None, "not the application's database: restored from a copy",
                    remedy="Discard it, with its automatic backups, once it has served its purpose",
                    command=f"aws --region {region} rds delete-db-instance --db-instance-identifier {name} "
                    "--skip-final-snapshot --delete-automated-backups",
                )  # fmt: skip

    def _exports(self) -> Iterator[Remainder]:
        """Yield the exports of snapshots to S3: files that no retention of RDS ends."""
        for each in self._listed("describe_export_tasks"):
            bucket, prefix, at = each["S3Bucket"], each.get("S3Prefix", ""), each.get("SnapshotTime")
            if at is None or at <= self.question.deleted_at:
                path = "/".join(part for part in (prefix, each["ExportTaskIdentifier"]) if part)
                yield self._remainder(
                    f"export {each['ExportTaskIdentifier']} of a snapshot",
                    versions_below(self.context, bucket, f"{path}/"), None, f"RDS: files in s3://{bucket}/{path}",
                    remedy="Delete the files, with all their versions",
                )  # fmt: skip

    def _insights(self) -> Iterator[Remainder]:
        """Yield the statements that Performance Insights shows."""
        days = [
            each.get("PerformanceInsightsRetentionPeriod", 0)
            for each in self._instances
            if each.get("PerformanceInsightsEnabled")
        ]
        if days:
            yield self._remainder(
                "Performance Insights", None, expires_at(self.question.deleted_at, max(days)),
                f"RDS: {max(days)} days", remedy="Shorten its retention: 7 days are free",
            )  # fmt: skip

    @property
    def _instances(self) -> Sequence[Mapping[str, Any]]:
        return self._listed("describe_db_instances")

    def _listed(self, operation: str, **filters: str) -> Sequence[Mapping[str, Any]]:
        """Return all that an operation lists, read once."""
        name = " ".join((operation, *filters.values()))
        if name not in self._cache:
            paginator: Any = cast("Any", self.context.aws.rds).get_paginator(operation)
            result = {
                "describe_db_instances": "DBInstances",
                "describe_db_instance_automated_backups": "DBInstanceAutomatedBackups",
                "describe_db_snapshots": "DBSnapshots",
                "describe_export_tasks": "ExportTasks",
            }[operation]
            self._cache[name] = [each for page in paginator.paginate(**filters) for each in page[result]]
        return self._cache[name]

    def _remainder(
        self,
        place: str,
        found: int | None,
        ends: datetime | None,
        rule: str,
        *,
        remedy: str = "",
        command: str = "",
    ) -> Remainder:
        return Remainder(
            place=place,
            region=self.context.environment.region,
            found=found,
            ends=ends,
            rule=rule,
            read_at=self.context.clock.now(),
            remedy=remedy,
            command=command,
        )
