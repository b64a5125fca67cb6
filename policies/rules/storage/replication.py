"""Rules about replication between the regions: every bucket of customers' data, deletions too.

Production's buckets are replicated to the recovery region. The copies that the recovery stack writes to are replicated
back, so that a failback finds what was stored there.
"""

from collections.abc import Iterator
from itertools import chain

from policies.engine.expectations import equals, must_be_set
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.figures.common import STACKS
from policies.readers.bucket_purposes import (
    is_copy_of_assets,
    is_for_audit,
    is_for_logs,
    is_for_records,
    is_for_restores,
)
from policies.readers.buckets import part_of
from policies.readers.regions import expect_region, region_of
from policies.readers.resource_types import BUCKET, BUCKET_REPLICATION
from policies.rules.storage.buckets import expect_whole_bucket

_RULE = (
    equals("id", storage_figures.REPLICATION_RULE),
    equals("status", "Enabled"),
    equals("deleteMarkerReplication.status", "Enabled", default="Disabled"),
    equals("sourceSelectionCriteria.sseKmsEncryptedObjects.status", "Enabled"),
    must_be_set("destination.encryptionConfiguration.replicaKmsKeyId", "a key in the destination's region"),
    equals("destination.metrics.status", "Enabled", default="Disabled"),
)
# Logs, records and lists of restored files are about their region; customers don't store them. Nothing but the
# replication writes to the copies of static assets.
_EXEMPT = (is_for_logs, is_for_audit, is_for_records, is_for_restores, is_copy_of_assets)
_COUNTERPARTS = {
    storage_figures.WRITTEN_ORIGINAL: storage_figures.WRITTEN_COPY,
    storage_figures.WRITTEN_COPY: storage_figures.WRITTEN_ORIGINAL,
}


def _replication(stack: Stack) -> Iterator[Finding]:
    if stack.name != storage_figures.COPIED_BY:
        return
    for bucket in stack.of(BUCKET):
        if any(is_exempt(bucket) for is_exempt in _EXEMPT):
            continue
        part = part_of(bucket, BUCKET_REPLICATION, stack)
        if not isinstance(part, Resource):
            missing = violation("it isn't replicated", f"a BucketReplicationConfig to {_destination_region(bucket)}")
            yield Finding(resource=bucket, verdict=part or missing)
            continue
        match part.at("rules").items():
            case Known(value=nodes) if len(nodes) == 1:
                yield from findings(part, _rule(nodes[0]))
                yield from _destination(bucket, part, nodes[0], stack)
            case Unknown() as unknown:
                yield Finding(resource=part, verdict=unknown)
            case _:
                yield report(part, "it hasn't exactly one rule", "one rule for the whole bucket")


def _rule(rule: Node) -> Iterator[Verdict]:
    yield from chain.from_iterable(row.judge(rule.at(*row.path)) for row in _RULE)
    yield from expect_whole_bucket(rule.at("filter"))


def _destination(bucket: Resource, part: Resource, rule: Node, stack: Stack) -> Iterator[Finding]:
    node, region = rule.at("destination", "bucket"), _destination_region(bucket)
    allowed = f"a bucket of this stack in {region}"
    match stack.refer(part, node, BUCKET):
        case Found(resource=other):
            yield from findings(other, expect_region(other, region))
            counterpart = _COUNTERPARTS.get(_name(bucket))
            if counterpart and _name(other) != counterpart:
                yield report(part, f"it replicates to {other.name}", counterpart)
        case Outside(text=text):
            yield report(part, f"it replicates to {text}", allowed)
        case Unknown():
            # The property depends on both buckets: the destination is the one in the other region.
            if not any(region_of(other) == Known(value=region) for other in stack.of(BUCKET)):
                yield report(part, "there is no bucket to replicate to", allowed)
        case _:
            yield report(part, f"{'.'.join(node.path)} isn't set", allowed)


def _name(bucket: Resource) -> str:
    fact = bucket.at("bucket").text()
    return fact.value if isinstance(fact, Known) else ""


def _is_copy(bucket: Resource) -> bool:
    return region_of(bucket) == Known(value=storage_figures.COPY_REGION)


def _destination_region(bucket: Resource) -> str:
    return STACKS[storage_figures.COPIED_BY].region if _is_copy(bucket) else storage_figures.COPY_REGION


RULES = (
    StackRule(
        id="storage-replicated",
        section="Backup & Recovery",
        description="Customers' files are replicated to the recovery region and back, deletions too",
        remedy=f"Replicate the whole bucket to a bucket of this stack in {storage_figures.COPY_REGION}, and a copy "
        "that the recovery stack writes to back to its original: "
        f"{'; '.join(row.remedy for row in _RULE)}.",
        judge=_replication,
        severity="high",
    ),
)
