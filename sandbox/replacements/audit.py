"""Which changed properties replace a resource of the audit. replacements.py says how."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

AUDIT: Mapping[str, Replacement] = {
    "aws:cloudtrail/trail:Trail": row(
        "cloudtrail/trail.go: ForceNew on the name; bucket, key, group and selectors are UpdateTrail and "
        "PutEventSelectors",
        "name",
    ),
    "aws:cloudwatch/logStream:LogStream": row("logs/stream.go: ForceNew on both", "logGroupName", "name"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": row(
        "logs/subscription_filter.go: ForceNew; pattern, role and distribution are PutSubscriptionFilter again",
        "destinationArn", "logGroup", "name",
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": row(
        "logs/query_definition.go: no ForceNew; another name is PutQueryDefinition with the same id"
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": row(
        "firehose/delivery_stream.go: ForceNew; bucket, prefix, buffer and key are UpdateDestination and "
        "StartDeliveryStreamEncryption. Other destinations' own properties are left out here",
        "destination", "extendedS3Configuration.dynamicPartitioningConfiguration", "kinesisSourceConfiguration",
        "mskSourceConfiguration", "name",
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": row(
        "s3/bucket_object_lock_configuration.go: ForceNew, as of version 4; the rule is PutObjectLockConfiguration",
        "bucket", "expectedBucketOwner", "objectLockEnabled",
    ),
}  # fmt: skip
