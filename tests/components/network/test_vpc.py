"""ProductionVpc of both stacks: its policies, its routes, and its protected resources."""

import json
from collections.abc import Mapping
from datetime import date

import pytest

from policies.engine.exemptions import EXEMPTIONS
from policies.engine.export import judge, read_export
from policies.rules import RULES
from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks, inputs_of, of_type
from tests.engine.iam import ACCOUNT, REGIONS, statements_of

pytestmark = pytest.mark.xdist_group("both-stacks")


def named(both: BothStacks, stack: str, type_: str, name: str) -> list[Mapping[str, Value]]:
    return [r for r in of_type(both, stack, type_) if str(r["urn"]).endswith(f"::{name}")]


@pytest.mark.parametrize("stack", STACKS)
def test_only_this_accounts_flow_logs_assume_the_role(both: BothStacks, stack: str) -> None:
    (role,) = named(both, stack, "aws:iam/role:Role", "network-flow-logs")
    (statement,) = statements_of(inputs_of(role)["assumeRolePolicy"])
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGIONS[stack]}:{ACCOUNT}:vpc-flow-log/*"},
    }


@pytest.mark.parametrize("stack", STACKS)
def test_the_flow_logs_role_writes_only_to_its_log_group(both: BothStacks, stack: str) -> None:
    (policy,) = named(both, stack, "aws:iam/rolePolicy:RolePolicy", "network-flow-logs")
    find, statement = statements_of(inputs_of(policy)["policy"])
    assert (find["Action"], find["Resource"]) == (["logs:DescribeLogGroups"], ["*"]), (
        "AWS supports no resource for this action"
    )
    group = f"arn:aws:logs:{REGIONS[stack]}:{ACCOUNT}:log-group:/taskflow/{stack}/flow-logs"
    assert statement["Resource"] == [group, f"{group}:*"]
    assert isinstance(statement["Action"], list)
    assert "logs:CreateLogGroup" not in statement["Action"], "Pulumi creates the log group, with key and retention"
    assert not [action for action in statement["Action"] if "*" in str(action)]


@pytest.mark.parametrize("stack", STACKS)
def test_every_endpoint_allows_only_this_accounts_principals(both: BothStacks, stack: str) -> None:
    """Except image layers, which ECR serves from its own bucket: the S3 endpoint allows to read them."""
    endpoints = of_type(both, stack, "aws:ec2/vpcEndpoint:VpcEndpoint")
    assert len(endpoints) == 8
    for endpoint in endpoints:
        own_account, *others = statements_of(inputs_of(endpoint)["policy"])
        assert own_account["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
        layers = f"arn:aws:s3:::prod-{REGIONS[stack]}-starport-layer-bucket/*"
        is_s3 = inputs_of(endpoint)["vpcEndpointType"] == "Gateway"
        assert [(s["Action"], s["Resource"]) for s in others] == ([("s3:GetObject", layers)] if is_s3 else [])


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_private_subnets_have_a_route_to_s3(both: BothStacks, stack: str) -> None:
    """The data subnets have no egress, not even to S3; the public ones use the internet gateway."""
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
def test_the_log_group_is_protected_and_retained(both: BothStacks, stack: str) -> None:
    (group,) = named(both, stack, "aws:cloudwatch/logGroup:LogGroup", "network-flow-logs")
    assert group.get("protect") is True
    assert group.get("retainOnDelete") is True


@pytest.mark.parametrize("stack", STACKS)
def test_the_state_has_no_violation_and_a_broken_state_has(both: BothStacks, stack: str) -> None:
    """The rules also evaluate an exported state; the second half shows that they find violations in it."""
    assert violated_rules(both[stack].state) == []
    state = json.loads(both[stack].state)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "aws:cloudwatch/logGroup:LogGroup":
            resource["inputs"]["retentionInDays"] = resource["outputs"]["retentionInDays"] = 30
    assert set(violated_rules(json.dumps(state))) == {"logs-retention", "network-flow-logs"}


def violated_rules(state: str) -> list[str]:
    return [verdict.rule for verdict in judge(read_export(state), RULES, EXEMPTIONS, date(2026, 1, 1))]
