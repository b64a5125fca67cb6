"""ConfigRecorder: AWS Config's recorder of a region's resources and their changes, with a separate bucket.

Sections: Audit Logging (Configuration changes), Data Handling. The bucket has no object lock: Config can't deliver to a
bucket with a default retention (AWS Config Developer Guide, Managing the Delivery Channel).
"""

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, policy_document, via_service
from components.shared.service_principals import trust_policy
from components.storage.buckets import Lifecycle, create_private_bucket

SERVICE = "config.amazonaws.com"
# AWS's managed policy: read access to every resource type that Config records, extended with each new type.
READ_POLICY = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
# Days in which a deleted or replaced record can be restored.
OLD_VERSIONS = 7


class ConfigRecorder(pulumi.ComponentResource):
    """Config's recorder with its role, bucket and delivery channel."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        has_global_resources: bool,
        retention: int,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create them; `retention` is in days. One recorder of the account records its global resources."""
        super().__init__("taskflow:audit:ConfigRecorder", name, None, opts)
        child_opts = pulumi.ResourceOptions(parent=self)
        bucket_name = environment.bucket_name("config")
        bucket = create_private_bucket(
            name,
            name=bucket_name,
            key_arn=keys.assets,
            lifecycle=Lifecycle(noncurrent_days=OLD_VERSIONS, expiration_days=retention),
            parent=self,
        )
        role = aws.iam.Role(
            name,
            description="Allows Config to read the account and to deliver its records to their bucket",
            assume_role_policy=trust_policy(SERVICE, environment=environment),
            opts=child_opts,
        )
        read_access = aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=READ_POLICY, opts=child_opts)
        delivery_access = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(
                allow("Bucket", ["s3:GetBucketAcl", "s3:ListBucket"], [bucket.arn]),
                allow(
                    "Deliver",
                    ["s3:PutObject"],
                    [f"{bucket.arn}/AWSLogs/{environment.account}/Config/*"],
                    StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"},
                ),
                allow(
                    "Encrypt",
                    ["kms:Decrypt", "kms:GenerateDataKey"],
                    [keys.assets],
                    StringEquals=via_service("s3", environment.region),
                ),
            ),
            opts=child_opts,
        )
        recorder = aws.cfg.Recorder(
            name,
            name=environment.name,
            role_arn=role.arn,
            recording_group=aws.cfg.RecorderRecordingGroupArgs(
                all_supported=True, include_global_resource_types=has_global_resources
            ),
            recording_mode=aws.cfg.RecorderRecordingModeArgs(recording_frequency="CONTINUOUS"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[read_access]),
        )
        channel = aws.cfg.DeliveryChannel(
            name,
            name=environment.name,
            s3_bucket_name=bucket.bucket.id,
            s3_kms_key_arn=keys.assets,
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            # AWS writes a test object when the channel is created.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder, bucket.policy, delivery_access]),
        )
        aws.cfg.RecorderStatus(
            name,
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        self.register_outputs({"bucket": bucket_name})
