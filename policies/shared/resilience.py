"""Chapter resilience: the engine protects resources with data from deletion."""

from collections.abc import Iterator

from policies.engine.facts import Resource
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.readers.resource_types import (
    BACKUP_REPLICATION,
    BACKUP_VAULT,
    BACKUP_VAULT_LOCK,
    BUCKET,
    DB_INSTANCE,
    KMS_KEY,
    LOG_GROUP,
    QUEUE,
    REDIS_GROUP,
    REPOSITORY,
    SECRETS,
)

# Each chapter with a stateful type adds it here.
STATEFUL = (
    LOG_GROUP,
    KMS_KEY,
    DB_INSTANCE,
    BACKUP_REPLICATION,
    REDIS_GROUP,
    *SECRETS,
    # A new password would lock out who has the old one.
    "random:index/randomPassword:RandomPassword",
    "aws:secretsmanager/secretVersion:SecretVersion",
    BACKUP_VAULT,
    BACKUP_VAULT_LOCK,
    BUCKET,
    QUEUE,
    REPOSITORY,
)


def _protect(resource: Resource) -> Iterator[Verdict]:
    if not resource.protect:
        yield violation("the resource isn't protected", "the option protect on every resource that holds data")


RULES = (
    ResourceRule(
        id="resilience-protect",
        section="Backup & Recovery",
        description="Every resource that holds data is protected from deletion by the engine",
        remedy="Set the option protect to true on the resource itself.",
        types=STATEFUL,
        judge=_protect,
        severity="critical",
    ),
)
