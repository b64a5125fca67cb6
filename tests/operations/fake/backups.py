"""RDS, ElastiCache and AWS Backup: one instance, its automated backups, recovery points, and Redis snapshots.

Lists come in pages of two, so that a command that reads only the first page fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.task_definitions import ACCOUNT, REGION
from tests.operations.fake.wire import ServiceError

PAGE = 2


@dataclass(kw_only=True)
class Backups:
    """The backups of a stack. A test changes the times; `created_at` is the instance's."""

    clock: FakeClock
    stack: str
    created_at: datetime = field(init=False)
    # None: no point-in-time recovery.
    log_age: timedelta | None = timedelta(minutes=4)
    retention: int = 30
    # Times by status: the automated backups, the recovery points of AWS Backup.
    automated: list[tuple[datetime, str]] = field(init=False)
    recovery_points: list[tuple[datetime, str]] = field(init=False)
    # Each with the times of its node groups.
    cache: list[tuple[Sequence[datetime], str]] = field(init=False)

    def __post_init__(self) -> None:
        now = self.clock.now()
        self.created_at = now - timedelta(days=90)
        self.automated = [(now - timedelta(hours=8 + 24 * day), "available") for day in (2, 1, 0)]
        self.recovery_points = [(now - timedelta(days=1 + 7 * week), "COMPLETED") for week in (2, 1, 0)]
        self.cache = [([now - timedelta(hours=5 + 24 * day)] * 2, "available") for day in (2, 1, 0)]

    @property
    def name(self) -> str:
        return f"taskflow-{self.stack}"

    @property
    def arn(self) -> str:
        return f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{self.name}"

    def describe_db_instances(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self._require_instance(request["DBInstanceIdentifier"])
        instance: dict[str, Any] = {
            "DBInstanceIdentifier": self.name,
            "DBInstanceStatus": "available",
            "InstanceCreateTime": self.created_at,
            "DBInstanceArn": self.arn,
            "BackupRetentionPeriod": self.retention,
        }
        if self.log_age is not None:
            instance["LatestRestorableTime"] = self.clock.now() - self.log_age
        return {"DBInstances": [instance]}

    def describe_db_snapshots(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        # Without the type RDS returns manual snapshots too.
        assert request["SnapshotType"] == "automated"
        self._require_instance(request["DBInstanceIdentifier"])
        listed, marker = _page(self.automated, request.get("Marker"))
        snapshots = [
            {"DBSnapshotIdentifier": f"rds:{self.name}-{at:%Y-%m-%d-%H-%M}", "SnapshotCreateTime": at, "Status": status}
            for at, status in listed
        ]
        return {"DBSnapshots": snapshots, **({"Marker": marker} if marker else {})}

    def _require_instance(self, identifier: str) -> None:
        if identifier != self.name:
            raise ServiceError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)

    def list_recovery_points_by_backup_vault(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["BackupVaultName"] != self.name:
            raise ServiceError("ResourceNotFoundException", "Backup vault not found")
        points = self.recovery_points if request["ByResourceArn"] == self.arn else []
        listed, token = _page(points, request.get("NextToken"))
        return {
            "RecoveryPoints": [
                {"Status": status, "CreationDate": at, "ResourceArn": self.arn} for at, status in listed
            ],
            **({"NextToken": token} if token else {}),
        }

    def describe_snapshots(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["ReplicationGroupId"] == self.name
        listed, marker = _page(self.cache, request.get("Marker"))
        snapshots = [
            {
                "SnapshotName": f"automatic.{self.name}-{number}",
                "SnapshotStatus": status,
                "NodeSnapshots": [
                    {"NodeGroupId": f"{group:04}", "SnapshotCreateTime": at} for group, at in enumerate(times, start=1)
                ],
            }
            for number, (times, status) in enumerate(listed)
        ]
        return {"Snapshots": snapshots, **({"Marker": marker} if marker else {})}


def _page(listed: Sequence[Any], token: str | None) -> tuple[Sequence[Any], str | None]:
    start = int(token or 0)
    end = start + PAGE
    return listed[start:end], str(end) if end < len(listed) else None
