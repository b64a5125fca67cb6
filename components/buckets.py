"""How a bucket is made here: private, encrypted, versioned, over TLS only, and with an end to what was deleted.

S3 keeps each of these as a resource of its own. The bucket's policy waits for the block on public access, because S3
refuses two changes to one bucket at the same moment.
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
class PrivateBucket:
    """A bucket with what belongs to it; `versioning` and `policy` are for what has to wait for them."""

    bucket: aws.s3.Bucket
    name: str
    arn: str
    versioning: aws.s3.BucketVersioning
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
    own, arn = pulumi.ResourceOptions(parent=parent), f"arn:aws:s3:::{name}"
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
    policy = aws.s3.BucketPolicy(
        logical,
        bucket=bucket.id,
        policy=document(tls_only("s3", [arn, f"{arn}/*"]), *statements),
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[closed]),
    )
    return PrivateBucket(bucket=bucket, name=name, arn=arn, versioning=versioning, policy=policy)


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
