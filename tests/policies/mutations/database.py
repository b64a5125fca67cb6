"""Mutations of PostgreSQL: instances, replicas, parameters. Data only."""

from tests.policies.compliant.data import ACCOUNT, PRIMARY, REPLICA, SOURCE, key
from tests.policies.mutations.mutation import Change, Mutation, all_of, mutation, removes, sets
from tests.policies.plan import REMOVED, STACKS, Plan, Ref

PRODUCTION, DR = ("production",), ("dr",)
PARAMETERS = "ParameterGroup database"


def each(
    reported: str, changed: str, *cases: tuple[str, str, object], stacks: tuple[str, ...] = STACKS
) -> tuple[Mutation, ...]:
    """Return mutations of one resource that one rule reports: each a label, a path and its value."""
    return tuple(mutation(label, sets(changed, path, value), reported, stacks=stacks) for label, path, value in cases)


def group(role: str) -> Ref:
    """Return a reference to the security group of a role."""
    return Ref(to=f"SecurityGroup {role}")


def subnets(*names: str) -> list[Ref]:
    """Return direct references to subnets, not to the component's output."""
    return [Ref(to=f"Subnet {name}") for name in names]


def _parameters(parameter_group: str, **changed: object) -> Change:
    """Set parameters of a group; None removes one."""
    values = {"rds.force_ssl": "1", "max_connections": "800", "rds.accepted_password_auth_method": "scram", **changed}
    rows = [{"name": name, "value": value} for name, value in values.items() if value is not None]
    return sets(parameter_group, "parameters", rows)


def promoted(plan: Plan) -> None:
    """Promote dr's replica to a primary; the inputs of its creation stay the same."""
    plan.set(PRIMARY, "replicateSourceDb", REMOVED)
    plan.set(PRIMARY, "engineVersion", "15")
    plan.set(PRIMARY, "multiAz", True)
    plan.set(PRIMARY, "skipFinalSnapshot", False)
    plan.set(PRIMARY, "finalSnapshotIdentifier", "taskflow-dr-final-1")
    # The alarm on the replica's lag becomes one on replication slots.
    plan.set("MetricAlarm alerts-ReplicaLag-database", "metricName", "OldestReplicationSlotLag")


ENGINE = (
    *each(
        "database-engine@database",
        PRIMARY,
        ("another engine", "engine", "mysql"),
        ("an older major version", "engineVersion", "14.20"),
        ("a newer major version", "engineVersion", "16"),
        ("the document's minor version, which AWS withdrew", "engineVersion", "15.4"),
        ("an invalid version", "engineVersion", "15.x"),
        ("major upgrades", "allowMajorVersionUpgrade", True),
    ),
    *each(
        "database-engine@database",
        PRIMARY,
        ("no engine", "engine", REMOVED),
        ("another database", "dbName", "postgres"),
        ("no database", "dbName", REMOVED),
        ("no version", "engineVersion", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "database-engine@database-replica-1",
        REPLICA,
        ("another engine of a replica", "engine", "mysql"),
        stacks=PRODUCTION,
    ),
    *each(
        "database-class@database",
        PRIMARY,
        ("a larger instance", "instanceClass", "db.r6g.xlarge"),
        ("no instance class", "instanceClass", REMOVED),
    ),
    *each(
        "database-class@database-replica-1",
        REPLICA,
        ("a smaller replica", "instanceClass", "db.t4g.medium"),
        stacks=PRODUCTION,
    ),
)

STORAGE = (
    *each(
        "database-storage@database",
        PRIMARY,
        ("an older volume type", "storageType", "gp2"),
        ("storageType unset", "storageType", REMOVED),
        ("a smaller volume", "allocatedStorage", 100),
        ("a volume larger than its maximum", "allocatedStorage", 400),
        ("IOPS on a small volume", "iops", 3000),
        ("throughput on a small volume", "storageThroughput", 125),
        ("growth to a striped volume", "maxAllocatedStorage", 400),
        ("a maximum without growth", "maxAllocatedStorage", 200),
    ),
    *each("database-storage@database", PRIMARY, ("no size", "allocatedStorage", REMOVED), stacks=PRODUCTION),
    *each("database-storage@database-replica-1", REPLICA, ("a replica's IOPS", "iops", 12000), stacks=PRODUCTION),
)

# What a promotion by hand lacks: the weekly backups of the new primary and their tests.
PROMOTED_WITHOUT = ("backup-weekly@database", "backup-restore-test@database", "backup-restore-validated@")

AVAILABLE = (
    *each(
        "database-available@database",
        PRIMARY,
        ("a single zone", "multiAz", False),
        ("multiAz unset", "multiAz", REMOVED),
        stacks=PRODUCTION,
    ),
    mutation(
        "a promotion without a version",
        all_of(promoted, sets(PRIMARY, "engineVersion", REMOVED)),
        "database-engine@database",
        *PROMOTED_WITHOUT,
        stacks=DR,
    ),
    mutation(
        "a promotion without standby and weekly backups",
        all_of(promoted, sets(PRIMARY, "multiAz", False)),
        "database-available@database",
        *PROMOTED_WITHOUT,
        stacks=DR,
    ),
    mutation("no replica", removes(REPLICA), "database-replica@database", stacks=PRODUCTION),
    mutation(
        "a replica of another stack's database",
        # With a key, since the source's is unknown.
        all_of(sets(REPLICA, "replicateSourceDb", "ledger"), sets(REPLICA, "kmsKeyId", key("data"))),
        "database-replica@database-replica-1",
        "database-replica@database",
        stacks=PRODUCTION,
    ),
    mutation(
        "a stack without a primary",
        sets(PRIMARY, "replicateSourceDb", f"arn:aws:rds:us-west-2:{ACCOUNT}:db:taskflow-dr"),
        "database-replica@",
        "alerting-replicas@database",
        stacks=PRODUCTION,
    ),
    mutation(
        "a replica of another stack's database in the same region",
        sets(PRIMARY, "replicateSourceDb", SOURCE.replace("us-east-1", "us-west-2")),
        "database-replica@database",
        stacks=DR,
    ),
    *each(
        "database-replica@database",
        PRIMARY,
        ("a replica of another account's database", "replicateSourceDb", SOURCE.replace(ACCOUNT, "111122223333")),
        ("a replica of a database in a third region", "replicateSourceDb", SOURCE.replace("us-east-1", "eu-west-1")),
        stacks=DR,
    ),
    *each(
        "database-maintenance@database",
        PRIMARY,
        ("maintenance on Monday", "maintenanceWindow", "mon:04:00-mon:05:00"),
        ("maintenanceWindow unset", "maintenanceWindow", REMOVED),
        ("backups during maintenance", "backupWindow", "04:30-05:30"),
        ("backups over midnight into maintenance", "backupWindow", "23:50-04:10"),
        ("backups around maintenance", "backupWindow", "03:30-05:30"),
        ("an invalid backup window", "backupWindow", "at night"),
    ),
    *each(
        "database-maintenance@database-replica-1",
        REPLICA,
        ("a replica's maintenance on Monday", "maintenanceWindow", "mon:04:00-mon:05:00"),
        stacks=PRODUCTION,
    ),
)

PLACE = (
    *each(
        "database-private@database",
        PRIMARY,
        ("a public address", "publiclyAccessible", True),
        ("another port", "port", 5433),
    ),
    *each(
        "database-subnets@database",
        PRIMARY,
        ("another subnet group", "dbSubnetGroupName", "default"),
        ("no subnet group", "dbSubnetGroupName", REMOVED),
        ("the service's group", "vpcSecurityGroupIds", [group("service")]),
        ("a second group", "vpcSecurityGroupIds", [group("database"), group("service")]),
        ("a group of another stack", "vpcSecurityGroupIds", ["sg-0123456789abcdef0"]),
        ("an empty list of groups", "vpcSecurityGroupIds", []),
        ("no groups", "vpcSecurityGroupIds", REMOVED),
    ),
    *each(
        "database-subnets@database",
        "SubnetGroup database",
        ("public subnets", "subnetIds", subnets("public-1", "public-2")),
        ("one private subnet", "subnetIds", subnets("data-1", "private-2")),
        ("a single data subnet", "subnetIds", subnets("data-1")),
        ("a subnet of another stack", "subnetIds", ["subnet-0123456789abcdef0"]),
        ("no subnets", "subnetIds", REMOVED),
    ),
    *each(
        "database-subnets@database-replica-1",
        REPLICA,
        ("a replica in the service's group", "vpcSecurityGroupIds", [group("service")]),
        ("a replica in other subnets", "dbSubnetGroupName", "default"),
        stacks=PRODUCTION,
    ),
)

KEPT = (
    *each(
        "database-deletion@database",
        PRIMARY,
        ("deletionProtection off", "deletionProtection", False),
        ("deletionProtection unset", "deletionProtection", REMOVED),
        ("automated backups deleted with the instance", "deleteAutomatedBackups", True),
        ("deleteAutomatedBackups unset", "deleteAutomatedBackups", REMOVED),
    ),
    *each(
        "database-deletion@database",
        PRIMARY,
        ("no final snapshot", "skipFinalSnapshot", True),
        ("a final snapshot without a name", "finalSnapshotIdentifier", REMOVED),
        stacks=PRODUCTION,
    ),
    mutation(
        "a promotion without a final snapshot",
        all_of(promoted, sets(PRIMARY, "skipFinalSnapshot", True)),
        "database-deletion@database",
        *PROMOTED_WITHOUT,
        stacks=DR,
    ),
    *each(
        "database-deletion@database-replica-1",
        REPLICA,
        ("deletionProtection off on a replica", "deletionProtection", False),
        stacks=PRODUCTION,
    ),
    *each(
        "backup-daily@database",
        PRIMARY,
        ("backups for 29 days", "backupRetentionPeriod", 29),
        ("no daily backups", "backupRetentionPeriod", 0),
        ("backupRetentionPeriod unset", "backupRetentionPeriod", REMOVED),
    ),
)

OBSERVED = (
    *each(
        "database-observed@database",
        PRIMARY,
        ("no export of PostgreSQL's log", "enabledCloudwatchLogsExports", ["upgrade"]),
        ("no export of the upgrade log", "enabledCloudwatchLogsExports", ["postgresql"]),
        ("no log exports", "enabledCloudwatchLogsExports", REMOVED),
        ("no monitoring", "monitoringInterval", 0),
        ("monitoringInterval unset", "monitoringInterval", REMOVED),
        *(
            (f"{path} {'unset' if value is REMOVED else 'off'}", path, value)
            for path in ("performanceInsightsEnabled", "copyTagsToSnapshot", "iamDatabaseAuthenticationEnabled")
            for value in (False, REMOVED)
        ),
    ),
    *each(
        "database-observed@database-replica-1",
        REPLICA,
        ("a replica without monitoring", "monitoringInterval", 0),
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            f"an instance of another name in {stack}",
            sets(PRIMARY, "identifier", "taskflow-second"),
            "database-logs-first@database",
            "alerting-disk@database",
            *more,
            stacks=(stack,),
        )
        for stack, more in (("production", ("backup-restore-test@restore-test",)), ("dr", ()))
    ),
    mutation("an export without a log group", removes("LogGroup database-upgrade"), "database-logs-first@database"),
    *each(
        "database-logs-first@database",
        "LogGroup database-postgresql",
        ("a log group of another name", "name", "/taskflow/postgresql"),
        ("a log group without a name", "name", REMOVED),
    ),
    *each(
        "database-logs-first@database",
        PRIMARY,
        (
            "a third export",
            "enabledCloudwatchLogsExports",
            ["postgresql", "upgrade", "iam-db-auth-error"],
        ),
    ),
)

PARAMETER_GROUPS = (
    *each(
        "database-parameters@database",
        PARAMETERS,
        ("parameters of another major version", "family", "postgres16"),
        ("family unset", "family", REMOVED),
    ),
    *(
        mutation(label, _parameters(PARAMETERS, max_connections=value), "database-parameters@database")
        for label, value in (
            ("connections by the instance's memory", "LEAST({DBInstanceClassMemory/9531392},5000)"),
            ("no connections", "0"),
            ("max_connections unset", None),
        )
    ),
    mutation(
        "a replica with fewer connections",
        _parameters("ParameterGroup database-replicas", max_connections="799"),
        "database-parameters@database-replica-1",
        stacks=PRODUCTION,
    ),
    mutation(
        "a distant replica with fewer connections",
        _parameters(PARAMETERS, max_connections="799"),
        "database-parameters@database",
        stacks=DR,
    ),
    *(
        mutation(
            label,
            sets(PRIMARY, "parameterGroupName", value),
            "database-parameters@database",
            "encryption-tls-database@database",
        )
        for label, value in (("AWS's parameters", "default.postgres15"), ("no parameter group", REMOVED))
    ),
)

CHANGES = (*ENGINE, *STORAGE, *AVAILABLE, *PLACE, *KEPT, *OBSERVED, *PARAMETER_GROUPS)
