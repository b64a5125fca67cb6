"""FilesBucket: the files of the API's users, and their copy in the recovery region.

Sections: IAM Roles (S3ReadWriteTaskflowBucket), Backup Schedule (S3 Data), Compliance (Right to deletion). A deletion
leaves a delete marker, and the lifecycle deletes old versions after some days. S3 replicates delete markers but no
lifecycle actions, so both buckets have the lifecycle. The buckets replicate to each other: after a failover the
recovery stack writes to the copy, and a failback finds its files in the original (decision 0047).
"""

from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import CopyKeys, KeysOutputs
from components.shared.environment import Environment
from components.storage.buckets import Lifecycle, PrivateBucket, create_private_bucket
from components.storage.replication import RULE, Replication, Side, replicate_bucket
from settings.storage import Bucket

FILES = "files"


@dataclass(frozen=True, kw_only=True)
class BucketOutputs:
    """Name and ARN of the bucket, the ARN of its key, and the replication out of it if it has one."""

    name: str
    arn: str
    key_arn: pulumi.Input[str]
    replication: Replication | None = None


class FilesBucket(pulumi.ComponentResource):
    """The API's bucket and its copy; in the recovery stack, the copy that the stack `owner` keeps in its region."""

    outputs: BucketOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Bucket,
        keys: KeysOutputs,
        owner: Environment | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:storage:FilesBucket", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._keys = keys

        if settings.copy_of:
            bucket = settings.copy_of.bucket
            self.outputs = BucketOutputs(
                name=bucket,
                arn=f"arn:aws:s3:::{bucket}",
                key_arn=settings.copy_of.key,
                # The owner creates it. S3 publishes its failures in this stack's region, where this stack's alarm is.
                replication=Replication(
                    source=bucket, destination=(owner or environment).bucket_name(FILES), rule=RULE
                ),
            )
        else:
            original = Side(bucket=self._bucket("", keys.assets), key_arn=keys.assets, region=environment.region)
            self.outputs = BucketOutputs(
                name=original.bucket.name,
                arn=original.bucket.arn,
                key_arn=keys.assets,
                replication=self._replicate(original, keys.copies) if keys.copies else None,
            )
        self.register_outputs({"bucket": self.outputs.name})

    def _replicate(self, original: Side, copies: CopyKeys) -> Replication:
        """Create the copy, and the replication in both directions; return the one to the copy."""
        copy = Side(
            bucket=self._bucket("-copy", copies.assets, copies.region), key_arn=copies.assets, region=copies.region
        )
        replicate_bucket(
            f"{self._name_prefix}-copy",
            copy,
            original,
            environment=self._environment,
            parent=self,
            description="Allows S3 to replicate the API's files of the recovery region back",
        )
        return replicate_bucket(
            self._name_prefix,
            original,
            copy,
            environment=self._environment,
            parent=self,
            description="Allows S3 to replicate the API's files to the recovery region",
        )

    def _bucket(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> PrivateBucket:
        return create_private_bucket(
            f"{self._name_prefix}{suffix}",
            name=self._environment.bucket_name(f"{FILES}{suffix}"),
            key_arn=key_arn,
            lifecycle=Lifecycle(noncurrent_days=self._settings.old_versions),
            parent=self,
            region=region,
        )
