"""AssetsBucket: the web application's files, readable by CloudFront only, and their replica in the recovery region.

Sections: CDN (origins, S3), Data Handling, Backup & Recovery. CloudFront falls back to the replica while the first
bucket's region fails, so the web application survives the loss of a region.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import allow_service
from components.storage.buckets import HardenedBucket, Lifecycle, create_bucket_policy, create_hardened_bucket
from components.storage.replication import Replication, Side, replicate_bucket


@dataclass(frozen=True, kw_only=True)
class AssetsOutputs:
    """The bucket's name; the domain names of the bucket and then its replica; the replication if there is one."""

    name: str
    domain_names: Sequence[pulumi.Output[str]]
    replication: Replication | None


class AssetsBucket(pulumi.ComponentResource):
    """The bucket for the web application's files, replicated if the keys have copies in the recovery region."""

    outputs: AssetsOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        old_versions: int,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:AssetsBucket", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._lifecycle = Lifecycle(noncurrent_days=old_versions)

        bucket = self._bucket("", keys.assets)
        self._buckets = {"": bucket}
        replication = None
        if keys.copies:
            copy = self._bucket("-copy", keys.copies.assets, keys.copies.region)
            self._buckets["-copy"] = copy
            replication = replicate_bucket(
                name,
                Side(bucket=bucket, key_arn=keys.assets, region=environment.region),
                Side(bucket=copy, key_arn=keys.copies.assets, region=keys.copies.region),
                environment=environment,
                parent=self,
                description="Allows S3 to replicate the web application's files to the recovery region",
            )
        domain_names = [each.bucket.bucket_regional_domain_name for each in self._buckets.values()]
        self.outputs = AssetsOutputs(name=bucket.name, domain_names=domain_names, replication=replication)
        self.register_outputs({"bucket": bucket.name})

    def allow_distribution(self, distribution_arn: pulumi.Output[str]) -> None:
        """Allow one distribution to read the files. It is created after the buckets, so their policies come last."""
        for suffix, bucket in self._buckets.items():
            statements = [
                allow_service(
                    "bucket",
                    "cloudfront.amazonaws.com",
                    sid=action.partition(":")[2],
                    actions=action,
                    resources=resource,
                    account=self._environment.account,
                    source_arn=distribution_arn,
                )
                for action, resource in (
                    ("s3:GetObject", f"{bucket.arn}/*"),
                    # Without it S3 answers 403 for a missing file, not 404.
                    ("s3:ListBucket", bucket.arn),
                )
            ]
            create_bucket_policy(bucket, f"{self._name_prefix}{suffix}", parent=self, statements=statements)

    def _bucket(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> HardenedBucket:
        return create_hardened_bucket(
            f"{self._name_prefix}{suffix}",
            name=self._environment.bucket_name(f"assets{suffix}"),
            key_arn=key_arn,
            lifecycle=self._lifecycle,
            parent=self,
            region=region,
        )
