"""The rules on missing resources, and on stacks that aren't in the document."""

import pytest

from policies.pack import policies
from tests.policies.compliant.stack import REGIONS, VPC, compliant
from tests.policies.judged import evaluate
from tests.policies.plan import FORMS, STACKS, Plan, Ref

POLICIES = policies()
# Other chapters report missing resources too.
NETWORK = [policy for policy in POLICIES if policy.name.startswith("network-")]


def test_empty_stack_violates_no_rule() -> None:
    """In a destroy, and before the first resource."""
    plan = Plan("production")
    plan.add("pulumi:pulumi:Stack", "taskflow-production")
    assert str(evaluate(POLICIES, plan.states("up"))) == ""
    assert str(evaluate(POLICIES, [])) == ""


def test_missing_network_is_reported_on_the_stack() -> None:
    """A stack with resources but no network lacks the four groups and the three tiers."""
    plan = Plan("production")
    plan.add("aws:sns/topic:Topic", "jobs")
    for form in FORMS:
        report = evaluate(NETWORK, plan.states(form))
        assert report.reported == {("network-groups", ""), ("network-two-zones", "")}
        assert [text.split("; ")[0] for rule, _, text in report.violations if rule == "network-groups"] == [
            f"network-groups: the stack: no security group has the role {role}"
            for role in ("alb", "service", "database", "cache")
        ]


def test_interface_endpoints_are_optional() -> None:
    """Without interface endpoints, neither their group nor the links to it are required."""
    plan = compliant()
    plan.remove(*(f"VpcEndpoint {service}" for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")))
    assert str(evaluate(POLICIES, plan.states("preview"))) == "", "the group may stay"
    plan.remove(
        "SecurityGroup endpoints", "SecurityGroupIngressRule endpoints", "SecurityGroupEgressRule service-endpoints"
    )
    assert str(evaluate(POLICIES, plan.states("preview"))) == "", "and it may go"


def test_unknown_stack_is_reported_once_by_the_rule_about_its_region() -> None:
    """The pack knows production and dr alone."""
    report = evaluate(POLICIES, compliant("staging").states("up"))
    assert report.reported == {("residency-provider-region", "default_7_51_1")}
    assert "the pack has no region for the stack staging" in str(report)
    assert "allowed: production and dr" in str(report)


def test_unknown_stack_stays_in_the_documents_regions() -> None:
    plan = compliant("staging")
    plan.set(VPC, "region", "us-west-2")
    assert evaluate(POLICIES, plan.states("up")).reported == {("residency-provider-region", "default_7_51_1")}
    plan.set(VPC, "region", "eu-west-1")
    assert ("residency-region", "main") in evaluate(POLICIES, plan.states("up")).reported


def test_production_may_have_copies_in_the_recovery_region() -> None:
    """dr has nothing in a region that may be down."""
    production, dr = compliant("production"), compliant("dr")
    production.add("aws:sns/topic:Topic", "copy", region="us-west-2", signatureVersion=2)
    dr.add("aws:sns/topic:Topic", "copy", region="us-east-1", signatureVersion=2)
    assert str(evaluate(POLICIES, production.states("preview"))) == ""
    assert evaluate(POLICIES, dr.states("preview")).reported == {("residency-region", "copy")}


@pytest.mark.parametrize("remainder", [0, 1])
@pytest.mark.parametrize("stack", STACKS)
def test_absent_region_is_the_providers(stack: str, remainder: int) -> None:
    """A state has the region of each resource, a plan doesn't; an interrupted `up` leaves both."""
    plan = compliant(stack)
    resources = [planned for planned in plan.resources.values() if planned.type.startswith("aws:")]
    for planned in resources[remainder::2]:
        planned.inputs.setdefault("region", REGIONS[stack])
    for form in FORMS:
        assert str(evaluate(POLICIES, plan.states(form))) == ""


def test_inline_rules_are_compliant() -> None:
    """After a refresh AWS's provider returns a group's rules in the group itself."""
    plan = compliant()
    plan.remove("SecurityGroupIngressRule database")
    service = Ref(to="SecurityGroup service")
    unset: list[str] = []
    statement = {"protocol": "6", "fromPort": 5432, "toPort": 5432, "self": False, "cidrBlocks": unset}
    plan.set("SecurityGroup database", "ingress", [{**statement, "securityGroups": [service]}])
    for form in FORMS:
        assert str(evaluate(POLICIES, plan.states(form))) == ""


def test_rules_of_the_old_type_are_compliant() -> None:
    plan = compliant()
    plan.remove("SecurityGroupIngressRule cache", "SecurityGroupEgressRule service-cache")
    ends = {"ingress": ("cache", "service"), "egress": ("service", "cache")}
    for direction, (own, peer) in ends.items():
        plan.add(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            direction,
            type=direction,
            protocol="tcp",
            fromPort=6379,
            toPort=6379,
            securityGroupId=Ref(to=f"SecurityGroup {own}"),
            sourceSecurityGroupId=Ref(to=f"SecurityGroup {peer}"),
        )
    for form in FORMS:
        assert str(evaluate(POLICIES, plan.states(form))) == ""


def test_routes_that_stay_in_the_vpc_are_compliant() -> None:
    """AWS's provider returns the local route and a gateway endpoint's in a table."""
    plan = compliant()
    local = {"cidrBlock": "10.0.0.0/16", "gatewayId": "local"}
    endpoint = {"destinationPrefixListId": "pl-s3", "gatewayId": "vpce-s3"}
    plan.set("RouteTable data-1", "routes", [local, endpoint])
    plan.set("VpcEndpoint s3", "routeTableIds", [Ref(to="RouteTable data-1"), Ref(to="RouteTable private-1")])
    assert str(evaluate(POLICIES, plan.states("up"))) == ""


def test_message_of_a_violation() -> None:
    """Rule, resource, found and allowed value, remedy, and the document's section, in one line."""
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    [(_, _, first), (_, _, second)] = sorted(evaluate(POLICIES, plan.states("preview")).violations)
    assert first == (
        "network-ingress-chain: database: ingress of tcp 5431-5432 from group service; "
        "allowed: tcp 5432 from service. Add the document's ingress rule, and no other. (document: Security Groups)"
    )
    assert "tcp 5432 from service is missing" in second
