"""What of alerts a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.compliant.alerting import COMPOSITE, error_rate
from tests.policies.mutations.alerting import dashboard
from tests.policies.plan import REMOVED, Plan, Ref
from tests.policies.unknowns.unknown_value import Doubt, doubt

TEXT = Ref(to="LogGroup flow-logs")
TOPICS = Ref(to="Topic alerts-high", output="arn", via=("Topic alerts-high", "Topic alerts-warning"))
KEYS = Ref(to="Key keys-messages", output="arn", via=("Key keys-messages", "Key keys-data"))

ERRORS, LATENCY = "MetricAlarm alerts-error-rate", "MetricAlarm alerts-p95-latency"
UNHEALTHY, CPU, MEMORY = (f"MetricAlarm alerts-{name}" for name in ("unhealthy-tasks", "cpu", "memory"))
CONNECTIONS, DISK = "MetricAlarm alerts-connections-database", "MetricAlarm alerts-disk-database"
COPIES = "MetricAlarm alerts-replication-files"
CERTIFICATE, DEAD = "MetricAlarm alerts-certificate-origin", "MetricAlarm alerts-dead-letters"


def _unseen(plan: Plan) -> None:
    """A dashboard of all alarms, of which one has a name that isn't known."""
    dashboard()(plan)
    plan.set(ERRORS, "name", TEXT)


def _unread(plan: Plan) -> None:
    """An alarm without actions beside an alarm of alarms whose rule isn't known."""
    for key in ("alarmActions", "okActions"):
        plan.set(CPU, key, REMOVED)
    actions = [Ref(to="Topic alerts-warning", output="arn")]
    plan.add(COMPOSITE, "outage", None, alarmName="a", alarmRule=TEXT, alarmActions=actions, okActions=actions)


DOUBTS = (
    doubt("alerting-error-rate", ERRORS, "threshold", TEXT),
    doubt("alerting-error-rate", ERRORS, "metricQueries", error_rate(period=TEXT), "metricQueries.1.metric.period"),
    doubt("alerting-latency", LATENCY, "metricName", TEXT),
    doubt("alerting-latency", LATENCY, "extendedStatistic", TEXT),
    doubt("alerting-latency", LATENCY, "alarmActions", [TOPICS], "alerts-p95-latency.alarmActions.0"),
    doubt("alerting-tasks", UNHEALTHY, "namespace", TEXT),
    doubt("alerting-tasks", UNHEALTHY, "treatMissingData", TEXT),
    doubt("alerting-cpu", CPU, "datapointsToAlarm", TEXT),
    doubt("alerting-memory", MEMORY, "period", TEXT),
    doubt("alerting-connections", CONNECTIONS, "threshold", TEXT),
    doubt("alerting-disk", DISK, "comparisonOperator", TEXT),
    doubt("alerting-certificates", CERTIFICATE, "statistic", TEXT),
    doubt("alerting-cache", "ReplicationGroup cache", "numNodeGroups", TEXT),
    doubt("alerting-replicas", "Instance database-replica-1", "identifier", TEXT),
    doubt("alerting-dead-letters", DEAD, "metricName", TEXT, "metricName"),
    doubt("alerting-replications", COPIES, "metricName", TEXT, "metricName"),
    doubt("alerting-replications", COPIES, "dimensions.SourceBucket", TEXT, "dimensions.SourceBucket"),
    doubt("alerting-replications", "BucketReplicationConfig files", "rules", TEXT),
    doubt("alerting-dead-letters", "Queue jobs", "redrivePolicy", TEXT),
    doubt("alerting-slots", "MetricAlarm alerts-slot-database", "metricName", TEXT, "metricName"),
    doubt("alerting-edge", "MetricAlarm alerts-errors-edge-web", "metricName", TEXT, "metricName"),
    doubt("alerting-events", "MetricAlarm alerts-backup-failed", "metricName", TEXT, "metricName"),
    doubt("alerting-identities", "LogMetricFilter alerts-root-usage", "pattern", TEXT, "pattern"),
    doubt("alerting-identities", "MetricAlarm alerts-root-usage", "metricName", TEXT, "metricName"),
    doubt("alerting-once", "CompositeAlarm alerts-outage-high", "actionsSuppressor.waitPeriod", TEXT),
    doubt("alerting-silence", ERRORS, "actionsEnabled", TEXT),
    doubt("alerting-told", ERRORS, "okActions", [TOPICS], "alerts-error-rate.okActions.0"),
    doubt("alerting-error-rate", ERRORS, "alarmDescription", TEXT),
    doubt("alerting-severity", ERRORS, "alarmDescription", TEXT),
    doubt("alerting-severity", "Topic alerts-high", "name", TEXT),
    Doubt(rule="alerting-told", place="alarmRule", change=_unread),
    Doubt(rule="alerting-shown", place="alerts-error-rate.name", change=_unseen),
    doubt("alerting-heard", "TopicSubscription alerts-high", "topic", TOPICS, "topic"),
    doubt("alerting-heard", "TopicSubscription alerts-high", "protocol", TEXT, "protocol"),
    doubt("alerting-pager", "TopicSubscription alerts-high", "protocol", TEXT),
    doubt("alerting-pager", "TopicSubscription alerts-high", "endpoint", TEXT),
    doubt("alerting-chat", "SlackChannelConfiguration alerts-slack", "guardrailPolicyArns", TEXT),
    doubt("alerting-topics-encrypted", "Topic alerts-high", "kmsMasterKeyId", KEYS),
    doubt("alerting-topics-encrypted", "Key keys-messages", "policy", TEXT),
    doubt("alerting-topics-open", "Topic alerts-high", "name", TEXT),
    doubt("alerting-topics-open", "TopicPolicy alerts-high", "policy", TEXT),
    doubt("alerting-topics-closed", "TopicPolicy alerts-high", "policy", TEXT),
)
