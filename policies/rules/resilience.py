"""Rules about losing things: what holds data that can't be made anew is protected from deletion by the engine."""

from collections.abc import Iterator

from policies.engine.facts import Resource
from policies.engine.rule import ResourceRule, Said, fault
from policies.readers.buckets import BUCKET
from policies.readers.db_instances import INSTANCE
from policies.rules.backup import DAILY_COPY, VAULT, VAULT_LOCK
from policies.rules.cache import REPLICATION_GROUP
from policies.rules.encryption.keys import KEY
from policies.rules.encryption.records import KEPT_SECRETS
from policies.rules.logs import LOG_GROUP
from policies.rules.storage.queues import QUEUE
from policies.rules.storage.registry import REPOSITORY

# Each chapter with a stateful type adds it here.
STATEFUL = (
    LOG_GROUP,
    KEY,
    INSTANCE,
    DAILY_COPY,
    REPLICATION_GROUP,
    *KEPT_SECRETS,
    "aws:secretsmanager/secretVersion:SecretVersion",
    VAULT,
    VAULT_LOCK,
    BUCKET,
    QUEUE,
    REPOSITORY,
)


def _protect(resource: Resource) -> Iterator[Said]:
    if not resource.protect:
        yield fault("the resource isn't protected", "the option protect on every resource that holds data")


RULES = (
    ResourceRule(
        id="resilience-protect",
        section="Backup & Recovery",
        description="What holds data is protected from deletion",
        remedy="Set the option protect to true on the resource itself.",
        types=STATEFUL,
        judge=_protect,
    ),
)
