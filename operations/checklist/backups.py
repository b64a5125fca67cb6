"""Whether the backups are fresh. Section: Backup Schedule, from which each limit follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from operations.checklist.judgement import Finding, age, failed, not_needed, passed
from operations.checklist.subject import Subject
from operations.recovery.freshness import DAILY_LIMIT, LOG_LIMIT, RUNBOOK, WEEKLY_LIMIT
from operations.release.release import is_writable

REPLICA = "a replica: its source has the backups"


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The newest backup of one kind (None: there is none), and since when there could be one."""

    what: str
    at: datetime | None
    limit: timedelta
    source_created_at: datetime | None = None


def judge(backup: Backup, now: datetime) -> Finding:
    """Judge the age of a backup. What is younger than the limit needs none yet."""
    limit = f"limit {age(backup.limit)}"
    if backup.at is not None:
        detail = f"{backup.what} is {age(now - backup.at)} old, {limit}"
        is_fresh = now - backup.at <= backup.limit
        return passed(detail) if is_fresh else failed(detail, f"Find out why there is no newer one: {RUNBOOK}.")
    created_at = backup.source_created_at
    if created_at and now - created_at <= backup.limit:
        return passed(f"no {backup.what} yet: created {age(now - created_at)} ago, {limit}")
    return failed(f"there is no {backup.what}", f"Find out why: {RUNBOOK}.")


def point_in_time(subject: Subject) -> Finding:
    """Check to which time the database can be restored."""
    if not is_writable(subject.context):
        return not_needed(REPLICA)
    at = _instance(subject).get("LatestRestorableTime")
    return judge(Backup(what="restorable time", at=at, limit=LOG_LIMIT), subject.context.clock.now())


def daily_backup(subject: Subject) -> Finding:
    """Check the newest automated backup of the database."""
    if not is_writable(subject.context):
        return not_needed(REPLICA)
    pages = subject.context.aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=subject.database, SnapshotType="automated"
    )
    times = [
        each.get("SnapshotCreateTime")
        for page in pages
        for each in page["DBSnapshots"]
        if each.get("Status") == "available"
    ]
    backup = Backup(what="automated backup", at=_newest(times), limit=DAILY_LIMIT)
    return judge(backup, subject.context.clock.now())


def weekly_snapshot(subject: Subject) -> Finding:
    """Check the newest recovery point that AWS Backup keeps of the database."""
    context = subject.context
    if not is_writable(context):
        return not_needed(REPLICA)
    pages = context.aws.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        # The vault and the selection are those of components/data/backup.py.
        BackupVaultName=context.environment.name,
        ByResourceArn=context.environment.arn("rds", f"db:{subject.database}"),
    )
    times = [
        each.get("CreationDate")
        for page in pages
        for each in page["RecoveryPoints"]
        if each.get("Status") == "COMPLETED"
    ]
    created_at = None if times else _instance(subject).get("InstanceCreateTime")
    backup = Backup(what="weekly snapshot", at=_newest(times), limit=WEEKLY_LIMIT, source_created_at=created_at)
    return judge(backup, context.clock.now())


def cache_snapshot(subject: Subject) -> Finding:
    """Check the newest snapshot of Redis that has all node groups; it is as old as the oldest part of it."""
    context = subject.context
    pages = context.aws.elasticache.get_paginator("describe_snapshots").paginate(
        ReplicationGroupId=context.environment.name
    )
    times: list[datetime | None] = []
    for page in pages:
        for snapshot in page["Snapshots"]:
            parts = [each.get("SnapshotCreateTime") for each in snapshot.get("NodeSnapshots", [])]
            is_whole = len(parts) >= context.settings.elasticache.num_node_groups and None not in parts
            if snapshot.get("SnapshotStatus") == "available" and is_whole:
                times.append(min(cast("list[datetime]", parts)))
    return judge(Backup(what="snapshot", at=_newest(times), limit=DAILY_LIMIT), context.clock.now())


def _instance(subject: Subject) -> dict[str, Any]:
    instances = subject.context.aws.rds.describe_db_instances(DBInstanceIdentifier=subject.database)["DBInstances"]
    return cast("dict[str, Any]", instances[0])


def _newest(times: list[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
