"""The rule about the egress of private subnets: by the NAT gateway in their zone."""

from collections.abc import Iterator, Mapping

from policies.engine.facts import ABSENT, Absent, Fact, Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.readers import routing
from policies.readers.resource_types import SUBNET
from policies.readers.routing import NAT, RouteView
from policies.readers.subnets import PRIVATE, PUBLIC, subnets, tier_of, zone_of

# Targets other than the NAT gateway that lead out of the VPC.
_OTHER_GATEWAYS = frozenset({"gatewayId", "egressOnlyGatewayId", "carrierGatewayId", "localGatewayId"})
_ALLOWED = "a default route to the NAT gateway of the subnet's own zone, and none to another gateway"


def _nat_per_zone(stack: Stack) -> Iterator[Finding]:
    zones = {nat.urn: _zone_of_nat(nat, stack) for nat in stack.of(NAT)}
    for nat in stack.of(NAT):
        yield from findings(nat, _gateway(nat, stack))
    if not any(isinstance(zone, Unknown) for zone in zones.values()):
        for subnet in subnets(stack, PUBLIC):
            if zone_of(subnet) not in zones.values() and isinstance(zone_of(subnet), Known):
                verdict = violation("the subnet's zone has no NAT gateway", "one in each zone's public subnet")
                yield Finding(resource=subnet, verdict=verdict)
    for subnet in subnets(stack, PRIVATE):
        yield from _egress(stack, subnet, zones)


def _zone_of_nat(nat: Resource, stack: Stack) -> Fact[str]:
    """Return the zone of the NAT gateway's public subnet; absent if it isn't in one."""
    subnet = stack.refer(nat, nat.at("subnetId"), SUBNET)
    if isinstance(subnet, Unknown):
        return subnet
    if not isinstance(subnet, Found):
        return ABSENT
    tier = tier_of(subnet.resource)
    return tier if isinstance(tier, Unknown) else zone_of(subnet.resource) if tier == Known(value=PUBLIC) else ABSENT


def _gateway(nat: Resource, stack: Stack) -> Iterator[Verdict]:
    zone, kind = _zone_of_nat(nat, stack), nat.at("connectivityType").text()
    if isinstance(zone, Absent):
        yield violation("the NAT gateway is in no public subnet of this stack", "one in each zone's public subnet")
    if isinstance(nat.at("allocationId").text(), Absent):
        yield violation("the NAT gateway has no Elastic IP", "an allocationId")
    if kind not in (ABSENT, Known(value="public")):
        yield kind if isinstance(kind, Unknown) else violation("the NAT gateway is private", "connectivityType public")
    if isinstance(zone, Unknown):
        yield zone


def _egress(stack: Stack, subnet: Resource, zones: Mapping[str, Fact[str]]) -> Iterator[Finding]:
    table, zone = routing.table_of(subnet, stack), zone_of(subnet)
    if isinstance(table, Unknown):
        yield Finding(resource=subnet, verdict=table)
    elif not isinstance(table, Found):
        yield report(subnet, "the subnet has no route table: AWS uses the VPC's main one", _ALLOWED)
    else:
        has_default = False
        for route in routing.routes_of(stack, table.resource):
            verdict = route.verdict if isinstance(route, Finding) else _verdict(route, zone, zones, stack)
            # An unknown route may be the default one.
            has_default = (
                has_default or isinstance(verdict, Unknown) or (isinstance(route, RouteView) and route.is_default)
            )
            if verdict is not None:
                holder = route.resource if isinstance(route, Finding) else route.holder
                yield Finding(resource=holder, verdict=verdict)
        if not has_default:
            yield report(subnet, "the subnet has no default route", _ALLOWED)


def _verdict(route: RouteView, zone: Fact[str], zones: Mapping[str, Fact[str]], stack: Stack) -> Verdict | None:
    for part in (route.table, route.destination, zone):
        if isinstance(part, Unknown):
            return part
    if _OTHER_GATEWAYS & route.targets.keys() and not route.is_local:
        return violation(f"a private subnet has {route.describe()}", _ALLOWED)
    if not route.is_default:
        return None
    nat = route.refer(stack, "natGatewayId", NAT)
    own = zones.get(nat.resource.urn, ABSENT) if isinstance(nat, Found) else nat
    if isinstance(own, Unknown):
        return own
    if own != zone:
        return violation(f"the private subnet of another zone has {route.describe()}", _ALLOWED)
    return None


RULES = (
    StackRule(
        id="network-nat-per-zone",
        section="Production Architecture",
        description="Every zone has a NAT gateway, by which alone its private subnets reach the internet",
        remedy="Add a NAT gateway to the zone's public subnet, and set the private subnet's default route to it.",
        judge=_nat_per_zone,
        severity="high",
    ),
)
