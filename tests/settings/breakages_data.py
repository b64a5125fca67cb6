"""Broken values of the data tier: rds, elasticache and backup."""

from collections.abc import Mapping, Sequence
from typing import cast

from tests.settings.as_pulumi import Json
from tests.settings.breakages_provider import SIGNING_IN
from tests.settings.breaking import (
    Breakage,
    and_also,
    block,
    misspelled,
    not_allowed,
    number,
    switch,
    text,
    wrong_type,
)
from tests.settings.support import as_data

SOURCE = "arn:aws:rds:us-east-1:987654321098:db:taskflow-production"
ELSEWHERE = "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr"
SECRET = "arn:aws:secretsmanager:us-west-2:987654321098:secret:taskflow/production/database-owner-a1B2c3"

# Settings that one stack file lacks, or both: the stack of their rows, and the settings that are added first.
BASES: Mapping[str, tuple[str, Mapping[str, Json]]] = {
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
    return data


RDS = "taskflow:rds"
RDS_REQUIRED = (
    "applyImmediately", "autoMinorVersionUpgrade", "backupRetention", "backupWindow", "certificateAuthority",
    "databaseName", "deletionProtection", "encryption", "engine", "identifier", "instanceClass", "iops", "logRetention",
    "maintenanceWindow", "maxConnections", "maxStorage", "monitoringInterval", "multiAZ", "readReplicas",
    "replicaMaxConnections", "slowStatementMs", "storage", "storageType", "version",
)  # fmt: skip
DAILY = "at least 30 minutes, such as 02:00-03:00"
WEEKLY = "at least 30 minutes and less than a day"

_RDS: Sequence[tuple[str, Sequence[Breakage]]] = (
    block(
        RDS,
        "taskflow:rsd",
        "a block of identifier",
        *(f"{RDS}.{name}" for name in RDS_REQUIRED),
        message="an instance's name",
    ),
    text(f"{RDS}.identifier", "identifer", "an instance's name", "Taskflow", "1a", "a--b", "a-", "a" * 51, ""),
    text(f"{RDS}.engine", "engin", "postgres", "mysql", "aurora-postgresql", "Postgres"),
    and_also(
        text(f"{RDS}.version", "verson", "15.15, 15.16, 15.17", "15.4", "15.14", "16", "16.1", "14", "15.x", ""),
        not_allowed("15.4", f"{RDS}.version", message="RDS can't create 15.4: write 15"),
        not_allowed("15.17", f"{RDS}.version", message='"15" with taskflow:rds.autoMinorVersionUpgrade (true)'),
    ),
    text(f"{RDS}.instanceClass", "instanceclass", "such as db.r6g.large", "r6g.large", "db.r6g", "db.r6g.huge"),
    and_also(
        number(f"{RDS}.storage", "storge", "20 to 362 GiB", 19, 363, 400, -1),
        Breakage(
            kind="value",
            value=355,
            paths=(f"{RDS}.maxStorage",),
            message="391 to 399: RDS rejects a ceiling below 110 %",
        ),
    ),
    text(f"{RDS}.storageType", "storagetype", "gp3", "io2", "gp2"),
    and_also(
        number(f"{RDS}.maxStorage", "maxstorage", "22 to 399 GiB", 21, 400),
        not_allowed(200, f"{RDS}.maxStorage", message="110 % of taskflow:rds.storage (200)"),
        not_allowed(219, f"{RDS}.maxStorage", message="220 to 399: RDS rejects a ceiling below"),
    ),
    number(f"{RDS}.iops", "iop", "3000, the baseline", 4000, 2999, 12000),
    switch(f"{RDS}.multiAZ", "multiAz"),
    number(f"{RDS}.readReplicas", "readReplica", "0 to 15 replicas", -1, 16),
    number(f"{RDS}.backupRetention", "backupretention", "1 to 35 days", 0, 36),
    and_also(
        text(
            f"{RDS}.backupWindow",
            "backupwindow",
            DAILY,
            "02:00-02:29",
            "02:00-02:00",
            "02:00",
            "24:00-01:00",
            "2:00-3:00",
            "sun:02:00-sun:03:00",
        ),
        # It overlaps the maintenance window on Sundays, or ends when the weekly snapshot may start.
        not_allowed("03:30-04:30", f"{RDS}.backupWindow", message="taskflow:rds.maintenanceWindow"),
        not_allowed("23:30-04:01", f"{RDS}.backupWindow", message="taskflow:rds.maintenanceWindow"),
        not_allowed("06:30-07:00", f"{RDS}.backupWindow", message="taskflow:backup.weeklySnapshot.at"),
    ),
    text(
        f"{RDS}.maintenanceWindow",
        "maintenancewindow",
        WEEKLY,
        "sun:04:00-sun:04:29",
        "sun:04:00-sun:04:00",
        "04:00-05:00",
        "Sun:04:00-Sun:05:00",
        "sun:24:00-mon:01:00",
        "sun:04:00-tue:05:00",
    ),
    switch(f"{RDS}.deletionProtection", "deletionprotection"),
    switch(f"{RDS}.encryption", "encrypted", False, message="true: an instance can't be encrypted after"),
    text(f"{RDS}.databaseName", "databasename", "a database's name", "Taskflow", "1a", "a-b", "a" * 64),
    and_also(
        number(f"{RDS}.maxConnections", "maxConnection", "100 to 5000 connections", 99, 5001),
        Breakage(
            kind="value",
            value=900,
            paths=(f"{RDS}.replicaMaxConnections",),
            message="at least taskflow:rds.maxConnections (900)",
        ),
    ),
    and_also(
        number(f"{RDS}.replicaMaxConnections", "replicaMaxConnection", "100 to 5000 connections", 99, 5001),
        not_allowed(799, f"{RDS}.replicaMaxConnections", message="at least taskflow:rds.maxConnections (800)"),
    ),
    number(f"{RDS}.slowStatementMs", "slowStatement", "100 to 60000 milliseconds", 99, 60_001),
    number(f"{RDS}.monitoringInterval", "monitoringintervall", "1, 5, 10, 15, 30 or 60", 0, 2, 61),
    text(f"{RDS}.certificateAuthority", "certificateauthority", "rds-ca-rsa2048-g1", "rds-ca-2019"),
    switch(f"{RDS}.autoMinorVersionUpgrade", "autoMinorVersionUpgrades"),
    switch(f"{RDS}.applyImmediately", "applyimmediately"),
    number(f"{RDS}.logRetention", "logretention", "at least 90 days", 30, 91),
    (
        f"{RDS}.source",
        (
            wrong_type(SOURCE, f"{RDS}.source", "a block of instance, maxConnections"),
            not_allowed({"maxConnections": 800}, f"{RDS}.source.instance", message="the ARN of an RDS instance"),
            not_allowed(None, f"{RDS}.source", message="which this stack replicates"),
            misspelled("sorce", f"{RDS}.sorce", "did you mean source?"),
        ),
    ),
    and_also(
        text(f"{RDS}.source.instance", "instances", "the ARN of an RDS instance", "taskflow-production", ""),
        not_allowed(ELSEWHERE, f"{RDS}.source.instance", message='a region other than aws:region ("us-west-2")'),
        not_allowed(SOURCE.replace("987654321098", "111111111111"), f"{RDS}.source.instance", message="of the account"),
    ),
    and_also(
        number(f"{RDS}.source.maxConnections", "maxConnection", "100 to 5000 connections", 99, 5001),
        Breakage(kind="value", value=801, paths=(f"{RDS}.maxConnections",), message="source.maxConnections (801)"),
    ),
    and_also(
        switch(f"{RDS}.promoted", "promotd"),
        not_allowed(True, "taskflow:service.minCount", message="at least 4 with taskflow:rds.promoted (true)"),
    ),
    (
        f"{RDS}.secrets",
        (
            wrong_type([SECRET], f"{RDS}.secrets", "a block of master, application"),
            not_allowed({"master": SECRET}, f"{RDS}.secrets.application", f"{RDS}.secrets.key", message="full ARN"),
            not_allowed(None, f"{RDS}.secrets", message="the replicas of production's secrets"),
            misspelled("secret", f"{RDS}.secret", "did you mean secrets?"),
        ),
    ),
    *(
        and_also(
            text(f"{RDS}.secrets.{name}", wrong, "a secret's full ARN", "database-owner", SECRET[:-1]),
            not_allowed(
                SECRET.replace("us-west-2", "us-east-1"),
                f"{RDS}.secrets.{name}",
                message="the secret's replica in aws:region",
            ),
            not_allowed(
                SECRET.replace("987654321098", "111111111111"), f"{RDS}.secrets.{name}", message="of the account"
            ),
        )
        for name, wrong in (("master", "mastr"), ("application", "aplication"))
    ),
    (
        f"{RDS}.successor",
        (
            wrong_type("taskflow-production-2", f"{RDS}.successor", "a block of identifier, source, promoted"),
            not_allowed(
                {"promoted": False},
                f"{RDS}.successor.identifier",
                f"{RDS}.successor.source",
                message="an instance's name",
            ),
            misspelled("succesor", f"{RDS}.succesor", "did you mean successor?"),
        ),
    ),
    and_also(
        text(f"{RDS}.successor.identifier", "identifer", "an instance's name", "-a"),
        not_allowed(
            "taskflow-production", f"{RDS}.successor.identifier", message="a name other than taskflow:rds.identifier"
        ),
    ),
    block(
        f"{RDS}.successor.source",
        "sorce",
        "a block of instance, maxConnections",
        f"{RDS}.successor.source.instance",
        f"{RDS}.successor.source.maxConnections",
        message="the ARN of an RDS instance",
    ),
    and_also(
        text(f"{RDS}.successor.source.instance", "instances", "the ARN of an RDS instance", "taskflow-dr"),
        not_allowed(SOURCE, f"{RDS}.successor.source.instance", message='a region other than aws:region ("us-east-1")'),
    ),
    and_also(
        number(f"{RDS}.successor.source.maxConnections", "maxConnection", "100 to 5000 connections", 99),
        Breakage(
            kind="value", value=801, paths=(f"{RDS}.maxConnections",), message="successor.source.maxConnections (801)"
        ),
    ),
    switch(f"{RDS}.successor.promoted", "promotd"),
)

REDIS = "taskflow:elasticache"
HOURLY = "at least 60 minutes, such as 02:00-03:00"

_ELASTICACHE: Sequence[tuple[str, Sequence[Breakage]]] = (
    block(
        REDIS,
        "taskflow:elasticcache",
        "a block of engine",
        *(
            f"{REDIS}.{name}"
            for name in (
                "applyImmediately",
                "autoMinorVersionUpgrade",
                "clusterMode",
                "encryption",
                "engine",
                "logRetention",
                "maintenanceWindow",
                "nodeType",
                "numNodeGroups",
                "replicasPerGroup",
                "snapshotRetention",
                "snapshotWindow",
                "version",
            )
        ),
        message="redis",
    ),
    text(f"{REDIS}.engine", "engin", "redis", "valkey", "memcached"),
    text(f"{REDIS}.version", "verson", "7.0", "7.1", "6.2"),
    text(f"{REDIS}.nodeType", "nodetype", "such as cache.r6g.large", "r6g.large", "db.r6g.large", "cache.r6g.huge"),
    text(f"{REDIS}.clusterMode", "clustermode", "enabled", "disabled", "compatible"),
    number(f"{REDIS}.numNodeGroups", "numNodeGroup", "1 to 45 node groups (shards)", 0, 46),
    number(f"{REDIS}.replicasPerGroup", "replicaPerGroup", "1 to 5 replicas", 0, 6),
    block(
        f"{REDIS}.encryption",
        "encrypted",
        "a block of atRest, inTransit",
        f"{REDIS}.encryption.atRest",
        f"{REDIS}.encryption.inTransit",
        message="true: a group can't be encrypted after",
    ),
    switch(f"{REDIS}.encryption.atRest", "atrest", False, message="true: a group can't be encrypted after"),
    switch(f"{REDIS}.encryption.inTransit", "intransit", False, message="true: without TLS"),
    number(f"{REDIS}.snapshotRetention", "snapshotretention", "1 to 35 days", 0, 36),
    and_also(
        text(f"{REDIS}.snapshotWindow", "snapshotwindow", HOURLY, "05:30-06:29", "05:30-05:30", "05:30"),
        not_allowed("08:00-09:00", f"{REDIS}.snapshotWindow", message="elasticache.maintenanceWindow"),
        not_allowed("02:30-03:30", f"{REDIS}.snapshotWindow", message="taskflow:rds.backupWindow"),
        not_allowed("04:30-05:30", f"{REDIS}.snapshotWindow", message="taskflow:rds.maintenanceWindow"),
    ),
    and_also(
        text(
            f"{REDIS}.maintenanceWindow",
            "maintenancewindow",
            "at least 60 minutes and less than a day",
            "sun:08:30-sun:09:29",
            "08:30-09:30",
            "SUN:08:30-SUN:09:30",
        ),
        not_allowed("mon:01:30-mon:02:30", f"{REDIS}.maintenanceWindow", message="taskflow:rds.backupWindow"),
        not_allowed("sun:04:00-sun:05:00", f"{REDIS}.maintenanceWindow", message="taskflow:rds.maintenanceWindow"),
    ),
    switch(f"{REDIS}.autoMinorVersionUpgrade", "autoMinorVersionUpgrades"),
    switch(f"{REDIS}.applyImmediately", "applyimmediately"),
    number(f"{REDIS}.logRetention", "logretention", "at least 90 days", 30, 91),
)

BACKUP = "taskflow:backup"
WEEKLY_SNAPSHOT, LOCK, RECOVERY = (f"{BACKUP}.{name}" for name in ("weeklySnapshot", "vaultLock", "recovery"))

_BACKUP: Sequence[tuple[str, Sequence[Breakage]]] = (
    block(BACKUP, "taskflow:backups", "a block of weeklySnapshot", WEEKLY_SNAPSHOT, LOCK, message="a block of at"),
    block(
        WEEKLY_SNAPSHOT,
        "weeklySnapshots",
        "a block of at",
        *(f"{WEEKLY_SNAPSHOT}.{name}" for name in ("at", "completionWindow", "retention", "startWindow")),
        message="such as sun:07:00",
    ),
    and_also(
        text(f"{WEEKLY_SNAPSHOT}.at", "att", "such as sun:07:00", "07:00", "Sun:07:00", "sun:24:00"),
        # In the maintenance window, or with a start window in the hour before it.
        not_allowed("sun:04:30", f"{WEEKLY_SNAPSHOT}.at", message="taskflow:rds.maintenanceWindow"),
        not_allowed("sat:01:30", f"{RDS}.backupWindow", message="taskflow:backup.weeklySnapshot.at"),
    ),
    and_also(
        number(f"{WEEKLY_SNAPSHOT}.startWindow", "startwindow", "60 to 480 minutes", 59, 481),
        Breakage(
            kind="value",
            value=200,
            paths=(f"{WEEKLY_SNAPSHOT}.completionWindow",),
            message="at least an hour more than",
        ),
    ),
    number(f"{WEEKLY_SNAPSHOT}.completionWindow", "completionwindow", "120 to 10080 minutes", 119, 10_081),
    and_also(
        number(f"{WEEKLY_SNAPSHOT}.retention", "retentions", "1 to 36500 days", 0, 36_501),
        not_allowed(89, f"{WEEKLY_SNAPSHOT}.retention", message="at least taskflow:backup.vaultLock.minRetention (90)"),
        not_allowed(
            366, f"{WEEKLY_SNAPSHOT}.retention", message="at most taskflow:backup.vaultLock.maxRetention (365)"
        ),
    ),
    block(
        LOCK,
        "vaultLocks",
        "a block of minRetention, maxRetention",
        f"{LOCK}.maxRetention",
        f"{LOCK}.minRetention",
        message="1 to 36500 days",
    ),
    and_also(
        number(f"{LOCK}.minRetention", "minretention", "1 to 36500 days", 0),
        not_allowed(
            366,
            f"{LOCK}.maxRetention",
            f"{WEEKLY_SNAPSHOT}.retention",
            f"{RECOVERY}.snapshotRetention",
            message="at least taskflow:backup.vaultLock.minRetention (366)",
        ),
    ),
    and_also(
        number(f"{LOCK}.maxRetention", "maxretention", "1 to 36500 days", 0, 36_501),
        not_allowed(
            89,
            f"{LOCK}.maxRetention",
            f"{WEEKLY_SNAPSHOT}.retention",
            f"{RECOVERY}.snapshotRetention",
            message="at least taskflow:backup.vaultLock.minRetention (90)",
        ),
    ),
    block(
        RECOVERY,
        "recover",
        "a block of region",
        f"{RECOVERY}.automatedRetention",
        f"{RECOVERY}.region",
        f"{RECOVERY}.snapshotRetention",
        message="an AWS region",
    ),
    and_also(
        text(f"{RECOVERY}.region", "regoin", "an AWS region", "uswest2", "us-west-2a"),
        not_allowed("us-east-1", f"{RECOVERY}.region", message='a region other than aws:region ("us-east-1")'),
    ),
    and_also(
        number(f"{RECOVERY}.snapshotRetention", "snapshotretention", "1 to 36500 days", 0),
        not_allowed(
            89, f"{RECOVERY}.snapshotRetention", message="at least taskflow:backup.vaultLock.minRetention (90)"
        ),
        not_allowed(
            366, f"{RECOVERY}.snapshotRetention", message="at most taskflow:backup.vaultLock.maxRetention (365)"
        ),
    ),
    number(f"{RECOVERY}.automatedRetention", "automatedretention", "1 to 35 days", 0, 36),
)

DATA: Mapping[str, Sequence[Breakage]] = dict((*_RDS, *_ELASTICACHE, *_BACKUP))
