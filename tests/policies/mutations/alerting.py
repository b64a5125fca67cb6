"""One change for each thing about alerts that a rule guards. Data only."""

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
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, removes, sets, told
from tests.policies.plan import REMOVED, Plan, Ref

PRODUCTION = ("production",)
OUTSIDE = "arn:aws:sns:us-east-1:111111111111:elsewhere"
ERRORS, LATENCY = "MetricAlarm alerts-error-rate", "MetricAlarm alerts-p95-latency"
MAIL = "on-call@taskflow.app"
FURTHER_ALARM = "MetricAlarm alerts-dead-letters"
CHAT, PAGER = "SlackChannelConfiguration alerts-slack", "TopicSubscription alerts-high"

# Each plain alarm: its rule, what is blamed where it is gone, its comparison's opposite, a looser threshold, too many
# periods, another treatment of missing points, and its topic's channel turned around.
PLAIN = (
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


def _plain() -> Iterator[Mutation]:
    for rule, name, thing, comparison, threshold, periods, missing, severity in PLAIN:
        alarm, blamed = f"MetricAlarm alerts-{name}", f"alerting-{rule}@alerts-{name}"
        yield told(f"no {name}", removes(alarm), f"alerting-{rule}@{thing}")
        yield told(f"{name} of something else", sets(alarm, "metricName", "Other"), f"alerting-{rule}@{thing}")
        yield told(
            f"{name} of a namespace with nothing in it", sets(alarm, "namespace", "X"), f"alerting-{rule}@{thing}"
        )
        yield told(f"{name} of nobody's", sets(alarm, "dimensions", {"Other": "x"}), f"alerting-{rule}@{thing}")
        for label, path, value in (
            ("compared the other way", "comparisonOperator", comparison),
            ("with a looser threshold", "threshold", threshold),
            ("without a threshold", "threshold", REMOVED),
            ("in too many periods of many", "datapointsToAlarm", periods),
            ("in no period", "datapointsToAlarm", 0),
            ("with missing points taken otherwise", "treatMissingData", missing),
            ("in longer or shorter periods", "period", 300),
        ):
            yield told(f"{name} {label}", sets(alarm, path, value), blamed)
        urgent = f"alerting-severity@alerts-{name}"
        for label, path, value in (
            ("told elsewhere", "alarmActions", [topic(severity)]),
            ("whose end is told elsewhere", "okActions", [topic(severity)]),
            ("that is said to be something else", "alarmDescription", f"x\n{LEVELS[severity]}, answer soon"),
            ("that says nothing of its severity", "alarmDescription", "x"),
        ):
            yield told(f"{name} {label}", sets(alarm, path, value), blamed, urgent)
        unsaid = all_of(sets(alarm, "datapointsToAlarm", REMOVED), sets(alarm, "evaluationPeriods", periods))
        yield told(f"{name} in too many periods", unsaid, blamed)


ROWS = (
    *_plain(),
    told("no alarm on errors", removes(ERRORS), "alerting-error-rate@origin"),
    *each(
        "alerting-error-rate@alerts-error-rate",
        ERRORS,
        ("errors above 2 %", "threshold", 2),
        ("errors for 6 minutes", "datapointsToAlarm", 6),
        ("no error as a breach", "treatMissingData", "breaching"),
        ("errors below the threshold", "comparisonOperator", BELOW),
        ("errors of the tasks only", "metricQueries", error_rate("100 * FILL(targets, 0) / requests")),
        ("errors with gaps", "metricQueries", error_rate("100 * (targets + balancer) / (requests + unrouted)")),
        ("errors of routed requests only", "metricQueries",
         error_rate("100 * (FILL(targets, 0) + FILL(balancer, 0)) / requests")),
        ("errors of unrouted requests left out of all", "metricQueries",
         error_rate("100 * (FILL(targets, 0) + FILL(balancer, 0)) / FILL(requests, 0)")),
        ("errors as a share of one", "metricQueries", error_rate("(FILL(targets, 0) + FILL(balancer, 0)) / requests")),
        ("errors in five minutes", "metricQueries", error_rate(period=300)),
        ("errors on average", "metricQueries", error_rate(stat="Average")),
        ("errors of another namespace", "metricQueries", error_rate(namespace="AWS/ELB")),
        ("errors of all target groups", "metricQueries", error_rate(dimensions=BALANCER)),
    ),
    told("errors for Slack", sets(ERRORS, "alarmActions", [topic("warning")]),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    told("errors that are less urgent", sets(ERRORS, "alarmDescription", LEVELS["high"]),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    told("errors that are all of it", sets(ERRORS, "alarmDescription", " ".join(LEVELS.values())),
         "alerting-error-rate@alerts-error-rate", "alerting-severity@alerts-error-rate"),
    told("other errors", sets(ERRORS, "metricQueries", error_rate(metricName="Other")), "alerting-error-rate@origin"),
    *each(
        "alerting-latency@alerts-p95-latency",
        LATENCY,
        ("the median", "extendedStatistic", "p50"),
        ("a percentile of a handful", "evaluateLowSampleCountPercentiles", REMOVED),
    ),
    told("the average of a database's disk", sets("MetricAlarm alerts-disk-database", "statistic", "Minimum"),
         "alerting-disk@alerts-disk-database"),
    told("a disk that nothing measures", removes("LogMetricFilter alerts-disk-database"), "alerting-disk@database"),
    *each(
        "alerting-disk@database",
        "LogMetricFilter alerts-disk-database",
        ("another part of the measurements", "metricTransformation.value", "$.fileSys[0].used"),
        ("measurements of another group", "logGroupName", "/taskflow/other"),
        ("measurements of another database", "pattern", '{ $.instanceID = "other" }'),
        ("measurements under another name", "metricTransformation.name", "Other"),
    ),
    told("a replica's connections", removes("MetricAlarm alerts-connections-database-replica-1"),
         "alerting-connections@database-replica-1", stacks=PRODUCTION),
    told("a certificate of the edge", removes("MetricAlarm alerts-certificate-edge-web"),
         "alerting-certificates@edge-web", stacks=PRODUCTION),
)  # fmt: skip


def _silenced(until: str | None) -> Change:
    def change(plan: Plan) -> None:
        plan.set(ERRORS, "actionsEnabled", False)
        plan.set(ERRORS, "tags", {"SilentUntil": until} if until else {})

    return change


SILENCE = tuple(
    told(f"silence until {until}", _silenced(until), "alerting-silence@alerts-error-rate")
    for until in (None, "2026-01-01", "2999-01-01", "soon")
)


def _unheard(*severities: str) -> tuple[str, ...]:
    """Who tells that PagerDuty isn't told: the topics, and the rows that go there."""
    rows = {
        "critical": ("error-rate@alerts-error-rate",
                     *(f"tasks@alerts-{state}-tasks" for state in ("unhealthy", "too-few-healthy", "unreported"))),
        "high": ("latency@alerts-p95-latency",),
    }  # fmt: skip
    return tuple(f"alerting-{blamed}" for each in severities for blamed in (f"heard@alerts-{each}", *rows[each]))


def _by_mail(subscription: str) -> Change:
    return all_of(sets(subscription, "protocol", "email"), sets(subscription, "endpoint", MAIL))


def _composite(rule: str, *, speaks: bool = True, name: str = "error-rate") -> Change:
    """One alarm without actions of its own, and an alarm of alarms with this rule: {} stands for the alarm's name."""

    def change(plan: Plan) -> None:
        for key_ in ("alarmActions", "okActions"):
            plan.set(f"MetricAlarm alerts-{name}", key_, REMOVED)
        actions = {"alarmActions": [topic("critical")], "okActions": [topic("critical")]} if speaks else {}
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


def _silent(*also: str) -> tuple[str, ...]:
    return ("alerting-error-rate@alerts-error-rate", "alerting-told@alerts-error-rate", *also)


COMPOSITES = (
    *(
        told(f"errors that {rule} is to tell of", _composite(rule), *_silent())
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
    told("errors that a mute alarm is to tell of", _composite("ALARM({})", speaks=False),
         *_silent("alerting-told@outage")),
    told("a warning that is paged for", _composite("ALARM({})", name="cpu"), "alerting-cpu@alerts-cpu"),
    told("an alarm of alarms of no severity",
         adds(COMPOSITE, "outage", alarmName="a", alarmRule="ALARM(b)", alarmActions=[topic("high")],
              okActions=[topic("high")]),
         "alerting-severity@outage"),
)  # fmt: skip
# Each of them tells of the errors: nothing is blamed.
TOLD_OF = tuple(
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
        "alerting-told@alerts-dead-letters",
        FURTHER_ALARM,
        ("an alarm that tells nobody", "alarmActions", []),
        ("an alarm that tells nobody of its end", "okActions", REMOVED),
        ("an alarm that tells somebody elsewhere", "alarmActions", [OUTSIDE]),
        ("an alarm that tells somebody elsewhere too", "okActions", [topic("warning"), OUTSIDE]),
    ),
    told("an alarm without actions", adds(ALARM, "added", name="added"), "alerting-told@added"),
    told("an alarm of alarms that tells nobody",
         adds(COMPOSITE, "added", alarmName="a", alarmRule="ALARM(b)"),
         "alerting-told@added"),
    told("no subscription", removes("TopicSubscription alerts-critical"), *_unheard("critical")),
    told("a subscription of another topic", sets(PAGER, "topic", topic("critical")), *_unheard("high")),
    *(
        told(label, sets(PAGER, path, value), "alerting-pager@alerts-high", *_unheard("high"))
        for label, path, value in (
            ("a pager in plain text", "protocol", "http"),
            ("no protocol", "protocol", REMOVED),
            ("no address", "endpoint", REMOVED),
            ("an address in plain text", "endpoint", "http://events.pagerduty.com/integration/key/enqueue"),
            ("somebody else's address", "endpoint", "https://events.example/integration/key/enqueue"),
            ("PagerDuty's address as another's", "endpoint", "https://events.pagerduty.com.example/x-ere/key"),
            ("another of PagerDuty's addresses", "endpoint", "https://events.pagerduty.com/v2/enqueue"),
            ("a chat room's address", "endpoint", "https://hooks.slack.com/services/key"),
        )
    ),
    told("Critical by e-mail only", _by_mail("TopicSubscription alerts-critical"),
         "alerting-pager@alerts-critical", *_unheard("critical")),
    told("e-mail beside PagerDuty",
         adds(SUBSCRIPTION, "added", topic=topic("critical"), protocol="email", endpoint=MAIL,
              endpointAutoConfirms=True),
         "alerting-pager@added"),
    *each(
        "alerting-pager@alerts-high",
        PAGER,
        ("a subscription that waits for somebody", "endpointAutoConfirms", REMOVED),
        ("messages in another form", "rawMessageDelivery", True),
        ("some of the messages", "filterPolicy", '{"a": ["b"]}'),
    ),
    *each(
        "alerting-chat@alerts-slack",
        CHAT,
        ("a channel that may do everything", "guardrailPolicyArns", REMOVED),
        ("a channel that may do a lot", "guardrailPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]),
        ("a channel without a role", "iamRoleArn", REMOVED),
    ),
    told("a channel where there is no API", sets(CHAT, "region", "us-east-1"), "alerting-chat@alerts-slack",
         stacks=PRODUCTION),
)  # fmt: skip


def _topic_policy(*own: str, **changed: object) -> Change:
    """A topic's policy with only some of its statements, and with something else in the last of them."""

    def change(plan: Plan) -> None:
        arn = str(plan.resources["Topic alerts-high"].computed["arn"])
        statements: dict[str, dict[str, object]] = dict(zip(("refusal", "alarms"), topic_statements(arn), strict=True))
        statements[own[-1]] = {**statements[own[-1]], **changed}
        plan.set("TopicPolicy alerts-high", "policy", document(*(statements[name] for name in own)))

    return change


def _key_policy(without: int) -> Change:
    """The key's policy without one of its statements, by place: administration, use through SNS, logs, alarms."""
    whole = [*policy_statements("sns"), *key_statements()]
    own = [statement for place, statement in enumerate(whole) if place != without]
    return sets("Key keys-messages", "policy", document(*own))


ALL_TOPICS = tuple(f"alerting-topics-encrypted@alerts-{severity}" for severity in ("critical", "high", "warning"))
TOPICS = (
    told("alerts in plain text", sets("Topic alerts-high", "kmsMasterKeyId", REMOVED),
         "alerting-topics-encrypted@alerts-high"),
    told("alerts under AWS's key", sets("Topic alerts-high", "kmsMasterKeyId", "alias/aws/sns"),
         "alerting-topics-encrypted@alerts-high"),
    told("alerts under somebody's key", sets("Topic alerts-high", "kmsMasterKeyId", "arn:aws:kms:::key/else"),
         "alerting-topics-encrypted@alerts-high"),
    told("alerts under a key that alarms can't use", sets("Topic alerts-high", "kmsMasterKeyId", key("data")),
         "alerting-topics-encrypted@alerts-high"),
    told("a key that nobody can try an alert with", _key_policy(1), *ALL_TOPICS),
    told("a key that alarms can't use", _key_policy(3), *ALL_TOPICS),
    told("no topic's policy", removes("TopicPolicy alerts-high"), "alerting-topics-open@alerts-high"),
    told("a topic that alarms can't reach", _topic_policy("refusal"), "alerting-topics-open@alerts-high"),
    told("a topic reached in plain text", _topic_policy("alarms"), "alerting-topics-open@alerts-high"),
    told("a topic for everybody's alarms", _topic_policy("refusal", "alarms", Condition={}),
         "alerting-topics-closed@alerts-high"),
    told("a topic for events, from wherever",
         _topic_policy("refusal", "alarms", Condition={},
                       Principal={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}),
         "alerting-topics-closed@alerts-high", "access-services@alerts-high"),
    told("a topic for somebody else too",
         _topic_policy("refusal", "alarms", Principal={"Service": "cloudwatch.amazonaws.com",
                                                       "AWS": "arn:aws:iam::111111111111:root"}),
         "alerting-topics-closed@alerts-high"),
)  # fmt: skip

OUTAGE = "CompositeAlarm alerts-outage-high"
ONCE = (
    *each(
        "alerting-once@alerts-outage-high",
        OUTAGE,
        ("an outage that pages twice", "actionsSuppressor", REMOVED),
        ("an outage that gives way to nothing here", "actionsSuppressor.alarm", "elsewhere"),
        ("an outage that doesn't wait", "actionsSuppressor.waitPeriod", 0),
        ("an outage that pages as soon as the other one is over", "actionsSuppressor.extensionPeriod", 0),
    ),
    told("an outage that gives way to itself",
         sets(OUTAGE, "actionsSuppressor.alarm", Ref(to=OUTAGE, output="arn")), "alerting-once@alerts-outage-high"),
)  # fmt: skip


def dashboard(*more: str, without: str | None = None) -> Change:
    """Add a dashboard of all alarms but one, and of more that aren't there."""

    def change(plan: Plan) -> None:
        names = [
            str(planned.inputs["name" if planned.type == ALARM else "alarmName"])
            for planned in plan.resources.values()
            if planned.type in (ALARM, COMPOSITE) and planned.key != without and planned.name.startswith("alerts-")
        ]
        arns = [f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}" for name in (*names, *more)]
        widgets = [{"type": "text"}, {"type": "alarm", "properties": {"alarms": arns}}]
        plan.add(DASHBOARD, "dashboard", None, dashboardBody=json.dumps({"widgets": widgets}))

    return change


SHOWN = (
    told("an alarm that the dashboard doesn't show", dashboard(without=ERRORS), "alerting-shown@alerts-error-rate"),
    told("an alarm that the dashboard misses", dashboard("gone"), "alerting-shown@dashboard"),
    told("a new alarm beside the dashboard",
         all_of(dashboard(), adds(COMPOSITE, "outage", alarmName="outage", alarmRule="ALARM(b)",
                                   alarmDescription=LEVELS["critical"], alarmActions=[topic("critical")],
                                   okActions=[topic("critical")])),
         "alerting-shown@outage"),
)  # fmt: skip

CHANGES = (*ROWS, *SHOWN, *SILENCE, *COMPOSITES, *WIRING, *TOPICS, *ONCE)
