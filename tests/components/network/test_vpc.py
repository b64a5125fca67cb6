"""ProductionVpc as both stacks bring it up: what its policies allow, what is protected, and what it hands on."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from policies.engine.exemptions import EXEMPTIONS
from policies.engine.export import judge, read_export
from policies.rules import RULES
from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import Both, of_type

pytestmark = pytest.mark.xdist_group("both-stacks")
ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}


def named(both: Both, stack: str, type_: str, name: str) -> list[Mapping[str, Value]]:
    return [r for r in of_type(both, stack, type_) if str(r["urn"]).endswith(f"::{name}")]


def inputs_of(resource: Mapping[str, Value]) -> Mapping[str, Value]:
    inputs = resource["inputs"]
    assert isinstance(inputs, dict)
    return inputs


def statements(document: Value) -> Sequence[Mapping[str, Value]]:
    return json.loads(str(document))["Statement"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_flow_logs_role_is_for_this_accounts_flow_logs_alone(both: Both, stack: str) -> None:
    (role,) = named(both, stack, "aws:iam/role:Role", "network-flow-logs")
    (statement,) = statements(inputs_of(role)["assumeRolePolicy"])
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGIONS[stack]}:{ACCOUNT}:vpc-flow-log/*"},
    }


@pytest.mark.parametrize("stack", STACKS)
def test_the_flow_logs_role_writes_to_its_own_group_alone(both: Both, stack: str) -> None:
    (policy,) = named(both, stack, "aws:iam/rolePolicy:RolePolicy", "network-flow-logs")
    find, statement = statements(inputs_of(policy)["policy"])
    assert (find["Action"], find["Resource"]) == (["logs:DescribeLogGroups"], ["*"]), "AWS takes no group for it"
    group = f"arn:aws:logs:{REGIONS[stack]}:{ACCOUNT}:log-group:/taskflow/{stack}/flow-logs"
    assert statement["Resource"] == [group, f"{group}:*"]
    assert isinstance(statement["Action"], list)
    assert "logs:CreateLogGroup" not in statement["Action"], "the group is made first, encrypted and with its retention"
    assert not [action for action in statement["Action"] if "*" in str(action)]


@pytest.mark.parametrize("stack", STACKS)
def test_every_endpoint_lets_this_accounts_principals_through_and_no_one_else(both: Both, stack: str) -> None:
    """But for image layers, which ECR serves from a bucket of its own: S3's endpoint lets them be read."""
    endpoints = of_type(both, stack, "aws:ec2/vpcEndpoint:VpcEndpoint")
    assert len(endpoints) == 8
    for endpoint in endpoints:
        own, *more = statements(inputs_of(endpoint)["policy"])
        assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
        layers = f"arn:aws:s3:::prod-{REGIONS[stack]}-starport-layer-bucket/*"
        s3 = inputs_of(endpoint)["vpcEndpointType"] == "Gateway"
        assert [(s["Action"], s["Resource"]) for s in more] == ([("s3:GetObject", layers)] if s3 else [])


@pytest.mark.parametrize("stack", STACKS)
def test_s3_is_reached_from_the_private_subnets_alone(both: Both, stack: str) -> None:
    """The data tier has no way out, not even to S3; the public one has its own."""
    tables = {str(r["id"]): str(r["urn"]) for r in of_type(both, stack, "aws:ec2/routeTable:RouteTable")}
    (gateway,) = (
        inputs_of(e)
        for e in of_type(both, stack, "aws:ec2/vpcEndpoint:VpcEndpoint")
        if inputs_of(e)["vpcEndpointType"] == "Gateway"
    )
    ids = gateway["routeTableIds"]
    assert isinstance(ids, list)
    names = sorted(tables[str(id_)].rsplit("::", 1)[-1] for id_ in ids)
    assert names == [f"taskflow-{stack}-private-1", f"taskflow-{stack}-private-2"]


@pytest.mark.parametrize("stack", STACKS)
def test_what_would_be_lost_for_good_is_protected_and_kept(both: Both, stack: str) -> None:
    (group,) = named(both, stack, "aws:cloudwatch/logGroup:LogGroup", "network-flow-logs")
    assert group.get("protect") is True
    assert group.get("retainOnDelete") is True


@pytest.mark.parametrize("stack", STACKS)
def test_the_state_complies_with_every_rule_and_a_broken_one_does_not(both: Both, stack: str) -> None:
    """The rules judge the exported state as well; without this check's second half the first would prove nothing."""
    assert judged(both[stack].state) == []
    state = json.loads(both[stack].state)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "aws:cloudwatch/logGroup:LogGroup":
            resource["inputs"]["retentionInDays"] = resource["outputs"]["retentionInDays"] = 30
    assert set(judged(json.dumps(state))) == {"logs-retention", "network-flow-logs"}


def judged(state: str) -> list[str]:
    return [verdict.rule for verdict in judge(read_export(state), RULES, EXEMPTIONS, date(2026, 1, 1))]
