"""Every alarm has a metric of a planned resource, notifies people, and names a runbook and a first command."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TypedDict, cast

import pytest
from botocore.loaders import Loader

from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks, Resource, of_type, outputs_of

pytestmark = pytest.mark.xdist_group("both-stacks")

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
RUNBOOKS = PROJECT / "docs" / "runbooks"

# By namespace and dimension: the type of the resource that has the metric, and the property with the dimension's value.
SOURCES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "AWS/ApplicationELB": {
        "LoadBalancer": ("aws:lb/loadBalancer:LoadBalancer", "arnSuffix"),
        "TargetGroup": ("aws:lb/targetGroup:TargetGroup", "arnSuffix"),
    },
    "AWS/ECS": {
        "ClusterName": ("aws:ecs/cluster:Cluster", "name"),
        "ServiceName": ("aws:ecs/service:Service", "name"),
    },
    "AWS/RDS": {"DBInstanceIdentifier": ("aws:rds/instance:Instance", "identifier")},
    "AWS/CertificateManager": {"CertificateArn": ("aws:acm/certificate:Certificate", "arn")},
    "AWS/SQS": {"QueueName": ("aws:sqs/queue:Queue", "name")},
    "AWS/CloudFront": {"DistributionId": ("aws:cloudfront/distribution:Distribution", "id")},
    "AWS/WAFV2": {"WebACL": ("aws:wafv2/webAcl:WebAcl", "name")},
    "AWS/Route53": {"HealthCheckId": ("aws:route53/healthCheck:HealthCheck", "id")},
    "AWS/Logs": {"LogGroupName": ("aws:cloudwatch/logGroup:LogGroup", "name")},
    "AWS/Firehose": {"DeliveryStreamName": ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "name")},
    "AWS/Events": {"RuleName": ("aws:cloudwatch/eventRule:EventRule", "name")},
    "AWS/S3": {
        "SourceBucket": ("aws:s3/bucket:Bucket", "bucket"),
        "DestinationBucket": ("aws:s3/bucket:Bucket", "bucket"),
    },
    "taskflow/RDS": {"DBInstanceIdentifier": ("aws:rds/instance:Instance", "identifier")},
}
# Dimensions with constant values of AWS.
CONSTANTS = {("Region", "Global"), ("Rule", "ALL"), ("DataProtectionOperation", "Audit"), ("RuleId", "everything")}
# Metrics of what users receive: bad until tasks run.
USER_FACING = {"AWS/ApplicationELB", "AWS/CloudFront", "AWS/Route53"}
RUNNING = {"aws:ecs/service:Service", "aws:appautoscaling/target:Target"}
# A health check of dr's latch, not of this stack's service.
LATCH_ALARMS = {"taskflow-production-recovery-active"}


# A member's name in a composite alarm's rule.
MEMBER = re.compile(r'ALARM\("([^"]+)"\)')


class _Reference(TypedDict):
    shape: str


class _Operation(TypedDict):
    input: _Reference


class _Shape(TypedDict):
    members: Mapping[str, _Reference]


class Model(TypedDict):
    """The parts of AWS's service model that are used here."""

    operations: Mapping[str, _Operation]
    shapes: Mapping[str, _Shape]


def _alerts(both: BothStacks, stack: str) -> list[Mapping[str, Value]]:
    """Return the alarms that notify people; deployment alarms have no actions."""
    return [alarm for alarm in map(outputs_of, of_type(both, stack, ALARM)) if "-deployment-" not in str(alarm["name"])]


def _metrics(alarm: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
    queries = cast("list[Mapping[str, Value]]", alarm.get("metricQueries") or [])
    yield from (cast("Mapping[str, Value]", query["metric"]) for query in queries if query.get("metric"))
    if alarm.get("namespace"):
        yield alarm


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarms_metric_has_a_source_in_the_stack(both: BothStacks, stack: str) -> None:
    alarms = _alerts(both, stack)
    assert len(alarms) >= 10
    for alarm in alarms:
        metrics = list(_metrics(alarm))
        assert metrics, alarm["name"]
        for metric in metrics:
            dimensions = cast("Mapping[str, str]", metric.get("dimensions") or {})
            if metric["namespace"] == "taskflow/Audit":
                assert metric["metricName"] in _trail_metrics(both, stack), alarm["name"]
                continue
            assert dimensions, alarm["name"]
            if metric["namespace"] == "AWS/ElastiCache":
                assert dimensions["CacheClusterId"] in _nodes(both, stack), alarm["name"]
                continue
            sources = SOURCES[str(metric["namespace"])]
            # dr has no buckets: it watches the replication of production's copy, in whose region it is.
            owner = "production" if metric["namespace"] == "AWS/S3" else stack
            for dimension, value in dimensions.items():
                if (dimension, value) in CONSTANTS:
                    continue
                type_, property_ = sources[dimension]
                assert value in [outputs_of(r).get(property_) for r in of_type(both, owner, type_)], (
                    alarm["name"],
                    dimension,
                )


def _trail_metrics(both: BothStacks, stack: str) -> set[str]:
    """Return the metrics of the filters on the trail's log group."""
    filters = [
        f for f in map(outputs_of, of_type(both, stack, FILTER)) if f["logGroupName"] == f"/taskflow/{stack}/trail"
    ]
    return {str(cast("Mapping[str, Value]", f["metricTransformation"])["name"]) for f in filters}


def _nodes(both: BothStacks, stack: str) -> set[str]:
    """Return the names that AWS gives to the nodes of the planned replication group."""
    (group,) = (outputs_of(r) for r in of_type(both, stack, "aws:elasticache/replicationGroup:ReplicationGroup"))
    shards, nodes = (int(cast("float", group[name])) for name in ("numNodeGroups", "replicasPerNodeGroup"))
    return {
        f"{group['replicationGroupId']}-{shard:04}-{node:03}"
        for shard in range(1, shards + 1)
        for node in range(1, nodes + 2)
    }


def test_every_replication_has_an_alarm_in_the_region_of_its_source(both: BothStacks) -> None:
    """S3 publishes failures there, and an alarm sees its own region only."""
    watched = {
        stack: {tuple(sorted(cast("Mapping[str, str]", alarm["dimensions"]).items())) for alarm in _alerts(both, stack)
                if alarm.get("metricName") == "OperationsFailedReplication"}
        for stack in STACKS
    }  # fmt: skip
    needed: dict[str, set[tuple[tuple[str, str], ...]]] = {stack: set() for stack in STACKS}
    for config in map(
        outputs_of, of_type(both, "production", "aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    ):
        (rule,) = cast("list[Mapping[str, Value]]", config["rules"])
        destination = str(cast("Mapping[str, Value]", rule["destination"])["bucket"]).rpartition(":")[2]
        dimensions = (
            ("DestinationBucket", destination),
            ("RuleId", str(rule["id"])),
            ("SourceBucket", str(config["bucket"])),
        )
        needed["dr" if config.get("region") == "us-west-2" else "production"].add(dimensions)
    assert watched == needed
    assert [len(each) for each in needed.values()] == [2, 1]


@pytest.mark.parametrize("stack", STACKS)
def test_every_redis_node_has_alarms(both: BothStacks, stack: str) -> None:
    nodes = {
        cast("Mapping[str, str]", alarm["dimensions"])["CacheClusterId"]
        for alarm in _alerts(both, stack)
        if alarm.get("namespace") == "AWS/ElastiCache"
    }
    assert nodes == _nodes(both, stack)


@pytest.mark.parametrize("stack", STACKS)
def test_every_database_has_a_disk_metric(both: BothStacks, stack: str) -> None:
    filters = [f for f in map(outputs_of, of_type(both, stack, FILTER)) if f["logGroupName"] == "RDSOSMetrics"]
    instances = [outputs_of(r)["identifier"] for r in of_type(both, stack, "aws:rds/instance:Instance")]
    patterns = " ".join(str(f["pattern"]) for f in filters)
    assert len(filters) == len(instances)
    for identifier in instances:
        assert f'$.instanceID = "{identifier}"' in patterns
    for each in filters:
        metric = cast("Mapping[str, Value]", each["metricTransformation"])
        assert (metric["namespace"], metric["name"]) == ("taskflow/RDS", "DiskUsedPercent")


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_notifies_of_alarm_and_recovery_in_its_own_region(both: BothStacks, stack: str) -> None:
    region = {"production": "us-east-1", "dr": "us-west-2"}[stack]
    pager_duty_topics = {str(outputs_of(each)["topic"]) for each in _pager_duty(both, stack)}
    slack_topics = {
        arn
        for chat in of_type(both, stack, "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
        for arn in cast("list[str]", outputs_of(chat)["snsTopicArns"])
    }
    composites = [outputs_of(composite) for composite in of_type(both, stack, COMPOSITE)]
    composite_of = {name: each for each in composites for name in MEMBER.findall(str(each["alarmRule"]))}
    for alarm in (*composites, *_alerts(both, stack)):
        severity = str(alarm["alarmDescription"]).splitlines()[1].partition(":")[0]
        if not alarm.get("alarmActions"):
            composite = composite_of[str(alarm["name"])]
            assert str(composite["alarmDescription"]).splitlines()[1].startswith(severity), alarm["name"]
            continue
        actions = cast("list[str]", alarm["alarmActions"])
        assert actions == alarm["okActions"]
        assert alarm["actionsEnabled"] is True
        assert set(actions) <= (slack_topics if severity == "Warning" else pager_duty_topics), alarm["alarmDescription"]
        assert all(f":sns:{region}:" in arn for arn in actions)
    assert pager_duty_topics
    assert slack_topics


def _all_dependencies(both: BothStacks, stack: str, urn: str) -> set[str]:
    """Return all resources that the engine creates before a resource: its dependencies, and theirs."""
    dependencies = {str(r["urn"]): cast("list[str]", r.get("dependencies") or []) for r in both[stack].resources}
    found, new = set[str](), [urn]
    while new:
        more = set(dependencies[new.pop()]) - found
        found |= more
        new += more
    return found


def _pager_duty(both: BothStacks, stack: str) -> list[Resource]:
    subscriptions = of_type(both, stack, "aws:sns/topicSubscription:TopicSubscription")
    return [each for each in subscriptions if outputs_of(each)["protocol"] == "https"]


@pytest.mark.parametrize("stack", STACKS)
def test_no_alarm_pages_before_its_resources_exist(both: BothStacks, stack: str) -> None:
    """The first `up` takes tens of minutes until tasks run; user-facing alarms are created after that."""
    pager_duty_topics = {str(outputs_of(each)["topic"]) for each in _pager_duty(both, stack)}
    types = {str(r["urn"]): str(r["type"]) for r in both[stack].resources}
    composites = [
        r
        for r in of_type(both, stack, COMPOSITE)
        if set(cast("list[str]", outputs_of(r)["alarmActions"])) & pager_duty_topics
    ]
    members = {name for each in composites for name in MEMBER.findall(str(outputs_of(each)["alarmRule"]))}
    for composite in composites:
        assert {types[urn] for urn in _all_dependencies(both, stack, str(composite["urn"]))} >= {ALARM, *RUNNING}
    paging = [
        r
        for r in of_type(both, stack, ALARM)
        if outputs_of(r)["name"] in members
        or set(cast("list[str]", outputs_of(r).get("alarmActions") or [])) & pager_duty_topics
    ]
    assert len(paging) >= 5
    for alarm in paging:
        dependencies = _all_dependencies(both, stack, str(alarm["urn"]))
        for metric in _metrics(outputs_of(alarm)):
            namespace, dimensions = str(metric["namespace"]), cast("Mapping[str, str]", metric.get("dimensions") or {})
            if namespace in USER_FACING and outputs_of(alarm)["name"] not in LATCH_ALARMS:
                assert {types[urn] for urn in dependencies} >= RUNNING, alarm["urn"]
            elif namespace in SOURCES:
                sources = {type_ for name, (type_, _) in SOURCES[namespace].items() if name in dimensions}
                assert {types[urn] for urn in dependencies} >= sources, alarm["urn"]
            else:
                assert outputs_of(alarm)["treatMissingData"] == "notBreaching", "no data exists before"


def test_pager_duty_url_is_a_secret_in_the_state(both: BothStacks) -> None:
    for stack in STACKS:
        subscriptions = _pager_duty(both, stack)
        assert subscriptions
        for each in subscriptions:
            assert isinstance(cast("Mapping[str, Value]", each["inputs"])["endpoint"], dict), "plain text"


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarms_description_has_an_existing_runbook_and_a_valid_command(both: BothStacks, stack: str) -> None:
    for alarm in (*map(outputs_of, of_type(both, stack, COMPOSITE)), *_alerts(both, stack)):
        text = str(alarm["alarmDescription"])
        assert len(text) <= 1024, "CloudWatch's maximum"
        runbook = re.search(r"^Runbook: https://\S+/([a-z0-9-]+\.md)$", text, re.MULTILINE)
        assert runbook
        assert (RUNBOOKS / runbook[1]).is_file(), runbook[1]
        command = re.search(r"^First command: (.+)$", text, re.MULTILINE)
        assert command
        _check_command(command[1])


def test_every_runbooks_first_command_is_valid() -> None:
    runbooks = [runbook for runbook in RUNBOOKS.glob("*.md") if "## First command" in runbook.read_text()]
    assert len(runbooks) >= 8
    for runbook in runbooks:
        first = re.search(r"## First command\n```bash\n(.+)\n```", runbook.read_text())
        assert first, runbook.name
        _check_command(first[1])
        assert runbook.name in (RUNBOOKS / "README.md").read_text()


def _check_command(command: str) -> None:
    """Check a command's operation and options against AWS's service model."""
    program, *words = shlex.split(command)
    assert program == "aws"
    assert words[0] == "--region"
    service, operation, *rest = words[2:]
    service = {"s3api": "s3"}.get(service, service)
    model = cast("Model", Loader().load_service_model(service, "service-2"))
    name = operation.replace("-", "")
    found = next((n for n in model["operations"] if n.lower() == name), None)
    assert found, command
    members = model["shapes"][model["operations"][found]["input"]["shape"]]["members"]
    options = {re.sub(r"[^a-z0-9]", "", member.lower()) for member in members}
    for word in rest:
        if word.startswith("--"):
            assert word.replace("-", "") in options, f"{command}: {word}"
