"""ImageRegistry: the images that releases run, here and in the recovery region.

Section: Deployment Commands. A tag, once given, stays with its image. What was released (v…) is kept for ever, and
nothing without a tag is dropped either: the parts of an image for several processors have none. ECR copies what is
pushed from then on, into a repository that has to be there before, or ECR makes one with its own defaults.
"""

import json

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import CopyKeys, KeysOutputs
from components.shared.environment import Environment
from settings.storage import Registry

# More images than a repository can hold: the rule only shields its images from the rules after it.
NEVER = 100_000


class ImageRegistry(pulumi.ComponentResource):
    """A repository of images, and its copy where copies for recovery are made."""

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
            policy=json.dumps({"rules": _lifecycle(self._settings.build_retention)}),
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


def _lifecycle(build_days: int) -> list[dict[str, object]]:
    """Keep what was released; let builds go that never were. A rule can't drop what an earlier one has chosen."""
    released = {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan"}
    built = {"tagStatus": "tagged", "tagPatternList": ["build-*"], "countType": "sinceImagePushed", "countUnit": "days"}
    expire = {"type": "expire"}
    return [
        {
            "rulePriority": 1,
            "description": "Shields releases from the rule below",
            "selection": {**released, "countNumber": NEVER},
            "action": expire,
        },
        {
            "rulePriority": 2,
            "description": "Builds that were never released",
            "selection": {**built, "countNumber": build_days},
            "action": expire,
        },
    ]
