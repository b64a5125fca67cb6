"""Every log group has 90 days of retention and a key, including those that AWS would create; PII is masked."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks, Resource, inputs_of, of_type

pytestmark = pytest.mark.xdist_group("both-stacks")

GROUP = "aws:cloudwatch/logGroup:LogGroup"
PROTECTION = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
CLUSTER, INSTANCE = "aws:ecs/cluster:Cluster", "aws:rds/instance:Instance"

# Log groups that AWS creates, without a key or retention, unless they exist: their names by type and inputs.
CREATED_BY_AWS: Mapping[str, tuple[str, ...]] = {
    CLUSTER: ("/aws/ecs/containerinsights/{name}/performance",),
    INSTANCE: (
        "/aws/rds/instance/{identifier}/postgresql",
        "/aws/rds/instance/{identifier}/upgrade",
        "RDSOSMetrics",
    ),
}
# Types that name their log group.
WITH_NAMED_GROUP = (
    "aws:ec2/flowLog:FlowLog",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    CLUSTER,
)
# Types whose log group can't be created first in the stack's region, with the inputs that switch logging off.
LOGGING_OFF: Mapping[str, Mapping[str, Value]] = {
    # Logs to /aws/chatbot/…, always in us-east-1.
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {"loggingLevel": "NONE"},
    # Logs to sns/<region>/<account>/<topic>.
    "aws:sns/topic:Topic": {"httpSuccessFeedbackRoleArn": None, "httpFailureFeedbackRoleArn": None},
}
# Types with log groups that neither stack has. If one is added, its log group must be created first.
ABSENT = (
    "aws:lambda/function:Function",
    "aws:rds/proxy:Proxy",
    "aws:route53/queryLog:QueryLog",
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
)


def _groups(both: BothStacks, stack: str) -> Mapping[str, Resource]:
    return {str(inputs_of(group)["name"]): group for group in of_type(both, stack, GROUP)}


@pytest.mark.parametrize("stack", STACKS)
def test_every_log_group_has_a_retention_and_a_key(both: BothStacks, stack: str) -> None:
    groups = _groups(both, stack)
    assert len(groups) >= 10
    keys = {str(cast("Mapping[str, Value]", key["outputs"])["arn"]) for key in of_type(both, stack, "aws:kms/key:Key")}
    for name, group in groups.items():
        assert inputs_of(group)["retentionInDays"] == 90, name
        assert str(inputs_of(group)["kmsKeyId"]) in keys, name


@pytest.mark.parametrize("stack", STACKS)
def test_log_groups_that_aws_would_create_are_created_first(both: BothStacks, stack: str) -> None:
    groups = _groups(both, stack)
    for type_, names in CREATED_BY_AWS.items():
        writers = of_type(both, stack, type_)
        assert writers
        for writer in writers:
            for name in (template.format_map(inputs_of(writer)) for template in names):
                assert name in groups
                assert groups[name]["urn"] in cast("list[str]", writer["dependencies"]), name


@pytest.mark.parametrize("stack", STACKS)
def test_a_named_log_group_is_created_before_its_writer(both: BothStacks, stack: str) -> None:
    groups = {str(group["urn"]) for group in of_type(both, stack, GROUP)}
    for type_ in WITH_NAMED_GROUP:
        writers = of_type(both, stack, type_)
        assert writers, type_
        for writer in writers:
            assert groups & set(cast("list[str]", writer["dependencies"])), writer["urn"]


@pytest.mark.parametrize("stack", STACKS)
def test_logging_is_off_where_the_log_group_cannot_be_created_first(both: BothStacks, stack: str) -> None:
    for type_, expected in LOGGING_OFF.items():
        resources = of_type(both, stack, type_)
        assert resources
        for resource in resources:
            assert {key: inputs_of(resource).get(key) for key in expected} == expected
    assert not of_type(both, stack, *ABSENT)


@pytest.mark.parametrize("stack", STACKS)
def test_personal_data_is_counted_and_masked(both: BothStacks, stack: str) -> None:
    policies = {str(inputs_of(p)["logGroupName"]): inputs_of(p) for p in of_type(both, stack, PROTECTION)}
    identifiers = [str(inputs_of(instance)["identifier"]) for instance in of_type(both, stack, INSTANCE)]
    databases = {f"/aws/rds/instance/{name}/postgresql" for name in identifiers}
    assert {f"/taskflow/{stack}/api", "/taskflow/audit", *databases} <= set(policies)
    assert set(policies) <= set(_groups(both, stack))
    for name, policy in policies.items():
        document = json.loads(str(policy["policyDocument"]))
        assert document["Version"] == "2021-06-01"
        audit, mask = document["Statement"]
        assert audit["Operation"] == {"Audit": {"FindingsDestination": {}}}, name
        assert mask["Operation"] == {"Deidentify": {"MaskConfig": {}}}, name
        # CloudWatch Logs requires the same data identifiers in both statements.
        assert audit["DataIdentifier"] == mask["DataIdentifier"]
        prefix = "arn:aws:dataprotection::aws:data-identifier/"
        assert {f"{prefix}{each}" for each in ("Address", "CreditCardNumber", "EmailAddress", "Name")} <= set(
            audit["DataIdentifier"]
        )
        # Audit records contain the source address.
        assert f"{prefix}IpAddress" not in audit["DataIdentifier"]
