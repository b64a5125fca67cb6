"""The compliant data tier as plain data: keys, PostgreSQL, Redis, secrets, backups."""

import json

from tests.policies.plan import Plan, Planned, Ref

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
COPY_REGION = "us-west-2"

KEY = "aws:kms/key:Key"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INSTANCE = "aws:rds/instance:Instance"
DB_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
DB_SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
PASSWORD = "random:index/randomPassword:RandomPassword"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
VAULT = "aws:backup/vault:Vault"
VAULT_LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
BACKUP_PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
DAILY_COPY = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
SOURCE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:taskflow-production"

# The most used keys of the plan (the type's last part and the name).
PRIMARY = "Instance database"
REPLICA = "Instance database-replica-1"
REDIS = "ReplicationGroup cache"


def add_data_tier(plan: Plan) -> None:
    """Add production's primary with a replica and copies in another region, or dr's replica of production's primary."""
    is_dr = plan.stack == "dr"
    region = REGIONS.get(plan.stack, "us-east-1")
    for purpose in ("data", "logs", "secrets", "messages", "assets"):
        _key(plan, purpose, region)
    if not is_dr:
        for purpose in ("data", "secrets", "assets"):
            _key(plan, f"{purpose}-copy", COPY_REGION).inputs["region"] = COPY_REGION
    _log_group(plan, "database-os-metrics", "RDSOSMetrics")
    _database(plan, is_dr=is_dr)
    _cache(plan)
    _backups(plan, is_dr=is_dr)


def database_log_groups(plan: Plan) -> list[str]:
    """Return the keys of the PostgreSQL log groups."""
    groups = (planned for planned in plan.resources.values() if planned.type == LOG_GROUP)
    return [group.key for group in groups if str(group.inputs["name"]).endswith("/postgresql")]


def key(purpose: str) -> Ref:
    """Return a reference to the ARN of a key."""
    return Ref(to=f"Key keys-{purpose}", output="arn")


def policy_statements(purpose: str) -> list[dict[str, object]]:
    """Return the statements of a compliant key policy: administration by the account, use through one service."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return [
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": root,
            "Action": ["kms:Describe*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
        },
        {
            "Sid": "Use",
            "Effect": "Allow",
            "Principal": root,
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"{purpose}.us-east-1.amazonaws.com"}
            },
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": {
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"}
            },
        },
    ]


def _key(plan: Plan, purpose: str, region: str) -> Planned:
    planned = plan.add(
        KEY,
        f"keys-{purpose}",
        None,
        description=f"Encrypts {purpose}",
        enableKeyRotation=True,
        deletionWindowInDays=30,
        isEnabled=True,
        policy=json.dumps({"Version": "2012-10-17", "Statement": policy_statements(purpose)}),
    )
    planned.protect = True
    planned.computed = {"arn": f"arn:aws:kms:{region}:{ACCOUNT}:key/{purpose}", "keyId": purpose}
    return planned


def _log_group(plan: Plan, name: str, physical: str) -> Planned:
    planned = plan.add(LOG_GROUP, name, None, name=physical, retentionInDays=90, kmsKeyId=key("logs"))
    planned.protect = True
    planned.computed = {"arn": f"arn:aws:logs:::log-group:{physical}"}
    return planned


def _secret(plan: Plan, name: str, *, is_copied: bool) -> None:
    password = plan.add(PASSWORD, name, None, length=40, special=False)
    password.computed = {"result": f"generated-{name}"}
    password.protect = True
    replicas = [{"region": COPY_REGION, "kmsKeyId": key("secrets-copy")}]
    secret = plan.add(
        SECRET,
        name,
        None,
        name=f"taskflow/{plan.stack}/{name}",
        kmsKeyId=key("secrets"),
        recoveryWindowInDays=30,
        **({"replicas": replicas} if is_copied else {}),
    )
    secret.protect = True
    secret.computed = {"arn": f"arn:secret:{name}"}
    result = Ref(to=f"RandomPassword {name}", output="result")
    plan.add(SECRET_VERSION, name, None, secretId=Ref(to=secret.key), secretString=result).protect = True


def _database(plan: Plan, *, is_dr: bool) -> None:
    subnets = plan.add(
        DB_SUBNETS,
        "database",
        None,
        subnetIds=[Ref(to=f"Subnet data-{n}", via=("Vpc network", *_SUBNETS)) for n in (1, 2)],
    )
    for name in ("database", *(() if is_dr else ("database-replicas",))):
        parameters = {"rds.force_ssl": "1", "max_connections": "800", "rds.accepted_password_auth_method": "scram"}
        rows = [{"name": n, "value": v, "applyMethod": "pending-reboot"} for n, v in parameters.items()]
        plan.add(DB_PARAMETERS, name, None, family="postgres15", parameters=rows)
    if not is_dr:
        for name in ("database-owner", "database-application"):
            _secret(plan, name, is_copied=True)
    common: dict[str, object] = {
        "instanceClass": "db.r6g.large",
        "storageType": "gp3",
        "maxAllocatedStorage": 390,
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "deletionProtection": True,
        "deleteAutomatedBackups": False,
        "copyTagsToSnapshot": True,
        "iamDatabaseAuthenticationEnabled": True,
        "autoMinorVersionUpgrade": True,
        "maintenanceWindow": "sun:04:00-sun:05:00",
        "monitoringInterval": 60,
        "performanceInsightsEnabled": True,
        "performanceInsightsKmsKeyId": key("data"),
        "vpcSecurityGroupIds": [Ref(to="SecurityGroup database")],
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
    }
    first = plan.add(
        INSTANCE,
        "database",
        None,
        **common,
        identifier=f"taskflow-{plan.stack}",
        kmsKeyId=key("data"),
        dbSubnetGroupName=Ref(to=subnets.key),
        parameterGroupName=Ref(to="ParameterGroup database"),
        backupRetentionPeriod=30,
        backupWindow="02:00-03:00",
    )
    if is_dr:
        first.inputs |= {"replicateSourceDb": SOURCE, "multiAz": False, "skipFinalSnapshot": True}
    else:
        first.inputs |= {
            "engine": "postgres",
            "engineVersion": "15",
            "dbName": "taskflow",
            "allocatedStorage": 200,
            "multiAz": True,
            "skipFinalSnapshot": False,
            "finalSnapshotIdentifier": f"taskflow-{plan.stack}-final-1",
            "username": "taskflow_admin",
            "password": Ref(to="RandomPassword database-owner", output="result"),
        }
    _existing(plan, first)
    if not is_dr:
        replica = plan.add(
            INSTANCE,
            "database-replica-1",
            None,
            **common,
            identifier=f"taskflow-{plan.stack}-replica-1",
            replicateSourceDb=Ref(to=first.key, output="identifier"),
            parameterGroupName=Ref(to="ParameterGroup database-replicas"),
            multiAz=False,
            backupRetentionPeriod=0,
            skipFinalSnapshot=True,
        )
        _existing(plan, replica)


def _existing(plan: Plan, instance: Planned) -> None:
    name = str(instance.inputs["identifier"])
    instance.protect = True
    instance.computed = {
        "identifier": name,
        "arn": f"arn:aws:rds:{REGIONS.get(plan.stack, 'us-east-1')}:{ACCOUNT}:db:{name}",
    }
    for export in ("postgresql", "upgrade"):
        _log_group(plan, f"{instance.name}-{export}", f"/aws/rds/instance/{name}/{export}")


def _cache(plan: Plan) -> None:
    for name in ("cache-slow", "cache-engine"):
        _log_group(plan, name, f"/taskflow/{plan.stack}/{name}")
    _secret(plan, "cache", is_copied=False)
    subnets = plan.add(
        CACHE_SUBNETS,
        "cache-subnets",
        None,
        subnetIds=[Ref(to=f"Subnet data-{n}", via=("Vpc network", *_SUBNETS)) for n in (1, 2)],
    )
    enabled = [{"name": "cluster-enabled", "value": "yes"}]
    parameters = plan.add(CACHE_PARAMETERS, "cache-parameters", None, family="redis7", parameters=enabled)
    group = plan.add(
        CACHE,
        "cache",
        None,
        replicationGroupId=f"taskflow-{plan.stack}",
        engine="redis",
        engineVersion="7.0",
        nodeType="cache.r6g.large",
        parameterGroupName=Ref(to=parameters.key),
        subnetGroupName=Ref(to=subnets.key),
        securityGroupIds=[Ref(to="SecurityGroup cache")],
        numNodeGroups=2,
        replicasPerNodeGroup=1,
        automaticFailoverEnabled=True,
        multiAzEnabled=True,
        atRestEncryptionEnabled=True,
        kmsKeyId=key("data"),
        transitEncryptionEnabled=True,
        authToken=Ref(to="RandomPassword cache", output="result"),
        snapshotRetentionLimit=7,
        snapshotWindow="05:30-06:30",
        maintenanceWindow="sun:08:30-sun:09:30",
        finalSnapshotIdentifier=f"taskflow-{plan.stack}-final-1",
        logDeliveryConfigurations=[
            {
                "destination": f"/taskflow/{plan.stack}/cache-{log}",
                "destinationType": "cloudwatch-logs",
                "logFormat": "json",
                "logType": f"{log}-log",
            }
            for log in ("slow", "engine")
        ],
    )
    group.protect = True


def _backups(plan: Plan, *, is_dr: bool) -> None:
    copies = () if is_dr else ("copy",)
    for name in ("backups", *(f"backups-{copy}" for copy in copies)):
        elsewhere = {"region": COPY_REGION} if name != "backups" else {}
        used = key("data-copy" if elsewhere else "data")
        vault = plan.add(VAULT, name, None, name=f"taskflow-{plan.stack}-{name}", kmsKeyArn=used, **elsewhere)
        vault.protect = True
        vault.computed = {"arn": f"arn:vault:{name}"}
        plan.add(
            VAULT_LOCK,
            name,
            None,
            backupVaultName=Ref(to=vault.key),
            minRetentionDays=90,
            maxRetentionDays=365,
            **elsewhere,
        ).protect = True
    action = {"destinationVaultArn": Ref(to="Vault backups-copy", output="arn"), "lifecycle": {"deleteAfter": 90}}
    weekly: dict[str, object] = {
        "ruleName": "weekly",
        "targetVaultName": Ref(to="Vault backups"),
        "schedule": "cron(0 7 ? * SUN *)",
        "startWindow": 60,
        "completionWindow": 240,
        "lifecycle": {"deleteAfter": 90},
    }
    if not is_dr:
        weekly["copyActions"] = [action]
    planned = plan.add(BACKUP_PLAN, "weekly", None, name=f"taskflow-{plan.stack}-weekly", rules=[weekly])
    if is_dr:
        return
    primary = Ref(to=PRIMARY, output="arn")
    plan.add(SELECTION, "weekly", None, planId=Ref(to=planned.key), resources=[primary], iamRoleArn="arn:role")
    plan.add(
        DAILY_COPY,
        "daily-copy",
        None,
        sourceDbInstanceArn=primary,
        kmsKeyId=key("data-copy"),
        retentionPeriod=30,
        region=COPY_REGION,
    ).protect = True


_SUBNETS = tuple(f"Subnet {tier}-{n}" for tier in ("public", "private", "data") for n in (1, 2))
