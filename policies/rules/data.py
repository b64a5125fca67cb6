"""What the chapters of the data tier share: kinds of instances, limits, subnets and groups. No rule stands here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies import figures
from policies.facts import Absent, Fact, Known, Node, Resource, Scalar, Unknown, shown
from policies.figures import Role
from policies.graph import Found, Outside, Reference, Stack
from policies.rule import Finding, Said, fault
from policies.rules.network.groups import role_of
from policies.rules.network.permissions import GROUPS
from policies.rules.network.routing import SUBNET
from policies.rules.network.tiers import DATA, subnets, tier_of

INSTANCE = "aws:rds/instance:Instance"

# A replica's source is in its own region, a distant replica's in another one.
Kind: TypeAlias = Literal["primary", "replica", "distant replica"]


def kind_of(instance: Resource) -> Kind:
    """What an instance is, by the source that it names.

    Another region's source is named by its ARN, which a program has to know beforehand. An unknown source is therefore
    one of this region; which one, and whether it is of this stack, the rule database-replica asks.
    """
    match instance.at("replicateSourceDb").text():
        case Absent():
            return "primary"
        case Known(value=value) if value.startswith("arn:aws:rds:"):
            region = own_region(instance.stack)
            return "replica" if region is not None and value.split(":")[3] == region else "distant replica"
        case _:
            return "replica"


def source_of(instance: Resource, stack: Stack) -> Reference:
    """The instance of this stack that a replica names as its source."""
    return stack.refer(instance, instance.at("replicateSourceDb"), INSTANCE, by=("identifier", "id", "arn"))


def is_made_anew(instance: Resource) -> bool:
    """Whether it is a primary that was never a replica: a promoted one has size, engine and users from its source."""
    return kind_of(instance) == "primary" and not isinstance(instance.at("username").text(), Absent)


def own_region(stack: str) -> str | None:
    """The region of the stack of that name; None where the pack doesn't know the stack."""
    known = figures.STACKS.get(stack)
    return known.region if known else None


def number(fact: Fact[Scalar]) -> int | float | None:
    """A known number, also one that is written as a text of digits; None for all else."""
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else None
    return None if isinstance(value, bool) else value


def within(node: Node, least: int, most: int | None = None, *, default: int | None = None) -> Iterator[Said]:
    """A number that has to be within limits; `default` is what AWS takes where nothing is said."""
    property_name = ".".join(node.path)
    allowed = f"at least {least}" if most is None else f"{least} to {most}"
    fact = node.scalar()
    found = default if isinstance(fact, Absent) else number(fact)
    is_within = found is not None and least <= found and (most is None or found <= most)
    if isinstance(fact, Unknown):
        yield fact
    elif not is_within:
        state = f"is {shown(fact.value)}" if isinstance(fact, Known) else "isn't set"
        yield fault(f"{property_name} {state}", allowed)


def given(node: Node, allowed: str) -> Iterator[Said]:
    """A property that has to be there, whatever it says: what is unknown yet is there."""
    if isinstance(node.scalar(), Absent):
        yield fault(f"{'.'.join(node.path)} isn't set", allowed)


def left_out(node: Node, allowed: str) -> Iterator[Said]:
    """A property that mustn't be there."""
    match node.scalar():
        case Known(value=value):
            yield fault(f"{'.'.join(node.path)} is {shown(value)}", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How a type says where its resources stand: the keys of its subnet group and security groups, and their role."""

    role: Role
    subnet_group: str
    subnet_group_type: str
    groups: str


def placed(resource: Resource, stack: Stack, placing: Placing, *, brings_subnets: bool = True) -> Iterator[Finding]:
    """What is wrong with where a resource stands: in the data subnets, and in the one group of its role.

    `brings_subnets` is false for what stands where another resource does, and then has no subnet group of its own.
    """
    yield from _in_own_group(resource, stack, placing)
    place = resource.at(placing.subnet_group)
    match stack.refer(resource, place, placing.subnet_group_type, by=("name", "id")):
        case Found(resource=subnet_group):
            yield from _in_data_subnets(subnet_group, stack)
        case Outside(text=text):
            said = fault(f"{placing.subnet_group} is {text}", "a subnet group of this stack")
            yield Finding(resource=resource, said=said)
        case Unknown() as unknown:
            yield Finding(resource=resource, said=unknown)
        case Absent():
            if brings_subnets:
                bare = f"{placing.subnet_group} isn't set: AWS takes the default VPC"
                yield Finding(resource=resource, said=fault(bare, "a subnet group of this stack"))


def _in_own_group(resource: Resource, stack: Stack, placing: Placing) -> Iterator[Finding]:
    allowed = f"the group with the role {placing.role}, and no other"
    references = stack.refer_each(resource, resource.at(placing.groups), *GROUPS)
    if not references:
        said = fault(f"{placing.groups} isn't set: AWS takes the default group", allowed)
        yield Finding(resource=resource, said=said)
    for reference in references:
        role = role_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(role, Unknown):
            yield Finding(resource=reference.resource if isinstance(reference, Found) else resource, said=role)
        elif role != Known(value=placing.role):
            yield Finding(resource=resource, said=fault(f"it takes the group {_named(reference)}", allowed))


def _in_data_subnets(subnet_group: Resource, stack: Stack) -> Iterator[Finding]:
    allowed = "the stack's data subnets, all of them and no other"
    references = stack.refer_each(subnet_group, subnet_group.at("subnetIds"), SUBNET)
    if not references:
        yield Finding(resource=subnet_group, said=fault("subnetIds isn't set", allowed))
    for reference in references:
        tier = tier_of(reference.resource) if isinstance(reference, Found) else reference
        if isinstance(reference, Found) and isinstance(tier, Unknown):
            yield Finding(resource=reference.resource, said=tier)
        elif isinstance(tier, Unknown):
            # Of a component's output the engine knows all subnets that the component has: an `up` tells which it is.
            if not _is_of_component(subnet_group, "subnetIds", stack):
                yield Finding(resource=subnet_group, said=tier)
        elif tier != Known(value=DATA):
            said = fault(f"the subnet group has {_named(reference)}", allowed)
            yield Finding(resource=subnet_group, said=said)
    if references and not any(isinstance(reference, Unknown) for reference in references):
        held = {reference.resource.urn for reference in references if isinstance(reference, Found)}
        lacking = [subnet.name for subnet in subnets(stack, DATA) if subnet.urn not in held]
        if lacking:
            said = fault(f"the subnet group lacks {', '.join(lacking)}", allowed)
            yield Finding(resource=subnet_group, said=said)


def _is_of_component(resource: Resource, key: str, stack: Stack) -> bool:
    urns = (resource.property_urns or {}).get(key, ())
    return any(other.urn in urns and not other.type.startswith("aws:") for other in stack.resources)


def _named(reference: Reference) -> str:
    match reference:
        case Found(resource=resource):
            return resource.name
        case Outside(text=text):
            return text
        case _:
            return "nothing"


def rows(resource: Resource, name: str) -> tuple[Sequence[Node], Unknown | None]:
    """The values that a parameter group gives a parameter, and the unknown that may hide another one."""
    match resource.at("parameters").items():
        case Known(value=nodes):
            values = [node.at("value") for node in nodes if node.at("name").text() == Known(value=name)]
            names = [node.at("name").text() for node in nodes]
            return values, next((fact for fact in names if isinstance(fact, Unknown)), None)
        case Unknown() as unknown:
            return (), unknown
        case Absent():
            return (), None
