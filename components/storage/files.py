"""FilesBucket: what the API stores for its users, and its copy in the recovery region.

Sections: IAM Roles (S3ReadWriteTaskflowBucket), Backup Schedule (S3 Data), Compliance (Right to deletion). What is
deleted leaves a mark, its versions go after some days, and both are done in the copy as well: an end is not replicated,
so each bucket has it.
"""

from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.storage.buckets import Ending, PrivateBucket, private_bucket
from components.storage.replication import Replication, Side, replicated
from settings.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class BucketOutputs:
    """What the neighbours need of the bucket: its name and ARN, its key's ARN, and its replication if it has one."""

    name: str
    arn: str
    key_arn: pulumi.Input[str]
    replication: Replication | None = None


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
            copies, replication = keys.copies, None
            if copies:
                copy = self._bucket("-copy", copies.assets, copies.region)
                replication = replicated(
                    name,
                    Side(bucket=own, key_arn=keys.assets, region=environment.region),
                    Side(bucket=copy, key_arn=copies.assets, region=copies.region),
                    environment=environment,
                    parent=self,
                    description="Lets S3 copy the API's files to the recovery region",
                )
            self.outputs = BucketOutputs(name=own.name, arn=own.arn, key_arn=keys.assets, replication=replication)
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
