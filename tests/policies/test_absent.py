"""What the rules say where something isn't there at all, or the stack isn't the document's."""

import pytest

from policies.pack import policies
from tests.policies.compliant.stack import REGIONS, VPC, compliant
from tests.policies.judged import judged
from tests.policies.plan import FORMS, STACKS, Plan, Ref

POLICIES = policies()
# Another chapter has things of its own to miss.
NETWORK = [policy for policy in POLICIES if policy.name.startswith("network-")]


def test_nothing_is_asked_of_an_empty_stack() -> None:
    """A destroy, and a stack before its first resource, violate nothing."""
    plan = Plan("production")
    plan.add("pulumi:pulumi:Stack", "taskflow-production")
    assert str(judged(POLICIES, plan.shown("up"))) == ""
    assert str(judged(POLICIES, [])) == ""


def test_missing_network_is_told_of_the_stack() -> None:
    """A stack with resources but no network lacks the four groups and the three tiers; nothing else can be blamed."""
    plan = Plan("production")
    plan.add("aws:sns/topic:Topic", "jobs")
    for form in FORMS:
        report = judged(NETWORK, plan.shown(form))
        assert report.blamed == {("network-groups", ""), ("network-two-zones", "")}
        assert [text.split("; ")[0] for rule, _, text in report.violations if rule == "network-groups"] == [
            f"network-groups: the stack: no security group has the role {role}"
            for role in ("alb", "service", "database", "cache")
        ]


def test_paid_endpoints_may_be_left_out() -> None:
    """Without interface endpoints, neither their group nor the arrows to it are asked for."""
    plan = compliant()
    plan.remove(*(f"VpcEndpoint {service}" for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")))
    assert str(judged(POLICIES, plan.shown("preview"))) == "", "the group may stay"
    plan.remove(
        "SecurityGroup endpoints", "SecurityGroupIngressRule endpoints", "SecurityGroupEgressRule service-endpoints"
    )
    assert str(judged(POLICIES, plan.shown("preview"))) == "", "and it may go"


def test_unknown_stack_is_told_once_by_the_rule_that_needs_its_figures() -> None:
    """The pack knows production and dr; another stack's region can't be judged, and that is said."""
    report = judged(POLICIES, compliant("staging").shown("up"))
    assert report.blamed == {("residency-provider-region", "default_7_51_1")}
    assert "the stack staging is unknown to the pack" in str(report)
    assert "allowed: production and dr" in str(report)


def test_unknown_stack_stays_in_the_documents_regions() -> None:
    plan = compliant("staging")
    plan.set(VPC, "region", "us-west-2")
    assert judged(POLICIES, plan.shown("up")).blamed == {("residency-provider-region", "default_7_51_1")}
    plan.set(VPC, "region", "eu-west-1")
    assert ("residency-region", "main") in judged(POLICIES, plan.shown("up")).blamed


def test_copies_for_recovery_are_productions() -> None:
    """Production may make a resource in the recovery region; dr has nothing in a region that may be down."""
    production, dr = compliant("production"), compliant("dr")
    production.add("aws:sns/topic:Topic", "copy", region="us-west-2")
    dr.add("aws:sns/topic:Topic", "copy", region="us-east-1")
    assert str(judged(POLICIES, production.shown("preview"))) == ""
    assert judged(POLICIES, dr.shown("preview")).blamed == {("residency-region", "copy")}


@pytest.mark.parametrize("remainder", [0, 1])
@pytest.mark.parametrize("stack", STACKS)
def test_absent_region_is_the_providers(stack: str, remainder: int) -> None:
    """A state names the region of each resource, a plan doesn't: beside each other they are still in one region."""
    plan = compliant(stack)
    resources = [planned for planned in plan.resources.values() if planned.type.startswith("aws:")]
    for planned in resources[remainder::2]:
        planned.inputs.setdefault("region", REGIONS[stack])
    for form in FORMS:
        assert str(judged(POLICIES, plan.shown(form))) == ""


def test_same_chain_written_inline_is_passed() -> None:
    """The chain counts, not the resource type that says it (AWS shows a group's rules in the group after a refresh)."""
    plan = compliant()
    plan.remove("SecurityGroupIngressRule database")
    service = Ref(to="SecurityGroup service")
    unset: list[str] = []
    statement = {"protocol": "6", "fromPort": 5432, "toPort": 5432, "self": False, "cidrBlocks": unset}
    plan.set("SecurityGroup database", "ingress", [{**statement, "securityGroups": [service]}])
    for form in FORMS:
        assert str(judged(POLICIES, plan.shown(form))) == ""


def test_same_chain_written_by_the_old_rule_type_is_passed() -> None:
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
        assert str(judged(POLICIES, plan.shown(form))) == ""


def test_routes_that_stay_in_the_vpc_are_no_way_out() -> None:
    """AWS shows the local route and a gateway endpoint's in a table; neither leads out of a data subnet."""
    plan = compliant()
    local = {"cidrBlock": "10.0.0.0/16", "gatewayId": "local"}
    endpoint = {"destinationPrefixListId": "pl-s3", "gatewayId": "vpce-s3"}
    plan.set("RouteTable data-1", "routes", [local, endpoint])
    plan.set("VpcEndpoint s3", "routeTableIds", [Ref(to="RouteTable data-1"), Ref(to="RouteTable private-1")])
    assert str(judged(POLICIES, plan.shown("up"))) == ""


def test_message_says_what_and_where_and_what_instead() -> None:
    """Rule, resource, what was found, what is allowed, what to change, and the document's section, in one line."""
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    [(_, _, first), (_, _, second)] = sorted(judged(POLICIES, plan.shown("preview")).violations)
    assert first == (
        "network-ingress-chain: database: ingress of tcp 5431-5432 from group service; "
        "allowed: tcp 5432 from service. Write the chain's ingress rule, and no other. (document: Security Groups)"
    )
    assert "nothing says tcp 5432 from service" in second
