"""FilesBucket: what the API stores for its users, and its copy in the recovery region.

Sections: IAM Roles (S3ReadWriteTaskflowBucket), Backup Schedule (S3 Data), Compliance (Right to deletion). What is
deleted leaves a mark, its versions go after some days, and both are done in the copy as well: an end is not replicated,
so each bucket has it.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.buckets import Ending, PrivateBucket, private_bucket
from components.iam import allow, document, through
from components.keys import KeysOutputs
from components.naming import Environment
from components.trust import trust
from settings.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class BucketOutputs:
    """What the neighbours need of the bucket: its name and ARN, and the ARN of its key."""

    name: str
    arn: str
    key_arn: pulumi.Input[str]


class FilesBucket(pulumi.ComponentResource):
    """The API's bucket; in the recovery region, the copy that another stack keeps there."""

    outputs: BucketOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Bucket,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:storage:FilesBucket", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._keys = keys

        if settings.copy_of:
            bucket = settings.copy_of.bucket
            self.outputs = BucketOutputs(name=bucket, arn=f"arn:aws:s3:::{bucket}", key_arn=settings.copy_of.key)
        else:
            own = self._bucket("", keys.assets)
            copies = keys.copies
            if copies:
                copy = self._bucket("-copy", copies.assets, copies.region)
                self._replication(own, copy, copies.assets, copies.region)
            self.outputs = BucketOutputs(name=own.name, arn=own.arn, key_arn=keys.assets)
        self.register_outputs({"bucket": self.outputs.name})

    def _bucket(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> PrivateBucket:
        return private_bucket(
            f"{self._name_prefix}{suffix}",
            name=self._environment.bucket(f"files{suffix}"),
            key_arn=key_arn,
            ending=Ending(old_versions=self._settings.old_versions),
            parent=self,
            region=region,
        )

    def _replication(
        self, own: PrivateBucket, copy: PrivateBucket, copy_key_arn: pulumi.Input[str], copy_region: str
    ) -> None:
        """Copy every new object and every deletion; a wrong key would fail without a word, so metrics are on."""
        role, permission = self._replication_role(own, copy, copy_key_arn, copy_region)
        enabled = "Enabled"
        destination = aws.s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=copy.bucket.arn,
            storage_class="STANDARD",
            encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=copy_key_arn
            ),
            metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(status=enabled),
        )
        aws.s3.BucketReplicationConfig(
            self._name_prefix,
            bucket=own.bucket.id,
            role=role.arn,
            rules=[
                aws.s3.BucketReplicationConfigRuleArgs(
                    id="everything",
                    status=enabled,
                    priority=0,
                    filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                    delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status=enabled
                    ),
                    source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                        sse_kms_encrypted_objects=(
                            aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                                status=enabled
                            )
                        )
                    ),
                    destination=destination,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[own.versioning, copy.versioning, permission]),
        )

    def _replication_role(
        self, own: PrivateBucket, copy: PrivateBucket, copy_key_arn: pulumi.Input[str], copy_region: str
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        environment, logical = self._environment, f"{self._name_prefix}-replication"
        role = aws.iam.Role(
            logical,
            description="Lets S3 copy the API's files to the recovery region",
            assume_role_policy=trust("s3.amazonaws.com", environment=environment, source_arn=own.arn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        context = "kms:EncryptionContext:aws:s3:arn"
        reads = ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging")
        writes = ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
        permission = aws.iam.RolePolicy(
            logical,
            role=role.id,
            policy=document(
                allow("Watch", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [own.arn]),
                allow("Read", reads, [f"{own.arn}/*"]),
                allow("Write", writes, [f"{copy.arn}/*"]),
                # With bucket keys the context is the bucket, not the object.
                allow(
                    "Decrypt",
                    ["kms:Decrypt"],
                    [self._keys.assets],
                    StringEquals={**through("s3", environment.region), context: own.arn},
                ),
                allow(
                    "Encrypt",
                    ["kms:Encrypt"],
                    [copy_key_arn],
                    StringEquals={**through("s3", copy_region), context: copy.arn},
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, permission
