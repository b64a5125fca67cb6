"""AssetsBucket: the web application's files, which nobody but CloudFront reads, and their copy for its second try.

Sections: CDN (origins, S3), Data Handling, Backup & Recovery. CloudFront reads the copy in the other region whenever
the first bucket's region fails it, so that the web application outlives it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import let_in
from components.storage.buckets import ClosedBucket, Ending, closed_bucket, policy_of
from components.storage.replication import Replication, Side, replicated


@dataclass(frozen=True, kw_only=True)
class AssetsOutputs:
    """The bucket's name, and the hosts at which CloudFront finds the files: the bucket's, then its copy's.

    `replication` where there is a copy.
    """

    name: str
    hosts: Sequence[pulumi.Output[str]]
    replication: Replication | None


class AssetsBucket(pulumi.ComponentResource):
    """The bucket of the web application's files; with a copy where the keys have copies."""

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
        self._ending = Ending(old_versions=old_versions)

        own = self._bucket("", keys.assets)
        self._buckets = {"": own}
        replication = None
        if keys.copies:
            copy = self._bucket("-copy", keys.copies.assets, keys.copies.region)
            self._buckets["-copy"] = copy
            replication = replicated(
                name,
                Side(bucket=own, key_arn=keys.assets, region=environment.region),
                Side(bucket=copy, key_arn=keys.copies.assets, region=keys.copies.region),
                environment=environment,
                parent=self,
                description="Lets S3 copy the web application's files to the recovery region",
            )
        hosts = [bucket.bucket.bucket_regional_domain_name for bucket in self._buckets.values()]
        self.outputs = AssetsOutputs(name=own.name, hosts=hosts, replication=replication)
        self.register_outputs({"bucket": own.name})

    def let_in(self, distribution_arn: pulumi.Output[str]) -> None:
        """Let one distribution read the files, and nobody else: it is made after the buckets, so this comes last."""
        for suffix, bucket in self._buckets.items():
            statements = [
                let_in(
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
                    # Without it S3 answers 403 for a file that isn't there, and not 404.
                    ("s3:ListBucket", bucket.arn),
                )
            ]
            policy_of(bucket, f"{self._name_prefix}{suffix}", parent=self, statements=statements)

    def _bucket(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> ClosedBucket:
        return closed_bucket(
            f"{self._name_prefix}{suffix}",
            name=self._environment.bucket(f"assets{suffix}"),
            key_arn=key_arn,
            ending=self._ending,
            parent=self,
            region=region,
        )
