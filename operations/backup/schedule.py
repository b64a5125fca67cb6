"""What the Backup Schedule requires beyond fresh backups: retention, copies, versions, replication, log groups."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from operations.backup.freshness import REPLICA, RUNBOOK, WEEKLY_LIMIT, Backup, instance_of, judge
from operations.checklist.judgement import Finding, Verdict, age, failed, not_needed, passed
from operations.frame.context import Context
from operations.release.release import is_writable
from settings.stacks import RECOVERY

if TYPE_CHECKING:
    from types_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef

# Backup Schedule: days by row. A retention above them is the stack file's choice.
SNAPSHOT_DAYS, LOG_DAYS = 90, 90
REPLICATION_RUNBOOK = "docs/runbooks/replication-failed.md"
# S3 replicates most objects within 15 minutes (S3 User Guide, replication); a backlog this large grows for hours.
PENDING_LIMIT = 10_000
METRIC_AGE = timedelta(hours=3)


def daily_retention(context: Context) -> Finding:
    """Check for how many days RDS keeps automated backups, and since when the database can be restored."""
    if not is_writable(context):
        return not_needed(REPLICA)
    days, required = int(instance_of(context).get("BackupRetentionPeriod", 0)), context.settings.rds.backup_retention
    if days < required:
        return failed(f"kept for {days} days, not {required}", "`pulumi up` sets the retention again.")
    return passed(f"kept for {days} days")


def snapshot_retention(context: Context) -> Finding:
    """Check for how many days the newest recovery point is kept."""
    if not is_writable(context):
        return not_needed(REPLICA)
    return _kept(_newest_point(context, context))


def snapshot_copy(context: Context) -> Finding:
    """Check the newest copy of a recovery point in the recovery region."""
    recovery = context.settings.backup.recovery
    if recovery is None:
        return not_needed("this stack has no copies in another region")
    there = context.of_stack(RECOVERY)
    point = _newest_point(context, there)
    at = point.get("CreationDate") if point else None
    # A copy begins once the snapshot is complete.
    fresh = judge(
        Backup(what=f"copy in {recovery.region}", at=at, limit=WEEKLY_LIMIT + timedelta(days=1)), context.clock.now()
    )
    if fresh.verdict is not Verdict.PASSED:
        return fresh
    kept = _kept(point)
    return replace(kept, detail=f"{fresh.detail}, {kept.detail}")


def _newest_point(context: Context, of_region: Context) -> "RecoveryPointByBackupVaultTypeDef | None":
    """Return the newest recovery point of the stack's vault, which has the same name in both regions."""
    request: dict[str, Any] = {"BackupVaultName": context.environment.name}
    if of_region is context:
        request["ByResourceArn"] = instance_of(context)["DBInstanceArn"]
    pages = of_region.aws.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(**request)
    points = [each for page in pages for each in page["RecoveryPoints"] if each.get("Status") == "COMPLETED"]
    dated = [(point["CreationDate"], number) for number, point in enumerate(points) if "CreationDate" in point]
    return points[max(dated)[1]] if dated else None


def _kept(point: "RecoveryPointByBackupVaultTypeDef | None") -> Finding:
    if point is None:
        return failed("there is no snapshot", f"Find out why: {RUNBOOK}.")
    days = point.get("Lifecycle", {}).get("DeleteAfterDays")
    if days is None:
        return failed(
            "the newest one is kept without an end", "Give it a lifecycle: the vault allows a longest retention."
        )
    if days < SNAPSHOT_DAYS:
        return failed(f"kept for {days} days, not {SNAPSHOT_DAYS}", "`pulumi up` sets the plan's lifecycle again.")
    return passed(f"kept for {days} days")


def cache_retention(context: Context) -> Finding:
    """Check for how many days ElastiCache keeps snapshots."""
    name, required = context.environment.name, context.settings.elasticache.snapshot_retention
    (group,) = context.aws.elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    days = group.get("SnapshotRetentionLimit", 0)
    if days < required:
        return failed(f"kept for {days} days, not {required}", "`pulumi up` sets the retention again.")
    return passed(f"kept for {days} days")


def bucket_names(context: Context) -> tuple[str, ...]:
    """Return the buckets with data: the users' files, and the assets where the stack has them."""
    environment, copy = context.environment, context.settings.storage.bucket.copy_of
    files = copy.bucket if copy else environment.bucket_name("files")
    return (files, environment.bucket_name("assets")) if context.settings.cloudfront else (files,)


def versions(context: Context) -> Finding:
    """Check that each bucket keeps versions."""
    without = [
        bucket
        for bucket in bucket_names(context)
        if context.aws.s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled"
    ]
    if without:
        return failed(f"no versions: {', '.join(without)}", "`pulumi up` enables versioning again.")
    return passed(f"versions kept: {', '.join(bucket_names(context))}")


def replication(context: Context) -> Finding:
    """Check that each bucket is replicated, and how much waits."""
    if context.settings.backup.recovery is None:
        return not_needed("this stack's files aren't replicated")
    waiting: list[str] = []
    for bucket in bucket_names(context):
        rules = context.aws.s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
        enabled = [rule for rule in rules if rule["Status"] == "Enabled"]
        if not enabled:
            return failed(f"{bucket} isn't replicated", "`pulumi up` enables the rule again.")
        for rule in enabled:
            destination = rule["Destination"]["Bucket"].rpartition(":")[2]
            pending = _pending(context, bucket, destination, rule.get("ID", ""))
            if pending is not None and pending > PENDING_LIMIT:
                waiting.append(f"{bucket}: {pending:,.0f} objects wait")
    if waiting:
        return failed("; ".join(waiting), f"Find out why: {REPLICATION_RUNBOOK}.")
    return passed("replicated")


def _pending(context: Context, source: str, destination: str, rule: str) -> float | None:
    """Return the newest number of operations that wait; None without a metric, as after an hour without writes."""
    now = context.clock.now()
    dimensions = {"SourceBucket": source, "DestinationBucket": destination, "RuleId": rule}
    answer = context.aws.cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "pending",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/S3",
                        "MetricName": "OperationsPendingReplication",
                        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                    },
                    "Period": 300,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=now - METRIC_AGE,
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    values = [value for result in answer["MetricDataResults"] for value in result.get("Values", [])]
    return values[0] if values else None


def log_retention(context: Context) -> Finding:
    """Check that each log group of the stack keeps its logs for as long as the schedule requires."""
    groups = dict(_log_groups(context))
    if not groups:
        return failed("there is no log group of this stack", "`pulumi up` creates them.")
    wrong = {name: days for name, days in groups.items() if days is None or days < LOG_DAYS}
    if wrong:
        named = [f"{name}: {f'{days} days' if days else 'no end'}" for name, days in sorted(wrong.items())]
        return failed(
            f"{len(wrong)} of {len(groups)} log groups: {', '.join(named)}",
            "`pulumi up` sets the retention of its log groups; a group that AWS created needs one by hand.",
        )
    return passed(f"{len(groups)} log groups, {min(days for days in groups.values() if days)} days or more")


def _log_groups(context: Context) -> Iterator[tuple[str, int | None]]:
    """Return the log groups of the stack with their retention; AWS's services choose some of the names."""
    environment, settings = context.environment, context.settings
    prefixes = (
        f"/{environment.application}/{environment.stack}/",
        environment.audit_log_group_name,
        f"/aws/events/{environment.name}",
        f"/aws/rds/instance/{environment.name}",
        f"/aws/ecs/containerinsights/{settings.service.cluster}/",
        f"aws-waf-logs-{environment.name}",
        "RDSOSMetrics",
    )
    for prefix in prefixes:
        for page in context.aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            for group in page["logGroups"]:
                yield group.get("logGroupName", ""), group.get("retentionInDays")


def restorable_since(context: Context) -> Finding:
    """Return since when the database can be restored: its oldest automated backup."""
    if not is_writable(context):
        return not_needed(REPLICA)
    instance = instance_of(context)
    pages = context.aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=instance["DBInstanceIdentifier"], SnapshotType="automated"
    )
    times: list[datetime] = [
        each["SnapshotCreateTime"]
        for page in pages
        for each in page["DBSnapshots"]
        if each.get("Status") == "available" and "SnapshotCreateTime" in each
    ]
    oldest, now = min(times, default=None), context.clock.now()
    if oldest is None:
        return failed("it can't be restored to any time", f"Find out why: {RUNBOOK}.")
    days = context.settings.rds.backup_retention
    # A day less: RDS deletes the oldest backup before it takes the next one.
    expected = min(timedelta(days=days - 1), now - instance["InstanceCreateTime"] - timedelta(days=1))
    if now - oldest < expected:
        detail = f"restorable to the last {age(now - oldest)} only, not {days} days"
        return failed(detail, "The retention was raised or backups are missing: it grows by a day each day.")
    return passed(f"restorable to any second since {oldest:%Y-%m-%d %H:%M}")
