"""Every alarm measures what a planned resource emits, reaches a person, and says where to read on and what to type."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TypedDict, cast

import pytest
from botocore.loaders import Loader

from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from tests.engine.both import Both, of_type, outputs_of

pytestmark = pytest.mark.xdist_group("both-stacks")

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
RUNBOOKS = PROJECT / "docs" / "runbooks"

# What emits a namespace's measures: a resource type, and for each dimension the property that has its value.
EMITTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
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
# Dimensions that are words of AWS's own.
WORDS = {("Region", "Global"), ("Rule", "ALL"), ("DataProtectionOperation", "Audit"), ("RuleId", "everything")}
# Measures of what users get, whatever stands in between: they are bad until tasks run.
OF_USERS = {"AWS/ApplicationELB", "AWS/CloudFront", "AWS/Route53"}
RUNNING = {"aws:ecs/service:Service", "aws:appautoscaling/target:Target"}
# dr's latch decides, not this stack's service: its inverted check is healthy as long as nothing answers.
OF_THE_LATCH = {"taskflow-production-recovery-active"}


# A name in a composite's rule.
MEMBER = re.compile(r'ALARM\("([^"]+)"\)')


class _Reference(TypedDict):
    shape: str


class _Operation(TypedDict):
    input: _Reference


class _Shape(TypedDict):
    members: Mapping[str, _Reference]


class Model(TypedDict):
    """AWS's description of a service, as far as it is needed here."""

    operations: Mapping[str, _Operation]
    shapes: Mapping[str, _Shape]


def _alerts(both: Both, stack: str) -> list[Mapping[str, Value]]:
    """Give the alarms that tell people; a deployment's own don't."""
    return [alarm for alarm in map(outputs_of, of_type(both, stack, ALARM)) if "-deployment-" not in str(alarm["name"])]


def _metrics(alarm: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
    queries = cast("list[Mapping[str, Value]]", alarm.get("metricQueries") or [])
    yield from (cast("Mapping[str, Value]", query["metric"]) for query in queries if query.get("metric"))
    if alarm.get("namespace"):
        yield alarm


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarms_metric_is_emitted_by_a_resource_of_the_stack(both: Both, stack: str) -> None:
    alarms = _alerts(both, stack)
    assert len(alarms) >= 10
    for alarm in alarms:
        metrics = list(_metrics(alarm))
        assert metrics, alarm["name"]
        for metric in metrics:
            dimensions = cast("Mapping[str, str]", metric.get("dimensions") or {})
            if metric["namespace"] == "taskflow/Audit":
                assert metric["metricName"] in _counted(both, stack), alarm["name"]
                continue
            assert dimensions, alarm["name"]
            if metric["namespace"] == "AWS/ElastiCache":
                assert dimensions["CacheClusterId"] in _nodes(both, stack), alarm["name"]
                continue
            emitted = EMITTERS[str(metric["namespace"])]
            for dimension, value in dimensions.items():
                if (dimension, value) in WORDS:
                    continue
                type_, property_ = emitted[dimension]
                assert value in [outputs_of(r).get(property_) for r in of_type(both, stack, type_)], (
                    alarm["name"],
                    dimension,
                )


def _counted(both: Both, stack: str) -> set[str]:
    """Give the metrics that filters make of the trail's group."""
    filters = [
        f for f in map(outputs_of, of_type(both, stack, FILTER)) if f["logGroupName"] == f"/taskflow/{stack}/trail"
    ]
    return {str(cast("Mapping[str, Value]", f["metricTransformation"])["name"]) for f in filters}


def _nodes(both: Both, stack: str) -> set[str]:
    """Give the cache's nodes as AWS names them, from what the planned group says."""
    (group,) = (outputs_of(r) for r in of_type(both, stack, "aws:elasticache/replicationGroup:ReplicationGroup"))
    shards, nodes = (int(cast("float", group[name])) for name in ("numNodeGroups", "replicasPerNodeGroup"))
    return {
        f"{group['replicationGroupId']}-{shard:04}-{node:03}"
        for shard in range(1, shards + 1)
        for node in range(1, nodes + 2)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_every_node_of_the_cache_is_watched(both: Both, stack: str) -> None:
    watched = {
        cast("Mapping[str, str]", alarm["dimensions"])["CacheClusterId"]
        for alarm in _alerts(both, stack)
        if alarm.get("namespace") == "AWS/ElastiCache"
    }
    assert watched == _nodes(both, stack)


@pytest.mark.parametrize("stack", STACKS)
def test_every_database_measures_its_disk(both: Both, stack: str) -> None:
    filters = [f for f in map(outputs_of, of_type(both, stack, FILTER)) if f["logGroupName"] == "RDSOSMetrics"]
    instances = [outputs_of(r)["identifier"] for r in of_type(both, stack, "aws:rds/instance:Instance")]
    patterns = " ".join(str(f["pattern"]) for f in filters)
    assert len(filters) == len(instances)
    for identifier in instances:
        assert f'$.instanceID = "{identifier}"' in patterns
    for each in filters:
        made = cast("Mapping[str, Value]", each["metricTransformation"])
        assert (made["namespace"], made["name"]) == ("taskflow/RDS", "DiskUsedPercent")


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_and_its_recovery_reach_somebody_in_the_stacks_own_region(both: Both, stack: str) -> None:
    region = {"production": "us-east-1", "dr": "us-west-2"}[stack]
    paged = {str(outputs_of(s)["topic"]) for s in of_type(both, stack, "aws:sns/topicSubscription:TopicSubscription")}
    shown = {
        arn
        for chat in of_type(both, stack, "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
        for arn in cast("list[str]", outputs_of(chat)["snsTopicArns"])
    }
    outages = [outputs_of(outage) for outage in of_type(both, stack, COMPOSITE)]
    told_together = {name: outage for outage in outages for name in MEMBER.findall(str(outage["alarmRule"]))}
    for alarm in (*outages, *_alerts(both, stack)):
        severity = str(alarm["alarmDescription"]).splitlines()[1].partition(":")[0]
        if not alarm.get("alarmActions"):
            outage = told_together[str(alarm["name"])]
            assert str(outage["alarmDescription"]).splitlines()[1].startswith(severity), alarm["name"]
            continue
        actions = cast("list[str]", alarm["alarmActions"])
        assert actions == alarm["okActions"]
        assert alarm["actionsEnabled"] is True
        assert set(actions) <= (shown if severity == "Warning" else paged), alarm["alarmDescription"]
        assert all(f":sns:{region}:" in arn for arn in actions)
    assert paged
    assert shown


def _needed(both: Both, stack: str, urn: str) -> set[str]:
    """Return all that the engine makes before a resource: its dependencies, and theirs."""
    dependencies = {str(r["urn"]): cast("list[str]", r.get("dependencies") or []) for r in both[stack].resources}
    found, new = set[str](), [urn]
    while new:
        more = set(dependencies[new.pop()]) - found
        found |= more
        new += more
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_nobody_is_paged_before_what_is_watched_is_there(both: Both, stack: str) -> None:
    """The first `up` takes tens of minutes until tasks run; what users would feel by then isn't watched yet."""
    pagers = {str(outputs_of(s)["topic"]) for s in of_type(both, stack, "aws:sns/topicSubscription:TopicSubscription")}
    types = {str(r["urn"]): str(r["type"]) for r in both[stack].resources}
    outages = [
        r for r in of_type(both, stack, COMPOSITE) if set(cast("list[str]", outputs_of(r)["alarmActions"])) & pagers
    ]
    together = {name for outage in outages for name in MEMBER.findall(str(outputs_of(outage)["alarmRule"]))}
    for outage in outages:
        assert {types[urn] for urn in _needed(both, stack, str(outage["urn"]))} >= {ALARM, *RUNNING}
    paging = [
        r
        for r in of_type(both, stack, ALARM)
        if outputs_of(r)["name"] in together or set(cast("list[str]", outputs_of(r).get("alarmActions") or [])) & pagers
    ]
    assert len(paging) >= 5
    for alarm in paging:
        needed = _needed(both, stack, str(alarm["urn"]))
        for metric in _metrics(outputs_of(alarm)):
            namespace, dimensions = str(metric["namespace"]), cast("Mapping[str, str]", metric.get("dimensions") or {})
            if namespace in OF_USERS and outputs_of(alarm)["name"] not in OF_THE_LATCH:
                assert {types[urn] for urn in needed} >= RUNNING, alarm["urn"]
            elif namespace in EMITTERS:
                emitters = {type_ for name, (type_, _) in EMITTERS[namespace].items() if name in dimensions}
                assert {types[urn] for urn in needed} >= emitters, alarm["urn"]
            else:
                assert outputs_of(alarm)["treatMissingData"] == "notBreaching", "nothing is counted before"


def test_pagerdutys_address_is_a_secret_in_the_state(both: Both) -> None:
    for stack in STACKS:
        for each in of_type(both, stack, "aws:sns/topicSubscription:TopicSubscription"):
            assert isinstance(cast("Mapping[str, Value]", each["inputs"])["endpoint"], dict), "it stands in plain text"


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarms_text_names_a_page_that_exists_and_a_command_that_aws_has(both: Both, stack: str) -> None:
    for alarm in (*map(outputs_of, of_type(both, stack, COMPOSITE)), *_alerts(both, stack)):
        text = str(alarm["alarmDescription"])
        assert len(text) <= 1024, "AWS takes no more"
        page = re.search(r"^Runbook: https://\S+/([a-z0-9-]+\.md)$", text, re.MULTILINE)
        assert page
        assert (RUNBOOKS / page[1]).is_file(), page[1]
        command = re.search(r"^Start with: (.+)$", text, re.MULTILINE)
        assert command
        _known(command[1])


def test_every_pages_first_command_is_one_that_aws_has() -> None:
    pages = [page for page in RUNBOOKS.glob("*.md") if "## Start with" in page.read_text()]
    assert len(pages) >= 8
    for page in pages:
        first = re.search(r"## Start with\n```bash\n(.+)\n```", page.read_text())
        assert first, page.name
        _known(first[1])
        assert page.name in (RUNBOOKS / "README.md").read_text()


def _known(command: str) -> None:
    """Hold a command against AWS's own model of the service: the operation, and each of its options."""
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
