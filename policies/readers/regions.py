"""Reads the region of a resource."""

from collections.abc import Iterator

from policies.engine.answers import Answer
from policies.engine.expectations import expect
from policies.engine.facts import Absent, Fact, Known, Resource, Unknown
from policies.engine.rule import Verdict
from policies.figures.common import STACKS


def own_region(stack: str) -> str | None:
    """Return the region of the stack of that name; None for an unknown stack."""
    known = STACKS.get(stack)
    return known.region if known else None


def provider_region(resource: Resource) -> Fact[str]:
    """Return the region of a resource's provider: the stack's, which residency-provider-region requires."""
    own = own_region(resource.stack)
    return resource.at_provider("region").text() if own is None else Known(value=own)


def region_of(resource: Resource) -> Fact[str]:
    """Return the region of a resource, which is its provider's by default.

    A state has the region and a plan doesn't. An interrupted `up` leaves both, so the property alone doesn't tell
    whether two resources are in one region.
    """
    region = resource.at("region").text()
    return provider_region(resource) if isinstance(region, Absent) else region


def is_in_region_of(resource: Resource, other: Resource) -> Answer:
    """Whether two resources are in one region."""
    regions = region_of(resource), region_of(other)
    return next((region for region in regions if isinstance(region, Unknown)), regions[0] == regions[1])


def is_in_own_region(resource: Resource) -> Answer:
    """Whether a resource is in the region of its provider, not in that of the copies."""
    region = region_of(resource)
    return region if isinstance(region, Unknown) else region == provider_region(resource)


def expect_region(resource: Resource, *allowed: str) -> Iterator[Verdict]:
    """Require one of the regions."""
    region = region_of(resource)
    default = region.value if isinstance(region, Known) else None
    return expect(resource.at("region"), *allowed, default=default)
