"""What other chapters ask of where a resource stands: its subnets, and its security group. No rule stands here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, report, violation
from policies.figures.common import ZONES, Role
from policies.readers.resource_types import SUBNET
from policies.readers.security_group_rules import GROUPS, role_of
from policies.readers.subnets import DATA, PRIVATE, PUBLIC, subnets, tier_of

_TIERS: Mapping[str, str] = MappingProxyType({PUBLIC: "public", PRIVATE: "private", DATA: "data"})


def expect_security_group(resource: Resource, node: Node, stack: Stack, role: Role) -> Iterator[Finding]:
    """What is wrong with the security groups at `node`: there has to be the one of this role."""
    allowed = f"the group with the role {role}, and no other"
    references = stack.refer_each(resource, node, *GROUPS)
    if not references:
        verdict = violation(f"{'.'.join(node.path)} isn't set: AWS takes the default group", allowed)
        yield Finding(resource=resource, verdict=verdict)
    for reference in references:
        found = role_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(found, Unknown):
            yield Finding(resource=reference.resource if isinstance(reference, Found) else resource, verdict=found)
        elif found != Known(value=role):
            yield report(resource, f"it takes the group {_named(reference)}", allowed)


def expect_tier(resource: Resource, node: Node, stack: Stack, tier: str, *, subject: str = "it") -> Iterator[Finding]:
    """What is wrong with the subnets at `node`: there have to be all of a tier; `subject` is what has them."""
    allowed = f"the stack's {_TIERS[tier]} subnets, all of them and no other"
    references = stack.refer_each(resource, node, SUBNET)
    if not references:
        yield report(resource, f"{'.'.join(node.path)} isn't set", allowed)
    for reference in references:
        found = tier_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(reference, Found) and isinstance(found, Unknown):
            yield Finding(resource=reference.resource, verdict=found)
        elif isinstance(found, Unknown):
            # Of a component's output the engine knows all subnets that the component has: an `up` tells which it is.
            if not _is_of_component(resource, node, stack):
                yield Finding(resource=resource, verdict=found)
        elif found != Known(value=tier):
            yield report(resource, f"{subject} has {_named(reference)}", allowed)
    if references and not any(isinstance(reference, Unknown) for reference in references):
        held = {reference.resource.urn for reference in references if isinstance(reference, Found)}
        lacking = [subnet.name for subnet in subnets(stack, tier) if subnet.urn not in held]
        if lacking:
            yield report(resource, f"{subject} lacks {', '.join(lacking)}", allowed)
    elif isinstance(node.value, list) and len(references) < ZONES and _is_of_component(resource, node, stack):
        # Whichever they are, they are too few.
        yield report(resource, f"{subject} has {len(references)} subnet", allowed)


def _is_of_component(resource: Resource, node: Node, stack: Stack) -> bool:
    urns = (resource.property_urns or {}).get(node.path[0], ())
    return any(other.urn in urns and not other.type.startswith("aws:") for other in stack.resources)


def _named(reference: Reference) -> str:
    match reference:
        case Found(resource=resource):
            return resource.name
        case Outside(text=text):
            return text
        case _:
            return "nothing"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a type says where its resources stand: the keys of its subnet group and security groups, and their role."""

    role: Role
    subnet_group: str
    subnet_group_type: str
    groups: str


def expect_placement(
    resource: Resource, stack: Stack, placing: Placement, *, brings_subnets: bool = True
) -> Iterator[Finding]:
    """What is wrong with where a resource stands: in the data subnets, and in the one group of its role.

    `brings_subnets` is false for what stands where another resource does, and then has no subnet group of its own.
    """
    yield from expect_security_group(resource, resource.at(placing.groups), stack, placing.role)
    place = resource.at(placing.subnet_group)
    match stack.refer(resource, place, placing.subnet_group_type, by=("name", "id")):
        case Found(resource=subnet_group):
            held = subnet_group.at("subnetIds")
            yield from expect_tier(subnet_group, held, stack, DATA, subject="the subnet group")
        case Outside(text=text):
            verdict = violation(f"{placing.subnet_group} is {text}", "a subnet group of this stack")
            yield Finding(resource=resource, verdict=verdict)
        case Unknown() as unknown:
            yield Finding(resource=resource, verdict=unknown)
        case Absent():
            if brings_subnets:
                bare = f"{placing.subnet_group} isn't set: AWS takes the default VPC"
                yield report(resource, bare, "a subnet group of this stack")
