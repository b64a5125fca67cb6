"""Rules about subnets: three tiers in two zones, and data subnets without a route out of the VPC."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Absent, Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures.common import STACKS, ZONES
from policies.readers import routing
from policies.readers.resource_types import SUBNET, VPC
from policies.readers.routing import PROPAGATION, TABLES
from policies.readers.subnets import DATA, PUBLIC, TIERS, subnets, tier_of, zone_of

NO_EGRESS = "no route out of the VPC, except to a gateway endpoint"


def _two_zones(stack: Stack) -> Iterator[Finding]:
    for subnet in stack.of(SUBNET):
        yield from findings(subnet, _tier_and_zone(subnet))
    facts = [fact for subnet in stack.of(SUBNET) for fact in (tier_of(subnet), zone_of(subnet))]
    if not stack.is_empty and not any(isinstance(fact, Unknown) for fact in facts):
        yield from _spread(stack)


def _tier_and_zone(subnet: Resource) -> Iterator[Verdict]:
    match tier_of(subnet):
        case Known(value=tier) if tier not in TIERS:
            yield violation(f"SubnetType is {tier}", ", ".join(TIERS))
        case Absent():
            yield violation("the subnet has no tag SubnetType", ", ".join(TIERS))
        case Unknown() as unknown:
            yield unknown
        case _:
            pass
    match zone_of(subnet):
        case Absent():
            yield violation("availabilityZone isn't set", f"one of the {ZONES} zones")
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def _spread(stack: Stack) -> Iterator[Finding]:
    zones = {tier: _zones(stack, tier) for tier in TIERS}
    for tier, used in zones.items():
        if len(used) != ZONES:
            verdict = violation(f"the tier {tier} is in {len(used)} zones ({', '.join(used)})", f"{ZONES} zones")
            yield Finding(resource=next(iter(subnets(stack, tier)), None), verdict=verdict)
        elif used != zones[PUBLIC]:
            verdict = violation(f"the tier {tier} is in other zones ({', '.join(used)})", "the public subnets' zones")
            yield Finding(resource=next(iter(subnets(stack, tier)), None), verdict=verdict)


def _zones(stack: Stack, tier: str) -> tuple[str, ...]:
    facts = (zone_of(subnet) for subnet in subnets(stack, tier))
    return tuple(sorted({fact.value for fact in facts if isinstance(fact, Known)}))


def _addresses(vpc: Resource) -> Iterator[Verdict]:
    # residency-provider-region reports an unknown stack.
    if vpc.stack in STACKS:
        yield from expect(vpc.at("cidrBlock"), STACKS[vpc.stack].addresses)


def _data_isolated(stack: Stack) -> Iterator[Finding]:
    tables: set[str] = set()
    for subnet in subnets(stack, DATA):
        match routing.table_of(subnet, stack):
            case Found(resource=table):
                tables.add(table.urn)
            case Unknown() as unknown:
                yield Finding(resource=subnet, verdict=unknown)
            case Outside(text=text):
                verdict = violation(f"the subnet's route table is {text}", "a route table of this stack")
                yield Finding(resource=subnet, verdict=verdict)
            case Absent():
                missing = "the subnet has no route table: AWS uses the VPC's main one"
                yield report(subnet, missing, "a route table association")
    if subnets(stack, DATA):
        yield from _routes_out(stack, tables)
        yield from _propagations(stack, tables)


def _routes_out(stack: Stack, tables: set[str]) -> Iterator[Finding]:
    for route in routing.routes(stack):
        if isinstance(route, Finding):
            yield route
        elif isinstance(route.table, Unknown):
            yield Finding(resource=route.holder, verdict=route.table)
        elif _is_among(route.table, tables) and not route.is_local:
            yield report(route.holder, f"a data subnet has {route.describe()}", NO_EGRESS)


def _propagations(stack: Stack, tables: set[str]) -> Iterator[Finding]:
    """Report tables into which a VPN gateway would propagate routes."""
    verdict = violation("a VPN gateway propagates routes to a data subnet", NO_EGRESS)
    for table in stack.of(*TABLES):
        gateways = table.at("propagatingVgws").items()
        if table.urn in tables and gateways not in (Absent(), Known(value=())):
            yield Finding(resource=table, verdict=gateways if isinstance(gateways, Unknown) else verdict)
    for propagation in stack.of(PROPAGATION):
        table = stack.refer(propagation, propagation.at("routeTableId"), *TABLES)
        if isinstance(table, Unknown):
            yield Finding(resource=propagation, verdict=table)
        elif _is_among(table, tables):
            yield Finding(resource=propagation, verdict=verdict)


def _is_among(reference: Reference, urns: set[str]) -> bool:
    return isinstance(reference, Found) and reference.resource.urn in urns


RULES = (
    ResourceRule(
        id="network-addresses",
        section="Production Architecture",
        description="Each stack's network has its own addresses, so that the two can be peered",
        remedy="Set cidrBlock to the stack's range.",
        types=(VPC,),
        judge=_addresses,
    ),
    StackRule(
        id="network-two-zones",
        section="Production Architecture",
        description=f"Public, private and data subnets are in the same {ZONES} zones",
        remedy=f"Add a subnet of each tier to each of the {ZONES} zones.",
        judge=_two_zones,
        severity="high",
    ),
    StackRule(
        id="network-data-isolated",
        section="Production Architecture",
        description="Every data subnet has its own route table, without a route out of the VPC",
        remedy="Remove the route from the data subnet's table, or associate another table with the subnet.",
        judge=_data_isolated,
        severity="high",
    ),
)
