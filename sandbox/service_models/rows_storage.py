"""The API operations of buckets, queues, the image registry and the audit archive. See row.py."""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import Request, Row

_LIFECYCLE: Final = "LifecycleConfiguration"

STORAGE: Mapping[str, Row] = {
    "aws:athena/workgroup:Workgroup": Request(
        service="athena", operation="CreateWorkGroup", names={"forceDestroy": None, "state": None}
    ),
    "aws:cloudtrail/trail:Trail": Request(
        service="cloudtrail",
        operation="CreateTrail",
        names={
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
            "tags": "TagsList",
            "advancedEventSelectors": "PutEventSelectors:AdvancedEventSelectors",
            "advancedEventSelectors.fieldSelectors.startsWiths": "StartsWith",
            "advancedEventSelectors.fieldSelectors.notStartsWiths": "NotStartsWith",
            "advancedEventSelectors.fieldSelectors.endsWiths": "EndsWith",
            "advancedEventSelectors.fieldSelectors.notEndsWiths": "NotEndsWith",
            "eventSelectors": "PutEventSelectors:EventSelectors",
            "insightSelectors": "PutInsightSelectors:InsightSelectors",
            "enableLogging": None,
        },
        set_by_provider=frozenset({"PutEventSelectors:TrailName"}),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Request(
        service="ecr",
        operation="PutLifecyclePolicy",
        names={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Request(
        service="ecr", operation="PutReplicationConfiguration"
    ),
    "aws:ecr/repository:Repository": Request(
        service="ecr",
        operation="CreateRepository",
        names={"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration", "forceDelete": None},
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": Request(
        service="glue",
        operation="CreateDatabase",
        names={name: f"DatabaseInput.{name[:1].upper()}{name[1:]}" for name in ("name", "description", "parameters")},
    ),
    "aws:glue/catalogTable:CatalogTable": Request(
        service="glue",
        operation="CreateTable",
        names={
            name: f"TableInput.{name[:1].upper()}{name[1:]}"
            for name in ("name", "description", "tableType", "parameters", "partitionKeys", "storageDescriptor")
        },
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Request(
        service="firehose",
        operation="CreateDeliveryStream",
        names={
            "name": "DeliveryStreamName",
            "destination": None,
            "extendedS3Configuration": "ExtendedS3DestinationConfiguration",
            "*.bufferingSize": "BufferingHints.SizeInMBs",
            "*.bufferingInterval": "BufferingHints.IntervalInSeconds",
            "*.kmsKeyArn": "EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN",
            "serverSideEncryption": "DeliveryStreamEncryptionConfigurationInput",
            "serverSideEncryption.enabled": None,
        },
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Request(
        service="s3control",
        operation="PutPublicAccessBlock",
        names={
            name: f"PublicAccessBlockConfiguration.{name[:1].upper()}{name[1:]}"
            for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        },
        # The provider's account, unless another is set.
        set_by_provider=frozenset({"AccountId"}),
    ),
    "aws:s3/bucket:Bucket": Request(
        service="s3",
        operation="CreateBucket",
        names={
            # The model lacks log-delivery-write, which S3 accepts.
            "acl": None,
            "objectLockEnabled": "ObjectLockEnabledForBucket",
            "tags": "PutBucketTagging:Tagging.TagSet",
            "forceDestroy": None,
        },
        set_by_provider=frozenset({"PutBucketTagging:Bucket"}),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Request(
        service="s3",
        operation="PutBucketLifecycleConfiguration",
        names={"rules": f"{_LIFECYCLE}.Rules"},
        omitted_if_zero=frozenset({"rules.expiration.days"}),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Request(
        service="s3",
        operation="PutObjectLockConfiguration",
        names={
            "objectLockEnabled": "ObjectLockConfiguration.ObjectLockEnabled",
            "rule": "ObjectLockConfiguration.Rule",
        },
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Request(
        service="s3", operation="PutBucketOwnershipControls", names={"rule": "OwnershipControls.Rules"}
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Request(service="s3", operation="PutBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Request(
        service="s3",
        operation="PutPublicAccessBlock",
        names={
            name: f"PublicAccessBlockConfiguration.{name[:1].upper()}{name[1:]}"
            for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        },
        # All four properties have a default.
        set_by_provider=frozenset({"PublicAccessBlockConfiguration"}),
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": Request(
        service="s3",
        operation="PutBucketReplication",
        names={"role": "ReplicationConfiguration.Role", "rules": "ReplicationConfiguration.Rules"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Request(
        service="s3", operation="PutBucketEncryption", names={"rules": "ServerSideEncryptionConfiguration.Rules"}
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Request(service="s3", operation="PutBucketVersioning"),
    "aws:sqs/queue:Queue": Request(
        service="sqs",
        operation="CreateQueue",
        names={
            "name": "QueueName",
            **{
                name: f"Attributes.{attribute}"
                for name, attribute in {
                    "contentBasedDeduplication": "ContentBasedDeduplication",
                    "delaySeconds": "DelaySeconds",
                    "fifoQueue": "FifoQueue",
                    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
                    "kmsMasterKeyId": "KmsMasterKeyId",
                    "maxMessageSize": "MaximumMessageSize",
                    "messageRetentionSeconds": "MessageRetentionPeriod",
                    "policy": "Policy",
                    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
                    "redriveAllowPolicy": "RedriveAllowPolicy",
                    "redrivePolicy": "RedrivePolicy",
                    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
                    "visibilityTimeoutSeconds": "VisibilityTimeout",
                }.items()
            },
        },
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Request(
        service="sqs", operation="SetQueueAttributes", names={"policy": "Attributes.Policy"}
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": Request(
        service="sqs", operation="SetQueueAttributes", names={"redriveAllowPolicy": "Attributes.RedriveAllowPolicy"}
    ),
}
