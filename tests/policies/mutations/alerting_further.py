"""Changes that violate the rules about alarms beyond the document's table. Data only."""

from tests.policies.compliant.alerting import BELOW, topic
from tests.policies.mutations.alerting import FURTHER_ALARM, PRODUCTION
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import mutation, removes, sets
from tests.policies.plan import REMOVED

COPY_ALARM = "MetricAlarm alerts-replication-files"

EDGE_ALARMS = (
    ("errors-edge-web", "edge-web", {"DistributionId": "x", "Region": "Global"}),
    ("blocked-requests", "edge-web-acl", {"WebACL": "x", "Rule": "ALL"}),
    ("checked-origin-failover-health", "origin-failover-health", {"HealthCheckId": "x"}),
    ("checked-origin-failover-recovery-latch", "origin-failover-recovery-latch", {"HealthCheckId": "x"}),
)
IDENTITIES = tuple(
    case
    for name in ("root-usage", "emergency-access")
    for counted, alarm in ((f"LogMetricFilter alerts-{name}", f"MetricAlarm alerts-{name}"),)
    for case in (
        mutation(
            f"no metric filter for {name}", removes(counted), "alerting-identities@audit-trail", stacks=PRODUCTION
        ),
        mutation(f"no alarm on {name}", removes(alarm), "alerting-identities@audit-trail", stacks=PRODUCTION),
        *each(
            "alerting-identities@audit-trail",
            counted,
            (f"{name} with another pattern", "pattern", "{ $.a = 1 }"),
            (f"{name} in another log group", "logGroupName", "/taskflow/production/api"),
            (f"{name} counted as 0", "metricTransformation.value", "0"),
            (f"{name} as another metric", "metricTransformation.name", "Other"),
            stacks=PRODUCTION,
        ),
        *each(
            "alerting-identities@audit-trail",
            alarm,
            (f"an alarm on more than one use ({name})", "threshold", 1),
            (f"an alarm below its threshold ({name})", "comparisonOperator", BELOW),
            (f"an alarm on the average ({name})", "statistic", "Average"),
            (f"an alarm on another namespace ({name})", "namespace", "X"),
            stacks=PRODUCTION,
        ),
    )
)

BEYOND = (
    *(
        case
        for name, resource, dimensions in EDGE_ALARMS
        for alarm, blamed in ((f"MetricAlarm alerts-{name}", f"alerting-edge@{resource}"),)
        for case in (
            mutation(f"no {name}", removes(alarm), blamed, stacks=PRODUCTION),
            mutation(f"{name} on other dimensions", sets(alarm, "dimensions", dimensions), blamed, stacks=PRODUCTION),
            mutation(f"{name} on another metric", sets(alarm, "metricName", "Other"), blamed, stacks=PRODUCTION),
        )
    ),
    mutation("no alarm on a primary's replication slots", removes("MetricAlarm alerts-slot-database"),
         "alerting-slots@database", stacks=PRODUCTION),
    mutation("an event rule without an alarm", removes("MetricAlarm alerts-backup-failed"),
         "alerting-events@alerts-backup-failed"),
    mutation("an alarm on another event rule",
         sets("MetricAlarm alerts-backup-failed", "dimensions", {"RuleName": "x"}),
         "alerting-events@alerts-backup-failed"),
    mutation("an event rule without a target", removes("EventTarget alerts-backup-failed"),
         "alerting-events@alerts-backup-failed"),
    mutation("an event rule with a topic as its target",
         sets("EventTarget alerts-backup-failed", "arn", topic("warning")), "alerting-events@alerts-backup-failed"),
)  # fmt: skip

FURTHER = (
    mutation("no alarm on a node's evictions", removes("MetricAlarm alerts-Evictions-taskflow-production-0002-002"),
         "alerting-cache@cache", stacks=PRODUCTION),
    mutation("an alarm on another node's evictions",
         sets("MetricAlarm alerts-Evictions-taskflow-production-0002-002", "dimensions", {"CacheClusterId": "x"}),
         "alerting-cache@cache", stacks=PRODUCTION),
    mutation("no alarm on a replica's lag", removes("MetricAlarm alerts-replica-lag-database-replica-1"),
         "alerting-replicas@database-replica-1", stacks=PRODUCTION),
    mutation("no alarm on the lag of dr's replica", removes("MetricAlarm alerts-replica-lag-database"),
         "alerting-replicas@database", stacks=("dr",)),
    mutation("no alarm on failed replications of files", removes(COPY_ALARM),
         "alerting-replications@files", stacks=PRODUCTION),
    *(
        mutation(f"an alarm on failed replications with {dimension} {'removed' if value is REMOVED else value}",
             sets(COPY_ALARM, f"dimensions.{dimension}", value), "alerting-replications@files", stacks=PRODUCTION)
        for dimension in ("SourceBucket", "DestinationBucket", "RuleId") for value in ("x", REMOVED)
    ),
    *each(
        "alerting-replications@files",
        COPY_ALARM,
        ("an alarm on another metric of replications", "metricName", "ReplicationLatency"),
        ("an alarm on replications in another namespace", "namespace", "AWS/SQS"),
        *(
            (f"an alarm on failed replications with {key} {'removed' if value is REMOVED else value}", key, value)
            for key, values in (
                ("statistic", ("Average", REMOVED)),
                ("comparisonOperator", ("LessThanThreshold", "GreaterThanOrEqualToThreshold", REMOVED)),
                ("threshold", (1, REMOVED)),
                ("region", ("us-west-2",)),
            )
            for value in values
        ),
        stacks=PRODUCTION,
    ),
    mutation("no alarm on the dead-letter queue", removes(FURTHER_ALARM), "alerting-dead-letters@jobs-dead-letters"),
    mutation("an alarm on another dead-letter queue", sets(FURTHER_ALARM, "dimensions", {"QueueName": "x"}),
         "alerting-dead-letters@jobs-dead-letters"),
)  # fmt: skip

CHANGES = (*FURTHER, *BEYOND, *IDENTITIES)
