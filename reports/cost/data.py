"""What the data tier costs: PostgreSQL, Redis, their backups and restore tests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from reports.cost.lines import (
    HOURS,
    WEEKS,
    Line,
    Pricer,
    Stack,
    UnpricedError,
    elements,
    hours,
    members,
    number,
    of_type,
    region_of,
    text,
)
from reports.cost.traffic import wal_gb
from reports.states import Recorded

INSTANCE = "aws:rds/instance:Instance"
# Days of Performance Insights that cost nothing.
FREE_INSIGHTS_DAYS = 7
# Hours before a restore test's instance is available and after it is validated.
RESTORE_HOURS = 1
MONTH_DAYS = 365 / 12


def _instance(instance: Recorded, stack: Stack) -> Iterator[Line]:
    source = source_of(instance, stack)
    _known(instance, source)
    zones = "multi-az" if instance.inputs.get("multiAz") else "single-az"
    yield hours(f"rds.postgres.{zones}.{text(instance, 'instanceClass')}", 1, "instance", f"{zones} instance")
    storage = allocated_gb(instance, stack)
    kind = text(instance, "storageType")
    yield Line(price=f"rds.storage.{zones}.{kind}", quantity=storage, what="storage", how=f"{storage:g} GB {zones}")
    if source is None:
        yield from _automated_backups(instance, storage, stack)
    elif region_of(source) != region_of(instance):
        how = "the write-ahead log that the replica gets from the other region"
        yield Line(
            price="transfer.regions", quantity=wal_gb(stack), what="replication", how=how, region=region_of(source)
        )


def _known(instance: Recorded, source: Recorded | None) -> None:
    """Raise UnpricedError for what would cost more than the prices below cover."""
    engine = text(source or instance, "engine")
    if engine != "postgres":
        raise UnpricedError(f"the engine {engine} has no price: add it to reports/cost/prices.yaml and data.py")
    paid = {
        "iops": instance.inputs.get("iops"),
        "storageThroughput": instance.inputs.get("storageThroughput"),
        "databaseInsightsMode advanced": instance.inputs.get("databaseInsightsMode") == "advanced",
        "dedicatedLogVolume": instance.inputs.get("dedicatedLogVolume"),
        "extended support": text(source or instance, "engineLifecycleSupport", "").endswith("-enabled"),
        "performanceInsightsRetentionPeriod": number(instance, "performanceInsightsRetentionPeriod", FREE_INSIGHTS_DAYS)
        > FREE_INSIGHTS_DAYS,
    }
    if names := [name for name, value in paid.items() if value]:
        raise UnpricedError(f"{' and '.join(names)} has no price: add it to reports/cost/prices.yaml and data.py")


def source_of(instance: Recorded, stack: Stack) -> Recorded | None:
    """Return the instance, in whichever stack, that an instance replicates."""
    name = text(instance, "replicateSourceDb", "").rpartition(":")[2]
    found = [each for each in of_type(stack.states, INSTANCE) if text(each, "identifier") == name]
    if name and not found:
        raise UnpricedError(f"its source {name} is in neither stack")
    return found[0] if name else None


def allocated_gb(instance: Recorded, stack: Stack) -> float:
    """Return the storage: a replica has its source's."""
    source = source_of(instance, stack)
    return number(source or instance, "allocatedStorage")


def _automated_backups(instance: Recorded, storage: float, stack: Stack) -> Iterator[Line]:
    stored, how = backup_gb(number(instance, "backupRetentionPeriod"), stack)
    yield Line(
        price="rds.backup",
        quantity=max(0.0, stored - storage),
        what="automated backups",
        how=f"{how}, less {storage:g} GB that the storage's price includes",
    )


def backup_gb(days: float, stack: Stack) -> tuple[float, str]:
    """Return what automated backups keep: a copy, its changes, and the write-ahead log."""
    usage = stack.usage
    months = days / MONTH_DAYS
    stored = usage.database_used_gb + months * (usage.changed_gb_per_week * WEEKS + wal_gb(stack))
    return stored, f"{stored:,.0f} GB: a copy, changed blocks and the write-ahead log of {days:g} days"


def _replicated_backups(replication: Recorded, stack: Stack) -> Iterator[Line]:
    stored, how = backup_gb(number(replication, "retentionPeriod"), stack)
    yield Line(price="rds.backup", quantity=stored, what="replicated backups", how=how)
    sent = stack.usage.changed_gb_per_week * WEEKS + wal_gb(stack)
    yield Line(
        price="transfer.regions",
        quantity=sent,
        what="replication of backups",
        how="changed blocks and the write-ahead log of a month",
        region=text(replication, "sourceDbInstanceArn").split(":")[3],
    )


def _weekly_snapshots(plan: Recorded, stack: Stack) -> Iterator[Line]:
    """Price a plan whose selection names databases; the recovery stack's plan selects nothing until its promotion."""
    selections = [
        each for each in stack.of_type("aws:backup/selection:Selection") if each.inputs.get("planId") == plan.id
    ]
    databases = sum(len(elements(selection, "resources")) for selection in selections)
    changed = stack.usage.changed_gb_per_week
    for rule in members(plan, "rules"):
        if not databases:
            continue
        stored, how = _kept(rule, stack)
        region = region_of(plan)
        yield Line(price="rds.backup", quantity=databases * stored, what="weekly snapshots", how=how)
        for copy in cast("Sequence[Mapping[str, object]]", rule.get("copyActions") or ()):
            stored, how = _kept(copy, stack)
            there = str(copy["destinationVaultArn"]).split(":")[3]
            yield Line(
                price="rds.backup", quantity=databases * stored, what="copies of snapshots", how=how, region=there
            )
            sent = f"{changed:g} GB a week"
            yield Line(
                price="transfer.regions",
                quantity=databases * changed * WEEKS,
                what="copying of snapshots",
                how=sent,
                region=region,
            )


def _kept(rule: Mapping[str, object], stack: Stack) -> tuple[float, str]:
    lifecycle = cast("Mapping[str, float]", rule.get("lifecycle") or {})
    if "deleteAfter" not in lifecycle:
        raise UnpricedError("its snapshots never end: what they cost grows without a limit")
    days = float(lifecycle["deleteAfter"])
    usage = stack.usage
    weeks = days / 7
    stored = usage.database_used_gb + (weeks - 1) * usage.changed_gb_per_week
    return stored, f"{usage.database_used_gb:g} GB and {weeks - 1:.0f} weeks × {usage.changed_gb_per_week:g} GB"


def _restore_test(selection: Recorded, stack: Stack) -> Iterator[Line]:
    """Price the instance that a weekly restore test runs until the end of its validation."""
    arns = {str(arn) for arn in elements(selection, "protectedResourceArns")}
    for instance in stack.of_type(INSTANCE):
        if str(instance.outputs.get("arn")) not in arns:
            continue
        run = RESTORE_HOURS + number(selection, "validationWindowHours", 0)
        how = f"{WEEKS:.1f} tests × {run:g} h"
        name = f"rds.postgres.single-az.{text(instance, 'instanceClass')}"
        yield Line(price=name, quantity=WEEKS * run, what="restored instances", how=how)
        storage = allocated_gb(instance, stack)
        yield Line(
            price=f"rds.storage.single-az.{text(instance, 'storageType')}",
            quantity=storage * WEEKS * run / HOURS,
            what="restored storage",
            how=f"{storage:g} GB, {how}",
        )
        yield Line(price="backup.restore-test", quantity=WEEKS, what="restore tests", how="one a week")


def _redis(group: Recorded, stack: Stack) -> Iterator[Line]:
    engine = text(group, "engine")
    shards, replicas = number(group, "numNodeGroups"), number(group, "replicasPerNodeGroup")
    nodes = shards * (1 + replicas)
    yield Line(
        price=f"elasticache.{engine}.{text(group, 'nodeType')}",
        quantity=nodes * HOURS,
        what="nodes",
        how=f"{shards:g} shards × {1 + replicas:g} nodes × {HOURS} h",
    )
    snapshots = max(0.0, number(group, "snapshotRetentionLimit", 0) - 1)
    data = stack.usage.cache_data_gb
    how = f"{snapshots:g} snapshots × {data:g} GB; the newest one is free"
    yield Line(price="elasticache.backup", quantity=snapshots * data, what="snapshots", how=how)


PRICED: Mapping[str, Pricer] = {
    INSTANCE: _instance,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": _replicated_backups,
    "aws:backup/plan:Plan": _weekly_snapshots,
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _restore_test,
    "aws:elasticache/replicationGroup:ReplicationGroup": _redis,
}
