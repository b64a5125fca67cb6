"""ElastiCache and AWS Backup: Redis snapshots, and the recovery points of the database. RDS's own are in rds.py.

Lists come in pages of two, so that a command that reads only the first page fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.rds_state import REGIONS, arn, backup_job
from tests.operations.fake.wire import ServiceError

PAGE = 2


@dataclass(kw_only=True)
class Backups:
    """The backups of a stack. A test changes the times."""

    clock: FakeClock
    stack: str
    # Times and status of AWS Backup's recovery points.
    recovery_points: list[tuple[datetime, str]] = field(init=False)
    # Each with the times of its node groups.
    cache: list[tuple[Sequence[datetime], str]] = field(init=False)

    def __post_init__(self) -> None:
        now = self.clock.now()
        self.recovery_points = [(now - timedelta(days=1 + 7 * week), "COMPLETED") for week in (2, 1, 0)]
        self.cache = [([now - timedelta(hours=5 + 24 * day)] * 2, "available") for day in (2, 1, 0)]

    @property
    def name(self) -> str:
        return f"taskflow-{self.stack}"

    @property
    def region(self) -> str:
        return REGIONS[self.stack]

    @property
    def arn(self) -> str:
        return arn(self.region, "db", self.name)

    def list_recovery_points_by_backup_vault(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        is_copy = self.stack == "dr" and request["BackupVaultName"] == "taskflow-production"
        if request["BackupVaultName"] != self.name and not is_copy:
            raise ServiceError("ResourceNotFoundException", "Backup vault not found")
        own = arn("us-east-1", "db", "taskflow-production") if is_copy else self.arn
        points = self.recovery_points if request["ByResourceArn"] == own else []
        listed, token = _page(points, request.get("NextToken"))
        return {
            "RecoveryPoints": [
                {
                    "RecoveryPointArn": arn(self.region, "snapshot", backup_job(self.region, at)),
                    "Status": status,
                    "CreationDate": at,
                    "ResourceArn": self.arn,
                }
                for at, status in listed
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
