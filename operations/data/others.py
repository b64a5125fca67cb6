"""Copies in the cache's snapshots, in queues and in log groups."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from operations.data.ends import daily_removed_at, expires_at, is_in_time
from operations.data.remainder import Question, Remainder
from operations.frame.context import Context

AUTOMATED = "automated"


def cache(context: Context, question: Question) -> Iterator[Remainder]:
    """Yield what Redis's snapshots have from before the deletion."""
    elasticache, region, now = cast("Any", context.aws.elasticache), context.environment.region, context.clock.now()
    groups = [
        each
        for page in elasticache.get_paginator("describe_replication_groups").paginate()
        for each in page["ReplicationGroups"]
    ]
    days = max((each.get("SnapshotRetentionLimit", 0) for each in groups), default=0)
    held = [
        (each, at)
        for page in elasticache.get_paginator("describe_snapshots").paginate()
        for each in page["Snapshots"]
        if (at := _snapshot_time(each, question.deleted_at)) <= question.deleted_at
    ]
    automatic = [(each, at) for each, at in held if each.get("SnapshotSource") == AUTOMATED]
    limits = [daily_removed_at(at, max(days, each.get("SnapshotRetentionLimit", 0))) for each, at in automatic]
    yield Remainder(
        place="automatic snapshots of Redis",
        region=region,
        found=len(automatic),
        ends=max(limits, default=now) if days else None,
        rule=f"ElastiCache: {days} days, and its daily cycle",
        read_at=now,
        remedy="Set elasticache.snapshotRetention, or delete the snapshots",
    )
    for each, _ in held:
        if each.get("SnapshotSource") != AUTOMATED:
            name = each["SnapshotName"]
            yield Remainder(
                place=f"snapshot of Redis {name}",
                region=region,
                found=1,
                ends=None,
                rule="a snapshot that nothing deletes",
                read_at=now,
                remedy="It contains the data for ever: delete it, or agree on a date and note it in the ticket",
                command=f"aws --region {region} elasticache delete-snapshot --snapshot-name {name}",
            )


def _snapshot_time(snapshot: Mapping[str, Any], deleted_at: datetime) -> datetime:
    """Return the time of a snapshot, that of its oldest part. While it is created it has none: then the deletion's."""
    times = [each.get("SnapshotCreateTime") for each in snapshot.get("NodeSnapshots", [])]
    return deleted_at if not times or None in times else min(times)


def queues(context: Context, question: Question) -> Iterator[Remainder]:
    """Yield when the last message from before the deletion ends.

    A message keeps its first time in the dead-letter queue of a standard queue, and gets a new one in that of a FIFO
    queue (SQS, Setting-up dead-letter queue retention).
    """
    sqs = context.aws.sqs
    prefix = f"{context.environment.name}-"
    urls = [
        url for page in sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
        for url in page.get("QueueUrls", [])
    ]  # fmt: skip
    attributes: Sequence[Mapping[str, str]] = [
        sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["QueueArn", "MessageRetentionPeriod", "RedrivePolicy", "FifoQueue"]
        )["Attributes"]
        for url in urls
    ]
    retention = {each["QueueArn"]: int(each["MessageRetentionPeriod"]) for each in attributes}
    before = dict.fromkeys(retention, 0)
    for each in attributes:
        target = json.loads(each.get("RedrivePolicy", "{}")).get("deadLetterTargetArn")
        if each.get("FifoQueue") == "true" and target in before:
            before[target] = max(before[target], retention[each["QueueArn"]])
    for arn, seconds in sorted(retention.items()):
        days = timedelta(seconds=seconds + before[arn]) / timedelta(days=1)
        yield Remainder(
            place=f"queue {arn.rpartition(':')[2]}",
            region=context.environment.region,
            found=None,
            ends=expires_at(question.deleted_at, days),
            rule=f"SQS: {days:g} days from the first sending; a redrive by a person starts again",
            read_at=context.clock.now(),
        )


def log_groups(context: Context, question: Question) -> Iterator[Remainder]:
    """Yield when the last log event from before the deletion ends; a group without an end, or too long, by its name."""
    region, now, deleted_at = context.environment.region, context.clock.now(), question.deleted_at
    pages = cast("Any", context.aws.logs).get_paginator("describe_log_groups").paginate()
    days: Mapping[str, int | None] = {
        each["logGroupName"]: each.get("retentionInDays") for page in pages for each in page["logGroups"]
    }
    in_time = {name: each for name, each in days.items() if each and is_in_time(deleted_at + _days(each), deleted_at)}
    longest = max(in_time.values(), default=0)
    yield Remainder(
        place=f"log groups ({len(in_time)})",
        region=region,
        found=None,
        ends=expires_at(deleted_at, longest),
        rule=f"CloudWatch Logs: {longest} days at most; e-mail addresses, names and card numbers are masked",
        read_at=now,
    )
    for name in sorted(days.keys() - in_time.keys()):
        retention = days[name]
        yield Remainder(
            place=f"log group {name}",
            region=region,
            found=None,
            ends=expires_at(deleted_at, retention) if retention else None,
            rule=f"CloudWatch Logs: {f'{retention} days' if retention else 'never deleted'}",
            read_at=now,
            remedy="Set its retention to 90 days: older events then end at once",
            command=f"aws --region {region} logs put-retention-policy --log-group-name {name} --retention-in-days 90",
        )


def _days(days: int) -> timedelta:
    return timedelta(days=days)
