"""Alarms on cache, replicas, queue and bucket replication, beyond the document's table.

Sections: Monitoring & Alerting, Backup & Recovery. Thresholds are this project's choice; each alarm is a warning.
"""

from collections.abc import Iterator, Mapping

from components.alerting.alarms import Alarm, AlarmMetric, above
from components.data.postgres import PostgresOutputs
from components.data.postgres_parameters import MAX_SLOT_WAL_MIB
from components.data.redis import RedisOutputs
from components.storage.job_queue import QueueOutputs
from components.storage.replication import Replication

REDIS_MINUTES = 10
# Name, metric, statistic, threshold (percent, percent, keys per minute) and description.
REDIS_ALARMS = (
    ("memory", "DatabaseMemoryUsagePercentage", "Average", 85, f"memory above 85 % for {REDIS_MINUTES} minutes"),
    ("engine-cpu", "EngineCPUUtilization", "Average", 85, f"engine CPU above 85 % for {REDIS_MINUTES} minutes"),
    ("evictions", "Evictions", "Sum", 0, f"memory is full, keys evicted for {REDIS_MINUTES} minutes"),
)
# Seconds. An idle primary switches its log every five minutes; until then the replica's lag grows to 300 s.
LAG, LAG_MINUTES = 400, 5
# Bytes of WAL that a primary may retain for a replica: half of what invalidates the replica's slot.
RETAINED_WAL, RETAINED_WAL_MINUTES = MAX_SLOT_WAL_MIB * 2**20 // 2, 10
# Seconds: SQS publishes about every five minutes.
FIVE_MINUTES = 300


def data_tier_alarms(
    cache: RedisOutputs, database: PostgresOutputs, jobs: QueueOutputs, replications: Mapping[str, Replication]
) -> Iterator[Alarm]:
    """Yield all alarms of the data tier; `replications` by the purpose of the bucket."""
    yield from _redis_alarms(cache)
    yield from _lag_alarms(database)
    yield from _slot_alarms(database)
    yield _dead_letter_alarm(jobs)
    for purpose, replication in replications.items():
        yield _replication_alarm(purpose, replication)


def _redis_alarms(cache: RedisOutputs) -> Iterator[Alarm]:
    """Watch every node: an alarm can't search for nodes, and an average hides a single one."""
    for node in cache.node_ids:
        for name, metric, statistic, threshold, text in REDIS_ALARMS:
            yield Alarm(
                name=f"redis-{name}-{node}",
                description=f"Redis node {node}: {text}, the API slows down. One node alone: find its large "
                "or hot key. All nodes: enlarge the cache",
                severity="Warning",
                command=f"elasticache describe-replication-groups --replication-group-id {cache.group_id}",
                metric=AlarmMetric("AWS/ElastiCache", metric, {"CacheClusterId": node}, statistic),
                condition=above(threshold),
                periods=REDIS_MINUTES,
                missing_data="missing",
                runbook="redis",
            )


def _lag_alarms(database: PostgresOutputs) -> Iterator[Alarm]:
    """Watch every replica, also one whose primary is in another region."""
    for identifier in database.all_replica_identifiers:
        yield Alarm(
            name=f"replica-lag-{identifier}",
            description=f"{identifier} is more than {LAG} s behind its primary for {LAG_MINUTES} minutes: reads are "
            "stale, and a promotion of this replica would lose these writes. Look for long statements on it",
            severity="Warning",
            command=f"rds describe-db-instances --db-instance-identifier {identifier}",
            metric=AlarmMetric("AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": identifier}, "Average"),
            condition=above(LAG),
            periods=LAG_MINUTES,
            missing_data="missing",
            runbook="replica-lag",
        )


def _slot_alarms(database: PostgresOutputs) -> Iterator[Alarm]:
    """Watch every primary: retained WAL fills its disk; beyond the limit the replica must be created again."""
    for identifier in database.primary_arns:
        yield Alarm(
            name=f"replication-slot-{identifier}",
            description=f"{identifier} retains more than {RETAINED_WAL // 2**30} GiB of WAL for a replica for "
            f"{RETAINED_WAL_MINUTES} minutes: at twice as much its slot is lost. Find the stuck replica",
            severity="Warning",
            command=f"rds describe-db-instances --db-instance-identifier {identifier}",
            metric=AlarmMetric("AWS/RDS", "OldestReplicationSlotLag", {"DBInstanceIdentifier": identifier}, "Maximum"),
            condition=above(RETAINED_WAL),
            periods=RETAINED_WAL_MINUTES,
            # Published only while there is a slot.
            missing_data="notBreaching",
            runbook="replication-slot",
        )


def _dead_letter_alarm(jobs: QueueOutputs) -> Alarm:
    return Alarm(
        name="dead-letters",
        description=f"Dead-letter queue {jobs.dead_letter_name} is not empty: messages failed on every attempt. Fix "
        "the cause, then move them back",
        severity="Warning",
        command=f"sqs get-queue-url --queue-name {jobs.dead_letter_name}",
        metric=AlarmMetric(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": jobs.dead_letter_name}, "Maximum"
        ),
        condition=above(0),
        periods=1,
        missing_data="missing",
        period=FIVE_MINUTES,
    )


def _replication_alarm(purpose: str, replication: Replication) -> Alarm:
    dimensions = {
        "SourceBucket": replication.source,
        "DestinationBucket": replication.destination,
        "RuleId": replication.rule,
    }
    return Alarm(
        name=f"replication-{purpose}",
        description=f"S3 failed to replicate objects from {replication.source} to {replication.destination}: S3 "
        "doesn't retry, the destination lacks them. Fix the cause, then copy them with Batch Replication",
        severity="Warning",
        command=f"s3api get-bucket-replication --bucket {replication.source}",
        metric=AlarmMetric("AWS/S3", "OperationsFailedReplication", dimensions, "Sum"),
        condition=above(0),
        periods=1,
        # Published only while objects are replicated.
        missing_data="notBreaching",
        period=FIVE_MINUTES,
        runbook="replication-failed",
    )
