"""The rule about references to keys: each is a key of the stack, which the rules about keys judge."""

from collections.abc import Iterator, Mapping, Sequence

from policies.engine.answers import Answer
from policies.engine.facts import Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, aws_type, expect_reference, report
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import (
    BACKUP_REPLICATION,
    BACKUP_VAULT,
    BUCKET_ENCRYPTION,
    BUCKET_REPLICATION,
    DB_INSTANCE,
    ECS_CLUSTER,
    KMS_KEY,
    LOG_GROUP,
    QUEUE,
    REDIS_GROUP,
    REPOSITORY,
    SECRETS,
)

# Where each type names a key; `*` is each element of a list. Other rules require that the property is set.
KEYS: Mapping[str, Sequence[str]] = {
    LOG_GROUP: ("kmsKeyId",),
    **dict.fromkeys(SECRETS, ("kmsKeyId", "replicas.*.kmsKeyId")),
    DB_INSTANCE: ("kmsKeyId", "performanceInsightsKmsKeyId"),
    REDIS_GROUP: ("kmsKeyId",),
    BACKUP_VAULT: ("kmsKeyArn",),
    BACKUP_REPLICATION: ("kmsKeyId",),
    BUCKET_ENCRYPTION: ("rules.*.applyServerSideEncryptionByDefault.kmsMasterKeyId",),
    BUCKET_REPLICATION: ("rules.*.destination.encryptionConfiguration.replicaKmsKeyId",),
    QUEUE: ("kmsMasterKeyId",),
    REPOSITORY: ("encryptionConfigurations.*.kmsKey",),
    ECS_CLUSTER: ("configuration.executeCommandConfiguration.kmsKeyId",),
    aws_type("sns", "Topic"): ("kmsMasterKeyId",),
    aws_type("cfg", "DeliveryChannel"): ("s3KmsKeyArn",),
    aws_type("kinesis", "FirehoseDeliveryStream"): ("extendedS3Configuration.kmsKeyArn", "serverSideEncryption.keyArn"),
    aws_type("athena", "Workgroup"): ("configuration.managedQueryResultsConfiguration.encryptionConfiguration.kmsKey",),
    aws_type("cloudtrail", "Trail"): ("kmsKeyId",),
}

# The keys of copies in another region.
OF_COPIES = ("replicas.*.kmsKeyId", "rules.*.destination.encryptionConfiguration.replicaKmsKeyId")


def _references(stack: Stack) -> Iterator[Finding]:
    for kind, paths in KEYS.items():
        for resource in stack.of(kind):
            for path in paths:
                judge = _in_another_region if path in OF_COPIES else _in_its_region
                for node in _nodes(resource, path):
                    yield from expect_reference(
                        resource, node, stack, KMS_KEY, "a key", is_optional=True,
                        judge=lambda key, resource=resource, judge=judge: judge(resource, key),
                    )  # fmt: skip


def _in_its_region(resource: Resource, key: Resource) -> Iterator[Finding]:
    yield from _expect(resource, is_in_region_of(resource, key), f"its key {key.name} is in another region", "its own")


def _in_another_region(resource: Resource, key: Resource) -> Iterator[Finding]:
    is_beside = is_in_region_of(resource, key)
    is_elsewhere = is_beside if isinstance(is_beside, Unknown) else not is_beside
    yield from _expect(resource, is_elsewhere, f"the key {key.name} of its copy is in its own region", "the copy's")


def _expect(resource: Resource, answer: Answer, found: str, allowed: str) -> Iterator[Finding]:
    if isinstance(answer, Unknown):
        yield Finding(resource=resource, verdict=answer)
    elif not answer:
        yield report(resource, found, f"a key of {allowed} region")


def _nodes(resource: Resource, path: str) -> Sequence[Node]:
    first, *steps = path.split(".")
    nodes: Sequence[Node] = (resource.at(first),)
    for step in steps:
        nodes = [below for node in nodes for below in (elements_of(node) if step == "*" else (node.at(step),))]
    return nodes


RULES = (
    StackRule(
        id="encryption-keys-own",
        section="Data Handling",
        description="Every key that a resource names is a key of the same stack, in the region of the data; the rules "
        "about keys judge it",
        remedy="Set the property to the ARN of one of the stack's keys.",
        judge=_references,
        severity="high",
    ),
)
