"""One change for each thing about the data tier that a rule guards: the cache and the backups here. Data only."""

from typing import cast

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA
from tests.policies.mutations import database as database_mutations
from tests.policies.mutations.database import PRODUCTION, each, group, promoted, subnets
from tests.policies.mutations.mutation import Change, removes, told
from tests.policies.plan import REMOVED, Plan, Ref

DELIVERY = {"destination": "/taskflow/cache-slow", "destinationType": "cloudwatch-logs", "logFormat": "json"}
SLOW, ENGINE = {**DELIVERY, "logType": "slow-log"}, {**DELIVERY, "logType": "engine-log"}
LOCK = "VaultLockConfiguration backups"
DAILY_COPY = "InstanceAutomatedBackupsReplication daily-copy"


def _unprotects(key: str) -> Change:
    def change(plan: Plan) -> None:
        plan.resources[key].protect = False

    return change


def _rule(path: str, value: object) -> Change:
    """Change the weekly plan's only rule, or with a path that begins with copyActions the rule's only copy."""

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
    """Both vaults have one name, as they may in two regions, and only the copies' vault has a lock."""
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
        ("parameters of no Redis", "family", REMOVED),
        ("a parameter group without cluster mode", "parameters", [{"name": "cluster-enabled", "value": "no"}]),
        ("a parameter group with half a row", "parameters", [{"name": "cluster-enabled"}]),
        ("a parameter group with another parameter", "parameters", [{"name": "timeout", "value": "300"}]),
        ("a parameter group without parameters", "parameters", REMOVED),
    ),
    *each(
        "cache-available@cache",
        REDIS,
        ("a single node group", "numNodeGroups", 1),
        ("no node groups", "numNodeGroups", REMOVED),
        ("node groups without replicas", "replicasPerNodeGroup", 0),
        ("no word of replicas", "replicasPerNodeGroup", REMOVED),
        ("nobody takes over", "automaticFailoverEnabled", False),
        ("no word of taking over", "automaticFailoverEnabled", REMOVED),
        ("a cache in one zone", "multiAzEnabled", False),
        ("no word of the cache's zones", "multiAzEnabled", REMOVED),
        ("nodes counted without groups", "numCacheClusters", 2),
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
        ("the cache's logs kept back", "logDeliveryConfigurations", REMOVED),
        ("the slow log kept back", "logDeliveryConfigurations", [ENGINE]),
        ("the engine's log kept back", "logDeliveryConfigurations", [SLOW]),
        (
            "the slow log sent elsewhere",
            "logDeliveryConfigurations",
            [{**SLOW, "destinationType": "kinesis-firehose"}, ENGINE],
        ),
    ),
)

SELECTED = (
    told("no weekly selection", removes("Selection weekly"), "backup-weekly@database", stacks=PRODUCTION),
    *each(
        "backup-weekly@database",
        "Selection weekly",
        ("nothing selected", "resources", []),
        ("nothing named", "resources", REMOVED),
        ("everything selected by a pattern", "resources", ["arn:aws:rds:*:*:db:*"]),
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
    told("a promotion that forgets the weekly backups", promoted, "backup-weekly@database", stacks=("dr",)),
)

WEEKLY = (
    *each("backup-weekly@weekly", "Plan weekly", ("a plan without rules", "rules", REMOVED), stacks=PRODUCTION),
    *(
        told(label, _rule(path, value), "backup-weekly@weekly", stacks=PRODUCTION)
        for label, path, value in (
            ("weekly backups for 30 days", "lifecycle.deleteAfter", 30),
            ("weekly backups for ever", "lifecycle", REMOVED),
            ("monthly backups", "schedule", "cron(0 7 1 * ? *)"),
            ("backups on every first Sunday", "schedule", "cron(0 7 ? * SUN#1 *)"),
            ("backups in January", "schedule", "cron(0 7 ? 1 SUN *)"),
            ("backups in one year", "schedule", "cron(0 7 ? * SUN 2027)"),
            ("backups when AWS likes", "schedule", REMOVED),
            ("continuous backups", "enableContinuousBackup", True),
            ("backups in a vault of another stack", "targetVaultName", "Default"),
            ("backups in another region's vault", "targetVaultName", Ref(to="Vault backups-copy")),
            ("backups in no vault", "targetVaultName", REMOVED),
            ("no copies of the weekly backups", "copyActions", REMOVED),
            ("copies for 30 days", "copyActions.lifecycle.deleteAfter", 30),
            ("copies for ever", "copyActions.lifecycle", REMOVED),
            ("copies in a vault of another stack", "copyActions.destinationVaultArn", "arn:aws:backup:::vault:a"),
            ("copies in the same region", "copyActions.destinationVaultArn", Ref(to="Vault backups", output="arn")),
        )
    ),
    *each(
        "backup-weekly@weekly",
        "Vault backups-copy",
        ("a second vault in the same region", "region", REMOVED),
        stacks=PRODUCTION,
    ),
)

VAULTS = (
    told("a vault without a lock", removes(LOCK), "backup-vault-lock@backups"),
    told(
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
        ("a lock that keeps weekly backups out", "minRetentionDays", 120),
        ("a lock without a shortest time", "minRetentionDays", REMOVED),
        ("a lock that ends too early", "maxRetentionDays", 60),
        ("a lock that nobody can undo", "changeableForDays", 3),
    ),
    told(
        "two vaults of one name, and a lock of the copies'", _namesakes, "backup-vault-lock@backups", stacks=PRODUCTION
    ),
    *each("backup-vault-kept@backups", "Vault backups", ("a vault that goes with its snapshots", "forceDestroy", True)),
)

ELSEWHERE = (
    told("daily backups in one region", removes(DAILY_COPY), "backup-elsewhere@database", stacks=PRODUCTION),
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
        ("copies for AWS's default", "retentionPeriod", REMOVED),
        ("daily copies in the same region", "region", "us-east-1"),
        ("daily copies in no other region", "region", REMOVED),
        stacks=PRODUCTION,
    ),
)

PROTECTED = tuple(
    told(f"an unprotected {key}", _unprotects(key), f"resilience-protect@{key.partition(' ')[2]}")
    for key in (PRIMARY, REDIS, "Key keys-data", "Secret cache", "SecretVersion cache", "Vault backups", LOCK)
)

CHANGES = (*database_mutations.CHANGES, *CACHE, *SELECTED, *WEEKLY, *VAULTS, *ELSEWHERE, *PROTECTED)
