"""One region of RDS: its instances, snapshots and automated backups over time, and what a test changes in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.rds_state import (
    AUTOMATED,
    AVAILABLE,
    AWS_BACKUP,
    DEFAULT_PARAMETERS,
    DEFAULT_SUBNETS,
    REGIONS,
    AutomatedBackup,
    Change,
    Instance,
    arn,
    backup_job,
    deployed,
    host_of,
    id_of,
    key_of,
    parameter_group,
    snapshot,
    stack_tags,
    suffix,
)
from tests.operations.fake.wire import ServiceError

DAY = timedelta(days=1)


@dataclass(kw_only=True)
class RdsRegion:
    """RDS with a stack's instances: production's has a replica in the region and one in dr's."""

    clock: FakeClock
    stack: str = "production"
    instances: dict[str, Instance] = field(default_factory=dict[str, Instance])
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    # Of instances that are gone, or in another region.
    kept_backups: list[AutomatedBackup] = field(default_factory=list[AutomatedBackup])
    # Names with tags: those of the stack, and RDS's default ones.
    parameter_groups: dict[str, dict[str, str]] = field(init=False)
    subnet_groups: dict[str, dict[str, str]] = field(init=False)
    # The other region's, whose instances this one's may replicate.
    other: "RdsRegion | None" = None
    # The end of the logs that RDS has uploaded; None: no point-in-time recovery.
    log_age: timedelta | None = timedelta(minutes=4)
    # How long things take.
    creation: timedelta = timedelta(minutes=25)
    first_backup: timedelta = timedelta(minutes=3)
    unseen: timedelta = timedelta(seconds=20)
    modification: timedelta = timedelta(minutes=4)
    promotion: timedelta = timedelta(minutes=5)
    reboot: timedelta = timedelta(minutes=1)
    deletion: timedelta = timedelta(minutes=6)
    copying: timedelta = timedelta(minutes=12)
    # Values that restored instances have whatever requests ask for, and the end of a creation that fails.
    forced: dict[str, Any] = field(default_factory=dict[str, Any])
    creation_ends: str = AVAILABLE
    copy_ends: str = AVAILABLE
    # Instances that restores made, in order.
    restored: list[str] = field(default_factory=list[str])
    # Copies of snapshots that end at a time.
    copies: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])

    def __post_init__(self) -> None:
        now, name, is_recovery = self.clock.now(), f"taskflow-{self.stack}", self.stack == "dr"
        created_at = now - 90 * DAY
        own = stack_tags(self.stack)
        groups = {role: f"database-{role}-{suffix(self.stack)}" for role in ("primary", "replicas")}
        self.parameter_groups = {each: {**own, "Name": f"{name}-{role}"} for role, each in groups.items()}
        self.parameter_groups[DEFAULT_PARAMETERS] = {}
        self.subnet_groups = {f"database-{suffix(self.stack)}": {**own, "Name": name}, DEFAULT_SUBNETS: {}}
        if is_recovery:
            source = arn("us-east-1", "db", "taskflow-production")
            self.add(name, ReadReplicaSourceDBInstanceIdentifier=source, MultiAZ=False, created_at=created_at)
        else:
            replica = f"{name}-replica-1"
            replicas = [arn("us-west-2", "db", "taskflow-dr"), replica]
            self.add(name, ReadReplicaDBInstanceIdentifiers=replicas, created_at=created_at)
            self.add(
                replica, ReadReplicaSourceDBInstanceIdentifier=name, MultiAZ=False, BackupRetentionPeriod=0,
                DBParameterGroups=parameter_group(groups["replicas"]), created_at=created_at,
            )  # fmt: skip
        self.take_backups()

    # What a test does.

    @property
    def region(self) -> str:
        return REGIONS[self.stack]

    @property
    def primary(self) -> Instance:
        """The stack's instance."""
        return self.instances[f"taskflow-{self.stack}"]

    @property
    def is_primary(self) -> bool:
        """Whether the stack's instance accepts writes."""
        self.advance()
        return "ReadReplicaSourceDBInstanceIdentifier" not in self.primary.values

    def host(self, identifier: str = "") -> str:
        """Return the address of an instance, the stack's by default."""
        return host_of(identifier or f"taskflow-{self.stack}", self.region)

    def add(self, identifier: str, *, created_at: datetime | None = None, **changes: Any) -> Instance:
        """Add an instance as Pulumi makes it."""
        values = deployed(identifier, self.stack, created_at or self.clock.now(), **changes)
        self.instances[identifier] = Instance(values=values)
        return self.instances[identifier]

    def find(self, identifier: str) -> Instance:
        """Return an instance as it is now."""
        self.advance()
        if identifier not in self.instances:
            raise ServiceError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)
        return self.instances[identifier]

    def take_backups(self) -> None:
        """Take three daily backups and three weekly snapshots, the newest hours ago; dr's snapshots are copies."""
        now = self.clock.now()
        self.set_snapshots(AUTOMATED, [(now - timedelta(hours=8 + 24 * day), AVAILABLE) for day in (2, 1, 0)])
        self.set_snapshots(AWS_BACKUP, [(now - timedelta(days=1 + 7 * week), AVAILABLE) for week in (2, 1, 0)])
        if self.stack == "dr" and not self.kept_backups:
            self._replicate_backups()

    def set_snapshots(self, kind: str, taken: Sequence[tuple[datetime, str]]) -> None:
        """Replace the stack's snapshots of a kind, by time and status."""
        self.snapshots = {name: each for name, each in self.snapshots.items() if each["SnapshotType"] != kind}
        is_copy = self.stack == "dr" and kind == AWS_BACKUP
        source = dict(self.instances[f"taskflow-{self.stack}"].values) if self.instances else {}
        if is_copy:
            source |= {"DBInstanceIdentifier": "taskflow-production", "KmsKeyId": key_of(self.region, "copies")}
        for at, status in taken:
            name = backup_job(self.region, at) if kind == AWS_BACKUP else f"rds:{self.primary_name}-{at:%Y-%m-%d-%H-%M}"
            # A copy is made two hours after the snapshot.
            time = at + timedelta(hours=2) if is_copy else at
            self.snapshots[name] = snapshot(
                name, kind, source, time, self.region, Status=status, OriginalSnapshotCreateTime=at
            )

    def start_backup(self, identifier: str, duration: timedelta = timedelta(minutes=10)) -> None:
        """Let the daily backup of an instance begin."""
        instance, now = self.find(identifier), self.clock.now()
        instance.values["DBInstanceStatus"] = "backing-up"
        instance.changes.append(Change(at=now + duration, values={"DBInstanceStatus": AVAILABLE}))

    @property
    def primary_name(self) -> str:
        return f"taskflow-{self.stack}"

    def _replicate_backups(self) -> None:
        self.replicate_backups(deployed("taskflow-production", "production", self.clock.now() - 90 * DAY))

    def replicate_backups(self, source: Mapping[str, Any]) -> None:
        """Begin to copy the daily backups of an instance of the other region."""
        identifier = f"ab-{id_of('replicated', source['DBInstanceIdentifier']).hex[:26]}"
        self.kept_backups.append(
            AutomatedBackup(
                values={
                    **_backup_values(source, "us-east-1"),
                    "Status": "replicating",
                    "KmsKeyId": key_of(self.region, "copies"),
                    "DBInstanceAutomatedBackupsArn": arn(self.region, "auto-backup", f"ab-{identifier}"),
                }
            )
        )

    # Within.

    def advance(self) -> None:
        now = self.clock.now()
        for name, instance in list(self.instances.items()):
            instance.advance(now)
            if instance.is_gone:
                del self.instances[name]
        for end, name in [each for each in self.copies if each[0] <= now]:
            self.copies.remove((end, name))
            if name in self.snapshots:
                self.snapshots[name] |= {"Status": self.copy_ends, "PercentProgress": 100}

    def described(self, instance: Instance) -> dict[str, Any]:
        values = dict(instance.values)
        own = [each for each in self._active_backups() if each["DbiResourceId"] == values["DbiResourceId"]]
        if own and self.log_age is not None:
            values["LatestRestorableTime"] = own[0]["RestoreWindow"]["LatestTime"]
        return values

    def automated_backups(self) -> list[dict[str, Any]]:
        """Return the backups of instances here, of deleted ones, and of those of another region."""
        return [*self._active_backups(), *(self._kept_backup(each) for each in self.kept_backups)]

    def _active_backups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for instance in self.instances.values():
            values = instance.values
            if not values["BackupRetentionPeriod"] or "InstanceCreateTime" not in values:
                continue
            latest = self.clock.now() - (self.log_age or timedelta(0))
            found.append({**_backup_values(values, self.region), "Status": "active", **_window(values, latest)})
        return found

    def _kept_backup(self, backup: AutomatedBackup) -> dict[str, Any]:
        latest = (backup.until or self.clock.now()) - backup.delay
        return {**backup.values, **_window(backup.values, latest)}

    def forget_automated(self, identifier: str) -> None:
        """Delete the daily backups of an instance."""
        for name, each in list(self.snapshots.items()):
            if (each["SnapshotType"], each["DBInstanceIdentifier"]) == (AUTOMATED, identifier):
                del self.snapshots[name]

    def snapshot_named(self, name: str) -> dict[str, Any]:
        self.advance()
        name = name.split(":", 6)[6] if name.startswith("arn:") else name
        if name not in self.snapshots:
            raise ServiceError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)
        return self.snapshots[name]

    def require_no_snapshot(self, name: str) -> None:
        if name in self.snapshots:
            raise ServiceError("DBSnapshotAlreadyExists", f"Cannot create the snapshot because {name} already exists.")

    def tagged(self, resource: str) -> dict[str, Any]:
        """Return an instance or a snapshot by its ARN."""
        kind, name = resource.split(":", 6)[5:]
        return self.find(name).values if kind == "db" else self.snapshot_named(name)


def _backup_values(instance: Mapping[str, Any], region: str) -> dict[str, Any]:
    copied = (
        "DBInstanceArn", "DBInstanceIdentifier", "DbiResourceId", "InstanceCreateTime", "BackupRetentionPeriod",
        "Engine", "EngineVersion", "AllocatedStorage", "StorageType", "KmsKeyId", "MasterUsername",
    )  # fmt: skip
    return {"Region": region, "Encrypted": True, **{name: instance[name] for name in copied}}


def _window(backup: Mapping[str, Any], latest: datetime) -> dict[str, Any]:
    earliest = max(latest - timedelta(days=backup["BackupRetentionPeriod"]), backup["InstanceCreateTime"])
    return {"RestoreWindow": {"EarliestTime": earliest, "LatestTime": max(earliest, latest)}}
