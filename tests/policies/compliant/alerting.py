"""The compliant alerting as plain data: topics, channels and alarms.

The alarms that follow from the rules' table are made from it; the tests of both stacks show that the table is right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.engine.export import from_state
from policies.rules.alerting.implied_alerts import IMPLIED, ImpliedAlarm
from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, INSTANCE, REGIONS, key, policy_statements
from tests.policies.compliant.storage import bucket_part
from tests.policies.plan import Plan, Planned, Ref

TOPIC, TOPIC_POLICY = "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
CHAT = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ABOVE, AT_LEAST, BELOW = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"

Inputs = Mapping[str, object]

OWN_ACCOUNT: Inputs = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
LEVELS = {"critical": "Critical: SEV1", "high": "High: SEV2", "warning": "Warning: SEV3"}


def add_alerting(plan: Plan) -> None:
    """Add a stack's topics, channels and alarms."""
    # The rules about its contents have their own.
    plan.add(DASHBOARD, "overview", None, dashboardName=f"taskflow-{plan.stack}")
    messages = plan.resources["Key keys-messages"]
    messages.inputs["policy"] = document(*policy_statements("sns"), *key_statements())
    for severity in ("critical", "high", "warning"):
        _topic(plan, severity)
    for severity in ("critical", "high"):
        plan.add(
            SUBSCRIPTION,
            f"alerts-{severity}",
            None,
            topic=topic(severity),
            protocol="https",
            endpoint="https://events.pagerduty.com/integration/key/enqueue",
            endpointAutoConfirms=True,
            rawMessageDelivery=False,
        )
    plan.add(
        CHAT,
        "alerts-slack",
        None,
        configurationName=f"taskflow-{plan.stack}-alerts",
        iamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/alerts-slack",
        snsTopicArns=[topic("warning")],
        guardrailPolicyArns=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
        region="us-west-2",
    )
    _request_alarms(plan)
    _task_alarms(plan)
    _database_alarms(plan)
    _further_alarms(plan)
    _event_rules(plan)
    _implied_alarms(plan)
    _composites(plan)
    if plan.stack != "dr":
        _identity_alarms(plan)
    for planned in [each for each in plan.resources.values() if each.type == "aws:acm/certificate:Certificate"]:
        dimensions = {"CertificateArn": Ref(to=planned.key, output="arn")}
        own = {**_metric("AWS/CertificateManager", "DaysToExpiry", "Minimum", dimensions), "period": 86400}
        _alarm(plan, f"certificate-{planned.name}", "warning", BELOW, 30, 1, "breaching", own)


def topic(severity: str) -> Ref:
    """Return a reference to the ARN of a topic."""
    return Ref(to=f"Topic alerts-{severity}", output="arn")


def key_statements() -> list[dict[str, object]]:
    """Return the statements of a key's policy for its publishers: alarms of this account."""
    return [_allowed("cloudwatch", ["kms:Decrypt", "kms:GenerateDataKey*"], "*")]


def topic_statements(arn: str) -> list[dict[str, object]]:
    """Return the statements of a topic's policy: the denial of plain text, and the permission for alarms."""
    denial: dict[str, object] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return [denial, _allowed("cloudwatch", "sns:Publish", arn)]


def topic_arn(stack: str, severity: str) -> str:
    return f"arn:aws:sns:{REGIONS.get(stack, 'us-east-1')}:{ACCOUNT}:taskflow-{stack}-alerts-{severity}"


def _allowed(service: str, action: object, resource: str) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": OWN_ACCOUNT,
    }


def _topic(plan: Plan, severity: str) -> None:
    arn = topic_arn(plan.stack, severity)
    planned = plan.add(
        TOPIC,
        f"alerts-{severity}",
        None,
        name=arn.rpartition(":")[2],
        kmsMasterKeyId=key("messages"),
        signatureVersion=2,
    )
    planned.computed = {"arn": arn}
    policy = document(*topic_statements(arn))
    plan.add(TOPIC_POLICY, f"alerts-{severity}", None, arn=topic(severity), policy=policy)


def _alarm(
    plan: Plan,
    name: str,
    severity: str,
    comparison: str,
    threshold: float,
    periods: int,
    missing: str,
    own: Inputs,
) -> None:
    plan.add(
        ALARM,
        f"alerts-{name}",
        None,
        name=f"taskflow-{plan.stack}-{name}",
        alarmDescription=f"The threshold is exceeded\n{LEVELS[severity]}, answer soon",
        alarmActions=[topic(severity)],
        okActions=[topic(severity)],
        actionsEnabled=True,
        comparisonOperator=comparison,
        threshold=threshold,
        evaluationPeriods=periods,
        datapointsToAlarm=periods,
        treatMissingData=missing,
        **own,
    )


def _metric(namespace: str, metric: str, statistic: str, dimensions: Inputs) -> dict[str, object]:
    inputs: dict[str, object] = {
        "namespace": namespace,
        "metricName": metric,
        "dimensions": dict(dimensions),
        "period": 60,
    }
    if statistic.startswith("p"):
        return {**inputs, "extendedStatistic": statistic, "evaluateLowSampleCountPercentiles": "ignore"}
    return {**inputs, "statistic": statistic}


BALANCER = {"LoadBalancer": Ref(to="LoadBalancer origin", output="arnSuffix")}
TARGETS = {**BALANCER, "TargetGroup": Ref(to="TargetGroup origin", output="arnSuffix")}


def error_rate(
    expression: str = "100 * (FILL(targets, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(unrouted, 0))",
    **changed: object,
) -> object:
    """Return the queries of the error rate, with another expression or changed metrics."""
    return [
        {"id": "result", "expression": expression, "returnData": True},
        *(
            {
                "id": id_,
                "returnData": False,
                "metric": {
                    "namespace": "AWS/ApplicationELB",
                    "metricName": metric,
                    "dimensions": dict(dimensions),
                    "stat": "Sum",
                    "period": 60,
                    **changed,
                },
            }
            for id_, metric, dimensions in (
                ("requests", "RequestCount", TARGETS),
                ("targets", "HTTPCode_Target_5XX_Count", TARGETS),
                ("balancer", "HTTPCode_ELB_5XX_Count", BALANCER),
                ("unrouted", "HTTPCode_ELB_503_Count", BALANCER),
            )
        ),
    ]


def _request_alarms(plan: Plan) -> None:
    plan.resources["LoadBalancer origin"].computed["arnSuffix"] = "app/origin/1"
    plan.resources["TargetGroup origin"].computed["arnSuffix"] = "targetgroup/origin/1"
    _alarm(plan, "error-rate", "critical", ABOVE, 1, 5, "notBreaching", {"metricQueries": error_rate()})
    elb = "AWS/ApplicationELB"
    latency = _metric(elb, "TargetResponseTime", "p95", TARGETS)
    _alarm(plan, "p95-latency", "high", ABOVE, 0.5, 5, "notBreaching", latency)
    unhealthy = _metric(elb, "UnHealthyHostCount", "Maximum", TARGETS)
    _alarm(plan, "unhealthy-tasks", "critical", AT_LEAST, 1, 2, "notBreaching", unhealthy)
    healthy = _metric(elb, "HealthyHostCount", "Minimum", TARGETS)
    _alarm(plan, "too-few-healthy-tasks", "critical", BELOW, 2, 2, "missing", healthy)
    reported = _metric(elb, "HealthyHostCount", "SampleCount", TARGETS)
    _alarm(plan, "unreported-tasks", "critical", BELOW, 1, 2, "breaching", reported)


def _task_alarms(plan: Plan) -> None:
    service = plan.resources["Service service"]
    service.computed["name"] = service.inputs["name"]
    dimensions = {"ClusterName": f"taskflow-{plan.stack}", "ServiceName": Ref(to=service.key, output="name")}
    for name, metric, threshold in (("cpu", "CPUUtilization", 85), ("memory", "MemoryUtilization", 90)):
        _alarm(
            plan, name, "warning", ABOVE, threshold, 10, "missing", _metric("AWS/ECS", metric, "Average", dimensions)
        )


def _database_alarms(plan: Plan) -> None:
    for planned in [planned for planned in plan.resources.values() if planned.type == INSTANCE]:
        identifier = planned.inputs["identifier"]
        dimensions = {"DBInstanceIdentifier": Ref(to=planned.key, output="identifier")}
        connections = _metric("AWS/RDS", "DatabaseConnections", "Average", dimensions)
        _alarm(plan, f"connections-{planned.name}", "warning", ABOVE, 640, 5, "missing", connections)
        transformation = {"namespace": "taskflow/RDS", "name": "DiskUsedPercent", "value": "$.fileSys[0].usedPercent"}
        plan.add(
            FILTER,
            f"alerts-disk-{planned.name}",
            None,
            logGroupName="RDSOSMetrics",
            pattern=f'{{ ($.instanceID = "{identifier}") && ($.fileSys[0].mountPoint = "/rdsdbdata") }}',
            metricTransformation=transformation,
        )
        disk = _metric("taskflow/RDS", "DiskUsedPercent", "Maximum", dimensions)
        _alarm(plan, f"disk-{planned.name}", "warning", ABOVE, 80, 5, "missing", disk)


def _further_alarms(plan: Plan) -> None:
    name = f"taskflow-{plan.stack}"
    for node in (f"{name}-{shard:04}-{position:03}" for shard in (1, 2) for position in (1, 2)):
        for metric in ("DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "Evictions"):
            own = _metric("AWS/ElastiCache", metric, "Average", {"CacheClusterId": node})
            _alarm(plan, f"{metric}-{node}", "warning", ABOVE, 85, 10, "missing", own)
    for purpose, dimensions in list(_replications(plan)):
        failures = {**_metric("AWS/S3", "OperationsFailedReplication", "Sum", dimensions), "period": 300}
        _alarm(plan, f"replication-{purpose}", "warning", ABOVE, 0, 1, "notBreaching", failures)
    dead = _metric(
        "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", {"QueueName": f"{name}-jobs-dead-letters"}
    )
    _alarm(plan, "dead-letters", "warning", ABOVE, 0, 1, "missing", dead)


def _replications(plan: Plan) -> Iterator[tuple[str, Inputs]]:
    """Yield the replications out of the stack's own region: that of the files' copy is dr's, which has no buckets."""
    if plan.stack == "dr":
        yield (
            "files",
            _replication_dimensions(*(f"taskflow-production-{name}-{ACCOUNT}" for name in ("files-copy", "files"))),
        )
    for planned in plan.resources.values():
        if planned.type == bucket_part("ReplicationConfig") and "region" not in planned.inputs:
            names = (planned.name, f"{planned.name}-copy")
            yield (
                planned.name,
                _replication_dimensions(*(plan.resources[f"Bucket {name}"].inputs["bucket"] for name in names)),
            )


def _replication_dimensions(source: object, destination: object) -> Inputs:
    return {"SourceBucket": source, "DestinationBucket": destination, "RuleId": "everything"}


def _event_rules(plan: Plan) -> None:
    name = f"taskflow-{plan.stack}-backup-failed"
    rule = plan.add(EVENT_RULE, "alerts-backup-failed", None, name=name, eventPattern='{"source": ["aws.backup"]}')
    rule.computed = {"name": name}
    group = plan.add(
        "aws:cloudwatch/logGroup:LogGroup",
        "alerts-events",
        None,
        name=f"/aws/events/taskflow-{plan.stack}",
        retentionInDays=90,
        kmsKeyId=key("logs"),
    )
    group.protect = True
    group.computed = {"arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group.inputs['name']}"}
    arn = Ref(to=group.key, output="arn")
    plan.add(EVENT_TARGET, "alerts-backup-failed", None, rule=Ref(to=rule.key, output="name"), arn=arn)


@dataclass(frozen=True, kw_only=True)
class Implied:
    """An alarm that a rule requires: its key, the rule's id, the resource's name, and the dimension that names it."""

    key: str
    rule: str
    resource: str
    dimension: str


def _implied_alarms(plan: Plan) -> None:
    """Add each alarm that the tables of the rules require."""
    for _, alarm, planned in _implied(plan):
        inputs = planned.inputs
        if alarm.identity in inputs:
            planned.computed.setdefault(alarm.identity, inputs[alarm.identity])
        visibility = cast("Inputs", inputs.get("visibilityConfig", {}))
        value = (
            visibility["metricName"]
            if alarm.identity == "visibilityConfig.metricName"
            else Ref(to=planned.key, output=alarm.identity)
        )
        own = _metric(alarm.namespace, alarm.metric, "Maximum", {alarm.dimension: value})
        _alarm(plan, f"{alarm.metric}-{planned.name}", "warning", ABOVE, 0, 1, "missing", own)


def implied_alarms(plan: Plan) -> Iterator[Implied]:
    """Return the alarms of a compliant stack that the tables of the rules require."""
    for rule, alarm, planned in _implied(plan):
        key = f"MetricAlarm alerts-{alarm.metric}-{planned.name}"
        yield Implied(key=key, rule=rule, resource=planned.name, dimension=alarm.dimension)


def _implied(plan: Plan) -> list[tuple[str, ImpliedAlarm, Planned]]:
    urns: Inputs = {plan.urn(key): {} for key in plan.resources}
    return [
        (rule, alarm, planned)
        for rule, implied in IMPLIED.items()
        for alarm in implied
        for planned in plan.resources.values()
        if planned.type == alarm.type and alarm.applies(from_state(plan.state(planned.key, "up"), "outputs", urns))
    ]


def _composites(plan: Plan) -> None:
    """Add the composite alarms: the more severe one suppresses the milder one."""
    name = f"taskflow-{plan.stack}"
    for severity, alarm, more_severe in (
        ("critical", "unreported-tasks", None),
        ("high", "p95-latency", "CompositeAlarm alerts-outage-critical"),
    ):
        periods = {"waitPeriod": 120, "extensionPeriod": 180}
        suppressor = {"alarm": Ref(to=more_severe, output="arn"), **periods} if more_severe else None
        planned = plan.add(
            COMPOSITE,
            f"alerts-outage-{severity}",
            None,
            alarmName=f"{name}-outage-{severity}",
            alarmDescription=f"Users are affected\n{LEVELS[severity]}, answer soon",
            alarmRule=f'ALARM("{name}-{alarm}")',
            alarmActions=[topic(severity)],
            okActions=[topic(severity)],
            **({"actionsSuppressor": suppressor} if suppressor else {}),
        )
        planned.computed = {"arn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}-outage-{severity}"}


ROOT = (
    '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }'
)
EMERGENCY = (
    '{ ($.eventName = "AssumeRole*") && '
    f'(($.requestParameters.roleArn = "arn:aws:iam::{ACCOUNT}:role/prod-db-access") || '
    f'($.requestParameters.roleArn = "arn:aws:iam::{ACCOUNT}:role/prod-break-glass")) }}'
)


def _identity_alarms(plan: Plan) -> None:
    trail = "/taskflow/production/trail"
    # compliant/audit.py adds the log group.
    for name, metric, pattern in (
        ("root-usage", "RootUsage", ROOT),
        ("emergency-access", "EmergencyAccess", EMERGENCY),
    ):
        transformation = {"namespace": "taskflow/Audit", "name": metric, "value": "1"}
        plan.add(
            FILTER, f"alerts-{name}", None, logGroupName=trail, pattern=pattern, metricTransformation=transformation
        )
        _alarm(plan, name, "high", ABOVE, 0, 1, "notBreaching", _metric("taskflow/Audit", metric, "Sum", {}))
