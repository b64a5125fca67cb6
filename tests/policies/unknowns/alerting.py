"""Unknown values of alerting: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.alerting import COMPOSITE, error_rate, implied_alarms
from tests.policies.compliant.stack import compliant
from tests.policies.mutations.alerting import dashboard
from tests.policies.plan import REMOVED, Plan, Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")
TOPICS = Ref(to="Topic alerts-high", output="arn", via=("Topic alerts-high", "Topic alerts-warning"))
GROUPS = Ref(to="LogGroup alerts-events", output="arn", via=("LogGroup alerts-events", "LogGroup flow-logs"))
KEYS = Ref(to="Key keys-messages", output="arn", via=("Key keys-messages", "Key keys-data"))

ERRORS, LATENCY = "MetricAlarm alerts-error-rate", "MetricAlarm alerts-p95-latency"
UNHEALTHY, CPU, MEMORY = (f"MetricAlarm alerts-{name}" for name in ("unhealthy-tasks", "cpu", "memory"))
CONNECTIONS, DISK = "MetricAlarm alerts-connections-database", "MetricAlarm alerts-disk-database"
COPIES = "MetricAlarm alerts-replication-files"
CERTIFICATE, DEAD = "MetricAlarm alerts-certificate-origin", "MetricAlarm alerts-dead-letters"


def _unnamed_alarm(plan: Plan) -> None:
    """Add a dashboard of all alarms, one of which has an unknown name."""
    dashboard()(plan)
    plan.set(ERRORS, "name", TEXT)


def _unidentified_replica(plan: Plan) -> None:
    """Name a replica by text in its alarm, where its identifier is unknown."""
    plan.set("Instance database-replica-1", "identifier", TEXT)
    plan.set("MetricAlarm alerts-ReplicaLag-database-replica-1", "dimensions.DBInstanceIdentifier", "a-replica")


def _unknown_alarm_rule(plan: Plan) -> None:
    """Remove the actions of an alarm, and add a composite alarm with an unknown rule."""
    for key in ("alarmActions", "okActions"):
        plan.set(CPU, key, REMOVED)
    actions = [Ref(to="Topic alerts-warning", output="arn")]
    plan.add(COMPOSITE, "outage", None, alarmName="a", alarmRule=TEXT, alarmActions=actions, okActions=actions)


UNKNOWNS = (
    unknown_value("alerting-dashboard-metrics", "Dashboard overview", "dashboardBody", TEXT),
    unknown_value("alerting-topics-signed", "Topic alerts-high", "signatureVersion", TEXT),
    unknown_value("alerting-error-rate", ERRORS, "threshold", TEXT),
    unknown_value(
        "alerting-error-rate", ERRORS, "metricQueries", error_rate(period=TEXT), "metricQueries.1.metric.period"
    ),
    unknown_value("alerting-latency", LATENCY, "metricName", TEXT),
    unknown_value("alerting-latency", LATENCY, "extendedStatistic", TEXT),
    unknown_value("alerting-latency", LATENCY, "alarmActions", [TOPICS], "alerts-p95-latency.alarmActions.0"),
    unknown_value("alerting-tasks", UNHEALTHY, "namespace", TEXT),
    unknown_value("alerting-tasks", UNHEALTHY, "treatMissingData", TEXT),
    unknown_value("alerting-cpu", CPU, "datapointsToAlarm", TEXT),
    unknown_value("alerting-memory", MEMORY, "period", TEXT),
    unknown_value("alerting-connections", CONNECTIONS, "threshold", TEXT),
    unknown_value("alerting-disk", DISK, "comparisonOperator", TEXT),
    unknown_value("alerting-certificates", CERTIFICATE, "statistic", TEXT),
    unknown_value("alerting-cache", "ReplicationGroup cache", "numNodeGroups", TEXT),
    UnknownValue(rule="alerting-replicas", place="database-replica-1.identifier", change=_unidentified_replica),
    unknown_value("alerting-dead-letters", DEAD, "metricName", TEXT, "metricName"),
    unknown_value("alerting-replications", COPIES, "metricName", TEXT, "metricName"),
    unknown_value("alerting-replications", COPIES, "dimensions.SourceBucket", TEXT, "dimensions.SourceBucket"),
    unknown_value("alerting-replications", "BucketReplicationConfig files", "rules", TEXT),
    unknown_value("alerting-dead-letters", "Queue jobs", "redrivePolicy", TEXT),
    *(unknown_value(alarm.rule, alarm.key, "metricName", TEXT, "metricName") for alarm in implied_alarms(compliant())),
    unknown_value("alerting-event-logs", "EventTarget alerts-backup-failed", "arn", GROUPS),
    unknown_value("alerting-identities", "LogMetricFilter alerts-root-usage", "pattern", TEXT, "pattern"),
    unknown_value("alerting-identities", "MetricAlarm alerts-root-usage", "metricName", TEXT, "metricName"),
    unknown_value("alerting-once", "CompositeAlarm alerts-outage-high", "actionsSuppressor.waitPeriod", TEXT),
    unknown_value("alerting-silence", ERRORS, "actionsEnabled", TEXT),
    unknown_value("alerting-actions", ERRORS, "okActions", [TOPICS], "alerts-error-rate.okActions.0"),
    unknown_value("alerting-error-rate", ERRORS, "alarmDescription", TEXT),
    unknown_value("alerting-severity", ERRORS, "alarmDescription", TEXT),
    unknown_value("alerting-severity", "Topic alerts-high", "name", TEXT),
    UnknownValue(rule="alerting-actions", place="alarmRule", change=_unknown_alarm_rule),
    UnknownValue(rule="alerting-dashboard", place="alerts-error-rate.name", change=_unnamed_alarm),
    unknown_value("alerting-subscriptions", "TopicSubscription alerts-high", "topic", TOPICS, "topic"),
    unknown_value("alerting-subscriptions", "TopicSubscription alerts-high", "protocol", TEXT, "protocol"),
    unknown_value("alerting-pager", "TopicSubscription alerts-high", "protocol", TEXT),
    unknown_value("alerting-pager", "TopicSubscription alerts-high", "endpoint", TEXT),
    unknown_value("alerting-chat", "SlackChannelConfiguration alerts-slack", "guardrailPolicyArns", TEXT),
    unknown_value("alerting-topics-encrypted", "Topic alerts-high", "kmsMasterKeyId", KEYS),
    unknown_value("alerting-topics-encrypted", "Key keys-messages", "policy", TEXT),
    unknown_value("alerting-topics-open", "Topic alerts-high", "name", TEXT),
    unknown_value("alerting-topics-open", "TopicPolicy alerts-high", "policy", TEXT),
    unknown_value("alerting-topics-closed", "TopicPolicy alerts-high", "policy", TEXT),
)
