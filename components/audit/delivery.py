"""Records that people's doings leave in log groups, on their way to the archive.

Sections: Audit Logging (application logs), Database Access (all queries are logged and audited), Data Handling.
CloudWatch Logs hands each record on as it comes, masked where a group masks, and packed: a batch of records is JSON,
compressed by itself. A delivery stream puts such batches one behind the other, which is one gzip file again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement, allow, document, through
from components.shared.log_groups import log_group
from components.shared.service_principals import trust
from components.storage.buckets import PrivateBucket

# Below it the records stand in the archive, by the hour in which they came.
PREFIX = "records/"
# Seconds and MiB after which what has come is written: rather few large files than many small ones, which S3 doesn't
# move to cheaper classes (under 128 KiB).
INTERVAL, SIZE = 900, 64
# With bucket keys the encryption context is the bucket, not the object.
CONTEXT = "kms:EncryptionContext:aws:s3:arn"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What records are delivered with: to which bucket, under which keys, and how long its own log is kept."""

    environment: Environment
    bucket: PrivateBucket
    keys: KeysOutputs
    retention: int

    @property
    def stream(self) -> str:
        """Give the delivery stream's name."""
        return f"{self.environment.name}-audit"

    @property
    def stream_arn(self) -> str:
        """Give its ARN, which roles name before it is."""
        return self.environment.arn("firehose", f"deliverystream/{self.stream}")


def delivered(
    logical: str, groups: Mapping[str, pulumi.Input[str]], wanted: Delivery, *, parent: pulumi.Resource
) -> None:
    """Archive every record of these log groups, given by short names of their own."""
    own = pulumi.ResourceOptions(parent=parent)
    environment = wanted.environment
    stream = _stream(f"{logical}-archive", wanted, parent)
    deliver = allow("Deliver", ["firehose:PutRecord", "firehose:PutRecordBatch"], [wanted.stream_arn])
    role = aws.iam.Role(
        f"{logical}-subscription",
        description="Lets CloudWatch Logs hand records to the delivery stream of the archive",
        assume_role_policy=trust(
            "logs.amazonaws.com", environment=environment, source_arn=environment.arn("logs", "*")
        ),
        opts=own,
    )
    permission = aws.iam.RolePolicy(
        f"{logical}-subscription",
        role=role.id,
        policy=document(deliver),
        opts=own,
    )
    for purpose, group in groups.items():
        aws.cloudwatch.LogSubscriptionFilter(
            f"{logical}-{purpose}",
            name=f"{environment.name}-archive",
            log_group=group,
            # Everything: what is left out here is gone with the log group's days.
            filter_pattern="",
            destination_arn=stream.arn,
            role_arn=role.arn,
            # CloudWatch tries the way when the subscription is made.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[permission]),
        )


def _stream(logical: str, wanted: Delivery, parent: pulumi.Resource) -> aws.kinesis.FirehoseDeliveryStream:
    environment, keys = wanted.environment, wanted.keys
    log = log_group(
        f"{logical}-delivery",
        name=environment.log_group("audit-delivery"),
        retention_in_days=wanted.retention,
        key_arn=keys.logs,
        parent=parent,
    )
    errors = aws.cloudwatch.LogStream(
        logical, name="errors", log_group_name=log.name, opts=pulumi.ResourceOptions(parent=parent)
    )
    role = aws.iam.Role(
        f"{logical}-delivery",
        description="Lets the delivery stream write records to the archive",
        assume_role_policy=trust("firehose.amazonaws.com", environment=environment),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    permission = aws.iam.RolePolicy(
        f"{logical}-delivery",
        role=role.id,
        policy=document(*_writes(wanted)),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.kinesis.FirehoseDeliveryStream(
        logical,
        name=wanted.stream,
        destination="extended_s3",
        server_side_encryption=aws.kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs(
            enabled=True, key_type="CUSTOMER_MANAGED_CMK", key_arn=keys.audit
        ),
        extended_s3_configuration=aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
            bucket_arn=wanted.bucket.bucket.arn,
            role_arn=role.arn,
            kms_key_arn=keys.audit,
            prefix=PREFIX,
            buffering_interval=INTERVAL,
            buffering_size=SIZE,
            # It comes compressed.
            compression_format="UNCOMPRESSED",
            file_extension=".json.gz",
            cloudwatch_logging_options=aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptionsArgs(
                enabled=True, log_group_name=log.name, log_stream_name=errors.name
            ),
        ),
        # What it hasn't yet written would go with it.
        opts=pulumi.ResourceOptions(parent=parent, protect=True, depends_on=[permission, wanted.bucket.policy]),
    )


def _writes(wanted: Delivery) -> list[Statement]:
    """Give what AWS asks for a delivery to S3, below the prefix alone."""
    environment, bucket = wanted.environment, wanted.bucket
    log = environment.arn("logs", f"log-group:{environment.log_group('audit-delivery')}:log-stream:errors")
    return [
        allow("Write", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [f"{bucket.arn}/{PREFIX}*"]),
        allow("Look", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket.arn]),
        allow(
            "Encrypt",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [wanted.keys.audit],
            StringEquals={**through("s3", environment.region), CONTEXT: bucket.arn},
        ),
        allow("Log", ["logs:PutLogEvents"], [log]),
    ]
