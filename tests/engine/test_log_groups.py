"""Every log group ends after 90 days and has a key, those first that AWS would make; and personal data is masked."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import Both, Resource, inputs_of, of_type

pytestmark = pytest.mark.xdist_group("both-stacks")

GROUP = "aws:cloudwatch/logGroup:LogGroup"
PROTECTION = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
CLUSTER, INSTANCE = "aws:ecs/cluster:Cluster", "aws:rds/instance:Instance"

# What a thing of a type writes to, by its own properties: groups that AWS makes by itself where nobody has made them,
# with neither a key nor an end.
MADE_BY_AWS: Mapping[str, tuple[str, ...]] = {
    CLUSTER: ("/aws/ecs/containerinsights/{name}/performance",),
    INSTANCE: (
        "/aws/rds/instance/{identifier}/postgresql",
        "/aws/rds/instance/{identifier}/upgrade",
        "RDSOSMetrics",
    ),
}
# What names its group, and so needs it first all the same.
NAMED = (
    "aws:ec2/flowLog:FlowLog",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    CLUSTER,
)
# What would have AWS make a group that can't be made first in the stack's own region, with what it is to say.
WITHOUT: Mapping[str, Mapping[str, Value]] = {
    # Into /aws/chatbot/…, in us-east-1 always.
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {"loggingLevel": "NONE"},
    # Into sns/<region>/<account>/<topic>.
    "aws:sns/topic:Topic": {"httpSuccessFeedbackRoleArn": None, "httpFailureFeedbackRoleArn": None},
}
# Types that have groups of their own, and that neither stack has; whoever adds one makes its group first.
ABSENT = (
    "aws:lambda/function:Function",
    "aws:rds/proxy:Proxy",
    "aws:route53/queryLog:QueryLog",
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
)


def _groups(both: Both, stack: str) -> Mapping[str, Resource]:
    return {str(inputs_of(group)["name"]): group for group in of_type(both, stack, GROUP)}


@pytest.mark.parametrize("stack", STACKS)
def test_every_log_group_has_an_end_and_a_key(both: Both, stack: str) -> None:
    groups = _groups(both, stack)
    assert len(groups) >= 10
    keys = {str(cast("Mapping[str, Value]", key["outputs"])["arn"]) for key in of_type(both, stack, "aws:kms/key:Key")}
    for name, group in groups.items():
        assert inputs_of(group)["retentionInDays"] == 90, name
        assert str(inputs_of(group)["kmsKeyId"]) in keys, name


@pytest.mark.parametrize("stack", STACKS)
def test_a_group_that_aws_would_make_is_there_before_what_writes_to_it(both: Both, stack: str) -> None:
    groups = _groups(both, stack)
    for type_, names in MADE_BY_AWS.items():
        writers = of_type(both, stack, type_)
        assert writers
        for writer in writers:
            for name in (template.format_map(inputs_of(writer)) for template in names):
                assert name in groups
                assert groups[name]["urn"] in cast("list[str]", writer["dependencies"]), name


@pytest.mark.parametrize("stack", STACKS)
def test_what_names_its_group_comes_after_it(both: Both, stack: str) -> None:
    made = {str(group["urn"]) for group in of_type(both, stack, GROUP)}
    for type_ in NAMED:
        writers = of_type(both, stack, type_)
        assert writers, type_
        for writer in writers:
            assert made & set(cast("list[str]", writer["dependencies"])), writer["urn"]


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_has_aws_make_a_group_that_no_stack_can_make_first(both: Both, stack: str) -> None:
    for type_, said in WITHOUT.items():
        things = of_type(both, stack, type_)
        assert things
        for thing in things:
            assert {key: inputs_of(thing).get(key) for key in said} == said
    assert not of_type(both, stack, *ABSENT)


@pytest.mark.parametrize("stack", STACKS)
def test_personal_data_is_counted_and_masked_where_people_and_statements_are(both: Both, stack: str) -> None:
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
        # CloudWatch refuses two statements about different data.
        assert audit["DataIdentifier"] == mask["DataIdentifier"]
        prefix = "arn:aws:dataprotection::aws:data-identifier/"
        assert {f"{prefix}{each}" for each in ("Address", "CreditCardNumber", "EmailAddress", "Name")} <= set(
            audit["DataIdentifier"]
        )
        # An audit has to say from where.
        assert f"{prefix}IpAddress" not in audit["DataIdentifier"]
