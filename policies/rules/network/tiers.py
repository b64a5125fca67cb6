"""The rule about subnets: three tiers in two zones."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Absent, Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.figures.common import STACKS, ZONES
from policies.readers.resource_types import SUBNET, VPC
from policies.readers.subnets import PUBLIC, TIERS, subnets, tier_of, zone_of


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
)
