"""What RDS keeps: instances with what will become of them, snapshots, and automated backups.

Values have the names of DescribeDBInstances, DescribeDBSnapshots and DescribeDBInstanceAutomatedBackups.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.task_definitions import ACCOUNT

REGIONS = {"production": "us-east-1", "dr": "us-west-2", "staging": "us-east-1"}
AVAILABLE = "available"
VERSION = "15.17"
AUTOMATED, AWS_BACKUP, MANUAL = "automated", "awsbackup", "manual"
# RDS User Guide: with this name the default group of a family is found in each account.
DEFAULT_PARAMETERS, DEFAULT_SECURITY_GROUP, DEFAULT_SUBNETS = "default.postgres15", "sg-0default", "default"
# What an instance has in common with the one that it is restored from (RestoreDBInstanceToPointInTime: "most of the
# original configuration"); the retention by the description of BackupRetentionPeriod ("Uses existing setting").
KEPT = (
    "DBInstanceClass", "Engine", "EngineVersion", "AllocatedStorage", "StorageType", "Iops", "StorageThroughput",
    "StorageEncrypted", "KmsKeyId", "MasterUsername", "DBName", "BackupRetentionPeriod",
)  # fmt: skip


def arn(region: str, kind: str, name: str) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


def id_of(*names: str) -> uuid.UUID:
    """Return an id that is the same in each run."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(names))


def key_of(region: str, purpose: str = "data") -> str:
    """Return a key of a region: `data` is the stack's, `copies` that of copies from the other region."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{id_of(region, purpose)}"


def host_of(identifier: str, region: str = "us-east-1") -> str:
    """Return the address of an instance."""
    return f"{identifier}.c0ffee.{region}.rds.amazonaws.com"


def backup_job(region: str, at: datetime) -> str:
    """Return the name that AWS Backup chooses for a snapshot."""
    kind = "job" if region == "us-east-1" else "copyjob"
    return f"awsbackup:{kind}-{id_of(region, at.isoformat())}"


def security_groups(*ids: str) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": each, "Status": "active"} for each in ids]


def parameter_group(name: str, status: str = "in-sync") -> list[dict[str, str]]:
    return [{"DBParameterGroupName": name, "ParameterApplyStatus": status}]


def subnet_group(name: str, vpc: str) -> dict[str, str]:
    return {"DBSubnetGroupName": name, "VpcId": vpc, "SubnetGroupStatus": "Complete"}


def tags_of(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changes at a time: new values, values that go, or the whole thing's end."""

    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    removed: Sequence[str] = ()
    is_end: bool = False


@dataclass(kw_only=True)
class Instance:
    """An instance; `data_of` is what it was restored from: the source and, of a point in time, the time."""

    values: dict[str, Any]
    changes: list[Change] = field(default_factory=list[Change])
    data_of: str = ""
    is_gone: bool = False

    def advance(self, now: datetime) -> None:
        """Make the changes whose time has come."""
        for change in sorted((each for each in self.changes if each.at <= now), key=lambda each: each.at):
            self.changes.remove(change)
            self.values.update(change.values)
            for name in change.removed:
                self.values.pop(name, None)
            self.is_gone |= change.is_end

    @property
    def status(self) -> str:
        return self.values["DBInstanceStatus"]


@dataclass(kw_only=True)
class AutomatedBackup:
    """The backups of an instance that is gone, or that is in another region; `until`: no logs are added any more."""

    values: dict[str, Any]
    delay: timedelta = timedelta(minutes=6)
    until: datetime | None = None


def deployed(identifier: str, stack: str, created_at: datetime, **changes: Any) -> dict[str, Any]:
    """Return an instance as Pulumi makes it."""
    region = REGIONS[stack]
    return {
        "DBInstanceIdentifier": identifier,
        "DBInstanceArn": arn(region, "db", identifier),
        "DbiResourceId": f"db-{id_of(region, identifier).hex[:26].upper()}",
        "DBInstanceClass": "db.r6g.large",
        "Engine": "postgres",
        "EngineVersion": VERSION,
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "DBInstanceStatus": AVAILABLE,
        "InstanceCreateTime": created_at,
        "MasterUsername": "taskflow_admin",
        "DBName": "taskflow",
        "Endpoint": {"Address": host_of(identifier, region), "Port": 5432},
        "AllocatedStorage": 200,
        "MaxAllocatedStorage": 390,
        "StorageType": "gp3",
        "Iops": 3000,
        "StorageThroughput": 125,
        "StorageEncrypted": True,
        "KmsKeyId": key_of(region),
        "PreferredBackupWindow": "02:00-03:00",
        "BackupRetentionPeriod": 30,
        "PreferredMaintenanceWindow": "sun:04:00-sun:05:00",
        "VpcSecurityGroups": security_groups(f"sg-0{stack}"),
        "DBParameterGroups": parameter_group(f"database-primary-{suffix(stack)}"),
        "DBSubnetGroup": subnet_group(f"database-{suffix(stack)}", f"vpc-0{stack}"),
        "MultiAZ": True,
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": True,
        "ReadReplicaDBInstanceIdentifiers": [],
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "CopyTagsToSnapshot": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/database-monitoring-{suffix(stack)}",
        "IAMDatabaseAuthenticationEnabled": True,
        "DatabaseInsightsMode": "standard",
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsKMSKeyId": key_of(region),
        "PerformanceInsightsRetentionPeriod": 7,
        "EnabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "DeletionProtection": True,
        "PendingModifiedValues": {},
        "TagList": tags_of(stack_tags(stack)),
        **changes,
    }


def stack_tags(stack: str) -> dict[str, str]:
    """Return the tags that the provider adds to each resource of a stack."""
    return {
        "Application": "taskflow",
        "Environment": stack,
        "Owner": "devops",
        "ManagedBy": "pulumi",
        "DataClassification": "confidential",
        "CostCenter": "taskflow",
    }


def suffix(stack: str) -> str:
    """Return what Pulumi adds to the names of a stack."""
    return id_of(stack).hex[:7]


def defaults(region: str, *, has_subnets: bool) -> dict[str, Any]:
    """Return what a restored instance has that a request doesn't ask for (facts 21 and 70)."""
    vpc = "vpc-0default"
    return {
        "VpcSecurityGroups": security_groups(DEFAULT_SECURITY_GROUP),
        "DBParameterGroups": parameter_group(DEFAULT_PARAMETERS),
        "DBSubnetGroup": subnet_group(DEFAULT_SUBNETS, vpc),
        # In the default VPC, which has an internet gateway.
        "PubliclyAccessible": not has_subnets,
        "MultiAZ": False,
        "AutoMinorVersionUpgrade": True,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "CopyTagsToSnapshot": False,
        "DeletionProtection": False,
        "IAMDatabaseAuthenticationEnabled": False,
        "EnabledCloudwatchLogsExports": [],
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "MonitoringInterval": 0,
        "PerformanceInsightsEnabled": False,
        "DatabaseInsightsMode": "standard",
        "PreferredBackupWindow": "08:31-09:01" if region == "us-east-1" else "06:31-07:01",
        "PreferredMaintenanceWindow": "fri:10:12-fri:10:42",
        "ReadReplicaDBInstanceIdentifiers": [],
        "PendingModifiedValues": {},
        "TagList": [],
    }


def snapshot(
    name: str, kind: str, source: Mapping[str, Any], at: datetime, region: str, **changes: Any
) -> dict[str, Any]:
    """Return a snapshot of an instance."""
    copied = ("DBInstanceIdentifier", "DbiResourceId", "InstanceCreateTime", "Engine", "EngineVersion",
              "AllocatedStorage", "StorageType", "Iops", "MasterUsername", "KmsKeyId")  # fmt: skip
    return {
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": arn(region, "snapshot", name),
        "SnapshotType": kind,
        "SnapshotCreateTime": at,
        "OriginalSnapshotCreateTime": at,
        "Status": AVAILABLE,
        "PercentProgress": 100,
        "Encrypted": True,
        "Port": 5432,
        **{name: source[name] for name in copied if name in source},
        "TagList": list(source.get("TagList", [])) if kind != AWS_BACKUP else [],
        **changes,
    }
