"""Replacements for buckets, queues and the image registry. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

STORAGE: Mapping[str, Replacement] = {
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": row(
        "ecr/lifecycle_policy.go: ForceNew on both; it has no Update. A policy with the same meaning is no "
        "change (DiffSuppressFunc), not modelled here",
        "policy", "repository",
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": row(
        "ecr/replication_configuration.go: no ForceNew; another configuration is PutReplicationConfiguration again"
    ),
    "aws:ecr/repository:Repository": row(
        "ecr/repository.go: ForceNew; tags' mutability and scanning change in place. Naming the default encryption, "
        "AES256, or leaving it out again is no change (DiffSuppressFunc), not modelled here",
        "encryptionConfigurations", "name",
    ),
    "aws:s3/bucket:Bucket": row(
        "s3/bucket.go: ForceNew, as of version 5; bucketNamespace, which is newer, by its pull request, 46917",
        "bucketNamespace", "objectLockConfiguration.objectLockEnabled",
        unless_removed=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": row(
        "s3/bucket_lifecycle_configuration.go: RequiresReplace, before expectedBucketOwner was deprecated",
        "bucket",
        unless_removed=frozenset({"expectedBucketOwner"}),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": row(
        "s3/bucket_object_lock_configuration.go: ForceNew, as of version 4; the rule is PutObjectLockConfiguration",
        "bucket", "expectedBucketOwner", "objectLockEnabled",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": row(
        "s3/bucket_ownership_controls.go: ForceNew, as of version 5; another rule changes in place", "bucket"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": row(
        "s3/bucket_policy.go: ForceNew; another policy is PutBucketPolicy again", "bucket"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": row(
        "s3/bucket_public_access_block.go: ForceNew; the four settings change in place", "bucket"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": row(
        "s3/bucket_replication_configuration.go: ForceNew, as of version 5; role and rules change in place", "bucket"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": row(
        "s3/bucket_server_side_encryption_configuration.go: ForceNew, and CustomizeDiff for expectedBucketOwner: "
        "setting the account's own id for the first time is in place, not modelled here",
        "bucket", "expectedBucketOwner",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": row(
        "s3/bucket_versioning.go: ForceNew, as of version 5, before expectedBucketOwner was deprecated; CustomizeDiff "
        "rejects Disabled once it was Enabled",
        "bucket", "expectedBucketOwner",
    ),
    "aws:sqs/queue:Queue": row(
        "sqs/queue.go: ForceNew; keys, times, policies and redrive change in place",
        "fifoQueue",
        unless_removed=frozenset({"name", "namePrefix"}),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": row(
        "sqs/queue_policy.go: ForceNew; another policy is SetQueueAttributes again", "queueUrl"
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": row(
        "sqs/queue_redrive_allow_policy.go: ForceNew, as of version 5; another policy is SetQueueAttributes again",
        "queueUrl",
    ),
}  # fmt: skip
