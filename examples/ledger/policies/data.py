"""Rules about the database, the cache, the backups, the jobs and the images."""

from collections.abc import Iterator

from examples.ledger.policies import figures
from examples.ledger.policies.sections import DATA
from policies.engine.expectations import (
    at_least,
    between,
    contains,
    equals,
    in_each,
    is_false,
    is_true,
    property_rule,
    row,
)
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.rule import Verdict, violation
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.resource_types import DB_INSTANCE, QUEUE, REDIS_GROUP, REPOSITORY

BACKUP_PLAN = "aws:backup/plan:Plan"
TOPIC = "aws:sns/topic:Topic"


def _major(version: Node) -> Iterator[Verdict]:
    match version.text():
        case Known(value=text) if text.split(".")[0] == figures.DATABASE_MAJOR:
            pass
        case Unknown() as unknown:
            yield unknown
        case fact:
            found = fact.value if isinstance(fact, Known) else "not set"
            yield violation(f"engineVersion is {found}", f"{figures.DATABASE_MAJOR}, or a minor version of it")


def _messages(queue: Resource) -> Iterator[Verdict]:
    """Require attempts, and a dead-letter queue that keeps messages longest: the one without a redrivePolicy."""
    redrive = queue.at("redrivePolicy").parsed()
    if redrive.value is None:
        yield from equals("messageRetentionSeconds", figures.DEAD_LETTER_SECONDS).verdicts(queue)
        return
    yield from between("maxReceiveCount", 1, figures.MAX_ATTEMPTS).judge(redrive.at("maxReceiveCount"))
    yield from at_least("messageRetentionSeconds", figures.JOB_SECONDS).verdicts(queue)


RULES = (
    property_rule(
        "database-engine",
        section=DATA,
        description=f"The database is PostgreSQL {figures.DATABASE_MAJOR}, and stays on it",
        types=DB_INSTANCE,
        rows=(
            equals("engine", figures.DATABASE_ENGINE),
            row("engineVersion", f"set engineVersion to {figures.DATABASE_MAJOR}", _major),
            is_false("allowMajorVersionUpgrade", default=False),
        ),
    ),
    property_rule(
        "database-size",
        section=DATA,
        description="The database has the ledger's size, and its storage a limit",
        types=DB_INSTANCE,
        rows=(
            equals("instanceClass", figures.DATABASE_CLASS),
            equals("storageType", "gp3"),
            equals("allocatedStorage", figures.DATABASE_GIB),
            equals("maxAllocatedStorage", figures.DATABASE_MAX_GIB),
        ),
    ),
    property_rule(
        "database-backups",
        section=DATA,
        description=f"Daily backups of the database are kept for {figures.DATABASE_BACKUP_DAYS} days, also after it is "
        "deleted, which leaves a snapshot",
        types=DB_INSTANCE,
        rows=(
            at_least("backupRetentionPeriod", figures.DATABASE_BACKUP_DAYS),
            is_true("deletionProtection"),
            is_false("skipFinalSnapshot", default=False),
            is_false("deleteAutomatedBackups"),
        ),
        severity="critical",
        controls=("RDS.8", "RDS.11"),
    ),
    property_rule(
        "database-private",
        section=DATA,
        description="The database has no public address, its own key, and exports its logs",
        types=DB_INSTANCE,
        rows=(
            is_false("publiclyAccessible", default=False),
            customer_managed_key("kmsKeyId"),
            contains("enabledCloudwatchLogsExports", *figures.DATABASE_LOGS),
        ),
        severity="critical",
        controls=("RDS.2", "RDS.9"),
    ),
    property_rule(
        "cache-size",
        section=DATA,
        description="The cache has the ledger's size, and a replica that takes over",
        types=REDIS_GROUP,
        rows=(
            equals("nodeType", figures.CACHE_NODE),
            equals("numNodeGroups", figures.CACHE_GROUPS),
            equals("replicasPerNodeGroup", figures.CACHE_REPLICAS),
            is_true("automaticFailoverEnabled", default=False),
            is_true("multiAzEnabled", default=False),
            at_least("snapshotRetentionLimit", figures.CACHE_BACKUP_DAYS),
        ),
        controls=("ElastiCache.1", "ElastiCache.3"),
    ),
    property_rule(
        "backup-plan",
        section=DATA,
        description=f"Weekly snapshots are kept for {figures.SNAPSHOT_DAYS} days",
        types=BACKUP_PLAN,
        rows=(in_each("rules", at_least("lifecycle.deleteAfter", figures.SNAPSHOT_DAYS)),),
        severity="high",
    ),
    property_rule(
        "jobs-queues",
        section=DATA,
        description=f"A job that failed {figures.MAX_ATTEMPTS} times waits in a dead-letter queue, encrypted",
        types=QUEUE,
        rows=(customer_managed_key("kmsMasterKeyId"),),
        also=_messages,
        remedy=f"Limit maxReceiveCount to {figures.MAX_ATTEMPTS}, and set messageRetentionSeconds to "
        f"{figures.JOB_SECONDS}, or {figures.DEAD_LETTER_SECONDS} for the dead-letter queue.",
        controls=("SQS.1",),
    ),
    property_rule(
        "alerts-encrypted",
        section=DATA,
        description="Alerts are encrypted with a customer managed key",
        types=TOPIC,
        rows=(customer_managed_key("kmsMasterKeyId"),),
        controls=("SNS.1",),
    ),
    property_rule(
        "images-immutable",
        section=DATA,
        description="A tag of an image is never moved, and every image is scanned",
        types=REPOSITORY,
        rows=(
            equals("imageTagMutability", "IMMUTABLE", default="MUTABLE"),
            is_true("imageScanningConfiguration.scanOnPush", default=False),
        ),
        severity="high",
        controls=("ECR.1", "ECR.2"),
    ),
)
