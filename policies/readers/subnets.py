"""Reads a subnet's tier and zone."""

from policies.engine.facts import Absent, Fact, Known, Resource
from policies.engine.graph import Stack
from policies.readers.resource_types import SUBNET

PUBLIC, PRIVATE, DATA = "Public", "Private", "Isolated"

TIERS = (PUBLIC, PRIVATE, DATA)


def tier_of(subnet: Resource) -> Fact[str]:
    """Return a subnet's tier, by the tag that the VPC component sets."""
    return subnet.at("tags", "SubnetType").text()


def zone_of(subnet: Resource) -> Fact[str]:
    """Return a subnet's zone, by name or else by id."""
    zone = subnet.at("availabilityZone").text()
    return zone if not isinstance(zone, Absent) else subnet.at("availabilityZoneId").text()


def subnets(stack: Stack, tier: str) -> tuple[Resource, ...]:
    """Return the subnets that certainly belong to a tier."""
    return tuple(subnet for subnet in stack.of(SUBNET) if tier_of(subnet) == Known(value=tier))
