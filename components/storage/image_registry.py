"""ImageRegistry: the images of releases and of one-off tasks, in the stack's region and in the recovery region.

Sections: Deployment Commands, Database Access. Tags are immutable. Released images (v…) are kept forever: task
definitions name them by digest. So are untagged ones: the images that make up a multi-architecture image have no tags.
ECR replicates only images pushed after replication is configured, with their digests. The destination repositories are
created first, otherwise ECR creates them with default settings.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from settings.storage import Registry

# More images than a repository can hold: the rule expires nothing, but protects its images from later rules.
UNREACHABLE_COUNT = 100_000


class ImageRegistry(pulumi.ComponentResource):
    """The image repositories, and their replicas if the stack keeps copies in the recovery region."""

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
        self._settings = settings
        # By logical name. ECR's names are the same in both regions.
        repositories = {name: settings.repository, f"{name}-tools": settings.tools_repository}

        originals = self._repositories(repositories, keys.assets)
        if keys.copies:
            copied = {f"{logical}-copy": repository for logical, repository in repositories.items()}
            copies = self._repositories(copied, keys.copies.assets, keys.copies.region)
            self._replication(
                name,
                repositories.values(),
                region=keys.copies.region,
                account=environment.account,
                dependencies=[*originals, *copies],
            )
        self.repository_url = originals[0].repository_url
        self.register_outputs({"repositoryUrl": self.repository_url})

    def _repositories(
        self, names: Mapping[str, str], key_arn: pulumi.Input[str], region: str | None = None
    ) -> Sequence[aws.ecr.Repository]:
        return [self._repository(logical, name, key_arn, region) for logical, name in names.items()]

    def _repository(
        self, logical: str, name: str, key_arn: pulumi.Input[str], region: str | None
    ) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            logical,
            name=name,
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

    def _replication(
        self,
        logical: str,
        repositories: Iterable[str],
        *,
        region: str,
        account: str,
        dependencies: Sequence[pulumi.Resource],
    ) -> None:
        """Replicate the repositories. A registry has one replication configuration for all of them."""
        destination = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
            region=region, registry_id=account
        )
        filters = [
            aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                filter=repository, filter_type="PREFIX_MATCH"
            )
            for repository in repositories
        ]
        rule = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
            destinations=[destination], repository_filters=filters
        )
        aws.ecr.ReplicationConfiguration(
            logical,
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(rules=[rule]),
            opts=pulumi.ResourceOptions(parent=self, depends_on=dependencies),
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
