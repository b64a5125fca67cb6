"""What the chapters of the data tier share: kinds of instances, limits, subnets and groups. No rule stands here."""

from typing import Literal, TypeAlias

from policies.engine.facts import Absent, Known, Resource
from policies.engine.graph import Reference, Stack
from policies.readers.regions import own_region
from policies.readers.resource_types import DB_INSTANCE

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
    return stack.refer(instance, instance.at("replicateSourceDb"), DB_INSTANCE, by=("identifier", "id", "arn"))


def is_original_primary(instance: Resource) -> bool:
    """Whether it is a primary that was never a replica: a promoted one has size, engine and users from its source."""
    return kind_of(instance) == "primary" and not isinstance(instance.at("username").text(), Absent)
