"""Rules about what is copied to the recovery region: every bucket of customers' data, with each change of it."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_set
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.readers.buckets import is_for_audit, is_for_logs, is_for_records, part_of
from policies.readers.regions import expect_region, region_of
from policies.readers.resource_types import BUCKET, BUCKET_REPLICATION
from policies.rules.storage.buckets import whole


def _replicated(stack: Stack) -> Iterator[Finding]:
    if stack.name != storage_figures.COPIED_BY:
        return
    for bucket in stack.of(BUCKET):
        is_copy = _is_there(bucket)
        # What AWS wrote down of this region isn't what customers stored.
        if is_copy or is_for_logs(bucket) or is_for_audit(bucket) or is_for_records(bucket):
            continue
        part = part_of(bucket, BUCKET_REPLICATION, stack)
        if not isinstance(part, Resource):
            lacking = violation("it isn't copied", f"a BucketReplicationConfig to {storage_figures.COPY_REGION}")
            yield Finding(resource=bucket, verdict=part or lacking)
            continue
        match part.at("rules").items():
            case Known(value=nodes) if len(nodes) == 1:
                yield from findings(part, _rule(nodes[0]))
                yield from _goes_there(part, nodes[0], stack)
            case Unknown() as unknown:
                yield Finding(resource=part, verdict=unknown)
            case _:
                yield report(part, "it hasn't one rule", "one rule for the whole bucket")


def _rule(rule: Node) -> Iterator[Verdict]:
    yield from expect(rule.at("status"), "Enabled")
    yield from whole(rule.at("filter"))
    yield from expect(rule.at("deleteMarkerReplication", "status"), "Enabled", default="Disabled")
    yield from expect(rule.at("sourceSelectionCriteria", "sseKmsEncryptedObjects", "status"), "Enabled")
    yield from expect_set(
        rule.at("destination", "encryptionConfiguration", "replicaKmsKeyId"), "the key in that region"
    )


def _goes_there(part: Resource, rule: Node, stack: Stack) -> Iterator[Finding]:
    node = rule.at("destination", "bucket")
    allowed = f"a bucket of this stack in {storage_figures.COPY_REGION}"
    match stack.refer(part, node, BUCKET):
        case Found(resource=copy):
            yield from findings(copy, expect_region(copy, storage_figures.COPY_REGION))
        case Outside(text=text):
            yield report(part, f"it copies to {text}", allowed)
        case Unknown():
            # Made from source and copy alike: the copy is the one in the other region, and the key says which.
            if not any(_is_there(other) for other in stack.of(BUCKET)):
                yield report(part, "there is no bucket to copy to", allowed)
        case _:
            yield report(part, "it copies to nowhere", allowed)


def _is_there(bucket: Resource) -> bool:
    return region_of(bucket) == Known(value=storage_figures.COPY_REGION)


RULES = (
    StackRule(
        id="storage-replicated",
        section="Backup & Recovery",
        description="What customers stored is copied to the recovery region, deletions too",
        remedy="Replicate the whole bucket, with its key and its delete markers, to a bucket of this stack there.",
        judge=_replicated,
    ),
)
