"""PostgreSQL and Redis, with their standbys and replicas."""

from collections.abc import Iterator, Mapping, Sequence

from reports.diagram.model import Arrow, Box, Part, urns
from reports.diagram.parts.network import zones
from reports.diagram.parts.service import environment
from reports.diagram.reading import Stack, number, output, text, value
from reports.states import Recorded

_ENGINES: Mapping[str, str] = {"postgres": "PostgreSQL", "redis": "Redis"}


def data(stack: Stack) -> Part:
    """Return the databases and the cache."""
    boxes = [*_database(stack), *_replicas(stack), *_others(stack), *_cache(stack)]
    return Part(boxes=boxes, arrows=list(_replication(stack)))


def _primaries(stack: Stack) -> Sequence[Recorded]:
    """Return the instances that replicate none of their region, the API's first.

    They are the primary, or the replica of another region; and during a cutover the restored instance beside it.
    """
    host = environment(stack, "DATABASE_HOST")
    found = [i for i in stack.of("rds/instance") if not text(i, "replicateSourceDb") or all(source_of(i))]
    return sorted(found, key=lambda instance: output(instance, "address") != host)


def _id(index: int) -> str:
    return "database" if index == 0 else f"database-{index + 1}"


def source_of(instance: Recorded) -> tuple[str, str]:
    """Return region and name of the instance that one in another region replicates; empty if it replicates none."""
    parts = text(instance, "replicateSourceDb").split(":")
    return (parts[3], parts[6]) if len(parts) > 6 else ("", "")


def _database(stack: Stack) -> Iterator[Box]:
    """Yield the API's database; with its standby in the next zone if it has one, else in a zone that AWS chooses."""
    for instance in _primaries(stack)[:1]:
        is_multi_az = value(instance, "multiAz") is True
        region, name = source_of(instance)
        engine = _ENGINES.get(text(instance, "engine"), "")
        storage = f"{number(instance, 'allocatedStorage')} GB " if text(instance, "allocatedStorage") else ""
        yield Box(
            id="database",
            icon="rds",
            title="RDS replica" if region else "RDS primary",
            place="data" if is_multi_az else "data-across",
            zone=1 if is_multi_az else None,
            figures=[
                f"{engine} {text(instance, 'engineVersion')}" if engine else f"of {name} in {region}",
                text(instance, "instanceClass"),
                f"{storage}{text(instance, 'storageType')}",
                f"backups {number(instance, 'backupRetentionPeriod')} days",
            ],
            sources=urns([instance], stack.of("rds/subnetGroup", "rds/parameterGroup")),
        )
        if is_multi_az:
            yield Box(
                id="database-standby",
                icon="rds",
                title="RDS standby",
                place="data",
                zone=2,
                figures=["multi-AZ", text(instance, "instanceClass"), "takes over by itself"],
                sources=urns([instance]),
            )


def _others(stack: Stack) -> Iterator[Box]:
    """Yield the databases beside the API's."""
    for index, instance in enumerate(_primaries(stack)[1:], 1):
        is_multi_az = value(instance, "multiAz") is True
        yield Box(
            id=_id(index),
            icon="rds",
            title=text(instance, "identifier"),
            place="data-across",
            figures=[f"{text(instance, 'instanceClass')}, {'both zones' if is_multi_az else 'either zone'}"],
            sources=urns([instance]),
        )


def _replicas(stack: Stack) -> Iterator[Box]:
    primaries = _primaries(stack)
    for instance in (i for i in stack.of("rds/instance") if i not in primaries):
        yield Box(
            id=f"database-{stack.short(text(instance, 'identifier'))}",
            icon="rds",
            title="Read replica",
            place="data-across",
            figures=[f"{text(instance, 'instanceClass')}, either zone"],
            sources=urns([instance]),
        )


def _replication(stack: Stack) -> Iterator[Arrow]:
    primaries = _primaries(stack)
    names = {text(instance, "identifier"): _id(index) for index, instance in enumerate(primaries)}
    yield Arrow(source="database", target="database-standby", kind="copy")
    for instance in stack.of("rds/instance"):
        if source := names.get(text(instance, "replicateSourceDb")):
            target = f"database-{stack.short(text(instance, 'identifier'))}"
            yield Arrow(source=source, target=target, kind="copy")
    for each in stack.elsewhere("rds/instanceAutomatedBackupsReplication"):
        for index, instance in enumerate(primaries):
            if output(instance, "arn") == text(each, "sourceDbInstanceArn"):
                yield Arrow(source=_id(index), target="backups-copy", kind="copy")


def _cache(stack: Stack) -> Iterator[Box]:
    for group in stack.of("elasticache/replicationGroup"):
        shards, replicas = number(group, "numNodeGroups"), number(group, "replicasPerNodeGroup")
        nodes = shards * (1 + replicas)
        count = len(zones(stack)) if value(group, "multiAzEnabled") is True else 1
        share = f"{nodes // count} of {nodes} nodes" if nodes % count == 0 else f"{nodes} nodes in all zones"
        for zone in range(1, count + 1):
            yield Box(
                id=f"cache-{zone}",
                icon="elasticache",
                title=f"{_ENGINES[text(group, 'engine')]} {text(group, 'engineVersion')}",
                place="data",
                zone=zone,
                figures=[
                    text(group, "nodeType"),
                    share,
                    f"{shards} shards",
                    f"snapshots {number(group, 'snapshotRetentionLimit')} days",
                ],
                sources=urns([group], stack.of("elasticache/subnetGroup", "elasticache/parameterGroup")),
            )
