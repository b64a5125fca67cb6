"""ConfigRecorder: AWS Config writes down what exists in a region and how it changes, in a bucket of its own.

Sections: Audit Logging (Configuration changes), Data Handling. The bucket has no object lock: Config can't deliver to
one that locks by default (AWS Config's guide, Managing the Delivery Channel).
"""

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, document, through
from components.shared.service_principals import trust
from components.storage.buckets import Ending, private_bucket

SERVICE = "config.amazonaws.com"
# AWS' own list of what Config may look at, reading only: it grows with what Config learns to record.
READS = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
# Days that a deleted or replaced record can be brought back.
OLD_VERSIONS = 7


class ConfigRecorder(pulumi.ComponentResource):
    """Config's recorder with its role, its bucket and its delivery; `everywhere`: what has no region too."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        everywhere: bool,
        retention: int,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make all of it; `retention` is the days that records are kept."""
        super().__init__("taskflow:audit:ConfigRecorder", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        bucket_name = environment.bucket("config")
        bucket = private_bucket(
            name,
            name=bucket_name,
            key_arn=keys.assets,
            ending=Ending(old_versions=OLD_VERSIONS, objects=retention),
            parent=self,
        )
        role = aws.iam.Role(
            name,
            description="What Config reads the account under, and brings its records to their bucket",
            assume_role_policy=trust(SERVICE, environment=environment),
            opts=own,
        )
        reads = aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=READS, opts=own)
        delivers = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=document(
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
                    StringEquals=through("s3", environment.region),
                ),
            ),
            opts=own,
        )
        recorder = aws.cfg.Recorder(
            name,
            name=environment.name,
            role_arn=role.arn,
            recording_group=aws.cfg.RecorderRecordingGroupArgs(
                all_supported=True, include_global_resource_types=everywhere
            ),
            recording_mode=aws.cfg.RecorderRecordingModeArgs(recording_frequency="CONTINUOUS"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[reads]),
        )
        channel = aws.cfg.DeliveryChannel(
            name,
            name=environment.name,
            s3_bucket_name=bucket.bucket.id,
            s3_kms_key_arn=keys.assets,
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            # AWS writes a trial object when the channel is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder, bucket.policy, delivers]),
        )
        aws.cfg.RecorderStatus(
            name,
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        self.register_outputs({"bucket": bucket_name})
