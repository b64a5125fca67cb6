"""Changes that violate the rules about alerting. Data only."""

import json
from collections.abc import Iterator

from tests.policies.compliant.access import document
from tests.policies.compliant.alerting import (
    ABOVE,
    ALARM,
    BALANCER,
    BELOW,
    COMPOSITE,
    DASHBOARD,
    LEVELS,
    SUBSCRIPTION,
    error_rate,
    key_statements,
    topic,
    topic_statements,
)
from tests.policies.compliant.data import ACCOUNT, key, policy_statements
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, mutation, removes, sets
from tests.policies.plan import REMOVED, Plan, Ref

PRODUCTION = ("production",)
OUTSIDE = "arn:aws:sns:us-east-1:111111111111:elsewhere"
ERRORS, LATENCY = "MetricAlarm alerts-error-rate", "MetricAlarm alerts-p95-latency"
MAIL = "on-call@taskflow.app"
FURTHER_ALARM = "MetricAlarm alerts-dead-letters"
CHAT, PAGER = "SlackChannelConfiguration alerts-slack", "TopicSubscription alerts-high"

# Each metric alarm: its rule, the resource that lacks it when it is removed, the opposite comparison, a looser
# threshold, too many periods, another treatment of missing data, and the topic of another severity.
METRIC_ALARMS = (
    ("latency", "p95-latency", "origin", BELOW, 0.6, 6, "missing", "warning"),
    ("tasks", "unhealthy-tasks", "origin", BELOW, 2, 3, "breaching", "warning"),
    ("tasks", "too-few-healthy-tasks", "origin", ABOVE, 1, 3, "notBreaching", "warning"),
    ("tasks", "unreported-tasks", "origin", ABOVE, 0, 3, "notBreaching", "warning"),
    ("cpu", "cpu", "service", BELOW, 86, 11, "notBreaching", "high"),
    ("memory", "memory", "service", BELOW, 91, 11, "ignore", "high"),
    ("connections", "connections-database", "database", BELOW, 641, 6, "notBreaching", "high"),
    ("disk", "disk-database", "database", BELOW, 81, 6, "notBreaching", "high"),
    ("certificates", "certificate-origin", "origin", ABOVE, 29, 2, "missing", "high"),
)


def _metric_alarms() -> Iterator[Mutation]:
    for rule, name, resource, comparison, threshold, periods, missing, severity in METRIC_ALARMS:
        alarm, blamed = f"MetricAlarm alerts-{name}", f"alerting-{rule}@alerts-{name}"
        yield mutation(f"no {name}", removes(alarm), f"alerting-{rule}@{resource}")
        yield mutation(f"{name} on another metric", sets(alarm, "metricName", "Other"), f"alerting-{rule}@{resource}")
        yield mutation(f"{name} on another namespace", sets(alarm, "namespace", "X"), f"alerting-{rule}@{resource}")
        yield mutation(
            f"{name} on other dimensions", sets(alarm, "dimensions", {"Other": "x"}), f"alerting-{rule}@{resource}"
        )
        for label, path, value in (
            ("with the opposite comparison", "comparisonOperator", comparison),
            ("with a looser threshold", "threshold", threshold),
            ("without a threshold", "threshold", REMOVED),
            ("with too many datapoints", "datapointsToAlarm", periods),
            ("with no datapoint", "datapointsToAlarm", 0),
            ("with more periods than datapoints", "evaluationPeriods", periods),
            ("without periods", "evaluationPeriods", REMOVED),
            ("with another treatment of missing data", "treatMissingData", missing),
            ("with another period", "period", 300),
        ):
            yield mutation(f"{name} {label}", sets(alarm, path, value), blamed)
        by_severity = f"alerting-severity@alerts-{name}"
        for label, path, value in (
            ("with another topic", "alarmActions", [topic(severity)]),
            ("with another topic for its end", "okActions", [topic(severity)]),
            ("with another severity", "alarmDescription", f"x\n{LEVELS[severity]}, answer soon"),
            ("without a severity", "alarmDescription", "x"),
        ):
            yield mutation(f"{name} {label}", sets(alarm, path, value), blamed, by_severity)
        without_datapoints = all_of(
            sets(alarm, "datapointsToAlarm", REMOVED), sets(alarm, "evaluationPeriods", periods)
        )
        yield mutation(f"{name} with too many periods", without_datapoints, blamed)


ROWS = (
    *_metric_alarms(),
    mutation("no alarm on errors", removes(ERRORS), "alerting-error-rate@origin"),
    *each(
        "alerting-error-rate@alerts-error-rate",
        ERRORS,
        ("errors above 2 %", "threshold", 2),
        ("errors for 6 minutes", "datapointsToAlarm", 6),
        ("missing errors as a breach", "treatMissingData", "breaching"),
        ("errors below the threshold", "comparisonOperator", BELOW),
        ("errors of the tasks only", "metricQueries", error_rate("100 * FILL(targets, 0) / requests")),
        ("errors with gaps", "metricQueries", error_rate("100 * (targets + balancer) / (requests + unrouted)")),
        ("errors as a share of routed requests only", "metricQueries",
         error_rate("100 * (FILL(targets, 0) + FILL(balancer, 0)) / requests")),
        ("errors as a share without unrouted requests", "metricQueries",
         error_rate("100 * (FILL(targets, 0) + FILL(balancer, 0)) / FILL(requests, 0)")),
        ("errors as a share of one", "metricQueries", error_rate("(FILL(targets, 0) + FILL(balancer, 0)) / requests")),
        ("errors in five minutes", "metricQueries", error_rate(period=300)),
        ("errors on average", "metricQueries", error_rate(stat="Average")),
        ("errors of another namespace", "metricQueries", error_rate(namespace="AWS/ELB")),
        ("errors of all target groups", "metricQueries", error_rate(dimensions=BALANCER)),
    ),
    mutation("errors notified in Slack", sets(ERRORS, "alarmActions", [topic("warning")]),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    mutation("errors of a lower severity", sets(ERRORS, "alarmDescription", LEVELS["high"]),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    mutation("errors of all severities", sets(ERRORS, "alarmDescription", " ".join(LEVELS.values())),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    mutation("errors of another metric", sets(ERRORS, "metricQueries", error_rate(metricName="Other")),
         "alerting-error-rate@origin"),
    *each(
        "alerting-latency@alerts-p95-latency",
        LATENCY,
        ("the median latency", "extendedStatistic", "p50"),
        ("a percentile of few samples", "evaluateLowSampleCountPercentiles", REMOVED),
    ),
    mutation("another statistic of a database's disk", sets("MetricAlarm alerts-disk-database", "statistic", "Minimum"),
         "alerting-disk@alerts-disk-database"),
    mutation("a disk without a metric", removes("LogMetricFilter alerts-disk-database"), "alerting-disk@database"),
    *each(
        "alerting-disk@database",
        "LogMetricFilter alerts-disk-database",
        ("another field of the OS metrics", "metricTransformation.value", "$.fileSys[0].used"),
        ("OS metrics of another log group", "logGroupName", "/taskflow/other"),
        ("OS metrics of another database", "pattern", '{ $.instanceID = "other" }'),
        ("OS metrics under another name", "metricTransformation.name", "Other"),
    ),
    mutation("no alarm on a replica's connections", removes("MetricAlarm alerts-connections-database-replica-1"),
         "alerting-connections@database-replica-1", stacks=PRODUCTION),
    mutation("no alarm on a certificate of the edge", removes("MetricAlarm alerts-certificate-edge-web"),
         "alerting-certificates@edge-web", stacks=PRODUCTION),
)  # fmt: skip


def _silenced(until: str | None) -> Change:
    def change(plan: Plan) -> None:
        plan.set(ERRORS, "actionsEnabled", False)
        plan.set(ERRORS, "tags", {"SilentUntil": until} if until else {})

    return change


SILENCE = tuple(
    mutation(f"silence until {until}", _silenced(until), "alerting-silence@alerts-error-rate")
    for until in (None, "2026-01-01", "2999-01-01", "soon")
)


def _without_pagerduty(*severities: str) -> tuple[str, ...]:
    """Return the violations by topics that don't reach PagerDuty, and by the alerts that should."""
    alerts = {
        "critical": ("error-rate@alerts-error-rate",
                     *(f"tasks@alerts-{state}-tasks" for state in ("unhealthy", "too-few-healthy", "unreported"))),
        "high": ("latency@alerts-p95-latency",),
    }  # fmt: skip
    return tuple(
        f"alerting-{blamed}" for each in severities for blamed in (f"subscriptions@alerts-{each}", *alerts[each])
    )


def _by_mail(subscription: str) -> Change:
    return all_of(sets(subscription, "protocol", "email"), sets(subscription, "endpoint", MAIL))


def _composite(rule: str, *, has_actions: bool = True, name: str = "error-rate") -> Change:
    """Remove the actions of an alarm, and add a composite alarm with this rule: {} stands for the alarm's name."""

    def change(plan: Plan) -> None:
        for key_ in ("alarmActions", "okActions"):
            plan.set(f"MetricAlarm alerts-{name}", key_, REMOVED)
        actions = {"alarmActions": [topic("critical")], "okActions": [topic("critical")]} if has_actions else {}
        text = rule.format(f"taskflow-{plan.stack}-{name}")
        plan.add(
            COMPOSITE,
            "outage",
            None,
            alarmName="outage",
            alarmRule=text,
            alarmDescription=LEVELS["critical"],
            **actions,
        )

    return change


def _not_notified(*also: str) -> tuple[str, ...]:
    return ("alerting-error-rate@alerts-error-rate", "alerting-actions@alerts-error-rate", *also)


COMPOSITES = (
    *(
        mutation(f"errors in a composite alarm with {rule}", _composite(rule), *_not_notified())
        for rule in (
            "ALARM(other)",
            "NOT ALARM({})",
            "OK({})",
            "INSUFFICIENT_DATA({})",
            "ALARM({}) AND ALARM(other)",
            "NOT (ALARM(other) OR ALARM({}))",
            "ALARM({}) OR TRUE",
            "ALARM({}) AND FALSE",
            "(ALARM({})",
            "ALARM({}) OK(other)",
            "ALARM({}) XOR ALARM(other)",
            "AND ALARM({})",
        )
    ),
    mutation("errors in a composite alarm without actions", _composite("ALARM({})", has_actions=False),
         *_not_notified("alerting-actions@outage")),
    mutation("a warning in a composite alarm that pages", _composite("ALARM({})", name="cpu"),
         "alerting-cpu@alerts-cpu"),
    mutation("a composite alarm without a severity",
         adds(COMPOSITE, "outage", alarmName="a", alarmRule="ALARM(b)", alarmActions=[topic("high")],
              okActions=[topic("high")]),
         "alerting-severity@outage"),
)  # fmt: skip
# Each of them notifies people of the errors: no violation.
NOTIFYING_COMPOSITES = tuple(
    _composite(rule)
    for rule in (
        "ALARM({})",
        'ALARM("{}")',
        'ALARM("arn:aws:cloudwatch:us-east-1:987654321098:alarm:{}")',
        "ALARM(other) OR ALARM({})",
        "ALARM({}) AND NOT ALARM(other)",
        "NOT NOT ALARM( {} )",
        "ALARM({}) AND (OK(other) OR INSUFFICIENT_DATA(other))",
        "FALSE OR NOT (NOT ALARM({}))",
    )
)

WIRING = (
    *each(
        "alerting-actions@alerts-dead-letters",
        FURTHER_ALARM,
        ("an alarm without actions for its start", "alarmActions", []),
        ("an alarm without actions for its end", "okActions", REMOVED),
        ("an alarm with a topic of another account", "alarmActions", [OUTSIDE]),
        ("an alarm with an additional topic of another account", "okActions", [topic("warning"), OUTSIDE]),
    ),
    mutation("an alarm without actions", adds(ALARM, "added", name="added"), "alerting-actions@added"),
    mutation("a composite alarm without actions",
         adds(COMPOSITE, "added", alarmName="a", alarmRule="ALARM(b)"),
         "alerting-actions@added"),
    mutation("no subscription", removes("TopicSubscription alerts-critical"), *_without_pagerduty("critical")),
    mutation("a subscription of another topic", sets(PAGER, "topic", topic("critical")), *_without_pagerduty("high")),
    *(
        mutation(label, sets(PAGER, path, value), "alerting-pager@alerts-high", *_without_pagerduty("high"))
        for label, path, value in (
            ("a subscription in plain text", "protocol", "http"),
            ("a subscription without a protocol", "protocol", REMOVED),
            ("a subscription without an endpoint", "endpoint", REMOVED),
            ("an endpoint in plain text", "endpoint", "http://events.pagerduty.com/integration/key/enqueue"),
            ("an endpoint of another service", "endpoint", "https://events.example/integration/key/enqueue"),
            ("an endpoint with PagerDuty's name in its path", "endpoint", "https://events.pagerduty.com.example/x-ere/key"),
            ("another endpoint of PagerDuty", "endpoint", "https://events.pagerduty.com/v2/enqueue"),
            ("an endpoint of Slack", "endpoint", "https://hooks.slack.com/services/key"),
        )
    ),
    mutation("Critical by e-mail only", _by_mail("TopicSubscription alerts-critical"),
         "alerting-pager@alerts-critical", *_without_pagerduty("critical")),
    mutation("e-mail beside PagerDuty",
         adds(SUBSCRIPTION, "added", topic=topic("critical"), protocol="email", endpoint=MAIL,
              endpointAutoConfirms=True),
         "alerting-pager@added"),
    *each(
        "alerting-pager@alerts-high",
        PAGER,
        ("a subscription to confirm by hand", "endpointAutoConfirms", REMOVED),
        ("raw messages", "rawMessageDelivery", True),
        ("filtered messages", "filterPolicy", '{"a": ["b"]}'),
    ),
    *each(
        "alerting-chat@alerts-slack",
        CHAT,
        ("a chat channel without guardrails", "guardrailPolicyArns", REMOVED),
        ("a chat channel with wide guardrails", "guardrailPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]),
        ("a chat channel without a role", "iamRoleArn", REMOVED),
    ),
    mutation("a chat channel in a region without its API", sets(CHAT, "region", "us-east-1"),
         "alerting-chat@alerts-slack", stacks=PRODUCTION),
)  # fmt: skip


def _topic_policy(*own: str, **changed: object) -> Change:
    """Keep only some statements of a topic's policy, and change the last of them."""

    def change(plan: Plan) -> None:
        arn = str(plan.resources["Topic alerts-high"].computed["arn"])
        statements: dict[str, dict[str, object]] = dict(zip(("refusal", "alarms"), topic_statements(arn), strict=True))
        statements[own[-1]] = {**statements[own[-1]], **changed}
        plan.set("TopicPolicy alerts-high", "policy", document(*(statements[name] for name in own)))

    return change


def _key_policy(without: int) -> Change:
    """Remove a statement of the key's policy: administration, use through SNS, logs or alarms, by its position."""
    whole = [*policy_statements("sns"), *key_statements()]
    kept = [statement for position, statement in enumerate(whole) if position != without]
    return sets("Key keys-messages", "policy", document(*kept))


ALL_TOPICS = tuple(f"alerting-topics-encrypted@alerts-{severity}" for severity in ("critical", "high", "warning"))
TOPICS = (
    mutation("notifications signed with SHA1", sets("Topic alerts-high", "signatureVersion", 1),
         "alerting-topics-signed@alerts-high"),
    mutation("signatureVersion unset", sets("Topic alerts-high", "signatureVersion", REMOVED),
         "alerting-topics-signed@alerts-high"),
    mutation("a topic for every action of alarms", _topic_policy("refusal", "alarms", Action="sns:*"),
         "alerting-topics-closed@alerts-high"),
    mutation("alerts in plain text", sets("Topic alerts-high", "kmsMasterKeyId", REMOVED),
         "alerting-topics-encrypted@alerts-high"),
    mutation("alerts under an AWS managed key", sets("Topic alerts-high", "kmsMasterKeyId", "alias/aws/sns"),
         "alerting-topics-encrypted@alerts-high", "encryption-keys-own@alerts-high"),
    mutation("alerts under a key outside the stack",
         sets("Topic alerts-high", "kmsMasterKeyId", "arn:aws:kms:::key/else"),
         "alerting-topics-encrypted@alerts-high", "encryption-keys-own@alerts-high"),
    mutation("alerts under a key that alarms can't use", sets("Topic alerts-high", "kmsMasterKeyId", key("data")),
         "alerting-topics-encrypted@alerts-high"),
    mutation("a key without permission for test alerts", _key_policy(1), *ALL_TOPICS),
    mutation("a key without permission for alarms", _key_policy(3), *ALL_TOPICS),
    mutation("a topic without a policy", removes("TopicPolicy alerts-high"), "alerting-topics-open@alerts-high"),
    mutation("a topic without permission for alarms", _topic_policy("refusal"), "alerting-topics-open@alerts-high"),
    mutation("a topic without a denial of plain text", _topic_policy("alarms"), "alerting-topics-open@alerts-high"),
    mutation("a topic for alarms of any account", _topic_policy("refusal", "alarms", Condition={}),
         "alerting-topics-closed@alerts-high"),
    mutation("a topic for events of any account",
         _topic_policy("refusal", "alarms", Condition={},
                       Principal={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}),
         "alerting-topics-closed@alerts-high", "access-services@alerts-high"),
    mutation("a topic for another account too",
         _topic_policy("refusal", "alarms", Principal={"Service": "cloudwatch.amazonaws.com",
                                                       "AWS": "arn:aws:iam::111111111111:root"}),
         "alerting-topics-closed@alerts-high"),
)  # fmt: skip

OUTAGE = "CompositeAlarm alerts-outage-high"
ONCE = (
    *each(
        "alerting-once@alerts-outage-high",
        OUTAGE,
        ("a composite alarm without a suppressor", "actionsSuppressor", REMOVED),
        ("a suppressor outside the stack", "actionsSuppressor.alarm", "elsewhere"),
        ("a suppressor without a wait period", "actionsSuppressor.waitPeriod", 0),
        ("a suppressor without an extension period", "actionsSuppressor.extensionPeriod", 0),
    ),
    mutation("a composite alarm that suppresses itself",
         sets(OUTAGE, "actionsSuppressor.alarm", Ref(to=OUTAGE, output="arn")), "alerting-once@alerts-outage-high"),
)  # fmt: skip


ALERTS = "Alerts"
TITLES = (
    "Requests/sec", "Active Users", "Peak Today", "Traffic", "P50 Latency", "P95 Latency", "P99 Latency", "Performance",
    "Error Rate", "Uptime", "Apdex", "Reliability", "CPU", "Memory", "DB Connections", "Resources",
)  # fmt: skip


def metric_widgets(without: str = "") -> list[dict[str, object]]:
    """Return the widgets of the document's metrics, but one."""
    return [{"type": "metric", "properties": {"title": title}} for title in TITLES if title != without]


def dashboard(*more: str, without: str | None = None, without_metric: str = "") -> Change:
    """Add a dashboard of all alarms but one, and of more that don't exist."""

    def change(plan: Plan) -> None:
        names = [
            str(planned.inputs["name" if planned.type == ALARM else "alarmName"])
            for planned in plan.resources.values()
            if planned.type in (ALARM, COMPOSITE) and planned.key != without and planned.name.startswith("alerts-")
        ]
        arns = [f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}" for name in (*names, *more)]
        title = "" if without_metric == ALERTS else ALERTS
        alarms = {"type": "alarm", "properties": {"title": title, "alarms": arns}}
        widgets = [{"type": "text"}, alarms, *metric_widgets(without_metric)]
        plan.add(DASHBOARD, "dashboard", None, dashboardBody=json.dumps({"widgets": widgets}))

    return change


SHOWN = (
    *(
        mutation(f"a dashboard without {title}", dashboard(without_metric=title),
             "alerting-dashboard-metrics@dashboard")
        for title in (ALERTS, *TITLES)
    ),
    mutation("an alarm missing from the dashboard", dashboard(without=ERRORS), "alerting-dashboard@alerts-error-rate"),
    mutation("a missing alarm on the dashboard", dashboard("gone"), "alerting-dashboard@dashboard"),
    mutation("a new alarm that isn't on the dashboard",
         all_of(dashboard(), adds(COMPOSITE, "outage", alarmName="outage", alarmRule="ALARM(b)",
                                   alarmDescription=LEVELS["critical"], alarmActions=[topic("critical")],
                                   okActions=[topic("critical")])),
         "alerting-dashboard@outage"),
)  # fmt: skip

DASHBOARDS = tuple(
    mutation("no dashboard", removes("Dashboard overview"), f"alerting-dashboard@taskflow-{stack}", stacks=(stack,))
    for stack in ("production", "dr")
)

CHANGES = (*ROWS, *DASHBOARDS, *SHOWN, *SILENCE, *COMPOSITES, *WIRING, *TOPICS, *ONCE)
