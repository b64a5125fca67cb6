"""Rules about each bucket: private, versioned, over TLS only, and kept with its objects."""

from collections.abc import Iterator

from policies.engine.expectations import equals, is_false, is_true, must_be_absent, property_rule
from policies.engine.facts import Absent, Known, Resource, Unknown
from policies.engine.rule import StackRule, Verdict, violation
from policies.readers.buckets import judge_parts
from policies.readers.resource_types import BUCKET, BUCKET_POLICY, BUCKET_VERSIONING, of_bucket
from policies.readers.tls_only import expect_tls_only

ACCESS_BLOCK, OWNERSHIP = of_bucket("BucketPublicAccessBlock"), of_bucket("BucketOwnershipControls")
_BLOCKS = tuple(
    is_true(key, default=False)
    for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
)
_OWNER = equals("rule.objectOwnership", "BucketOwnerEnforced")
_VERSIONS = equals("versioningConfiguration.status", "Enabled")
_SEPARATE_POLICY = "a bucket is private, and has its policy in a BucketPolicy"


def _public_access_block(block: Resource, _bucket: Resource) -> Iterator[Verdict]:
    for row in _BLOCKS:
        yield from row.verdicts(block)


def _tls(policy: Resource, bucket: Resource) -> Iterator[Verdict]:
    match bucket.at("bucket").text():
        case Known(value=name):
            arn = f"arn:aws:s3:::{name}"
            yield from expect_tls_only(policy.at("policy"), "s3", (arn, f"{arn}/*"))
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("its bucket has no name, so its policy can't be judged", "a bucket with a name")


RULES = (
    StackRule(
        id="storage-bucket-private",
        section="Data Handling",
        description="No bucket can be made public, neither by a policy nor by an ACL",
        remedy=f"Add a BucketPublicAccessBlock: {'; '.join(row.remedy for row in _BLOCKS)}.",
        judge=lambda stack: judge_parts(ACCESS_BLOCK, stack, _public_access_block),
        severity="critical",
        controls=("S3.2", "S3.3", "S3.8", "CIS 2.1.4"),
    ),
    StackRule(
        id="storage-bucket-owned",
        section="Data Handling",
        description="The bucket's owner owns every object, and objects have no ACLs",
        remedy=f"Add BucketOwnershipControls: {_OWNER.remedy}.",
        judge=lambda stack: judge_parts(OWNERSHIP, stack, lambda controls, _bucket: _OWNER.verdicts(controls)),
        severity="high",
        controls=("S3.12",),
    ),
    StackRule(
        id="storage-bucket-versioned",
        section="Backup Schedule",
        description="Every bucket is versioned, continuously",
        remedy=f"Add a BucketVersioning: {_VERSIONS.remedy}.",
        judge=lambda stack: judge_parts(
            BUCKET_VERSIONING, stack, lambda versions, _bucket: _VERSIONS.verdicts(versions)
        ),
        severity="critical",
    ),
    StackRule(
        id="storage-bucket-tls",
        section="Data Handling",
        description="Every bucket rejects requests without TLS",
        remedy="Deny s3:* on the bucket and its objects where aws:SecureTransport is false.",
        judge=lambda stack: judge_parts(BUCKET_POLICY, stack, _tls),
        severity="high",
        controls=("S3.5", "CIS 2.1.1"),
    ),
    property_rule(
        "storage-bucket-kept",
        section="Backup & Recovery",
        description="A bucket isn't deleted with its objects, and sets no access by itself",
        types=BUCKET,
        rows=(
            is_false("forceDestroy", default=False),
            *(must_be_absent(key, _SEPARATE_POLICY) for key in ("acl", "grants", "website", "policy")),
        ),
        severity="critical",
        controls=("S3.12",),
    ),
)
