"""FilesBucket: the files of the API's users, and their copy in the recovery region.

Sections: IAM Roles (S3ReadWriteTaskflowBucket), Backup Schedule (S3 Data), Compliance (Right to deletion). A deletion
leaves a delete marker, and the lifecycle deletes old versions after some days. S3 replicates delete markers but no
lifecycle actions, so both buckets have the lifecycle.
"""

from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.storage.buckets import Lifecycle, PrivateBucket, create_private_bucket
from components.storage.replication import Replication, Side, replicate_bucket
from settings.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class BucketOutputs:
    """Name and ARN of the bucket, the ARN of its key, and its replication if it has one."""

    name: str
    arn: str
    key_arn: pulumi.Input[str]
    replication: Replication | None = None


class FilesBucket(pulumi.ComponentResource):
    """The API's bucket; in the recovery stack, the copy that production keeps in its region."""

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
            original = self._bucket("", keys.assets)
            copies, replication = keys.copies, None
            if copies:
                copy = self._bucket("-copy", copies.assets, copies.region)
                replication = replicate_bucket(
                    name,
                    Side(bucket=original, key_arn=keys.assets, region=environment.region),
                    Side(bucket=copy, key_arn=copies.assets, region=copies.region),
                    environment=environment,
                    parent=self,
                    description="Allows S3 to replicate the API's files to the recovery region",
                )
            self.outputs = BucketOutputs(
                name=original.name, arn=original.arn, key_arn=keys.assets, replication=replication
            )
        self.register_outputs({"bucket": self.outputs.name})

    def _bucket(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> PrivateBucket:
        return create_private_bucket(
            f"{self._name_prefix}{suffix}",
            name=self._environment.bucket_name(f"files{suffix}"),
            key_arn=key_arn,
            lifecycle=Lifecycle(noncurrent_days=self._settings.old_versions),
            parent=self,
            region=region,
        )
