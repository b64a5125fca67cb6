"""How a bucket is made here: private, encrypted, versioned, over TLS only, and with an end to what was deleted.

S3 keeps each of these as a resource of its own. The bucket's policy waits for the block on public access, because S3
refuses two changes to one bucket at the same moment. A policy that names what is made from the bucket comes after that:
`closed_bucket` makes all but the policy, `policy_of` the policy, and `private_bucket` both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import Statement, document, tls_only

# Days after which the parts of an upload that was never finished go.
UNFINISHED = 7


@dataclass(frozen=True, kw_only=True)
class Ending:
    """When things end: days until old versions go, and until the objects themselves do (None: never)."""

    old_versions: int
    objects: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClosedBucket:
    """A bucket with what belongs to it but its policy; `closed` and `versioning` are for what has to wait for them."""

    bucket: aws.s3.Bucket
    name: str
    arn: str
    region: str | None
    closed: aws.s3.BucketPublicAccessBlock
    versioning: aws.s3.BucketVersioning


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
) -> PrivateBucket:
    """Make a bucket and what belongs to it; without a key of ours S3 encrypts with its own (SSE-S3)."""
    closed = closed_bucket(logical, name=name, key_arn=key_arn, ending=ending, parent=parent, region=region)
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
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[closed.closed]),
    )


def closed_bucket(
    logical: str,
    *,
    name: str,
    key_arn: pulumi.Input[str] | None,
    ending: Ending,
    parent: pulumi.Resource,
    region: str | None = None,
) -> ClosedBucket:
    """Make a bucket and what belongs to it, but no policy yet."""
    own = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        logical,
        bucket=name,
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
    aws.s3.BucketLifecycleConfiguration(
        logical,
        bucket=bucket.id,
        rules=[_lifecycle(ending)],
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
    return ClosedBucket(
        bucket=bucket, name=name, arn=f"arn:aws:s3:::{name}", region=region, closed=closed, versioning=versioning
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
