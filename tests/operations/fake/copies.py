"""Copies of the database and of messages in one region: RDS, AWS Backup, ElastiCache, SQS and log groups.

Each copy is there until AWS has deleted it, which may take as long as its documentation allows. Lists come in pages of
two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Handler, ServiceError

PAGE = 2
DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Snapshot:
    """A snapshot of the database. `original` is the time of its data, if it is a copy."""

    name: str
    instance: str
    created: datetime
    kind: str = "automated"
    original: datetime | None = None
    ends: datetime | None = None


@dataclass(kw_only=True)
class Point:
    """A recovery point. `late`: how long AWS Backup takes to delete it."""

    created: datetime
    days: int | None = 90
    status: str = "COMPLETED"
    late: timedelta = timedelta(hours=7)

    @property
    def ends(self) -> datetime | None:
        return None if self.days is None or self.status == "EXPIRED" else self.created + self.days * DAY + self.late


@dataclass(kw_only=True)
class Copies:
    """What a region has. `automatic` are the automatic backups: instance, status, retention, the end of the window."""

    clock: FakeClock
    region: str
    stack: str
    instances: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    automatic: list[tuple[str, str, int, datetime | None]] = field(
        default_factory=list[tuple[str, str, int, datetime | None]]
    )
    exports: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    snapshots: list[Snapshot] = field(default_factory=list[Snapshot])
    vaults: dict[str, list[Point]] = field(default_factory=dict[str, list[Point]])
    cache_days: int = 7
    cache: list[tuple[str, str, datetime | None]] = field(default_factory=list[tuple[str, str, datetime | None]])
    queues: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    groups: dict[str, int | None] = field(default_factory=dict[str, int | None])

    def handlers(self) -> Mapping[str, Handler]:
        """Return the operations by name."""
        return {
            "rds DescribeDBInstances": self._page("DBInstances", "Marker", lambda _: self.instances),
            "rds DescribeDBInstanceAutomatedBackups": self._page(
                "DBInstanceAutomatedBackups", "Marker", lambda _: [self._backup(*each) for each in self.automatic]
            ),
            "rds DescribeDBSnapshots": self._page("DBSnapshots", "Marker", self._snapshots),
            "rds DescribeExportTasks": self._page("ExportTasks", "Marker", lambda _: self.exports),
            "backup ListBackupVaults": self._page(
                "BackupVaultList", "NextToken", lambda _: [{"BackupVaultName": name} for name in self.vaults]
            ),
            "backup ListRecoveryPointsByBackupVault": self._page("RecoveryPoints", "NextToken", self._points),
            "elasticache DescribeReplicationGroups": self._page(
                "ReplicationGroups", "Marker", self._replication_groups
            ),
            "elasticache DescribeSnapshots": self._page(
                "Snapshots", "Marker", lambda _: list(map(_cached, self.cache))
            ),
            "sqs ListQueues": self._page("QueueUrls", "NextToken", self._urls),
            "sqs GetQueueAttributes": self._attributes,
            "logs DescribeLogGroups": self._page("logGroups", "nextToken", lambda _: self._groups()),
        }

    def _page(self, result: str, token: str, listed: Callable[[Mapping[str, Any]], Sequence[Any]]) -> Handler:
        def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
            items, start = listed(request), int(request.get(token, "0"))
            more = {token: str(start + PAGE)} if start + PAGE < len(items) else {}
            return {result: list(items[start : start + PAGE]), **more}

        return answer

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}"

    def left(self) -> list[Snapshot]:
        """Return the snapshots that RDS lists."""
        now = self.clock.now()
        return [each for each in self.snapshots if each.created <= now and (each.ends is None or now < each.ends)]

    def _snapshots(self, request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        # Without a type RDS leaves out those of AWS Backup.
        return [self._snapshot(each) for each in self.left() if each.kind == request["SnapshotType"]]

    def _snapshot(self, each: Snapshot) -> Mapping[str, Any]:
        return {
            "DBSnapshotIdentifier": each.name,
            "DBSnapshotArn": self.arn("rds", f"snapshot:{each.name}"),
            "DBInstanceIdentifier": each.instance,
            "SnapshotType": each.kind,
            "SnapshotCreateTime": each.created,
            "OriginalSnapshotCreateTime": each.original or each.created,
            "Status": "available",
        }

    def _backup(self, instance: str, status: str, days: int, until: datetime | None) -> Mapping[str, Any]:
        now = self.clock.now()
        times = [each.created for each in self.left() if each.instance == instance and each.kind == "automated"]
        window = {"EarliestTime": min(times), "LatestTime": until or now - timedelta(minutes=5)} if times else {}
        return {
            "DBInstanceIdentifier": instance,
            "Status": status,
            "BackupRetentionPeriod": days,
            **({"RestoreWindow": window} if window else {}),
        }

    def _points(self, request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        name, now = request["BackupVaultName"], self.clock.now()
        return [
            self._point(name, number, each)
            for number, each in enumerate(self.vaults[name])
            if each.created <= now and (each.ends is None or now < each.ends)
        ]

    def _point(self, vault: str, number: int, each: Point) -> Mapping[str, Any]:
        lifecycle = {} if each.days is None else {
            "Lifecycle": {"DeleteAfterDays": each.days},
            "CalculatedLifecycle": {"DeleteAt": each.created + each.days * DAY},
        }  # fmt: skip
        return {
            "RecoveryPointArn": self.arn("rds", f"snapshot:awsbackup:job-{vault}-{number}"),
            "BackupVaultName": vault,
            "CreationDate": each.created,
            "Status": each.status,
            "ResourceType": "RDS",
            **lifecycle,
        }

    def _replication_groups(self, _: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{"ReplicationGroupId": f"taskflow-{self.stack}", "SnapshotRetentionLimit": self.cache_days}]

    def _urls(self, request: Mapping[str, Any]) -> Sequence[str]:
        names = [name for name in self.queues if name.startswith(request["QueueNamePrefix"])]
        return [f"https://sqs.{self.region}.amazonaws.com/{ACCOUNT}/{name}" for name in names]

    def _attributes(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        name = request["QueueUrl"].rpartition("/")[2]
        if name not in self.queues:
            raise ServiceError("QueueDoesNotExist")
        attributes = {"QueueArn": self.arn("sqs", name), **self.queues[name]}
        return {"Attributes": {key: attributes[key] for key in request["AttributeNames"] if key in attributes}}

    def _groups(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"logGroupName": name, **({"retentionInDays": days} if days else {})} for name, days in self.groups.items()
        ]


def _cached(snapshot: tuple[str, str, datetime | None]) -> Mapping[str, Any]:
    name, source, at = snapshot
    parts = [{"NodeGroupId": f"{group:04}", **({"SnapshotCreateTime": at} if at else {})} for group in (1, 2)]
    return {"SnapshotName": name, "SnapshotSource": source, "SnapshotRetentionLimit": 7, "NodeSnapshots": parts}
