"""Rules about replication to the recovery region: every bucket of customers' data, deletions too."""

from collections.abc import Iterator
from itertools import chain

from policies.engine.expectations import equals, must_be_set
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.readers.buckets import is_for_audit, is_for_logs, is_for_records, is_for_restores, part_of
from policies.readers.regions import expect_region, region_of
from policies.readers.resource_types import BUCKET, BUCKET_REPLICATION
from policies.rules.storage.buckets import expect_whole_bucket

_RULE = (
    equals("status", "Enabled"),
    equals("deleteMarkerReplication.status", "Enabled", default="Disabled"),
    equals("sourceSelectionCriteria.sseKmsEncryptedObjects.status", "Enabled"),
    must_be_set("destination.encryptionConfiguration.replicaKmsKeyId", "a key in the recovery region"),
)


def _replication(stack: Stack) -> Iterator[Finding]:
    if stack.name != storage_figures.COPIED_BY:
        return
    for bucket in stack.of(BUCKET):
        is_copy = _is_in_copy_region(bucket)
        # Logs, records and lists of restored files are about this region; customers don't store them.
        if is_copy or any(is_for(bucket) for is_for in (is_for_logs, is_for_audit, is_for_records, is_for_restores)):
            continue
        part = part_of(bucket, BUCKET_REPLICATION, stack)
        if not isinstance(part, Resource):
            missing = violation("it isn't replicated", f"a BucketReplicationConfig to {storage_figures.COPY_REGION}")
            yield Finding(resource=bucket, verdict=part or missing)
            continue
        match part.at("rules").items():
            case Known(value=nodes) if len(nodes) == 1:
                yield from findings(part, _rule(nodes[0]))
                yield from _destination(part, nodes[0], stack)
            case Unknown() as unknown:
                yield Finding(resource=part, verdict=unknown)
            case _:
                yield report(part, "it hasn't exactly one rule", "one rule for the whole bucket")


def _rule(rule: Node) -> Iterator[Verdict]:
    yield from chain.from_iterable(row.judge(rule.at(*row.path)) for row in _RULE)
    yield from expect_whole_bucket(rule.at("filter"))


def _destination(part: Resource, rule: Node, stack: Stack) -> Iterator[Finding]:
    node = rule.at("destination", "bucket")
    allowed = f"a bucket of this stack in {storage_figures.COPY_REGION}"
    match stack.refer(part, node, BUCKET):
        case Found(resource=copy):
            yield from findings(copy, expect_region(copy, storage_figures.COPY_REGION))
        case Outside(text=text):
            yield report(part, f"it replicates to {text}", allowed)
        case Unknown():
            # The property depends on both buckets: the copy is the one in the recovery region.
            if not any(_is_in_copy_region(other) for other in stack.of(BUCKET)):
                yield report(part, "there is no bucket to replicate to", allowed)
        case _:
            yield report(part, f"{'.'.join(node.path)} isn't set", allowed)


def _is_in_copy_region(bucket: Resource) -> bool:
    return region_of(bucket) == Known(value=storage_figures.COPY_REGION)


RULES = (
    StackRule(
        id="storage-replicated",
        section="Backup & Recovery",
        description="Customers' files are replicated to the recovery region, deletions too",
        remedy=f"Replicate the whole bucket to a bucket of this stack in {storage_figures.COPY_REGION}: "
        f"{'; '.join(row.remedy for row in _RULE)}.",
        judge=_replication,
        severity="high",
    ),
)
