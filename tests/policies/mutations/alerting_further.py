"""Changes that violate the rules about alarms beyond the document's table. Data only."""

from collections.abc import Iterator

from tests.policies.compliant.alerting import BELOW, implied_alarms, topic
from tests.policies.compliant.stack import compliant
from tests.policies.mutations.alerting import FURTHER_ALARM, PRODUCTION
from tests.policies.mutations.database import DR, each
from tests.policies.mutations.mutation import Mutation, mutation, removes, sets
from tests.policies.plan import REMOVED, STACKS

ACL_ALARM = "MetricAlarm alerts-BlockedRequests-edge-web-acl"
COPY_ALARM = "MetricAlarm alerts-replication-files"

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

# Each alarm of the rules that are tables, removed, on another metric, in another namespace and on another resource.
IMPLIED_ALARMS = tuple(
    mutation(f"{alarm.key} {what} ({stack})", change, f"{alarm.rule}@{alarm.resource}", stacks=(stack,))
    for stack in STACKS
    for alarm in implied_alarms(compliant(stack))
    for what, change in (
        ("removed", removes(alarm.key)),
        ("on another metric", sets(alarm.key, "metricName", "Other")),
        ("in another namespace", sets(alarm.key, "namespace", "Other")),
        ("of another resource", sets(alarm.key, f"dimensions.{alarm.dimension}", "x")),
        ("of no resource", sets(alarm.key, f"dimensions.{alarm.dimension}", REMOVED)),
    )
)

BEYOND = (
    mutation("an alarm on the web ACL's name", sets(ACL_ALARM, "dimensions.WebACL", "taskflow-production-acl"),
         "alerting-edge@edge-web-acl", stacks=PRODUCTION),
    mutation("an event rule without a target", removes("EventTarget alerts-backup-failed"),
         "alerting-event-logs@alerts-backup-failed"),
    mutation("an event rule with a topic as its target",
         sets("EventTarget alerts-backup-failed", "arn", topic("warning")), "alerting-event-logs@alerts-backup-failed"),
)  # fmt: skip


def _replication_alarm(name: str, stacks: tuple[str, ...], *, elsewhere: str | None) -> Iterator[Mutation]:
    """Yield the changes of the alarm on failed replications, reported on `name`; `elsewhere` is another region."""
    changed = (
        *((f"dimensions.{dimension}", "x") for dimension in ("SourceBucket", "DestinationBucket", "RuleId")),
        ("metricName", "ReplicationLatency"),
        ("namespace", "AWS/SQS"),
        ("statistic", "Average"),
        ("comparisonOperator", "LessThanThreshold"),
        ("comparisonOperator", "GreaterThanOrEqualToThreshold"),
        ("threshold", 1),
        *((path, REMOVED) for path in (
            "dimensions.SourceBucket", "dimensions.DestinationBucket", "dimensions.RuleId", "statistic",
            "comparisonOperator", "threshold",
        )),
        *((("region", elsewhere),) if elsewhere else ()),
    )  # fmt: skip
    reported = f"alerting-replications@{name}"
    yield mutation(f"no alarm on failed replications, {stacks[0]}", removes(COPY_ALARM), reported, stacks=stacks)
    for path, value in changed:
        label = f"an alarm on failed replications with {path} {'removed' if value is REMOVED else value}, {stacks[0]}"
        yield mutation(label, sets(COPY_ALARM, path, value), reported, stacks=stacks)


FURTHER = (
    mutation("no alarm on a node's evictions", removes("MetricAlarm alerts-Evictions-taskflow-production-0002-002"),
         "alerting-cache@cache", stacks=PRODUCTION),
    mutation("an alarm on another node's evictions",
         sets("MetricAlarm alerts-Evictions-taskflow-production-0002-002", "dimensions", {"CacheClusterId": "x"}),
         "alerting-cache@cache", stacks=PRODUCTION),
    *_replication_alarm("files", PRODUCTION, elsewhere="us-west-2"),
    # The alarm of the way back: dr has no bucket to report it on.
    *_replication_alarm("", DR, elsewhere=None),
    mutation("no alarm on the dead-letter queue", removes(FURTHER_ALARM), "alerting-dead-letters@jobs-dead-letters"),
    mutation("an alarm on another dead-letter queue", sets(FURTHER_ALARM, "dimensions", {"QueueName": "x"}),
         "alerting-dead-letters@jobs-dead-letters"),
)  # fmt: skip

CHANGES = (*IMPLIED_ALARMS, *FURTHER, *BEYOND, *IDENTITIES)
