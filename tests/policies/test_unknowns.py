"""A value that a preview can't know is no violation: it is an advisory, and all other values are still judged."""

from typing import cast

import pytest

from policies.pack import policies
from tests.policies.compliant.stack import VPC, compliant, rule
from tests.policies.judged import evaluate
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
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

POLICIES = {policy.name: policy for policy in policies()}

# Outputs of several resources: it is unknown which one.
GROUP = Ref(to="SecurityGroup service", via=("SecurityGroup alb", "SecurityGroup service"))
TABLE = Ref(to="RouteTable private-1", via=("RouteTable private-1", "RouteTable data-1"))
SUBNET = Ref(to="Subnet public-1", via=("Subnet public-1", "Subnet public-2"))
NAT = Ref(to="NatGateway nat-1", via=("NatGateway nat-1", "NatGateway nat-2"))
VPCS = Ref(to=VPC, via=(VPC, "Vpc second"))
TEXT = Ref(to="LogGroup flow-logs")


PROVIDER = "aws default_7_51_1"
INGRESS, EGRESS = "SecurityGroupIngressRule", "SecurityGroupEgressRule"
UNKNOWNS: tuple[UnknownValue, ...] = (
    unknown_value("residency-account", PROVIDER, "allowedAccountIds", TEXT),
    unknown_value("residency-account", PROVIDER, "allowedAccountIds", [TEXT], f"{PROVIDER[4:]}.allowedAccountIds.0"),
    unknown_value("residency-provider-region", PROVIDER, "region", TEXT),
    unknown_value("residency-region", VPC, "region", TEXT),
    unknown_value("residency-default-tags", PROVIDER, "defaultTags", TEXT),
    unknown_value("residency-default-tags", PROVIDER, "defaultTags", {"tags": TEXT}, "defaultTags.tags"),
    unknown_value("residency-tags", VPC, "tags", TEXT),
    unknown_value("residency-tags", VPC, "tags.Owner", TEXT),
    unknown_value("logs-retention", "LogGroup flow-logs", "retentionInDays", TEXT),
    unknown_value("network-open-ingress", f"{INGRESS} alb", "cidrIpv4", TEXT),
    unknown_value("network-open-ingress", f"{INGRESS} alb", "fromPort", TEXT),
    unknown_value("network-open-ingress", "SecurityGroup service", "ingress", TEXT),
    unknown_value("network-open-ingress", "SecurityGroup service", "ingress", [TEXT], "service.ingress.0"),
    unknown_value("network-open-egress", f"{EGRESS} service-internet", "cidrIpv4", TEXT),
    unknown_value("network-open-egress", f"{EGRESS} service-internet", "ipProtocol", TEXT),
    unknown_value("network-public-addresses", "Subnet public-1", "mapPublicIpOnLaunch", TEXT),
    unknown_value("network-groups", "SecurityGroup alb", "tags.Name", TEXT),
    unknown_value("network-ingress-chain", f"{INGRESS} service", "securityGroupId", GROUP),
    unknown_value("network-ingress-chain", f"{INGRESS} database", "referencedSecurityGroupId", GROUP),
    unknown_value("network-ingress-chain", f"{INGRESS} database", "toPort", TEXT),
    unknown_value("network-ingress-chain", f"{INGRESS} alb", "cidrIpv4", TEXT),
    unknown_value("network-ingress-chain", "SecurityGroup alb", "tags.Name", TEXT),
    unknown_value("network-ingress-chain", "SecurityGroup alb", "ingress", TEXT),
    unknown_value("network-egress-chain", f"{EGRESS} alb-service", "securityGroupId", GROUP),
    unknown_value("network-egress-chain", f"{EGRESS} alb-service", "ipProtocol", TEXT),
    unknown_value("network-egress-chain", "SecurityGroup cache", "egress", TEXT),
    unknown_value("network-default-group", "DefaultSecurityGroup default", "ingress", TEXT),
    unknown_value("network-default-group", "DefaultSecurityGroup default", "vpcId", VPCS),
    unknown_value("network-two-zones", "Subnet data-1", "availabilityZone", TEXT),
    unknown_value("network-two-zones", "Subnet data-1", "tags.SubnetType", TEXT),
    unknown_value(
        "network-data-isolated", "RouteTableAssociation data-1", "routeTableId", TABLE, "data-1.routeTableId"
    ),
    unknown_value("network-data-isolated", "RouteTableAssociation data-1", "subnetId", SUBNET, "data-1.subnetId"),
    unknown_value("network-data-isolated", "Route private-1", "routeTableId", TABLE),
    unknown_value("network-data-isolated", "RouteTable data-1", "routes", TEXT),
    unknown_value("network-data-isolated", "RouteTable data-1", "propagatingVgws", TEXT),
    unknown_value("network-nat-per-zone", "NatGateway nat-1", "subnetId", SUBNET),
    unknown_value("network-nat-per-zone", "NatGateway nat-1", "connectivityType", TEXT),
    unknown_value("network-nat-per-zone", "Route private-1", "natGatewayId", NAT),
    unknown_value("network-nat-per-zone", "Route private-1", "routeTableId", TABLE),
    unknown_value("network-nat-per-zone", "Route private-1", "destinationCidrBlock", TEXT),
    unknown_value("network-nat-per-zone", "Subnet private-1", "availabilityZone", TEXT),
    unknown_value("network-nat-per-zone", "RouteTable private-1", "routes", TEXT),
    unknown_value(
        "network-nat-per-zone", "RouteTableAssociation private-1", "routeTableId", TABLE, "private-1.routeTableId"
    ),
    unknown_value("network-flow-logs", "FlowLog flow-logs", "trafficType", TEXT),
    unknown_value("network-flow-logs", "FlowLog flow-logs", "vpcId", VPCS),
    unknown_value(
        "network-flow-logs",
        "FlowLog flow-logs",
        "logDestination",
        Ref(to=VPC, via=("LogGroup flow-logs", "LogGroup second")),
    ),
    unknown_value("network-flow-logs", "LogGroup flow-logs", "retentionInDays", TEXT, "retentionInDays"),
    unknown_value("network-endpoints", "VpcEndpoint s3", "vpcId", VPCS),
    unknown_value("network-endpoint-policies", "VpcEndpoint logs", "policy", TEXT),
    unknown_value("network-addresses", VPC, "cidrBlock", TEXT),
    unknown_value("network-public-route", "Route public-1", "destinationCidrBlock", TEXT),
    unknown_value(
        "network-public-route", "RouteTableAssociation public-1", "routeTableId", TABLE, "public-1.routeTableId"
    ),
    unknown_value("network-endpoints", "VpcEndpoint logs", "privateDnsEnabled", TEXT),
    unknown_value("network-endpoints", "VpcEndpoint logs", "securityGroupIds", GROUP),
    unknown_value("network-endpoints", "VpcEndpoint logs", "securityGroupIds", [GROUP], "logs.securityGroupIds.0"),
    *(unknown_value(*each) for each in data.UNKNOWNS),
    *encryption.UNKNOWNS,
    *origin.UNKNOWNS,
    *edge.UNKNOWNS,
    *names.UNKNOWNS,
    *access.UNKNOWNS,
    *storage.UNKNOWNS,
    *compute.UNKNOWNS,
    *alerting.UNKNOWNS,
    *baseline.UNKNOWNS,
    *audit.UNKNOWNS,
)

# They only check an option, which is never unknown, the resource's type, or whether a resource exists.
NEVER_UNKNOWN = {
    "residency-packages",
    "residency-types",
    "resilience-protect",
    "exemptions",
    *data.NEVER_UNKNOWN,
    *access.NEVER_UNKNOWN,
    *compute.NEVER_UNKNOWN,
    *encryption.NEVER_UNKNOWN,
    *edge.NEVER_UNKNOWN,
    *names.NEVER_UNKNOWN,
    *storage.NEVER_UNKNOWN,
    *baseline.NEVER_UNKNOWN,
    *audit.NEVER_UNKNOWN,
}


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=str)
def test_unknown_value_is_an_advisory(unknown: UnknownValue) -> None:
    """The rule reports no violation, and the engine's advisory has the path."""
    plan = compliant()
    # The second candidates of the references above.
    if unknown.place.endswith("vpcId"):
        plan.add("aws:ec2/vpc:Vpc", "second", None, tags={"Name": "second"})
    elif unknown.place.endswith("logDestination"):
        plan.add("aws:cloudwatch/logGroup:LogGroup", "second", None, retentionInDays=90)
    unknown.change(plan)
    report = evaluate([POLICIES[unknown.rule]], exported(plan, "preview"))
    assert report.violations == []
    assert [policy for policy, _ in report.advisories] == [unknown.rule]
    assert report.advisories[0][1].endswith(unknown.place)


@pytest.mark.places
def test_every_rule_has_an_unknown_value() -> None:
    needed, there = POLICIES.keys() - NEVER_UNKNOWN, {unknown.rule for unknown in UNKNOWNS}
    assert not needed - there, "tests/policies/unknowns: no unknown value for them"
    assert not there - needed, "tests/policies/unknowns: no such rules"


def test_violation_is_reported_beside_an_unknown() -> None:
    """One unknown doesn't hide the violations by other resources, in either kind of rule."""
    plan = compliant()
    plan.set("SecurityGroupIngressRule alb", "cidrIpv4", TEXT)
    plan.set("SecurityGroupIngressRule service", "securityGroupId", GROUP)
    rule(plan, "ingress", "cache", 22, name="added", cidrIpv4="0.0.0.0/0")
    report = evaluate(list(POLICIES.values()), plan.states("preview"))
    assert report.reported == {("network-open-ingress", "added"), ("network-ingress-chain", "added")}
    assert [policy for policy, _ in report.advisories] == ["network-open-ingress", "network-ingress-chain"]


def test_first_unknown_is_the_same_in_any_order() -> None:
    """The engine's order of resources varies, and a test compares the list of advisories."""
    plan = compliant()
    for role in ("service", "database", "cache"):
        plan.set(f"SecurityGroupIngressRule {role}", "securityGroupId", GROUP)
    states = plan.states("preview")
    chain = [POLICIES["network-ingress-chain"]]
    assert evaluate(chain, states).advisories == evaluate(chain, states[::-1]).advisories


def test_output_that_the_provider_computes_is_absent() -> None:
    """A real provider announces such outputs as unknown; a property that the program doesn't set is absent."""
    states = compliant().states("provider preview")
    group = next(state for state in states if str(state["urn"]).endswith("SecurityGroup::alb"))
    outputs = cast("dict[str, object]", group["outputs"])
    assert outputs["ingress"] == outputs["egress"] == UNKNOWN, "the provider computes the group's rules"
    assert evaluate(list(POLICIES.values()), states).advisories == []
