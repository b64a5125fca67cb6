"""How a bucket is made here: private, encrypted, versioned, over TLS only, and with an end to what was deleted.

S3 keeps each of these as a resource of its own. The bucket's policy waits for the block on public access, because S3
refuses two changes to one bucket at the same moment. A policy that names what is made from the bucket comes after that:
`closed_bucket` makes all but the policy, `policy_of` the policy, and `private_bucket` both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.shared.iam import Statement, document, tls_only

# Days after which the parts of an upload that was never finished go.
UNFINISHED = 7


@dataclass(frozen=True, kw_only=True)
class Ending:
    """When things end: days until old versions go, and until the objects themselves do (None: never).

    `cheaper` are the storage classes that an object goes through before, each with the days until then.
    """

    old_versions: int
    objects: int | None = None
    cheaper: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class Lock:
    """How what is new is locked: S3's mode, and the days in which no version can be deleted."""

    mode: str
    days: int


@dataclass(frozen=True, kw_only=True)
class ClosedBucket:
    """A bucket with what belongs to it but its policy; `closed` and `versioning` are for what has to wait for them.

    `locked` is what a policy that forbids to change it has to wait for: of a locked bucket its lock and its lifecycle.
    """

    bucket: aws.s3.Bucket
    name: str
    arn: str
    region: str | None
    closed: aws.s3.BucketPublicAccessBlock
    versioning: aws.s3.BucketVersioning
    locked: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class PrivateBucket(ClosedBucket):
    """A bucket with all that belongs to it; `policy` is for what has to wait for it."""

    policy: aws.s3.BucketPolicy


def private_bucket(
    logical: str,
    *,
    name: str,
    key_arn: pulumi.Input[str] | None,
    ending: Ending,
    parent: pulumi.Resource,
    region: str | None = None,
    statements: Sequence[Statement] = (),
    lock: Lock | None = None,
) -> PrivateBucket:
    """Make a bucket and what belongs to it; without a key of ours S3 encrypts with its own (SSE-S3)."""
    closed = closed_bucket(logical, name=name, key_arn=key_arn, ending=ending, parent=parent, region=region, lock=lock)
    policy = policy_of(closed, logical, parent=parent, statements=statements)
    return PrivateBucket(**vars(closed), policy=policy)


def policy_of(
    closed: ClosedBucket, logical: str, *, parent: pulumi.Resource, statements: Sequence[Statement] = ()
) -> aws.s3.BucketPolicy:
    """Make a bucket's policy: over TLS only, and what `statements` say."""
    return aws.s3.BucketPolicy(
        logical,
        bucket=closed.bucket.id,
        policy=document(tls_only("s3", [closed.arn, f"{closed.arn}/*"]), *statements),
        region=closed.region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[closed.closed, *closed.locked]),
    )


def closed_bucket(
    logical: str,
    *,
    name: str,
    key_arn: pulumi.Input[str] | None,
    ending: Ending,
    parent: pulumi.Resource,
    region: str | None = None,
    lock: Lock | None = None,
) -> ClosedBucket:
    """Make a bucket and what belongs to it, but no policy yet."""
    own = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        logical,
        bucket=name,
        # Left out where there is no lock: it can only be said when a bucket is made.
        object_lock_enabled=True if lock else None,
        region=region,
        tags={"Name": name},
        opts=pulumi.ResourceOptions(parent=parent, protect=True, retain_on_delete=True),
    )
    closed = aws.s3.BucketPublicAccessBlock(
        logical,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=region,
        opts=own,
    )
    aws.s3.BucketOwnershipControls(
        logical,
        bucket=bucket.id,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        region=region,
        opts=own,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        logical, bucket=bucket.id, rules=[_encryption(key_arn)], region=region, opts=own
    )
    versioning = aws.s3.BucketVersioning(
        logical,
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        region=region,
        opts=own,
    )
    lifecycle = aws.s3.BucketLifecycleConfiguration(
        logical,
        bucket=bucket.id,
        rules=[_lifecycle(ending)],
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
    return ClosedBucket(
        bucket=bucket,
        name=name,
        arn=f"arn:aws:s3:::{name}",
        region=region,
        closed=closed,
        versioning=versioning,
        locked=(lifecycle, _locked(logical, bucket, lock, versioning, parent, region)) if lock else (),
    )


def _locked(
    logical: str,
    bucket: aws.s3.Bucket,
    lock: Lock,
    versioning: aws.s3.BucketVersioning,
    parent: pulumi.Resource,
    region: str | None,
) -> aws.s3.BucketObjectLockConfiguration:
    retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(mode=lock.mode, days=lock.days)
    return aws.s3.BucketObjectLockConfiguration(
        logical,
        bucket=bucket.id,
        rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, protect=True, depends_on=[versioning]),
    )


def _encryption(key_arn: pulumi.Input[str] | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms" if key_arn else "AES256", kms_master_key_id=key_arn
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True if key_arn else None
    )


def _lifecycle(ending: Ending) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Let old versions go, and unfinished uploads; and objects, or else the marks that deleted ones leave behind."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="ending",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=[
            aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(storage_class=class_, days=days)
            for class_, days in ending.cheaper.items()
        ]
        or None,
        expiration=(
            aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=ending.objects)
            if ending.objects
            else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)
        ),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=ending.old_versions
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UNFINISHED
        ),
    )
