"""Small made-up states, a price of 1 for everything, and figures of usage that are 0 unless a test sets them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cache

from reports.cost.estimate import Item, estimate
from reports.cost.prices import PriceTable, load_prices
from reports.cost.usage import Usage
from reports.states import Recorded, State

Quantities = Mapping[str, tuple[str, float]]


def resource(
    kind: str, name: str = "thing", /, *, region: str = "us-east-1", id_: str = "id", **inputs: object
) -> Recorded:
    """Return a resource; inputs that begin with `out_` are outputs."""
    outputs = {key.removeprefix("out_"): value for key, value in inputs.items() if key.startswith("out_")}
    return Recorded(
        urn=f"urn:pulumi:stack::project::{kind}::{name}",
        type=kind,
        name=name,
        id=id_,
        inputs={key: value for key, value in inputs.items() if not key.startswith("out_")},
        outputs={"region": region, **outputs},
    )


def state(*resources: Recorded, stack: str = "production") -> State:
    return State(stack=stack, resources=resources)


def usage(**figures: float) -> Usage:
    return Usage(**{field.name: figures.get(field.name, 0.0) for field in fields(Usage)})


@cache
def real_prices() -> PriceTable:
    return load_prices()


@cache
def price_of_one() -> PriceTable:
    """Return the price table with a price of 1 for everything, so that costs are quantities."""
    table = real_prices()
    prices = {name: price.model_copy(update={"usd": 1.0, "tiers": ()}) for name, price in table.prices.items()}
    return table.model_copy(update={"prices": prices})


def items_of(*states: State, **figures: float) -> Sequence[Item]:
    return estimate(states, usage(**figures), price_of_one())


def quantities(*states: State, **figures: float) -> Quantities:
    """Return the price and the quantity of each thing that the states are charged for."""
    return {item.what: (item.price, item.usd) for item in items_of(*states, **figures)}


def vpc(*, gateways: int = 2) -> Sequence[Recorded]:
    nat = [resource("aws:ec2/natGateway:NatGateway", f"nat-{number}") for number in range(gateways)]
    addresses = [resource("aws:ec2/eip:Eip", f"nat-{number}") for number in range(gateways)]
    return [*nat, *addresses]


def service(*, tasks: int = 4) -> Sequence[Recorded]:
    containers = '[{"name": "api", "healthCheck": {"command": ["CMD", "true"]}}]'
    return [
        resource("aws:ecs/cluster:Cluster", "service", out_arn="cluster", settings=[
            {"name": "containerInsights", "value": "enhanced"}]),
        resource("aws:ecs/taskDefinition:TaskDefinition", "service", out_arn="definition", cpu="1024", memory="2048",
                 containerDefinitions=containers),
        resource("aws:ecs/service:Service", "service", cluster="cluster", taskDefinition="definition",
                 desiredCount=tasks, launchType="FARGATE"),
    ]  # fmt: skip


def primary(**changed: object) -> Recorded:
    inputs: dict[str, object] = {
        "identifier": "primary", "engine": "postgres", "instanceClass": "db.r6g.large", "multiAz": True,
        "storageType": "gp3", "allocatedStorage": 200, "backupRetentionPeriod": 30, **changed,
    }  # fmt: skip
    arn = "arn:aws:rds:us-east-1:1:db:primary"
    return replace(resource("aws:rds/instance:Instance", "primary", out_arn=arn), inputs=inputs)


def replica(name: str = "replica", *, region: str = "us-east-1", source: str = "primary") -> Recorded:
    return resource("aws:rds/instance:Instance", name, region=region, identifier=name, replicateSourceDb=source,
                    instanceClass="db.r6g.large", multiAz=False, storageType="gp3")  # fmt: skip


def redis(*, shards: int = 2, replicas: int = 1) -> Recorded:
    return resource("aws:elasticache/replicationGroup:ReplicationGroup", "cache", engine="redis",
                    nodeType="cache.r6g.large", numNodeGroups=shards, replicasPerNodeGroup=replicas,
                    snapshotRetentionLimit=7)  # fmt: skip
