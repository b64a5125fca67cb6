"""Buckets: private, encrypted, versioned, over TLS only, and with a lifecycle for deleted objects.

Each setting of a bucket is a separate resource. The bucket policy waits for the public access block, because S3 rejects
concurrent changes to one bucket. A policy may name a resource that needs the bucket, hence three functions:
`create_hardened_bucket` creates all but the policy, `create_bucket_policy` the policy, `create_private_bucket` both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.shared.iam import Statement, policy_document, require_tls

# Days until the parts of an incomplete upload are deleted.
INCOMPLETE_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Days until noncurrent versions are deleted, and until objects expire (None: never).

    `transitions` are the days until an object moves to a storage class, by class.
    """

    noncurrent_days: int
    expiration_days: int | None = None
    transitions: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """The default object lock of new versions: S3's mode, and the days in which no version can be deleted."""

    mode: str
    days: int


@dataclass(frozen=True, kw_only=True)
class HardenedBucket:
    """A bucket and its settings except the policy; other resources depend on some of the settings.

    `locked` are lifecycle and object lock of a locked bucket: a policy that forbids changes to them is created after.
    """

    bucket: aws.s3.Bucket
    name: str
    arn: str
    region: str | None
    public_access_block: aws.s3.BucketPublicAccessBlock
    versioning: aws.s3.BucketVersioning
    locked: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class PrivateBucket(HardenedBucket):
    """A bucket and all its settings; other resources depend on the policy."""

    policy: aws.s3.BucketPolicy


def create_private_bucket(
    logical: str,
    *,
    name: str,
    key_arn: pulumi.Input[str] | None,
    lifecycle: Lifecycle,
    parent: pulumi.Resource,
    region: str | None = None,
    statements: Sequence[Statement] = (),
    lock: ObjectLock | None = None,
) -> PrivateBucket:
    """Create a bucket and its settings. Without a customer managed key, S3 encrypts with its own (SSE-S3)."""
    bucket = create_hardened_bucket(
        logical, name=name, key_arn=key_arn, lifecycle=lifecycle, parent=parent, region=region, lock=lock
    )
    policy = create_bucket_policy(bucket, logical, parent=parent, statements=statements)
    return PrivateBucket(**vars(bucket), policy=policy)


def create_bucket_policy(
    bucket: HardenedBucket, logical: str, *, parent: pulumi.Resource, statements: Sequence[Statement] = ()
) -> aws.s3.BucketPolicy:
    """Create a bucket policy: TLS is required, plus `statements`."""
    return aws.s3.BucketPolicy(
        logical,
        bucket=bucket.bucket.id,
        policy=policy_document(require_tls("s3", [bucket.arn, f"{bucket.arn}/*"]), *statements),
        region=bucket.region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[bucket.public_access_block, *bucket.locked]),
    )


def create_hardened_bucket(
    logical: str,
    *,
    name: str,
    key_arn: pulumi.Input[str] | None,
    lifecycle: Lifecycle,
    parent: pulumi.Resource,
    region: str | None = None,
    lock: ObjectLock | None = None,
) -> HardenedBucket:
    """Create a bucket and its settings, except the policy."""
    child_opts = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        logical,
        bucket=name,
        # Omitted without a lock: S3 accepts it only when a bucket is created.
        object_lock_enabled=True if lock else None,
        region=region,
        tags={"Name": name},
        opts=pulumi.ResourceOptions(parent=parent, protect=True, retain_on_delete=True),
    )
    public_access_block = _restrict_access(logical, bucket, child_opts, region)
    _encrypt(logical, bucket, key_arn, child_opts, region)
    versioning = aws.s3.BucketVersioning(
        logical,
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        region=region,
        opts=child_opts,
    )
    lifecycle_configuration = aws.s3.BucketLifecycleConfiguration(
        logical,
        bucket=bucket.id,
        rules=[_lifecycle_rule(lifecycle)],
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
    return HardenedBucket(
        bucket=bucket,
        name=name,
        arn=f"arn:aws:s3:::{name}",
        region=region,
        public_access_block=public_access_block,
        versioning=versioning,
        locked=(
            (lifecycle_configuration, _object_lock(logical, bucket, lock, versioning, parent, region)) if lock else ()
        ),
    )


def _restrict_access(
    logical: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions, region: str | None
) -> aws.s3.BucketPublicAccessBlock:
    """Block public access and disable ACLs; return the block."""
    block = aws.s3.BucketPublicAccessBlock(
        logical,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=region,
        opts=opts,
    )
    aws.s3.BucketOwnershipControls(
        logical,
        bucket=bucket.id,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        region=region,
        opts=opts,
    )
    return block


def _object_lock(
    logical: str,
    bucket: aws.s3.Bucket,
    lock: ObjectLock,
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


def _encrypt(
    logical: str,
    bucket: aws.s3.Bucket,
    key_arn: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
    region: str | None,
) -> None:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms" if key_arn else "AES256", kms_master_key_id=key_arn
    )
    rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True if key_arn else None
    )
    aws.s3.BucketServerSideEncryptionConfiguration(logical, bucket=bucket.id, rules=[rule], region=region, opts=opts)


def _lifecycle_rule(lifecycle: Lifecycle) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Delete noncurrent versions, incomplete uploads, and either expired objects or expired delete markers."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="ending",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=[
            aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(storage_class=class_, days=days)
            for class_, days in lifecycle.transitions.items()
        ]
        or None,
        expiration=(
            aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=lifecycle.expiration_days)
            if lifecycle.expiration_days
            else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)
        ),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=lifecycle.noncurrent_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=INCOMPLETE_UPLOAD_DAYS
        ),
    )
