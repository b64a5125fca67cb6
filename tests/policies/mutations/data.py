"""Mutations of the data tier: the cache and the backups here. Data only."""

from typing import cast

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA
from tests.policies.mutations import database as database_mutations
from tests.policies.mutations.database import PRODUCTION, each, group, promoted, subnets
from tests.policies.mutations.mutation import Change, mutation, removes, sets, unprotects
from tests.policies.plan import REMOVED, Plan, Ref

DELIVERY = {"destination": "/taskflow/cache-slow", "destinationType": "cloudwatch-logs", "logFormat": "json"}
SLOW, ENGINE = {**DELIVERY, "logType": "slow-log"}, {**DELIVERY, "logType": "engine-log"}
LOCK = "VaultLockConfiguration backups"
DAILY_COPY = "InstanceAutomatedBackupsReplication daily-copy"


def _rule(path: str, value: object) -> Change:
    """Set a property of the weekly plan's only rule; a path below copyActions is that of the rule's only copy."""

    def change(plan: Plan) -> None:
        place = cast("list[dict[str, object]]", plan.resources["Plan weekly"].inputs["rules"])[0]
        *above, last = path.split(".")
        for step in above:
            below = place[step]
            place = cast("dict[str, object]", cast("list[object]", below)[0] if isinstance(below, list) else below)
        if value is REMOVED:
            del place[last]
        else:
            place[last] = value

    return change


def _namesakes(plan: Plan) -> None:
    """Give both vaults one name, as is possible in two regions, and lock only the copies' vault."""
    for key in ("Vault backups", "Vault backups-copy"):
        plan.set(key, "name", "taskflow")
    plan.set("VaultLockConfiguration backups-copy", "backupVaultName", "taskflow")
    plan.remove(LOCK)


CACHE = (
    *each(
        "cache-engine@cache",
        REDIS,
        ("another cache engine", "engine", "valkey"),
        ("an older Redis", "engineVersion", "6.2"),
        ("no version of Redis", "engineVersion", REMOVED),
        ("another port of the cache", "port", 6380),
        ("a smaller node", "nodeType", "cache.t4g.medium"),
        ("no node type", "nodeType", REMOVED),
    ),
    *each(
        "cache-cluster-mode@cache",
        REDIS,
        ("AWS's parameters for the cache", "parameterGroupName", "default.redis7.cluster.on"),
        ("no parameters for the cache", "parameterGroupName", REMOVED),
        ("cluster mode off", "clusterMode", "disabled"),
    ),
    *each(
        "cache-cluster-mode@cache-parameters",
        "ParameterGroup cache-parameters",
        ("parameters of another Redis", "family", "redis6.x"),
        ("family of the cache's parameters unset", "family", REMOVED),
        ("a parameter group without cluster mode", "parameters", [{"name": "cluster-enabled", "value": "no"}]),
        ("a parameter without a value", "parameters", [{"name": "cluster-enabled"}]),
        ("a parameter group with another parameter", "parameters", [{"name": "timeout", "value": "300"}]),
        ("a parameter group without parameters", "parameters", REMOVED),
    ),
    *each(
        "cache-available@cache",
        REDIS,
        ("a single node group", "numNodeGroups", 1),
        ("no node groups", "numNodeGroups", REMOVED),
        ("node groups without replicas", "replicasPerNodeGroup", 0),
        ("replicasPerNodeGroup unset", "replicasPerNodeGroup", REMOVED),
        ("automatic failover off", "automaticFailoverEnabled", False),
        ("automaticFailoverEnabled unset", "automaticFailoverEnabled", REMOVED),
        ("a cache in one zone", "multiAzEnabled", False),
        ("multiAzEnabled unset", "multiAzEnabled", REMOVED),
        ("numCacheClusters set", "numCacheClusters", 2),
    ),
    *each(
        "cache-subnets@cache",
        REDIS,
        ("other subnets for the cache", "subnetGroupName", "default"),
        ("no subnets for the cache", "subnetGroupName", REMOVED),
        ("the cache in the database's group", "securityGroupIds", [group("database")]),
        ("the cache in two groups", "securityGroupIds", [group("cache"), group("service")]),
        ("the cache in no group", "securityGroupIds", REMOVED),
    ),
    *each(
        "cache-subnets@cache-subnets",
        "SubnetGroup cache-subnets",
        ("the cache in private subnets", "subnetIds", subnets("private-1", "private-2")),
        ("the cache in one data subnet", "subnetIds", subnets("data-2")),
    ),
    *each(
        "cache-deletion@cache",
        REDIS,
        ("no final snapshot of the cache", "finalSnapshotIdentifier", REMOVED),
        ("a final snapshot of the cache with an empty name", "finalSnapshotIdentifier", ""),
    ),
    *each(
        "cache-retention@cache",
        REDIS,
        ("snapshots of the cache for 6 days", "snapshotRetentionLimit", 6),
        ("no snapshots of the cache", "snapshotRetentionLimit", REMOVED),
    ),
    *each(
        "cache-logs@cache",
        REDIS,
        ("no log delivery of the cache", "logDeliveryConfigurations", REMOVED),
        ("no delivery of the slow log", "logDeliveryConfigurations", [ENGINE]),
        ("no delivery of the engine log", "logDeliveryConfigurations", [SLOW]),
        (
            "the slow log to another destination",
            "logDeliveryConfigurations",
            [{**SLOW, "destinationType": "kinesis-firehose"}, ENGINE],
        ),
    ),
)

SELECTED = (
    mutation("no weekly selection", removes("Selection weekly"), "backup-weekly@database", stacks=PRODUCTION),
    *each(
        "backup-weekly@database",
        "Selection weekly",
        ("an empty selection", "resources", []),
        ("a selection without resources", "resources", REMOVED),
        ("a selection by a pattern", "resources", ["arn:aws:rds:*:*:db:*"]),
        ("the replica selected", "resources", [Ref(to=REPLICA, output="arn")]),
        stacks=PRODUCTION,
    ),
    *each(
        "backup-weekly@weekly",
        "Selection weekly",
        ("a plan of another stack", "planId", "0f3a-plan"),
        ("a selection without a plan", "planId", REMOVED),
        ("a selection with exceptions", "notResources", ["arn:aws:rds:*:*:db:taskflow-*"]),
        ("a selection by conditions", "conditions", [{"stringEquals": [{"key": "aws:ResourceTag/a", "value": "b"}]}]),
        ("a selection by tags", "selectionTags", [{"type": "STRINGEQUALS", "key": "a", "value": "b"}]),
        stacks=PRODUCTION,
    ),
    mutation(
        "a promotion without weekly backups and restore tests",
        promoted,
        "backup-weekly@database",
        "backup-restore-test@database",
        "backup-restore-validated@",
        stacks=("dr",),
    ),
)

WEEKLY = (
    *each("backup-weekly@weekly", "Plan weekly", ("a plan without rules", "rules", REMOVED), stacks=PRODUCTION),
    *(
        mutation(label, _rule(path, value), "backup-weekly@weekly", stacks=PRODUCTION)
        for label, path, value in (
            ("weekly backups for 30 days", "lifecycle.deleteAfter", 30),
            ("weekly backups for a year", "lifecycle.deleteAfter", 365),
            ("weekly backups without an end", "lifecycle", REMOVED),
            ("monthly backups", "schedule", "cron(0 7 1 * ? *)"),
            ("backups on every first Sunday", "schedule", "cron(0 7 ? * SUN#1 *)"),
            ("backups in January", "schedule", "cron(0 7 ? 1 SUN *)"),
            ("backups in one year", "schedule", "cron(0 7 ? * SUN 2027)"),
            ("no schedule", "schedule", REMOVED),
            ("continuous backups", "enableContinuousBackup", True),
            ("backups in a vault of another stack", "targetVaultName", "Default"),
            ("backups in another region's vault", "targetVaultName", Ref(to="Vault backups-copy")),
            ("backups in no vault", "targetVaultName", REMOVED),
            ("no copies of the weekly backups", "copyActions", REMOVED),
            ("copies for 30 days", "copyActions.lifecycle.deleteAfter", 30),
            ("copies for a year", "copyActions.lifecycle.deleteAfter", 365),
            ("copies without an end", "copyActions.lifecycle", REMOVED),
            ("copies in a vault of another stack", "copyActions.destinationVaultArn", "arn:aws:backup:::vault:a"),
            ("copies in the same region", "copyActions.destinationVaultArn", Ref(to="Vault backups", output="arn")),
        )
    ),
    mutation(
        "a second vault in the same region",
        sets("Vault backups-copy", "region", REMOVED),
        "backup-weekly@weekly",
        "encryption-keys-own@backups-copy",
        stacks=PRODUCTION,
    ),
)

VAULTS = (
    mutation("a vault without a lock", removes(LOCK), "backup-vault-lock@backups"),
    mutation(
        "a vault of copies without a lock",
        removes("VaultLockConfiguration backups-copy"),
        "backup-vault-lock@backups-copy",
        stacks=PRODUCTION,
    ),
    *each(
        "backup-vault-lock@backups",
        LOCK,
        ("a lock of another vault", "backupVaultName", "Default"),
        ("a lock of no vault", "backupVaultName", REMOVED),
        ("a lock for 30 days", "minRetentionDays", 30),
        ("a lock that rejects weekly backups", "minRetentionDays", 120),
        ("minRetentionDays unset", "minRetentionDays", REMOVED),
        ("a lock that ends too early", "maxRetentionDays", 60),
        ("a lock that can't be removed", "changeableForDays", 3),
    ),
    mutation(
        "two vaults of one name, and a lock of the copies'", _namesakes, "backup-vault-lock@backups", stacks=PRODUCTION
    ),
    *each(
        "backup-vault-kept@backups",
        "Vault backups",
        ("a vault that can be destroyed with its snapshots", "forceDestroy", True),
    ),
)

ELSEWHERE = (
    mutation("daily backups in one region", removes(DAILY_COPY), "backup-elsewhere@database", stacks=PRODUCTION),
    *each(
        "backup-elsewhere@database",
        DAILY_COPY,
        ("copies of another database", "sourceDbInstanceArn", "arn:aws:rds:us-east-1:987654321098:db:ledger"),
        ("copies of nothing", "sourceDbInstanceArn", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "backup-elsewhere@daily-copy",
        DAILY_COPY,
        ("copies for 7 days", "retentionPeriod", 7),
        ("retentionPeriod of the copies unset", "retentionPeriod", REMOVED),
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            label,
            sets(DAILY_COPY, "region", value),
            "backup-elsewhere@daily-copy",
            "encryption-keys-own@daily-copy",
            stacks=PRODUCTION,
        )
        for label, value in (
            ("daily copies in the same region", "us-east-1"),
            ("region of the daily copies unset", REMOVED),
        )
    ),
)

PROTECTED = tuple(
    mutation(f"an unprotected {key}", unprotects(key), f"resilience-protect@{key.partition(' ')[2]}")
    for key in (
        PRIMARY,
        REDIS,
        "Key keys-data",
        "Secret cache",
        "SecretVersion cache",
        "Vault backups",
        LOCK,
        "RandomPassword cache",
    )
)

CHANGES = (*database_mutations.CHANGES, *CACHE, *SELECTED, *WEEKLY, *VAULTS, *ELSEWHERE, *PROTECTED)
