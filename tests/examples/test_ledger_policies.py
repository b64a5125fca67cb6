"""The ledger's pack: each of its own rules reports a changed figure, and the shared ones judge its resources too."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, cast

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from examples.ledger.policies import data, environment, sections, service
from examples.ledger.policies.rules import RULES
from policies.engine.export import ExportFinding, judge, read_states
from policies.shared import cluster, openings
from sandbox.values import Value
from tests.examples.ledger import LEDGER, Recorded, Resource

pytestmark = pytest.mark.xdist_group("ledger")

DAY = date(2026, 1, 1)
OWN = {rule.id for module in (environment, data, service) for rule in module.RULES}


class Change(NamedTuple):
    """A property of the resources of a type, changed to a value that the rule must report; its removal if `removed`.

    A removal is no violation where AWS's default is the figure.
    """

    rule: str
    type: str
    path: str
    value: Value
    removed: bool = True


DATABASE, CACHE = "aws:rds/instance:Instance", "aws:elasticache/replicationGroup:ReplicationGroup"
PROVIDER, INGRESS = "pulumi:providers:aws", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SERVICE, TASK = "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"
BALANCER, LISTENER = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"
DISTRIBUTION, TARGETS = "aws:cloudfront/distribution:Distribution", "aws:lb/targetGroup:TargetGroup"
LOCK, TRAIL = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "aws:cloudtrail/trail:Trail"
SCALING, QUEUE = "aws:appautoscaling/target:Target", "aws:sqs/queue:Queue"
POLICY, VPC = "aws:iam/rolePolicy:RolePolicy", "aws:ec2/vpc:Vpc"
REPOSITORY, VERSIONS = "aws:ecr/repository:Repository", "aws:s3/bucketVersioning:BucketVersioning"


def _policy(action: str, resource: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})


CHANGES = (
    Change("environment-provider", PROVIDER, "allowedAccountIds", '["210987654321"]'),
    Change("environment-provider", PROVIDER, "defaultTags", '{"tags":{"Application":"other"}}'),
    Change("environment-provider", PROVIDER, "region", "eu-west-1"),
    Change("environment-region", VPC, "region", "us-west-2", removed=False),
    Change("environment-region", environment.CHAT, "region", "us-east-1"),
    Change("network-addresses", VPC, "cidrBlock", "10.20.0.0/16"),
    Change("network-zones", "aws:ec2/subnet:Subnet", "availabilityZone", "us-east-1c"),
    Change("network-ports", INGRESS, "fromPort", 22),
    Change("network-ports", INGRESS, "toPort", 9000),
    Change("network-ports", INGRESS, "ipProtocol", "udp"),
    Change("network-flow-logs", environment.FLOW_LOG, "trafficType", "REJECT"),
    Change("network-flow-logs", environment.FLOW_LOG, "vpcId", "vpc-of-another-stack"),
    Change("access-wildcards", POLICY, "policy", _policy("s3:*", "arn:aws:s3:::a")),
    Change("access-wildcards", POLICY, "policy", _policy("s3:GetObject", "*")),
    Change("records-logs", "aws:cloudwatch/logGroup:LogGroup", "retentionInDays", 30),
    Change("records-trail", TRAIL, "isMultiRegionTrail", False),
    Change("records-trail", TRAIL, "enableLogFileValidation", False),
    Change("records-trail", TRAIL, "kmsKeyId", "alias/aws/s3"),
    Change("records-archive", LOCK, "rule.defaultRetention.days", 365),
    Change("records-archive", LOCK, "rule.defaultRetention.mode", "NONE"),
    Change("records-archive", LOCK, "rule.defaultRetention.years", 7, removed=False),
    Change("database-engine", DATABASE, "engine", "mysql"),
    Change("database-engine", DATABASE, "engineVersion", "16.2"),
    Change("database-engine", DATABASE, "allowMajorVersionUpgrade", True, removed=False),
    Change("database-size", DATABASE, "instanceClass", "db.r6g.large"),
    Change("database-size", DATABASE, "storageType", "io1"),
    Change("database-size", DATABASE, "allocatedStorage", 200),
    Change("database-size", DATABASE, "maxAllocatedStorage", 1000),
    Change("database-backups", DATABASE, "backupRetentionPeriod", 1),
    Change("database-backups", DATABASE, "deletionProtection", False),
    Change("database-backups", DATABASE, "skipFinalSnapshot", True, removed=False),
    Change("database-backups", DATABASE, "deleteAutomatedBackups", True),
    Change("database-private", DATABASE, "publiclyAccessible", True, removed=False),
    Change("database-private", DATABASE, "kmsKeyId", "alias/aws/rds"),
    Change("database-private", DATABASE, "enabledCloudwatchLogsExports", ["upgrade"]),
    Change("cache-size", CACHE, "nodeType", "cache.r6g.large"),
    Change("cache-size", CACHE, "numNodeGroups", 2),
    Change("cache-size", CACHE, "replicasPerNodeGroup", 0),
    Change("cache-size", CACHE, "automaticFailoverEnabled", False),
    Change("cache-size", CACHE, "multiAzEnabled", False),
    Change("cache-size", CACHE, "snapshotRetentionLimit", 0),
    Change("backup-plan", data.BACKUP_PLAN, "rules", [{"lifecycle": {"deleteAfter": 7}}], removed=False),
    Change("backup-plan", data.BACKUP_PLAN, "rules", [{"ruleName": "for ever"}], removed=False),
    Change("jobs-queues", QUEUE, "kmsMasterKeyId", "alias/aws/sqs"),
    Change("jobs-queues", QUEUE, "messageRetentionSeconds", 60),
    Change("jobs-queues", QUEUE, "redrivePolicy", '{"maxReceiveCount": 50}', removed=False),
    Change("alerts-encrypted", data.TOPIC, "kmsMasterKeyId", "alias/aws/sns"),
    Change("images-immutable", REPOSITORY, "imageTagMutability", "MUTABLE"),
    Change("images-immutable", REPOSITORY, "imageScanningConfiguration.scanOnPush", False),
    Change("service-tasks", SERVICE, "launchType", "EC2"),
    Change("service-tasks", SERVICE, "desiredCount", 1),
    Change("service-tasks", SERVICE, "networkConfiguration.assignPublicIp", True, removed=False),
    Change("service-tasks", SERVICE, "enableExecuteCommand", True, removed=False),
    Change("service-deployment", SERVICE, "deploymentCircuitBreaker.enable", False),
    Change("service-deployment", SERVICE, "deploymentCircuitBreaker.rollback", False),
    Change("service-deployment", SERVICE, "alarms.rollback", False),
    Change("service-deployment", SERVICE, "deploymentMinimumHealthyPercent", 50, removed=False),
    Change("service-scaling", SCALING, "minCapacity", 1),
    Change("service-scaling", SCALING, "maxCapacity", 20),
    Change("service-task-size", TASK, "cpu", "1024"),
    Change("service-task-size", TASK, "memory", "2048"),
    Change("service-task-size", TASK, "networkMode", "bridge"),
    Change("service-task-size", TASK, "skipDestroy", False),
    Change("service-health", TARGETS, "port", 3001),
    Change("service-health", TARGETS, "healthCheck.path", "/"),
    Change("edge-load-balancer", BALANCER, "enableDeletionProtection", False),
    Change("edge-load-balancer", BALANCER, "accessLogs.enabled", False),
    Change("edge-load-balancer", BALANCER, "dropInvalidHeaderFields", False),
    Change("edge-origin-tls", LISTENER, "protocol", "HTTP"),
    Change("edge-origin-tls", LISTENER, "port", 80),
    Change("edge-origin-tls", LISTENER, "sslPolicy", "ELBSecurityPolicy-2016-08"),
    Change("edge-viewers", DISTRIBUTION, "viewerCertificate.minimumProtocolVersion", "TLSv1.2_2021"),
    Change("edge-viewers", DISTRIBUTION, "priceClass", "PriceClass_All"),
    Change("edge-viewers", DISTRIBUTION, "defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
    Change(
        "edge-viewers", DISTRIBUTION, "orderedCacheBehaviors", [{"viewerProtocolPolicy": "allow-all"}], removed=False
    ),
    # One of each module of policies/shared, which TaskFlow's tests cover.
    Change("network-open-ingress", INGRESS, "cidrIpv4", "8.8.8.8/32", removed=False),
    Change("network-nat-per-zone", "aws:ec2/natGateway:NatGateway", "allocationId", None),
    Change("network-data-isolated", "aws:ec2/routeTable:RouteTable", "propagatingVgws", ["vgw-1"], removed=False),
    Change("storage-bucket-versioned", VERSIONS, "versioningConfiguration.status", "Suspended"),
    Change("compute-cluster", "aws:ecs/cluster:Cluster", "settings", [{"name": "containerInsights", "value": "off"}]),
    Change("encryption-database", DATABASE, "storageEncrypted", False),
    Change("encryption-logs", "aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "alias/aws/logs"),
    Change("encryption-keys-rotate", "aws:kms/key:Key", "enableKeyRotation", False),
    Change("credentials-length", "random:index/randomPassword:RandomPassword", "length", 8),
)


def test_the_pack_accepts_the_ledger(ledger: Recorded) -> None:
    assert _findings(ledger.resources) == []


def test_every_figure_has_a_change_that_must_be_reported() -> None:
    changed = {change.rule for change in CHANGES}
    assert changed >= OWN - {"environment-complete"}
    assert changed <= {rule.id for rule in RULES}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.rule}-{change.path}")
def test_a_change_is_reported(ledger: Recorded, change: Change) -> None:
    for value in (change.value, None) if change.removed else (change.value,):
        found = _findings(_changed(ledger.resources, change, value), change.rule)
        assert found, f"{change.path} = {value}"
        assert not any(finding.is_unknown for finding in found)
        assert f"(document: {_section(change.rule)})" in found[0].text


@pytest.mark.parametrize("missing", environment.REQUIRED)
def test_a_missing_part_is_reported(ledger: Recorded, missing: str) -> None:
    remaining = [resource for resource in ledger.resources if resource["type"] != missing]
    [found] = _findings(remaining, "environment-complete")
    assert f"there is no {missing.rpartition(':')[2]}; allowed: one {missing} or more" in found.text


def test_before_its_first_up_a_stack_lacks_nothing() -> None:
    assert _findings([]) == []


def test_a_shared_rule_has_the_ledgers_section() -> None:
    """The message of a violation must not name TaskFlow's document."""
    known = {value for name, value in vars(sections).items() if name.isupper()}
    assert {rule.section for rule in RULES} == known
    assert {rule.section for rule in openings.RULES + cluster.RULES} & known == set()


def test_the_engine_starts_the_pack_without_the_sandbox() -> None:
    """In the pack's folder, with its path as the argument: the repository's folder is on no path."""
    pack = LEDGER.folder / "policies"
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    with subprocess.Popen(command, cwd=pack, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = analyzer_pb2_grpc.AnalyzerStub(channel)
            info = cast("analyzer_pb2.AnalyzerInfo", stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=30))
        process.terminate()
    assert info.name == "ledger"
    assert {policy.name for policy in info.policies} == {rule.id for rule in RULES} | {"exemptions"}
    assert {policy.enforcementLevel for policy in info.policies} == {analyzer_pb2.MANDATORY}


def test_the_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def _section(rule_id: str) -> str:
    return next(rule.section for rule in RULES if rule.id == rule_id)


def _findings(resources: Sequence[Resource], rule_id: str | None = None) -> list[ExportFinding]:
    return [*judge(read_states(resources), [rule for rule in RULES if rule_id in (None, rule.id)], (), DAY)]


def _changed(resources: Sequence[Resource], change: Change, value: Value) -> list[Resource]:
    """Return the resources with a property of those of one type changed, or removed if the value is None."""
    return [_with(state, change.path, value) if state["type"] == change.type else state for state in resources]


def _with(state: Resource, path: str, value: Value) -> Resource:
    sides = {side: json.loads(json.dumps(state.get(side) or {})) for side in ("inputs", "outputs")}
    *parents, last = path.split(".")
    for properties in sides.values():
        block = properties
        for key in parents:
            block = block.setdefault(key, {})
        if value is None:
            block.pop(last, None)
        else:
            block[last] = value
    return {**state, **sides}
