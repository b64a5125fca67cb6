"""What AWS answers for buckets, queues and the image registry. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

# A bucket's settings have the bucket's name as their id.
_BUCKET_SETTING = Kind(id="{in[bucket]}", has_tags=False)

STORAGE: Mapping[str, Kind] = {
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Kind(
        id="{in[repository]}", outputs={"registryId": "{account}"}, has_tags=False
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Kind(
        id="{account}", outputs={"registryId": "{account}"}, has_tags=False
    ),
    "aws:ecr/repository:Repository": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        },
        provider_defaults={"imageTagMutability": "MUTABLE"},
        autoname="name",
        autoname_max=256,
        unique="name",
        collision_error="RepositoryAlreadyExistsException: The repository with name '{name}' already exists in the "
        "registry",
        is_stateful=True,
    ),
    "aws:s3/bucket:Bucket": Kind(
        id="{name}",
        outputs={
            # Bucket names are global, so their ARNs have neither region nor account.
            "arn": "arn:aws:s3:::{name}",
            "bucketDomainName": "{name}.s3.amazonaws.com",
            "bucketRegion": "{region}",
            "bucketRegionalDomainName": "{name}.s3.{region}.amazonaws.com",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
        },
        aws_defaults={"requestPayer": "BucketOwner"},
        provider_defaults={"forceDestroy": False},
        empty_outputs=frozenset({"websiteDomain", "websiteEndpoint"}),
        autoname="bucket",
        autoname_max=63,
        unique="bucket",
        unique_scope="account",
        collision_error="BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you "
        "already own it.",
        is_stateful=True,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _BUCKET_SETTING,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Kind(
        id="{in[bucket]}", provider_defaults={"objectLockEnabled": "Enabled"}, has_tags=False
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _BUCKET_SETTING,
    "aws:s3/bucketPolicy:BucketPolicy": _BUCKET_SETTING,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _BUCKET_SETTING,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _BUCKET_SETTING,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _BUCKET_SETTING,
    "aws:s3/bucketVersioning:BucketVersioning": _BUCKET_SETTING,
    "aws:sqs/queue:Queue": Kind(
        id="https://sqs.{region}.amazonaws.com/{account}/{name}",
        outputs={
            "arn": "arn:aws:sqs:{region}:{account}:{name}",
            "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        },
        aws_defaults={"kmsDataKeyReusePeriodSeconds": 300, "sqsManagedSseEnabled": False},
        provider_defaults={
            "contentBasedDeduplication": False,
            "delaySeconds": 0,
            "fifoQueue": False,
            "messageRetentionSeconds": 345600,
            "receiveWaitTimeSeconds": 0,
            "visibilityTimeoutSeconds": 30,
        },
        autoname="name",
        autoname_max=80,
        unique="name",
        collision_error="QueueAlreadyExists: A queue already exists with the same name and a different value for "
        "attribute",
        is_stateful=True,
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Kind(id="{in[queueUrl]}", has_tags=False),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": Kind(id="{in[queueUrl]}", has_tags=False),
}
