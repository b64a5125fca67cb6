"""What a preview can't know yet is neither passed nor blamed: it is handed on, and everything else is still judged."""

from typing import cast

import pytest

from policies.pack import policies
from tests.policies.compliant.stack import VPC, compliant, rule
from tests.policies.judged import judged
from tests.policies.plan import UNKNOWN, Ref
from tests.policies.shared import exported
from tests.policies.unknowns import (
    access,
    alerting,
    audit,
    baseline,
    compute,
    data,
    edge,
    encryption,
    names,
    origin,
    storage,
)
from tests.policies.unknowns.unknown_value import Doubt, doubt

POLICIES = {policy.name: policy for policy in policies()}

# Made from several resources, so that nothing tells which one it is.
GROUP = Ref(to="SecurityGroup service", via=("SecurityGroup alb", "SecurityGroup service"))
TABLE = Ref(to="RouteTable private-1", via=("RouteTable private-1", "RouteTable data-1"))
SUBNET = Ref(to="Subnet public-1", via=("Subnet public-1", "Subnet public-2"))
NAT = Ref(to="NatGateway nat-1", via=("NatGateway nat-1", "NatGateway nat-2"))
VPCS = Ref(to=VPC, via=(VPC, "Vpc second"))
TEXT = Ref(to="LogGroup flow-logs")


PROVIDER = "aws default_7_51_1"
INGRESS, EGRESS = "SecurityGroupIngressRule", "SecurityGroupEgressRule"
DOUBTS: tuple[Doubt, ...] = (
    doubt("residency-account", PROVIDER, "allowedAccountIds", TEXT),
    doubt("residency-account", PROVIDER, "allowedAccountIds", [TEXT], f"{PROVIDER[4:]}.allowedAccountIds.0"),
    doubt("residency-provider-region", PROVIDER, "region", TEXT),
    doubt("residency-region", VPC, "region", TEXT),
    doubt("residency-default-tags", PROVIDER, "defaultTags", TEXT),
    doubt("residency-default-tags", PROVIDER, "defaultTags", {"tags": TEXT}, "defaultTags.tags"),
    doubt("residency-tags", VPC, "tags", TEXT),
    doubt("residency-tags", VPC, "tags.Owner", TEXT),
    doubt("logs-retention", "LogGroup flow-logs", "retentionInDays", TEXT),
    doubt("network-open-ingress", f"{INGRESS} alb", "cidrIpv4", TEXT),
    doubt("network-open-ingress", f"{INGRESS} alb", "fromPort", TEXT),
    doubt("network-open-ingress", "SecurityGroup service", "ingress", TEXT),
    doubt("network-open-ingress", "SecurityGroup service", "ingress", [TEXT], "service.ingress.0"),
    doubt("network-open-egress", f"{EGRESS} service-internet", "cidrIpv4", TEXT),
    doubt("network-open-egress", f"{EGRESS} service-internet", "ipProtocol", TEXT),
    doubt("network-public-addresses", "Subnet public-1", "mapPublicIpOnLaunch", TEXT),
    doubt("network-groups", "SecurityGroup alb", "tags.Name", TEXT),
    doubt("network-ingress-chain", f"{INGRESS} service", "securityGroupId", GROUP),
    doubt("network-ingress-chain", f"{INGRESS} database", "referencedSecurityGroupId", GROUP),
    doubt("network-ingress-chain", f"{INGRESS} database", "toPort", TEXT),
    doubt("network-ingress-chain", f"{INGRESS} alb", "cidrIpv4", TEXT),
    doubt("network-ingress-chain", "SecurityGroup alb", "tags.Name", TEXT),
    doubt("network-ingress-chain", "SecurityGroup alb", "ingress", TEXT),
    doubt("network-egress-written", f"{EGRESS} alb-service", "securityGroupId", GROUP),
    doubt("network-egress-written", f"{EGRESS} alb-service", "ipProtocol", TEXT),
    doubt("network-egress-written", "SecurityGroup cache", "egress", TEXT),
    doubt("network-default-group", "DefaultSecurityGroup default", "ingress", TEXT),
    doubt("network-default-group", "DefaultSecurityGroup default", "vpcId", VPCS),
    doubt("network-two-zones", "Subnet data-1", "availabilityZone", TEXT),
    doubt("network-two-zones", "Subnet data-1", "tags.SubnetType", TEXT),
    doubt("network-data-isolated", "RouteTableAssociation data-1", "routeTableId", TABLE, "data-1.routeTableId"),
    doubt("network-data-isolated", "RouteTableAssociation data-1", "subnetId", SUBNET, "data-1.subnetId"),
    doubt("network-data-isolated", "Route private-1", "routeTableId", TABLE),
    doubt("network-data-isolated", "RouteTable data-1", "routes", TEXT),
    doubt("network-data-isolated", "RouteTable data-1", "propagatingVgws", TEXT),
    doubt("network-nat-per-zone", "NatGateway nat-1", "subnetId", SUBNET),
    doubt("network-nat-per-zone", "NatGateway nat-1", "connectivityType", TEXT),
    doubt("network-nat-per-zone", "Route private-1", "natGatewayId", NAT),
    doubt("network-nat-per-zone", "Route private-1", "routeTableId", TABLE),
    doubt("network-nat-per-zone", "Route private-1", "destinationCidrBlock", TEXT),
    doubt("network-nat-per-zone", "Subnet private-1", "availabilityZone", TEXT),
    doubt("network-nat-per-zone", "RouteTable private-1", "routes", TEXT),
    doubt("network-nat-per-zone", "RouteTableAssociation private-1", "routeTableId", TABLE, "private-1.routeTableId"),
    doubt("network-flow-logs", "FlowLog flow-logs", "trafficType", TEXT),
    doubt("network-flow-logs", "FlowLog flow-logs", "vpcId", VPCS),
    doubt(
        "network-flow-logs",
        "FlowLog flow-logs",
        "logDestination",
        Ref(to=VPC, via=("LogGroup flow-logs", "LogGroup second")),
    ),
    doubt("network-flow-logs", "LogGroup flow-logs", "retentionInDays", TEXT, "retentionInDays"),
    doubt("network-endpoints", "VpcEndpoint s3", "vpcId", VPCS),
    doubt("network-endpoints", "VpcEndpoint logs", "privateDnsEnabled", TEXT),
    doubt("network-endpoints", "VpcEndpoint logs", "securityGroupIds", GROUP),
    doubt("network-endpoints", "VpcEndpoint logs", "securityGroupIds", [GROUP], "logs.securityGroupIds.0"),
    *(doubt(*each) for each in data.DOUBTS),
    *encryption.DOUBTS,
    *origin.DOUBTS,
    *edge.DOUBTS,
    *names.DOUBTS,
    *access.DOUBTS,
    *storage.DOUBTS,
    *compute.DOUBTS,
    *alerting.DOUBTS,
    *baseline.DOUBTS,
    *audit.DOUBTS,
)

# They ask only for an option, which is never unknown, for the resource's type, or for something to be there.
NEVER_IN_DOUBT = {
    "residency-packages",
    "residency-types",
    "resilience-protect",
    "exemptions",
    *data.NEVER_IN_DOUBT,
    *access.NEVER_IN_DOUBT,
    *compute.NEVER_IN_DOUBT,
    *encryption.NEVER_IN_DOUBT,
    *edge.NEVER_IN_DOUBT,
    *names.NEVER_IN_DOUBT,
    *storage.NEVER_IN_DOUBT,
    *baseline.NEVER_IN_DOUBT,
    *audit.NEVER_IN_DOUBT,
}


@pytest.mark.parametrize("doubt", DOUBTS, ids=str)
def test_unknown_is_handed_on(doubt: Doubt) -> None:
    """The rule blames nothing that may yet be right, and the engine's advisory names the place."""
    plan = compliant()
    # Second ones, for the references above to be unsure between.
    if doubt.place.endswith("vpcId"):
        plan.add("aws:ec2/vpc:Vpc", "second", None, tags={"Name": "second"})
    elif doubt.place.endswith("logDestination"):
        plan.add("aws:cloudwatch/logGroup:LogGroup", "second", None, retentionInDays=90)
    doubt.change(plan)
    report = judged([POLICIES[doubt.rule]], exported(plan, "preview"))
    assert report.violations == []
    assert [policy for policy, _ in report.advisories] == [doubt.rule]
    assert report.advisories[0][1].endswith(doubt.place)


def test_every_rule_is_seen_in_doubt() -> None:
    """A new rule has to show here what it does with an unknown."""
    assert {doubt.rule for doubt in DOUBTS} == POLICIES.keys() - NEVER_IN_DOUBT


def test_fault_is_told_beside_an_unknown() -> None:
    """One unknown doesn't hide the faults of the resources judged after it, in either kind of rule."""
    plan = compliant()
    plan.set("SecurityGroupIngressRule alb", "cidrIpv4", TEXT)
    plan.set("SecurityGroupIngressRule service", "securityGroupId", GROUP)
    rule(plan, "ingress", "cache", 22, name="added", cidrIpv4="0.0.0.0/0")
    report = judged(list(POLICIES.values()), plan.shown("preview"))
    assert report.blamed == {("network-open-ingress", "added"), ("network-ingress-chain", "added")}
    assert [policy for policy, _ in report.advisories] == ["network-open-ingress", "network-ingress-chain"]


def test_first_unknown_is_the_same_in_any_order() -> None:
    """The engine gives a stack's resources in no order; the list of advisories is compared by a test."""
    plan = compliant()
    for role in ("service", "database", "cache"):
        plan.set(f"SecurityGroupIngressRule {role}", "securityGroupId", GROUP)
    states = plan.shown("preview")
    chain = [POLICIES["network-ingress-chain"]]
    assert judged(chain, states).advisories == judged(chain, states[::-1]).advisories


def test_provider_computed_output_is_no_doubt() -> None:
    """A real provider marks what it will compute as unknown: where the program said nothing, that is no doubt."""
    states = compliant().shown("provider preview")
    group = next(state for state in states if str(state["urn"]).endswith("SecurityGroup::alb"))
    outputs = cast("dict[str, object]", group["outputs"])
    assert outputs["ingress"] == outputs["egress"] == UNKNOWN, "the group's rules are the provider's to compute"
    assert judged(list(POLICIES.values()), states).advisories == []
