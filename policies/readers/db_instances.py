"""Reads the kind and the source of a database instance."""

from typing import Literal, TypeAlias

from policies.engine.facts import Absent, Known, Resource
from policies.engine.graph import Reference, Stack
from policies.readers.regions import own_region
from policies.readers.resource_types import DB_INSTANCE

# The source of a replica is in its own region, that of a distant replica in another one.
Kind: TypeAlias = Literal["primary", "replica", "distant replica"]


def kind_of(instance: Resource) -> Kind:
    """Return the kind of an instance, by its source.

    A source in another region is known by its ARN. An unknown source is therefore in this region; database-replica
    reports one that isn't of this stack.
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
    """Return the instance of this stack that a replica names as its source."""
    return stack.refer(instance, instance.at("replicateSourceDb"), DB_INSTANCE, by=("identifier", "id", "arn"))


def is_primary(instance: Resource) -> bool:
    """Whether an instance replicates no other."""
    return kind_of(instance) == "primary"


def is_original_primary(instance: Resource) -> bool:
    """Whether it is a primary that was never a replica: a promoted one has size, engine and users from its source."""
    return is_primary(instance) and not isinstance(instance.at("username").text(), Absent)


def has_backups(instance: Resource) -> bool:
    """Whether AWS backs the instance up by itself: a replica is covered by its source's backups in the same region."""
    return kind_of(instance) != "replica"
