"""Changes to what is watched beyond the document's table: cache, replicas, copies, queues, edge, events, identities."""

from tests.policies.compliant.alerting import BELOW, topic
from tests.policies.mutations.alerting import FURTHER_ALARM, PRODUCTION
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import removes, sets, told
from tests.policies.plan import REMOVED

COPY_ALARM = "MetricAlarm alerts-replication-files"

EDGE_ALARMS = (
    ("errors-edge-web", "edge-web", {"DistributionId": "x", "Region": "Global"}),
    ("blocked-requests", "edge-web-acl", {"WebACL": "x", "Rule": "ALL"}),
    ("checked-origin-failover-health", "origin-failover-health", {"HealthCheckId": "x"}),
    ("checked-origin-failover-recovery-active", "origin-failover-recovery-active", {"HealthCheckId": "x"}),
)
IDENTITIES = tuple(
    mutation
    for name in ("root-usage", "emergency-access")
    for counted, alarm in ((f"LogMetricFilter alerts-{name}", f"MetricAlarm alerts-{name}"),)
    for mutation in (
        told(f"no count of {name}", removes(counted), "alerting-identities@audit-trail", stacks=PRODUCTION),
        told(f"no alarm on {name}", removes(alarm), "alerting-identities@audit-trail", stacks=PRODUCTION),
        *each(
            "alerting-identities@audit-trail",
            counted,
            (f"{name} by another pattern", "pattern", "{ $.a = 1 }"),
            (f"{name} in another group", "logGroupName", "/taskflow/production/api"),
            (f"{name} that counts nothing", "metricTransformation.value", "0"),
            (f"{name} as another metric", "metricTransformation.name", "Other"),
            stacks=PRODUCTION,
        ),
        *each(
            "alerting-identities@audit-trail",
            alarm,
            (f"an alarm on more than one {name}", "threshold", 1),
            (f"an alarm on no {name}", "comparisonOperator", BELOW),
            (f"an alarm on the mean of {name}", "statistic", "Average"),
            (f"an alarm on another namespace than {name}", "namespace", "X"),
            stacks=PRODUCTION,
        ),
    )
)

BEYOND = (
    *(
        mutation
        for name, thing, elsewhere in EDGE_ALARMS
        for alarm, blamed in ((f"MetricAlarm alerts-{name}", f"alerting-edge@{thing}"),)
        for mutation in (
            told(f"no {name}", removes(alarm), blamed, stacks=PRODUCTION),
            told(f"{name} of something else", sets(alarm, "dimensions", elsewhere), blamed, stacks=PRODUCTION),
            told(f"{name} by another measure", sets(alarm, "metricName", "Other"), blamed, stacks=PRODUCTION),
        )
    ),
    told("no word of what is held back", removes("MetricAlarm alerts-slot-database"), "alerting-slots@database",
         stacks=PRODUCTION),
    told("events that nobody counts", removes("MetricAlarm alerts-backup-failed"),
         "alerting-events@alerts-backup-failed"),
    told("events of another rule", sets("MetricAlarm alerts-backup-failed", "dimensions", {"RuleName": "x"}),
         "alerting-events@alerts-backup-failed"),
    told("events that nobody keeps", removes("EventTarget alerts-backup-failed"),
         "alerting-events@alerts-backup-failed"),
    told("events to a topic", sets("EventTarget alerts-backup-failed", "arn", topic("warning")),
         "alerting-events@alerts-backup-failed"),
)  # fmt: skip

FURTHER = (
    told("a node's evictions", removes("MetricAlarm alerts-Evictions-taskflow-production-0002-002"),
         "alerting-cache@cache", stacks=PRODUCTION),
    told("evictions of another node",
         sets("MetricAlarm alerts-Evictions-taskflow-production-0002-002", "dimensions", {"CacheClusterId": "x"}),
         "alerting-cache@cache", stacks=PRODUCTION),
    told("a replica's lag", removes("MetricAlarm alerts-replica-lag-database-replica-1"),
         "alerting-replicas@database-replica-1", stacks=PRODUCTION),
    told("dr's lag", removes("MetricAlarm alerts-replica-lag-database"), "alerting-replicas@database", stacks=("dr",)),
    told("failed copies of the files", removes(COPY_ALARM), "alerting-replications@files", stacks=PRODUCTION),
    *(
        told(f"failed copies by another {dimension}", sets(COPY_ALARM, f"dimensions.{dimension}", value),
             "alerting-replications@files", stacks=PRODUCTION)
        for dimension in ("SourceBucket", "DestinationBucket", "RuleId") for value in ("x", REMOVED)
    ),
    *each(
        "alerting-replications@files",
        COPY_ALARM,
        ("another measure of copies", "metricName", "ReplicationLatency"),
        ("copies in another namespace", "namespace", "AWS/SQS"),
        *(
            (f"failed copies by {key} {'removed' if value is REMOVED else value}", key, value)
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
    told("dead letters", removes(FURTHER_ALARM), "alerting-dead-letters@jobs-dead-letters"),
    told("letters in another queue", sets(FURTHER_ALARM, "dimensions", {"QueueName": "x"}),
         "alerting-dead-letters@jobs-dead-letters"),
)  # fmt: skip

CHANGES = (*FURTHER, *BEYOND, *IDENTITIES)
