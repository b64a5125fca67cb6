"""Whether the backups are fresh. Section: Backup Schedule, from which each limit follows.

The checklist before a deployment and `taskflow backup status` ask the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from operations.checklist.judgement import Finding, age, failed, not_needed, passed
from operations.frame.context import Context
from operations.release.release import is_writable

# RDS uploads the transaction logs every five minutes (RDS User Guide, point-in-time recovery); three times that.
LOG_LIMIT = timedelta(minutes=15)
# RDS Automated and Redis Snapshot are daily: a day, the window of an hour, and an hour to finish.
DAILY_LIMIT = timedelta(hours=26)
# RDS Snapshot is weekly: a week, and a day for the start and completion windows.
WEEKLY_LIMIT = timedelta(days=8)
RUNBOOK = "docs/runbooks/backup-failed.md"
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


def point_in_time(context: Context) -> Finding:
    """Check to which time the database can be restored."""
    if not is_writable(context):
        return not_needed(REPLICA)
    at = instance_of(context).get("LatestRestorableTime")
    return judge(Backup(what="restorable time", at=at, limit=LOG_LIMIT), context.clock.now())


def daily_backup(context: Context) -> Finding:
    """Check the newest automated backup of the database."""
    if not is_writable(context):
        return not_needed(REPLICA)
    pages = context.aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=context.settings.rds.serving_identifier(), SnapshotType="automated"
    )
    times = [
        each.get("SnapshotCreateTime")
        for page in pages
        for each in page["DBSnapshots"]
        if each.get("Status") == "available"
    ]
    backup = Backup(what="automated backup", at=newest(times), limit=DAILY_LIMIT)
    return judge(backup, context.clock.now())


def weekly_snapshot(context: Context) -> Finding:
    """Check the newest recovery point that AWS Backup keeps of the database."""
    if not is_writable(context):
        return not_needed(REPLICA)
    pages = context.aws.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        # The vault and the selection are those of components/data/backup.py.
        BackupVaultName=context.environment.name,
        ByResourceArn=context.environment.arn("rds", f"db:{context.settings.rds.serving_identifier()}"),
    )
    times = [
        each.get("CreationDate")
        for page in pages
        for each in page["RecoveryPoints"]
        if each.get("Status") == "COMPLETED"
    ]
    created_at = None if times else instance_of(context).get("InstanceCreateTime")
    backup = Backup(what="weekly snapshot", at=newest(times), limit=WEEKLY_LIMIT, source_created_at=created_at)
    return judge(backup, context.clock.now())


def cache_snapshot(context: Context) -> Finding:
    """Check the newest snapshot of Redis that has all node groups; it is as old as the oldest part of it."""
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
    return judge(Backup(what="snapshot", at=newest(times), limit=DAILY_LIMIT), context.clock.now())


def instance_of(context: Context) -> dict[str, Any]:
    """Return RDS's description of the instance that serves."""
    name = context.settings.rds.serving_identifier()
    return cast("dict[str, Any]", context.aws.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


def newest(times: Sequence[datetime | None]) -> datetime | None:
    """Return the newest of some times, None without any."""
    return max((time for time in times if time is not None), default=None)
