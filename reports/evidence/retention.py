"""Retention: how long each store keeps its data, what locks it, and where the figure comes from."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from reports.conformance.evaluate import property_of
from reports.evidence.encryption import Stack
from reports.evidence.source import Source
from reports.markdown import short_type, table
from reports.states import Recorded

# What is kept and how long, the lock, and where the figure comes from.
Kept: TypeAlias = tuple[str, str, str]
HEAD = """\
# Retention
How long each store keeps its data, what keeps it from being deleted earlier, and where the figure comes from: the
section of the document, the setting, and the decision with the reasons. *Protected*: Pulumi refuses to delete the
store.
"""
_SCHEDULE = "Backup Schedule"
_DELETION = "Data Handling, right to deletion: gone within 90 days"
# Buckets by the beginning of their names: where the figure comes from.
_BUCKETS: Mapping[str, str] = {
    "audit-archive": "Data Handling, 7 years; `audit.archive.retention`; 0022",
    "baseline-config": "Data Handling, 7 years; 0024",
    "edge-assets": f"{_DELETION}; `cloudfront.oldVersions`; 0017",
    "edge-logs": f"{_SCHEDULE}, 90 days; `cloudfront.logRetention`",
    "files": f"{_DELETION}; `storage.bucket.oldVersions`; 0017",
    "origin-logs": f"{_SCHEDULE}, 90 days; `loadBalancer.logRetention`",
    "restores": "reports of restores, and exports until they are fetched; 0042, 0048",
}


def page(sources: Sequence[Source]) -> str:
    """Return the page."""
    lines = [HEAD]
    for source in sources:
        lines += [f"\n## {source.stack}\n", *_stack(Stack(source.state, {}))]
    return "\n".join(lines) + "\n"


def _stack(stack: Stack) -> Iterator[str]:
    stores = [each for each in stack.state.resources if each.type in STORES]
    rows = [
        (short_type(each.type), f"`{each.name}`", *STORES[each.type](stack, each))
        for each in sorted(stores, key=lambda each: (each.type, each.name))
    ]
    yield from table(("Store", "Name", "Keeps", "Lock", "From"), rows)


def _log_group(_: Stack, each: Recorded) -> Kept:
    days = each.inputs.get("retentionInDays")
    return f"{days} days" if days else "**no end**", _kept_by_pulumi(each), f"{_SCHEDULE}, 90 days"


def _database(_: Stack, each: Recorded) -> Kept:
    days = each.inputs.get("backupRetentionPeriod")
    keeps = f"daily backups: {days} days" if days else "no backups: its source has them"
    lock = ["deletion protection" if each.inputs.get("deletionProtection") else "**no deletion protection**"]
    lock += [] if each.inputs.get("skipFinalSnapshot") else ["final snapshot"]
    return keeps, ", ".join(lock), f"{_SCHEDULE}, 30 days; `rds.backupRetention`"


def _replicated_backups(_: Stack, each: Recorded) -> Kept:
    days = each.inputs.get("retentionPeriod")
    return f"copies of daily backups: {days} days", _kept_by_pulumi(each), "`backup.recovery.automatedRetention`; 0011"


def _plan(_: Stack, each: Recorded) -> Kept:
    days = property_of(each, "rules.0.lifecycle.deleteAfter")
    copy = property_of(each, "rules.0.copyActions.0.lifecycle.deleteAfter")
    keeps = f"weekly snapshots: {days} days" + (f"; copies: {copy} days" if copy else "")
    return keeps, "that of the vault", f"{_SCHEDULE}, 90 days; `backup.weeklySnapshot.retention`; 0011"


def _vault(stack: Stack, each: Recorded) -> Kept:
    name, region = each.inputs.get("name"), each.inputs.get("region")
    lock = stack.beside("aws:backup/vaultLockConfiguration:VaultLockConfiguration", backupVaultName=name, region=region)
    if lock is None:
        return "snapshots, as their plan says", "**no lock**", "`backup.vaultLock`; 0011"
    least, most = lock.inputs.get("minRetentionDays"), lock.inputs.get("maxRetentionDays")
    mode = "compliance" if lock.inputs.get("changeableForDays") else "governance"
    source = f"{_SCHEDULE}, 90 days; `backup.vaultLock`; 0011"
    return f"snapshots: {least} to {most} days", f"vault lock, {mode} mode", source


def _cache(_: Stack, each: Recorded) -> Kept:
    days = each.inputs.get("snapshotRetentionLimit")
    return f"daily snapshots: {days} days", "final snapshot", f"{_SCHEDULE}, 7 days; `elasticache.snapshotRetention`"


def _bucket(stack: Stack, each: Recorded) -> Kept:
    name = each.inputs.get("bucket")
    lifecycle = stack.beside("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", bucket=name)
    lock = stack.beside("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", bucket=name)
    at = "rule.defaultRetention"
    mode = property_of(lock, f"{at}.mode") if lock else None
    days = property_of(lock, f"{at}.days") if lock else None
    locked = f"object lock, {str(mode).lower()} mode, {days} days" if mode else _kept_by_pulumi(each)
    source = next((text for start, text in _BUCKETS.items() if each.name.startswith(start)), "")
    return "; ".join(_ends(lifecycle)) or "**no end**", locked, source


def _ends(lifecycle: Recorded | None) -> Iterator[str]:
    """Return when objects and their old versions end, rule by rule."""
    rules = cast("Sequence[Mapping[str, object]]", lifecycle.inputs.get("rules") or ()) if lifecycle else ()
    for number in range(len(rules)):
        at = f"rules.{number}"
        days = property_of(cast("Recorded", lifecycle), f"{at}.expiration.days")
        old = property_of(cast("Recorded", lifecycle), f"{at}.noncurrentVersionExpiration.noncurrentDays")
        yield f"objects: {days} days" if days else "objects: until they are deleted"
        if old:
            yield f"old versions: {old} day{'' if old == 1 else 's'}"


def _queue(_: Stack, each: Recorded) -> Kept:
    seconds = each.inputs.get("messageRetentionSeconds")
    days = int(float(str(seconds))) // 86400 if seconds else None
    return f"messages: {days} days" if days else "**not set**", "none", "`storage.queue.retention`; 0017"


def _repository(stack: Stack, each: Recorded) -> Kept:
    policy = stack.beside(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        repository=each.inputs.get("name"),
        region=each.inputs.get("region"),
    )
    rules = cast("Sequence[Mapping[str, object]]", json.loads(str(policy.inputs["policy"]))["rules"]) if policy else ()
    selections = [cast("Mapping[str, object]", rule["selection"]) for rule in rules]
    days = [str(each["countNumber"]) for each in selections if each.get("countUnit") == "days"]
    keeps = f"releases: no end; builds that were never released: {', '.join(days)} days" if days else "images: no end"
    return keeps, _kept_by_pulumi(each), "`storage.registry.buildRetention`; 0017"


def _secret(_: Stack, each: Recorded) -> Kept:
    days = each.inputs.get("recoveryWindowInDays")
    return "until it is deleted", f"a deletion can be cancelled for {days} days", "rule credentials-recovery"


def _kept_by_pulumi(each: Recorded) -> str:
    return "protected" if each.is_protected else "none"


STORES: Mapping[str, Callable[[Stack, Recorded], Kept]] = {
    "aws:backup/plan:Plan": _plan,
    "aws:backup/vault:Vault": _vault,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ecr/repository:Repository": _repository,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:rds/instance:Instance": _database,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": _replicated_backups,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:sqs/queue:Queue": _queue,
}
