"""Unknown values of the data tier. Data only."""

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA
from tests.policies.plan import Ref

# Outputs of several resources, so it is unknown which one; TEXT is an output of one that no rule expects.
INSTANCE = Ref(to=PRIMARY, via=(PRIMARY, REPLICA))
GROUP = Ref(to="SecurityGroup database", via=("SecurityGroup database", "SecurityGroup service"))
SUBNET = Ref(to="Subnet data-1", via=("Subnet data-1", "Subnet private-1"))
PARAMETERS = Ref(to="ParameterGroup database", via=("ParameterGroup database", "ParameterGroup database-replicas"))
VAULTS = Ref(to="Vault backups", via=("Vault backups", "Vault backups-copy"))
TEXT = Ref(to="LogGroup flow-logs")

PLAN, SELECTION, LOCK = "Plan weekly", "Selection weekly", "VaultLockConfiguration backups"
DAILY_COPY = "InstanceAutomatedBackupsReplication daily-copy"
TEST, TEST_PLAN = "RestoreTestingSelection restore-test", "RestoreTestingPlan restore-test"
POINTS = "recoveryPointSelection"
VALIDATION_RULE, VALIDATION_TARGET = (f"Event{kind} restore-validation-completed" for kind in ("Rule", "Target"))
RULES = Ref(to=VALIDATION_RULE, output="name", via=(VALIDATION_RULE, "EventRule restore-validation-check"))
CACHE_PARAMETERS = "ParameterGroup cache-parameters"
CONNECTIONS, CLUSTER = "max_connections", "cluster-enabled"

Row = tuple[str, str, str, object, str | None]


def _rule(**changed: object) -> list[dict[str, object]]:
    """Return the weekly plan's rules, with changes in the only one."""
    copies = {"destinationVaultArn": Ref(to="Vault backups-copy", output="arn"), "lifecycle": {"deleteAfter": 90}}
    rule: dict[str, object] = {
        "targetVaultName": Ref(to="Vault backups"),
        "schedule": "cron(0 7 ? * SUN *)",
        "lifecycle": {"deleteAfter": 90},
        "copyActions": [copies],
    }
    return [rule | changed]


# Rule, key, path, value, and the path in the advisory if it isn't the changed one.
UNKNOWNS: list[Row] = [
    *(
        (rule, PRIMARY, path, TEXT, None)
        for rule, path in (
            ("database-engine", "engine"),
            ("database-engine", "engineVersion"),
            ("database-engine", "allowMajorVersionUpgrade"),
            ("database-class", "instanceClass"),
            ("database-storage", "storageType"),
            ("database-storage", "allocatedStorage"),
            ("database-storage", "maxAllocatedStorage"),
            ("database-storage", "iops"),
            ("database-storage", "storageThroughput"),
            ("database-available", "multiAz"),
            ("database-maintenance", "maintenanceWindow"),
            ("database-maintenance", "backupWindow"),
            ("database-private", "publiclyAccessible"),
            ("database-deletion", "deletionProtection"),
            ("database-deletion", "skipFinalSnapshot"),
            ("database-deletion", "deleteAutomatedBackups"),
            ("database-observed", "enabledCloudwatchLogsExports"),
            ("database-observed", "monitoringInterval"),
            ("database-observed", "performanceInsightsEnabled"),
            ("database-logs-first", "identifier"),
            ("database-logs-first", "enabledCloudwatchLogsExports"),
            ("backup-daily", "backupRetentionPeriod"),
        )
    ),
    *(
        (rule, REDIS, path, TEXT, None)
        for rule, path in (
            ("cache-engine", "engine"),
            ("cache-engine", "engineVersion"),
            ("cache-engine", "nodeType"),
            ("cache-cluster-mode", "clusterMode"),
            ("cache-available", "numNodeGroups"),
            ("cache-available", "replicasPerNodeGroup"),
            ("cache-available", "multiAzEnabled"),
            ("cache-available", "numCacheClusters"),
            ("cache-retention", "snapshotRetentionLimit"),
            ("cache-logs", "logDeliveryConfigurations"),
        )
    ),
    ("database-observed", PRIMARY, "enabledCloudwatchLogsExports", ["postgresql", TEXT], "LogsExports.1"),
    ("database-logs-first", PRIMARY, "enabledCloudwatchLogsExports", ["postgresql", TEXT], "LogsExports.1"),
    ("database-logs-first", "LogGroup database-upgrade", "name", TEXT, None),
    ("database-replica", REPLICA, "replicateSourceDb", INSTANCE, None),
    ("database-replica", REPLICA, "replicateSourceDb", TEXT, None),
    ("database-subnets", PRIMARY, "vpcSecurityGroupIds", GROUP, None),
    ("database-subnets", PRIMARY, "vpcSecurityGroupIds", [GROUP], "database.vpcSecurityGroupIds.0"),
    ("database-subnets", "SubnetGroup database", "subnetIds", [SUBNET], "database.subnetIds.0"),
    ("database-subnets", "SecurityGroup database", "tags.Name", TEXT, "database.tags.Name"),
    ("database-parameters", PRIMARY, "parameterGroupName", PARAMETERS, None),
    ("database-parameters", "ParameterGroup database", "family", TEXT, None),
    ("database-parameters", "ParameterGroup database", "parameters", TEXT, None),
    (
        "database-parameters",
        "ParameterGroup database",
        "parameters",
        [{"name": CONNECTIONS, "value": TEXT}],
        "parameters.0.value",
    ),
    (
        "database-parameters",
        "ParameterGroup database",
        "parameters",
        [{"name": TEXT, "value": "800"}],
        "parameters.0.name",
    ),
    ("cache-cluster-mode", CACHE_PARAMETERS, "family", TEXT, None),
    ("cache-cluster-mode", CACHE_PARAMETERS, "parameters", [{"name": CLUSTER, "value": TEXT}], "parameters.0.value"),
    ("cache-cluster-mode", CACHE_PARAMETERS, "parameters", [{"name": TEXT, "value": "yes"}], "parameters.0.name"),
    ("cache-subnets", REDIS, "securityGroupIds", [GROUP], "cache.securityGroupIds.0"),
    ("cache-subnets", "SubnetGroup cache-subnets", "subnetIds", SUBNET, None),
    ("cache-logs", REDIS, "logDeliveryConfigurations", [{"logType": TEXT}], "logDeliveryConfigurations.0.logType"),
    ("backup-weekly", SELECTION, "resources", [INSTANCE], "weekly.resources.0"),
    ("backup-weekly", SELECTION, "conditions", TEXT, None),
    ("backup-weekly", PLAN, "rules", TEXT, None),
    *(
        ("backup-weekly", PLAN, "rules", _rule(**{key: TEXT}), f"rules.0.{key}")
        for key in ("schedule", "enableContinuousBackup", "copyActions")
    ),
    ("backup-weekly", PLAN, "rules", _rule(lifecycle={"deleteAfter": TEXT}), "rules.0.lifecycle.deleteAfter"),
    ("backup-weekly", "Vault backups", "region", TEXT, "weekly.rules.0.targetVaultName.region"),
    ("backup-vault-lock", LOCK, "backupVaultName", VAULTS, None),
    ("backup-vault-lock", LOCK, "minRetentionDays", TEXT, None),
    ("backup-vault-lock", LOCK, "maxRetentionDays", TEXT, None),
    ("backup-vault-lock", LOCK, "changeableForDays", TEXT, None),
    ("backup-vault-kept", "Vault backups", "forceDestroy", TEXT, None),
    ("backup-restore-test", TEST, "protectedResourceArns", [INSTANCE], "restore-test.protectedResourceArns.0"),
    ("backup-restore-test", TEST_PLAN, "scheduleExpression", TEXT, None),
    ("backup-restore-test", TEST_PLAN, "scheduleExpressionTimezone", TEXT, None),
    *(
        ("backup-restore-test", TEST_PLAN, f"{POINTS}.{key}", value, f"{POINTS}.{path}")
        for key, value, path in (
            ("selectionWindowDays", TEXT, "selectionWindowDays"),
            ("recoveryPointTypes", [TEXT], "recoveryPointTypes.0"),
            ("includeVaults", [VAULTS], "includeVaults.0"),
        )
    ),
    *(
        ("backup-restore-private", TEST, path, TEXT, None)
        for path in (
            "protectedResourceType",
            "validationWindowHours",
            *(
                f"restoreMetadataOverrides.{key}"
                for key in ("publiclyAccessible", "multiAz", "enableIamDatabaseAuthentication")
            ),
        )
    ),
    ("backup-restore-validated", VALIDATION_RULE, "name", TEXT, None),
    ("backup-restore-validated", VALIDATION_RULE, "eventPattern", TEXT, None),
    ("backup-restore-validated", VALIDATION_TARGET, "rule", RULES, None),
    ("backup-restore-validated", VALIDATION_TARGET, "ecsTarget.launchType", TEXT, None),
    ("backup-elsewhere", DAILY_COPY, "sourceDbInstanceArn", INSTANCE, None),
    ("backup-elsewhere", DAILY_COPY, "retentionPeriod", TEXT, None),
    ("backup-elsewhere", DAILY_COPY, "region", TEXT, None),
]

# It only checks whether a value is set.
NEVER_UNKNOWN = frozenset({"cache-deletion"})
