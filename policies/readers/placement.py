"""Judges a resource's place in the network: its subnets and its security group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, expect_reference, report
from policies.figures.common import ZONES, Role
from policies.readers.group_roles import role_of
from policies.readers.resource_types import SUBNET
from policies.readers.security_group_rules import GROUPS
from policies.readers.subnets import DATA, PRIVATE, PUBLIC, subnets, tier_of

_TIERS: Mapping[str, str] = MappingProxyType({PUBLIC: "public", PRIVATE: "private", DATA: "data"})


def expect_security_group(resource: Resource, node: Node, stack: Stack, role: Role) -> Iterator[Finding]:
    """Require the security group of this role, and no other."""
    allowed = f"the group with the role {role}, and no other"
    references = stack.refer_each(resource, node, *GROUPS)
    if not references:
        yield report(resource, f"{'.'.join(node.path)} isn't set: AWS uses the default group", allowed)
    for reference in references:
        found = role_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(found, Unknown):
            yield Finding(resource=reference.resource if isinstance(reference, Found) else resource, verdict=found)
        elif found != Known(value=role):
            yield report(resource, f"it has the group {_name_of(reference)}", allowed)


def expect_tier(resource: Resource, node: Node, stack: Stack, tier: str, *, subject: str = "it") -> Iterator[Finding]:
    """Require all subnets of a tier, and no other; messages are about `subject`."""
    allowed = f"the stack's {_TIERS[tier]} subnets, all of them and no other"
    references = stack.refer_each(resource, node, SUBNET)
    if not references:
        yield report(resource, f"{'.'.join(node.path)} isn't set", allowed)
    for reference in references:
        found = tier_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(reference, Found) and isinstance(found, Unknown):
            yield Finding(resource=reference.resource, verdict=found)
        elif isinstance(found, Unknown):
            # The engine reports all subnets of a component as the sources of its output: an `up` shows which it is.
            if not _is_from_component(resource, node, stack):
                yield Finding(resource=resource, verdict=found)
        elif found != Known(value=tier):
            yield report(resource, f"{subject} has {_name_of(reference)}", allowed)
    if references and not any(isinstance(reference, Unknown) for reference in references):
        present = {reference.resource.urn for reference in references if isinstance(reference, Found)}
        missing = [subnet.name for subnet in subnets(stack, tier) if subnet.urn not in present]
        if missing:
            yield report(resource, f"{subject} lacks {', '.join(missing)}", allowed)
    elif isinstance(node.value, list) and len(references) < ZONES and _is_from_component(resource, node, stack):
        # Too few, whichever they are.
        yield report(resource, f"{subject} has {len(references)} subnet", allowed)


def _is_from_component(resource: Resource, node: Node, stack: Stack) -> bool:
    urns = (resource.property_urns or {}).get(node.path[0], ())
    return any(other.urn in urns and not other.type.startswith("aws:") for other in stack.resources)


def _name_of(reference: Reference) -> str:
    match reference:
        case Found(resource=resource):
            return resource.name
        case Outside(text=text):
            return text
        case _:
            return "nothing"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a type names its place in the network: the keys of its subnet group and security groups, and their role."""

    role: Role
    subnet_group: str
    subnet_group_type: str
    groups: str


def expect_placement(
    resource: Resource, stack: Stack, placement: Placement, *, has_subnet_group: bool = True
) -> Iterator[Finding]:
    """Require the data subnets and the one security group of the placement's role.

    `has_subnet_group` is false for a resource that AWS puts into another one's subnet group.
    """
    yield from expect_security_group(resource, resource.at(placement.groups), stack, placement.role)
    yield from expect_reference(
        resource,
        placement.subnet_group,
        stack,
        placement.subnet_group_type,
        "a subnet group",
        by=("name", "id"),
        absent="AWS uses the default VPC",
        is_optional=not has_subnet_group,
        judge=lambda group: expect_tier(group, group.at("subnetIds"), stack, DATA, subject="the subnet group"),
    )
