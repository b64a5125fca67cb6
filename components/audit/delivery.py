"""Delivery of audit records from log groups to the archive.

Sections: Audit Logging (application logs), Database Access (all queries are logged and audited), Data Handling. A
subscription sends each record as it arrives, masked if the log group masks, in gzipped batches of JSON. The delivery
stream decompresses them, ends each with a newline and compresses the file: no SerDe of Athena reads more than the first
of several objects in a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement, allow, policy_document, via_service
from components.shared.log_groups import create_log_group
from components.shared.service_principals import trust_policy
from components.storage.buckets import PrivateBucket

# Firehose's expressions: the hour of arrival in UTC, and why a batch wasn't delivered (`decompression-failed`).
ARRIVAL, FAILURE = "!{timestamp:yyyy/MM/dd/HH}/", "!{firehose:error-output-type}/"
# Seconds and MiB: few large files, because S3 doesn't move files under 128 KiB to cheaper storage classes.
BUFFERING_INTERVAL, BUFFERING_SIZE = 900, 64
# With bucket keys the encryption context is the bucket, not the object.
CONTEXT = "kms:EncryptionContext:aws:s3:arn"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The destination bucket and keys of a delivery, and the days that its error log is retained."""

    environment: Environment
    bucket: PrivateBucket
    keys: KeysOutputs
    log_retention: int

    @property
    def stream(self) -> str:
        """Return the delivery stream's name."""
        return f"{self.environment.name}-audit"

    @property
    def stream_arn(self) -> str:
        """Return the delivery stream's ARN, for policies that are created before it."""
        return self.environment.arn("firehose", f"deliverystream/{self.stream}")


def archive_log_groups(
    logical: str, log_groups: Mapping[str, pulumi.Input[str]], delivery: Delivery, *, parent: pulumi.Resource
) -> None:
    """Deliver every record of the log groups to the archive. Their keys become part of the subscriptions' names."""
    child_opts = pulumi.ResourceOptions(parent=parent)
    environment = delivery.environment
    stream = _stream(f"{logical}-archive", delivery, parent)
    deliver = allow("Deliver", ["firehose:PutRecord", "firehose:PutRecordBatch"], [delivery.stream_arn])
    role = aws.iam.Role(
        f"{logical}-subscription",
        description="Allows CloudWatch Logs to send records to the delivery stream of the archive",
        assume_role_policy=trust_policy(
            "logs.amazonaws.com", environment=environment, source_arn=environment.arn("logs", "*")
        ),
        opts=child_opts,
    )
    permission = aws.iam.RolePolicy(
        f"{logical}-subscription", role=role.id, policy=policy_document(deliver), opts=child_opts
    )
    for purpose, log_group in log_groups.items():
        aws.cloudwatch.LogSubscriptionFilter(
            f"{logical}-{purpose}",
            name=f"{environment.name}-archive",
            log_group=log_group,
            # Every record: one that isn't archived is lost when its log group's retention ends.
            filter_pattern="",
            destination_arn=stream.arn,
            role_arn=role.arn,
            # CloudWatch Logs sends a test record when the subscription is created.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[permission]),
        )


def _stream(logical: str, delivery: Delivery, parent: pulumi.Resource) -> aws.kinesis.FirehoseDeliveryStream:
    environment, keys = delivery.environment, delivery.keys
    names = environment.audit_archive
    log = create_log_group(
        f"{logical}-delivery",
        name=environment.log_group_name("audit-delivery"),
        retention_in_days=delivery.log_retention,
        key_arn=keys.logs,
        parent=parent,
    )
    errors = aws.cloudwatch.LogStream(
        logical, name="errors", log_group_name=log.name, opts=pulumi.ResourceOptions(parent=parent)
    )
    role = aws.iam.Role(
        f"{logical}-delivery",
        description="Allows the delivery stream to write records to the archive",
        assume_role_policy=trust_policy("firehose.amazonaws.com", environment=environment),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    permission = aws.iam.RolePolicy(
        f"{logical}-delivery",
        role=role.id,
        policy=policy_document(*_archive_access(delivery)),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.kinesis.FirehoseDeliveryStream(
        logical,
        name=delivery.stream,
        destination="extended_s3",
        server_side_encryption=aws.kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs(
            enabled=True, key_type="CUSTOMER_MANAGED_CMK", key_arn=keys.audit
        ),
        extended_s3_configuration=aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
            bucket_arn=delivery.bucket.bucket.arn,
            role_arn=role.arn,
            kms_key_arn=keys.audit,
            prefix=f"{names.prefix}{ARRIVAL}",
            # Required with an expression in `prefix`.
            error_output_prefix=f"{names.failed}{FAILURE}{ARRIVAL}",
            buffering_interval=BUFFERING_INTERVAL,
            buffering_size=BUFFERING_SIZE,
            processing_configuration=_line_by_line(),
            compression_format="GZIP",
            file_extension=".json.gz",
            cloudwatch_logging_options=aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptionsArgs(
                enabled=True, log_group_name=log.name, log_stream_name=errors.name
            ),
        ),
        # Protected: records that it hasn't written yet would be lost.
        opts=pulumi.ResourceOptions(parent=parent, protect=True, depends_on=[permission, delivery.bucket.policy]),
    )


def _line_by_line() -> aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationArgs:
    """Return the processors that make each batch one line. Its envelope stays: the records' time and log group."""
    processor = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorArgs
    parameter = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorParameterArgs
    return aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationArgs(
        enabled=True,
        processors=[
            processor(
                type="Decompression",
                parameters=[parameter(parameter_name="CompressionFormat", parameter_value="GZIP")],
            ),
            # Without a parameter the delimiter is a newline.
            processor(type="AppendDelimiterToRecord"),
        ],
    )


def _archive_access(delivery: Delivery) -> list[Statement]:
    """Return the statements that AWS requires for delivery to S3, limited to the prefix."""
    environment, bucket = delivery.environment, delivery.bucket
    records = f"{bucket.arn}/{environment.audit_archive.prefix}*"
    log = environment.arn("logs", f"log-group:{environment.log_group_name('audit-delivery')}:log-stream:errors")
    return [
        allow("Write", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [records]),
        allow("Look", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket.arn]),
        allow(
            "Encrypt",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [delivery.keys.audit],
            StringEquals={**via_service("s3", environment.region), CONTEXT: bucket.arn},
        ),
        allow("Log", ["logs:PutLogEvents"], [log]),
    ]
