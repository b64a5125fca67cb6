"""Alarms beyond the document's table: cache, replicas and their slots, queue, and copies; a warning each.

Sections: Monitoring & Alerting, Backup & Recovery. Thresholds are this project's choice.
"""

from collections.abc import Iterator, Mapping, Sequence

from components.alerting.alarms import ABOVE, Row
from components.data.postgres import PostgresOutputs
from components.data.postgres_parameters import MOST_WAL_KEPT
from components.data.redis import RedisOutputs
from components.storage.job_queue import QueueOutputs
from components.storage.replication import Replication

CACHE, DATABASE, QUEUE, BUCKETS = "AWS/ElastiCache", "AWS/RDS", "AWS/SQS", "AWS/S3"
# Percent, percent, keys a minute, and the minutes for each.
CACHE_ROWS = (
    ("memory", "DatabaseMemoryUsagePercentage", "Average", 85, "uses more than 85 % of its memory"),
    ("engine-cpu", "EngineCPUUtilization", "Average", 85, "has its engine's CPU above 85 %"),
    ("evictions", "Evictions", "Sum", 0, "throws keys away for want of memory"),
)
CACHE_MINUTES = 10
# Seconds that a replica may be behind: an idle primary switches its log every five minutes, and until then the replica
# reports the time since the last switch as lag.
LAG, LAG_MINUTES = 400, 5
# Bytes of its log that a primary may hold back for a replica: half of what ends the replica's slot.
HELD_BACK, HELD_BACK_MINUTES = MOST_WAL_KEPT * 2**20 // 2, 10


def cache_rows(cache: RedisOutputs) -> Iterator[Row]:
    """Watch every node: an alarm can't search for them, and one node's trouble is lost in an average."""
    for node in cache.node_ids:
        for name, metric, statistic, threshold, says in CACHE_ROWS:
            yield Row(
                name=f"redis-{name}-{node}",
                page="redis",
                says=f"The cache's node {node} {says}",
                severity="Warning",
                command=f"elasticache describe-replication-groups --replication-group-id {cache.group_id}",
                comparison=ABOVE,
                threshold=threshold,
                periods=CACHE_MINUTES,
                missing="missing",
                namespace=CACHE,
                metric=metric,
                dimensions={"CacheClusterId": node},
                statistic=statistic,
            )


def lag_rows(database: PostgresOutputs) -> Iterator[Row]:
    """Watch how far each replica is behind, in its primary's region or in another."""
    for identifier in database.replicas:
        yield Row(
            name=f"replica-lag-{identifier}",
            page="replica-lag",
            says=f"{identifier} has been more than {LAG} s behind its primary for {LAG_MINUTES} minutes",
            severity="Warning",
            command=f"rds describe-db-instances --db-instance-identifier {identifier}",
            comparison=ABOVE,
            threshold=LAG,
            periods=LAG_MINUTES,
            missing="missing",
            namespace=DATABASE,
            metric="ReplicaLag",
            dimensions={"DBInstanceIdentifier": identifier},
            statistic="Average",
        )


def slot_rows(database: PostgresOutputs) -> Iterator[Row]:
    """Watch what each primary holds back: it fills its disk, and past the bound the replica has to be made anew."""
    for identifier in database.primary_arns:
        yield Row(
            name=f"replication-slot-{identifier}",
            page="replication-slot",
            says=f"{identifier} has held back more than {HELD_BACK // 2**30} GiB for a replica for {HELD_BACK_MINUTES} "
            "minutes",
            severity="Warning",
            command=f"rds describe-db-instances --db-instance-identifier {identifier}",
            comparison=ABOVE,
            threshold=HELD_BACK,
            periods=HELD_BACK_MINUTES,
            # Measured only while there is a slot.
            missing="notBreaching",
            namespace=DATABASE,
            metric="OldestReplicationSlotLag",
            dimensions={"DBInstanceIdentifier": identifier},
            statistic="Maximum",
        )


def dead_letter_row(jobs: QueueOutputs) -> Row:
    """Watch for messages that nobody could deal with."""
    return Row(
        name="dead-letters",
        page="dead-letters",
        says=f"Messages that nobody could deal with lie in {jobs.dead_letter_name}",
        severity="Warning",
        command=f"sqs get-queue-url --queue-name {jobs.dead_letter_name}",
        comparison=ABOVE,
        threshold=0,
        periods=1,
        missing="missing",
        namespace=QUEUE,
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": jobs.dead_letter_name},
        statistic="Maximum",
        # SQS measures every five minutes or so.
        period=300,
    )


def replication_row(purpose: str, replication: Replication) -> Row:
    """Watch for objects that S3 gave up copying: nothing tries again, and the copy stays without them."""
    return Row(
        name=f"replication-{purpose}",
        page="replication-failed",
        says=f"S3 has failed to copy objects from {replication.source} to {replication.destination}",
        severity="Warning",
        command=f"s3api get-bucket-replication --bucket {replication.source}",
        comparison=ABOVE,
        threshold=0,
        periods=1,
        # Measured only while something is copied.
        missing="notBreaching",
        namespace=BUCKETS,
        metric="OperationsFailedReplication",
        dimensions={
            "SourceBucket": replication.source,
            "DestinationBucket": replication.destination,
            "RuleId": replication.rule,
        },
        statistic="Sum",
        period=300,
    )


def further(
    cache: RedisOutputs, database: PostgresOutputs, jobs: QueueOutputs, replications: Mapping[str, Replication]
) -> Sequence[Row]:
    """Return all of them; `replications` of buckets by their purpose."""
    return (
        *cache_rows(cache),
        *lag_rows(database),
        *slot_rows(database),
        dead_letter_row(jobs),
        *(replication_row(purpose, replication) for purpose, replication in replications.items()),
    )
