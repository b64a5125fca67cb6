"""ImageRegistry: the container images of releases, in the stack's region and in the recovery region.

Section: Deployment Commands. Tags are immutable. Released images (v…) are kept forever, and so are untagged ones: the
images that make up a multi-architecture image have no tags. ECR replicates only images pushed after replication is
configured. The destination repository is created first, otherwise ECR creates it with default settings.
"""

import json

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import CopyKeys, KeysOutputs
from components.shared.environment import Environment
from settings.storage import Registry

# More images than a repository can hold: the rule expires nothing, but protects its images from later rules.
UNREACHABLE_COUNT = 100_000


class ImageRegistry(pulumi.ComponentResource):
    """An image repository, and its replica if the stack keeps copies in the recovery region."""

    repository_url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Registry,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:storage:ImageRegistry", name, None, opts)
        self._name_prefix = name
        self._settings = settings

        repository = self._repository("", keys.assets)
        if keys.copies:
            self._replication(environment, keys.copies, repository)
        self.repository_url = repository.repository_url
        self.register_outputs({"repositoryUrl": self.repository_url})

    def _repository(self, suffix: str, key_arn: pulumi.Input[str], region: str | None = None) -> aws.ecr.Repository:
        logical = f"{self._name_prefix}{suffix}"
        repository = aws.ecr.Repository(
            logical,
            name=self._settings.repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key_arn)
            ],
            region=region,
            opts=pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True),
        )
        aws.ecr.LifecyclePolicy(
            logical,
            repository=repository.name,
            policy=json.dumps({"rules": _lifecycle_rules(self._settings.build_retention)}),
            region=region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return repository

    def _replication(self, environment: Environment, copies: CopyKeys, repository: aws.ecr.Repository) -> None:
        copy = self._repository("-copy", copies.assets, copies.region)
        destination = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
            region=copies.region, registry_id=environment.account
        )
        filter_ = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
            filter=self._settings.repository, filter_type="PREFIX_MATCH"
        )
        rule = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
            destinations=[destination], repository_filters=[filter_]
        )
        aws.ecr.ReplicationConfiguration(
            self._name_prefix,
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(rules=[rule]),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[repository, copy]),
        )


def _lifecycle_rules(build_days: int) -> list[dict[str, object]]:
    """Keep releases and expire unreleased builds. A rule can't expire images that an earlier rule has selected."""
    released = {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan"}
    built = {"tagStatus": "tagged", "tagPatternList": ["build-*"], "countType": "sinceImagePushed", "countUnit": "days"}
    expire = {"type": "expire"}
    return [
        {
            "rulePriority": 1,
            "description": "Shields releases from the rule below",
            "selection": {**released, "countNumber": UNREACHABLE_COUNT},
            "action": expire,
        },
        {
            "rulePriority": 2,
            "description": "Builds that were never released",
            "selection": {**built, "countNumber": build_days},
            "action": expire,
        },
    ]
