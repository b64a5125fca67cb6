"""What the chapters of the data tier share: kinds of instances, limits, subnets and groups. No rule stands here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.engine.answers import Answer
from policies.engine.facts import Absent, Fact, Known, Node, Resource, Scalar, Unknown, shown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, Said, expect, fault
from policies.figures.common import STACKS, Role
from policies.readers.placement import in_group, in_tier
from policies.rules.network.tiers import DATA

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
    known = STACKS.get(stack)
    return known.region if known else None


def provider_region(resource: Resource) -> Fact[str]:
    """The region of a resource's provider: the stack's, to which the rule residency-provider-region holds it."""
    own = own_region(resource.stack)
    return resource.at_provider("region").text() if own is None else Known(value=own)


def region_of(resource: Resource) -> Fact[str]:
    """The region that a resource is in: where it names none, its provider's.

    A state has the region filled in and a plan doesn't, and a stack that is half made shows both: two resources of one
    region that are compared by the property alone would be in two.
    """
    region = resource.at("region").text()
    return provider_region(resource) if isinstance(region, Absent) else region


def is_in_region_of(resource: Resource, other: Resource) -> Answer:
    """Whether two resources are in one region."""
    regions = region_of(resource), region_of(other)
    return next((region for region in regions if isinstance(region, Unknown)), regions[0] == regions[1])


def in_region(resource: Resource, *allowed: str) -> Iterator[Said]:
    """A resource that has to be in one of the regions."""
    region = region_of(resource)
    default = region.value if isinstance(region, Known) else None
    return expect(resource.at("region"), *allowed, default=default)


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


def unset(node: Node, allowed: str) -> Iterator[Said]:
    """A property that mustn't be there, or holds nothing, and whose value isn't shown."""
    match node.items():
        case Known(value=values) if values:
            yield fault(f"{'.'.join(node.path)} is set", allowed)
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
    yield from in_group(resource, resource.at(placing.groups), stack, placing.role)
    place = resource.at(placing.subnet_group)
    match stack.refer(resource, place, placing.subnet_group_type, by=("name", "id")):
        case Found(resource=subnet_group):
            held = subnet_group.at("subnetIds")
            yield from in_tier(subnet_group, held, stack, DATA, subject="the subnet group")
        case Outside(text=text):
            said = fault(f"{placing.subnet_group} is {text}", "a subnet group of this stack")
            yield Finding(resource=resource, said=said)
        case Unknown() as unknown:
            yield Finding(resource=resource, said=unknown)
        case Absent():
            if brings_subnets:
                bare = f"{placing.subnet_group} isn't set: AWS takes the default VPC"
                yield Finding(resource=resource, said=fault(bare, "a subnet group of this stack"))


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
