"""Rules about each bucket: private, encrypted, versioned, over TLS only, and rid of what was deleted."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_absent, expect_false, expect_true, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, StackRule, Verdict, violation
from policies.figures import storage as storage_figures
from policies.readers.buckets import is_for_audit, is_for_balancer_logs, is_for_logs, is_for_records, judged
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.resource_policies import expect_own_principals, expect_tls_only
from policies.readers.resource_types import (
    BUCKET,
    BUCKET_ENCRYPTION,
    BUCKET_LIFECYCLE,
    BUCKET_POLICY,
    BUCKET_VERSIONING,
    of_bucket,
)

ACCESS_BLOCK, OWNERSHIP = of_bucket("BucketPublicAccessBlock"), of_bucket("BucketOwnershipControls")


def _blocked(block: Resource, _bucket: Resource) -> Iterator[Verdict]:
    for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        yield from expect_true(block.at(key), default=False)


def _owned(controls: Resource, _bucket: Resource) -> Iterator[Verdict]:
    yield from expect(controls.at("rule", "objectOwnership"), "BucketOwnerEnforced")


def _encrypted(configuration: Resource, bucket: Resource) -> Iterator[Verdict]:
    for rule in _rules(configuration):
        if not isinstance(rule, Node):
            yield rule
            continue
        by_default = rule.at("applyServerSideEncryptionByDefault")
        if is_for_balancer_logs(bucket):
            yield from expect(by_default.at("sseAlgorithm"), "AES256")
        else:
            yield from expect(by_default.at("sseAlgorithm"), "aws:kms", "aws:kms:dsse")
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


def _versioned(versioning: Resource, _bucket: Resource) -> Iterator[Verdict]:
    yield from expect(versioning.at("versioningConfiguration", "status"), "Enabled")


def _ends(lifecycle: Resource, bucket: Resource) -> Iterator[Verdict]:
    """One rule for the whole bucket; others may end things earlier only where they are logs."""
    rules = list(_rules(lifecycle))
    doubts = [rule for rule in rules if not isinstance(rule, Node)]
    nodes = [rule for rule in rules if isinstance(rule, Node)]
    yield from doubts
    if not doubts and len(nodes) != 1:
        yield violation(f"there are {len(nodes)} rules", "one rule for the whole bucket")
    for rule in nodes:
        yield from expect(rule.at("status"), "Enabled")
        yield from whole(rule.at("filter"))
        yield from within(rule.at("abortIncompleteMultipartUpload", "daysAfterInitiation"), 1, 30)
        if is_for_audit(bucket):
            # How long an archive keeps what it has is another rule's: the lock holds versions beyond any days.
            continue
        yield from within(rule.at("noncurrentVersionExpiration", "noncurrentDays"), 1, storage_figures.OLD_VERSION_DAYS)
        yield from expect_absent(
            rule.at("noncurrentVersionExpiration", "newerNoncurrentVersions"), "nothing: all versions"
        )
        end = rule.at("expiration")
        if is_for_logs(bucket):
            yield from expect(end.at("days"), storage_figures.LOG_DAYS)
        elif is_for_records(bucket):
            yield from expect(end.at("days"), storage_figures.RECORD_DAYS)
        else:
            yield from expect_true(end.at("expiredObjectDeleteMarker"))
            for key in ("days", "date"):
                yield from expect_absent(end.at(key), "nothing: files stay until somebody deletes them")


def whole(where: Node) -> Iterator[Verdict]:
    """What a filter of a bucket's rule leaves out."""
    for key in ("prefix", "tag", "and", "objectSizeGreaterThan", "objectSizeLessThan"):
        node = where.at(key)
        if not isinstance(node.scalar(), Absent):
            yield from expect_absent(node, "a rule for the whole bucket")


def _tls(policy: Resource, bucket: Resource) -> Iterator[Verdict]:
    match bucket.at("bucket").text():
        case Known(value=name):
            arn = f"arn:aws:s3:::{name}"
            yield from expect_tls_only(policy.at("policy"), "s3", (arn, f"{arn}/*"))
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(
                "its bucket has no name of its own, so that nothing can be said of it", "a bucket with a name"
            )


def _kept(bucket: Resource) -> Iterator[Verdict]:
    yield from expect_false(bucket.at("forceDestroy"), default=False)
    for key in ("acl", "grants", "website", "policy"):
        yield from expect_absent(bucket.at(key), "nothing: a bucket is private, and its policy stands beside it")


RULES = (
    StackRule(
        id="storage-bucket-private",
        section="Data Handling",
        description="No bucket can be made public, by a policy or by an object's own list",
        remedy="Give the bucket a BucketPublicAccessBlock with all four.",
        judge=lambda stack: judged(ACCESS_BLOCK, stack, _blocked),
    ),
    StackRule(
        id="storage-bucket-owned",
        section="Data Handling",
        description="What is in a bucket belongs to the bucket's owner, and no object has a list of its own",
        remedy="Give the bucket BucketOwnershipControls with BucketOwnerEnforced.",
        judge=lambda stack: judged(OWNERSHIP, stack, _owned),
    ),
    StackRule(
        id="storage-bucket-encrypted",
        section="Data Handling",
        description="Buckets are encrypted with a key of one's own; a load balancer's logs, as AWS has it, by S3's",
        remedy="Set aws:kms, the key, and bucketKeyEnabled in the bucket's encryption.",
        judge=lambda stack: judged(BUCKET_ENCRYPTION, stack, _encrypted),
    ),
    StackRule(
        id="storage-bucket-versioned",
        section="Backup Schedule",
        description="Every bucket keeps versions, continuously",
        remedy="Give the bucket BucketVersioning with the status Enabled.",
        judge=lambda stack: judged(BUCKET_VERSIONING, stack, _versioned),
    ),
    StackRule(
        id="storage-deletion-final",
        section="Data Handling",
        description="What was deleted is gone within 90 days, but in a locked archive, and nothing else is taken away",
        remedy=f"Let old versions expire within {storage_figures.OLD_VERSION_DAYS} days, logs after 90, and Config's "
        "records after 2557.",
        judge=lambda stack: judged(BUCKET_LIFECYCLE, stack, _ends),
    ),
    StackRule(
        id="storage-bucket-tls",
        section="Data Handling",
        description="Every bucket refuses plain text",
        remedy="Deny s3:* on the bucket and its objects where aws:SecureTransport is false.",
        judge=lambda stack: judged(BUCKET_POLICY, stack, _tls),
    ),
    ResourceRule(
        id="storage-bucket-closed",
        section="Data Handling",
        description="A bucket's policy lets in nobody of another account, and services only for this one",
        remedy="Name this account's principals, and bind services to it as AWS documents for each.",
        types=(BUCKET_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "bucket"),
    ),
    ResourceRule(
        id="storage-bucket-kept",
        section="Backup & Recovery",
        description="A bucket isn't deleted with what is in it, and says nothing of access itself",
        remedy="Leave forceDestroy and the bucket's own access settings out.",
        types=(BUCKET,),
        judge=_kept,
    ),
)
