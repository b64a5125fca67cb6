"""Rules about each bucket: private, encrypted, versioned, over TLS only, and with a lifecycle for deleted objects."""

from collections.abc import Iterator

from policies.engine.expectations import (
    expect,
    expect_absent,
    expect_true,
    within,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, StackRule, Verdict, violation
from policies.figures import storage as storage_figures
from policies.readers.bucket_purposes import (
    is_for_audit,
    is_for_balancer_logs,
    is_for_logs,
    is_for_records,
    is_for_restores,
)
from policies.readers.buckets import judge_parts
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.resource_policies import expect_own_principals
from policies.readers.resource_types import (
    BUCKET_ENCRYPTION,
    BUCKET_LIFECYCLE,
    BUCKET_POLICY,
)

_KMS, _S3_MANAGED = ("aws:kms", "aws:kms:dsse"), "AES256"
_UPLOAD_DAYS = 30


def _encryption(configuration: Resource, bucket: Resource) -> Iterator[Verdict]:
    for rule in _rules(configuration):
        if not isinstance(rule, Node):
            yield rule
            continue
        by_default = rule.at("applyServerSideEncryptionByDefault")
        if is_for_balancer_logs(bucket):
            yield from expect(by_default.at("sseAlgorithm"), _S3_MANAGED)
        else:
            yield from expect(by_default.at("sseAlgorithm"), *_KMS)
            yield from expect_customer_managed_key(by_default.at("kmsMasterKeyId"))
            yield from expect_true(rule.at("bucketKeyEnabled"), default=False)


def _rules(part: Resource) -> Iterator[Node | Verdict]:
    match part.at("rules").items():
        case Known(value=nodes) if nodes:
            for node in nodes:
                yield node.value if isinstance(node.value, Unknown) else node
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("rules isn't set", "one rule for the whole bucket")


def _lifecycle(lifecycle: Resource, bucket: Resource) -> Iterator[Verdict]:
    """Require one rule for the whole bucket."""
    rules = list(_rules(lifecycle))
    verdicts = [rule for rule in rules if not isinstance(rule, Node)]
    nodes = [rule for rule in rules if isinstance(rule, Node)]
    yield from verdicts
    if not verdicts and len(nodes) != 1:
        yield violation(f"there are {len(nodes)} rules", "one rule for the whole bucket")
    for rule in nodes:
        yield from expect(rule.at("status"), "Enabled")
        yield from expect_whole_bucket(rule.at("filter"))
        yield from within(rule.at("abortIncompleteMultipartUpload", "daysAfterInitiation"), 1, _UPLOAD_DAYS)
        if is_for_audit(bucket):
            # audit-archive-ages judges the days of an archive: its lock keeps versions for longer.
            continue
        old_versions = rule.at("noncurrentVersionExpiration")
        yield from within(old_versions.at("noncurrentDays"), 1, storage_figures.OLD_VERSION_DAYS)
        yield from expect_absent(old_versions.at("newerNoncurrentVersions"), "nothing: all versions expire")
        yield from _expiration(rule.at("expiration"), bucket)


def _expiration(expiration: Node, bucket: Resource) -> Iterator[Verdict]:
    if is_for_logs(bucket):
        yield from expect(expiration.at("days"), storage_figures.LOG_DAYS)
    elif is_for_records(bucket):
        yield from expect(expiration.at("days"), storage_figures.RECORD_DAYS)
    elif is_for_restores(bucket):
        yield from expect(expiration.at("days"), storage_figures.RESTORE_DAYS)
    else:
        yield from expect_true(expiration.at("expiredObjectDeleteMarker"))
        for key in ("days", "date"):
            yield from expect_absent(expiration.at(key), "nothing: files are kept until they are deleted")


def expect_whole_bucket(scope: Node) -> Iterator[Verdict]:
    """Require a rule's filter without conditions."""
    for key in ("prefix", "tag", "and", "objectSizeGreaterThan", "objectSizeLessThan"):
        node = scope.at(key)
        if not isinstance(node.scalar(), Absent):
            yield from expect_absent(node, "a rule for the whole bucket")


RULES = (
    StackRule(
        id="storage-bucket-encrypted",
        section="Data Handling",
        description="Buckets are encrypted with a customer managed key; load balancer logs with S3's, as AWS requires",
        remedy=f"Set sseAlgorithm to {_KMS[0]}, kmsMasterKeyId to a customer managed key and bucketKeyEnabled to true; "
        f"for load balancer logs sseAlgorithm to {_S3_MANAGED}.",
        judge=lambda stack: judge_parts(BUCKET_ENCRYPTION, stack, _encryption),
        severity="high",
    ),
    StackRule(
        id="storage-deletion-final",
        section="Data Handling",
        description="Deleted objects are gone within 90 days, but for a locked archive; nothing else expires early",
        remedy=f"Expire old versions within {storage_figures.OLD_VERSION_DAYS} days, logs after "
        f"{storage_figures.LOG_DAYS}, AWS Config's records after {storage_figures.RECORD_DAYS}, lists of restored "
        f"files and exports after {storage_figures.RESTORE_DAYS}; abort uploads within {_UPLOAD_DAYS}.",
        judge=lambda stack: judge_parts(BUCKET_LIFECYCLE, stack, _lifecycle),
        severity="high",
        controls=("S3.13",),
    ),
    ResourceRule(
        id="storage-bucket-closed",
        section="Data Handling",
        description="A bucket's policy allows no principal of another account, and services for this account only",
        remedy="Name principals of this account, and limit services to it by the condition that AWS documents.",
        types=(BUCKET_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "bucket"),
        severity="critical",
        controls=("S3.6",),
    ),
)
