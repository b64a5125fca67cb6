"""Broken values of the data tier: rds, elasticache and backup."""

from collections.abc import Mapping, Sequence
from typing import cast

from settings.yaml_values import Json
from tests.settings.breakages_provider import SIGNING_IN
from tests.settings.breaking import Rows, rejected
from tests.settings.support import as_data

SOURCE = "arn:aws:rds:us-east-1:987654321098:db:taskflow-production"
ELSEWHERE = "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr"
SECRET = "arn:aws:secretsmanager:us-west-2:987654321098:secret:taskflow/production/database-owner-a1B2c3"

# Settings that one stack file lacks, or both: the stack of their rows, and the settings that are added first.
STAGING: dict[str, Json] = {
    "account": "111122223333", "region": "us-east-1", "cluster": "taskflow-staging", "service": "taskflow-api-staging",
}  # fmt: skip
BASES: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    "taskflow:releases.staging": ("production", {"taskflow:releases.staging": STAGING}),
    "taskflow:rds.promoted": ("dr", {}),
    "taskflow:rds.source": ("dr", {}),
    "taskflow:rds.secrets": ("dr", {}),
    "taskflow:storage.bucket.copyOf": ("dr", {}),
    "taskflow:loadBalancer.originTakesTraffic": ("dr", {}),
    **{key: ("production", {key: value}) for key, value in SIGNING_IN.items()},
    "taskflow:rds.successor": (
        "production",
        {
            "taskflow:rds.successor": {
                "identifier": "taskflow-production-2",
                "source": {"instance": ELSEWHERE, "maxConnections": 800},
                "promoted": False,
            }
        },
    ),
}


def with_everything() -> dict[str, Json]:
    """Return production's settings with the blocks that only dr has, or neither, so that every setting is set."""
    data, rds = {**as_data("production"), **SIGNING_IN}, cast("dict[str, Json]", as_data("dr")["taskflow:rds"])
    added = {name: rds[name] for name in ("promoted", "source", "secrets")}
    successor = BASES["taskflow:rds.successor"][1]["taskflow:rds.successor"]
    data["taskflow:rds"] = {**cast("dict[str, Json]", data["taskflow:rds"]), **added, "successor": successor}
    for block_name, name in (("storage", "bucket"), ("loadBalancer", "originTakesTraffic")):
        of_dr = cast("dict[str, Json]", as_data("dr")[f"taskflow:{block_name}"])
        cast("dict[str, Json]", data[f"taskflow:{block_name}"])[name] = of_dr[name]
    data["taskflow:releases"] = {**cast("dict[str, Json]", data["taskflow:releases"]), "staging": STAGING}
    return data


RDS = "taskflow:rds"
DAILY = "at least 30 minutes, such as 02:00-03:00"
WEEKLY = "at least 30 minutes and less than a day"

_RDS: Sequence[Rows] = (
    rejected(f"{RDS}.identifier", "an instance's name", "Taskflow", "1a", "a--b", "a-", "a" * 51, ""),
    rejected(f"{RDS}.engine", "postgres", "mysql", "aurora-postgresql", "Postgres"),
    rejected(f"{RDS}.version", "15.15, 15.16, 15.17", "15.4", "15.14", "16", "16.1", "14", "15.x", ""),
    rejected(f"{RDS}.version", "RDS can't create 15.4: write 15", "15.4"),
    rejected(f"{RDS}.version", '"15" with taskflow:rds.autoMinorVersionUpgrade (true)', "15.17"),
    rejected(f"{RDS}.instanceClass", "such as db.r6g.large", "r6g.large", "db.r6g", "db.r6g.huge"),
    rejected(f"{RDS}.storage", "391 to 399: RDS rejects a ceiling below 110 %", 355, at=(f"{RDS}.maxStorage",)),
    rejected(f"{RDS}.storageType", "gp3", "io2", "gp2"),
    rejected(f"{RDS}.maxStorage", "110 % of taskflow:rds.storage (200)", 200),
    rejected(f"{RDS}.maxStorage", "220 to 399: RDS rejects a ceiling below", 219),
    rejected(
        f"{RDS}.backupWindow",
        DAILY,
        "02:00-02:29",
        "02:00-02:00",
        "02:00",
        "24:00-01:00",
        "2:00-3:00",
        "sun:02:00-sun:03:00",
    ),
    # It overlaps the maintenance window on Sundays, or ends when the weekly snapshot may start.
    rejected(f"{RDS}.backupWindow", "taskflow:rds.maintenanceWindow", "03:30-04:30", "23:30-04:01"),
    rejected(f"{RDS}.backupWindow", "taskflow:backup.weeklySnapshot.at", "06:30-07:00"),
    rejected(
        f"{RDS}.maintenanceWindow",
        WEEKLY,
        "sun:04:00-sun:04:29",
        "sun:04:00-sun:04:00",
        "04:00-05:00",
        "Sun:04:00-Sun:05:00",
        "sun:24:00-mon:01:00",
        "sun:04:00-tue:05:00",
    ),
    rejected(f"{RDS}.databaseName", "a database's name", "Taskflow", "1a", "a-b", "a" * 64),
    rejected(
        f"{RDS}.maxConnections", "at least taskflow:rds.maxConnections (900)", 900, at=(f"{RDS}.replicaMaxConnections",)
    ),
    rejected(f"{RDS}.replicaMaxConnections", "at least taskflow:rds.maxConnections (800)", 799),
    rejected(f"{RDS}.certificateAuthority", "rds-ca-rsa2048-g1", "rds-ca-2019"),
    rejected(f"{RDS}.source", "the ARN of an RDS instance", {"maxConnections": 800}, at=(".instance",)),
    rejected(f"{RDS}.source", "which this stack replicates", None),
    rejected(f"{RDS}.source.instance", "the ARN of an RDS instance", "taskflow-production", ""),
    rejected(f"{RDS}.source.instance", 'a region other than aws:region ("us-west-2")', ELSEWHERE),
    rejected(f"{RDS}.source.instance", "of the account", SOURCE.replace("987654321098", "111111111111")),
    rejected(f"{RDS}.source.maxConnections", "source.maxConnections (801)", 801, at=(f"{RDS}.maxConnections",)),
    rejected(
        f"{RDS}.promoted", "at least 4 with taskflow:rds.promoted (true)", True, at=("taskflow:service.minCount",)
    ),
    rejected(
        f"{RDS}.secrets",
        "full ARN",
        {"master": SECRET},
        at=(".application", ".key"),
    ),
    rejected(f"{RDS}.secrets", "the replicas of production's secrets", None),
    *(
        row
        for path in (f"{RDS}.secrets.master", f"{RDS}.secrets.application")
        for row in (
            rejected(path, "a secret's full ARN", "database-owner", SECRET[:-1]),
            rejected(path, "the secret's replica in aws:region", SECRET.replace("us-west-2", "us-east-1")),
            rejected(path, "of the account", SECRET.replace("987654321098", "111111111111")),
        )
    ),
    rejected(
        f"{RDS}.successor",
        "an instance's name",
        {"promoted": False},
        at=(".identifier",),
    ),
    rejected(f"{RDS}.successor.identifier", "an instance's name", "-a"),
    rejected(
        f"{RDS}.successor.identifier",
        "the name of a restored instance, such as taskflow-recovery-20260115-0930",
        "taskflow-production-2",
        "taskflow-recovery",
        also={f"{RDS}.successor.restored": True, f"{RDS}.successor.source": None},
    ),
    rejected(f"{RDS}.successor.restored", "false with taskflow:rds.successor.source.instance", True),
    rejected(f"{RDS}.successor.source", "instance and maxConnections of the primary that it replicates", None),
    rejected(f"{RDS}.successor.source", "set restored: true instead", None),
    rejected(f"{RDS}.successor.standby", "true for a replica in a stack whose first instance has a source", True),
    rejected(f"{RDS}.successor.identifier", "a name other than taskflow:rds.identifier", "taskflow-production"),
    rejected(f"{RDS}.successor.source.instance", "the ARN of an RDS instance", "taskflow-dr"),
    rejected(f"{RDS}.successor.source.instance", 'a region other than aws:region ("us-east-1")', SOURCE),
    rejected(
        f"{RDS}.successor.source.maxConnections",
        "successor.source.maxConnections (801)",
        801,
        at=(f"{RDS}.maxConnections",),
    ),
)

REDIS = "taskflow:elasticache"
HOURLY = "at least 60 minutes, such as 02:00-03:00"

_ELASTICACHE: Sequence[Rows] = (
    rejected(f"{REDIS}.engine", "redis", "valkey", "memcached"),
    rejected(f"{REDIS}.version", "7.0", "7.1", "6.2"),
    rejected(f"{REDIS}.nodeType", "such as cache.r6g.large", "r6g.large", "db.r6g.large", "cache.r6g.huge"),
    rejected(f"{REDIS}.clusterMode", "enabled", "disabled", "compatible"),
    rejected(f"{REDIS}.snapshotWindow", HOURLY, "05:30-06:29", "05:30-05:30", "05:30"),
    rejected(f"{REDIS}.snapshotWindow", "elasticache.maintenanceWindow", "08:00-09:00"),
    rejected(f"{REDIS}.snapshotWindow", "taskflow:rds.backupWindow", "02:30-03:30"),
    rejected(f"{REDIS}.snapshotWindow", "taskflow:rds.maintenanceWindow", "04:30-05:30"),
    rejected(
        f"{REDIS}.maintenanceWindow",
        "at least 60 minutes and less than a day",
        "sun:08:30-sun:09:29",
        "08:30-09:30",
        "SUN:08:30-SUN:09:30",
    ),
    rejected(f"{REDIS}.maintenanceWindow", "taskflow:rds.backupWindow", "mon:01:30-mon:02:30"),
    rejected(f"{REDIS}.maintenanceWindow", "taskflow:rds.maintenanceWindow", "sun:04:00-sun:05:00"),
)

BACKUP = "taskflow:backup"
WEEKLY_SNAPSHOT, LOCK, RECOVERY = (f"{BACKUP}.{name}" for name in ("weeklySnapshot", "vaultLock", "recovery"))
TEST = f"{BACKUP}.restoreTest"

_BACKUP: Sequence[Rows] = (
    rejected(f"{WEEKLY_SNAPSHOT}.at", "such as sun:07:00", "07:00", "Sun:07:00", "sun:24:00"),
    # In the maintenance window, or with a start window in the hour before it.
    rejected(f"{WEEKLY_SNAPSHOT}.at", "taskflow:rds.maintenanceWindow", "sun:04:30"),
    rejected(f"{WEEKLY_SNAPSHOT}.at", "taskflow:backup.weeklySnapshot.at", "sat:01:30", at=(f"{RDS}.backupWindow",)),
    rejected(
        f"{WEEKLY_SNAPSHOT}.startWindow", "at least an hour more than", 200, at=(f"{WEEKLY_SNAPSHOT}.completionWindow",)
    ),
    rejected(f"{WEEKLY_SNAPSHOT}.retention", "at least taskflow:backup.vaultLock.minRetention (90)", 89),
    rejected(f"{WEEKLY_SNAPSHOT}.retention", "at most taskflow:backup.vaultLock.maxRetention (365)", 366),
    rejected(
        f"{LOCK}.minRetention",
        "at least taskflow:backup.vaultLock.minRetention (366)",
        366,
        at=(f"{LOCK}.maxRetention", f"{WEEKLY_SNAPSHOT}.retention", f"{RECOVERY}.snapshotRetention"),
    ),
    rejected(
        f"{LOCK}.maxRetention",
        "at least taskflow:backup.vaultLock.minRetention (90)",
        89,
        at=(f"{LOCK}.maxRetention", f"{WEEKLY_SNAPSHOT}.retention", f"{RECOVERY}.snapshotRetention"),
    ),
    rejected(f"{TEST}.at", "such as sun:07:00", "07:00", "mon:24:00"),
    rejected(f"{TEST}.query", "one SELECT without a semicolon", "DELETE FROM tasks", "SELECT 1; SELECT 2", "SELECT"),
    rejected(f"{RECOVERY}.region", "an AWS region", "uswest2", "us-west-2a"),
    rejected(f"{RECOVERY}.region", 'a region other than aws:region ("us-east-1")', "us-east-1"),
    rejected(f"{RECOVERY}.snapshotRetention", "at least taskflow:backup.vaultLock.minRetention (90)", 89),
    rejected(f"{RECOVERY}.snapshotRetention", "at most taskflow:backup.vaultLock.maxRetention (365)", 366),
)

ROWS: Sequence[Rows] = (*_RDS, *_ELASTICACHE, *_BACKUP)
