"""What AWS answers for keys, secrets, RDS, ElastiCache and AWS Backup. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_MANAGED = "Managed by Pulumi"

DATA: Mapping[str, Kind] = {
    "aws:backup/plan:Plan": Kind(
        id="{hex8}-{hex:.4}-4000-8000-{hex:.12}",
        outputs={
            "arn": "arn:aws:backup:{region}:{account}:backup-plan:{hex8}-{hex:.4}-4000-8000-{hex:.12}",
            "version": "{hex32}",
        },
        autoname="name",
        autoname_max=50,
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Kind(
        id="{in[name]}",
        outputs={
            "arn": "arn:aws:backup:{region}:{account}:restore-testing-plan:{in[name]}-"
            "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
        },
        aws_defaults={"scheduleExpressionTimezone": "Etc/UTC", "startWindowHours": 24},
        unique="name",
        collision_error="AlreadyExistsException: Restore testing plan {name} already exists",
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Kind(
        id="{in[name]}:{in[restoreTestingPlanName]}",
        aws_defaults={"validationWindowHours": 0},
        unique="name",
        unique_within="restoreTestingPlanName",
        collision_error="AlreadyExistsException: Restore testing selection {name} already exists",
        has_tags=False,
    ),
    "aws:backup/selection:Selection": Kind(
        id="{hex8}-{hex:.4}-4000-8000-{hex:.12}", autoname="name", autoname_max=50, has_tags=False
    ),
    "aws:backup/vault:Vault": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:backup:{region}:{account}:backup-vault:{name}", "recoveryPoints": 0},
        autoname="name",
        autoname_max=50,
        unique="name",
        collision_error="AlreadyExistsException: Backup vault with the same name already exists",
        is_stateful=True,
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Kind(
        id="{in[backupVaultName]}",
        outputs={"backupVaultArn": "arn:aws:backup:{region}:{account}:backup-vault:{in[backupVaultName]}"},
        has_tags=False,
        is_stateful=True,
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:elasticache:{region}:{account}:parametergroup:{name}"},
        provider_defaults={"description": _MANAGED},
        autoname="name",
        unique="name",
        collision_error="CacheParameterGroupAlreadyExists: Cache parameter group {name} already exists",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:elasticache:{region}:{account}:replicationgroup:{name}",
            "clusterEnabled": True,
            "configurationEndpointAddress": "clustercfg.{name}.{hex:.6}.cache.amazonaws.com",
            "engineVersionActual": "7.0.7",
        },
        aws_defaults={"clusterMode": "enabled", "networkType": "ipv4", "ipDiscovery": "ipv4"},
        provider_defaults={"automaticFailoverEnabled": False, "multiAzEnabled": False},
        # The number of nodes depends on inputs that a template can't count.
        empty_outputs=frozenset({"memberClusters", "primaryEndpointAddress", "readerEndpointAddress"}),
        unique="replicationGroupId",
        collision_error="ReplicationGroupAlreadyExists: Replication group {name} already exists.",
        is_stateful=True,
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:elasticache:{region}:{account}:subnetgroup:{name}", "vpcId": "vpc-{hex}"},
        provider_defaults={"description": _MANAGED},
        autoname="name",
        unique="name",
        collision_error="CacheSubnetGroupAlreadyExists: Cache subnet group {name} already exists.",
    ),
    "aws:kms/alias:Alias": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:kms:{region}:{account}:{name}",
            "targetKeyArn": "arn:aws:kms:{region}:{account}:key/{in[targetKeyId]}",
        },
        autoname="name",
        unique="name",
        collision_error="AlreadyExistsException: An alias with the name {name} already exists",
        has_tags=False,
    ),
    "aws:kms/key:Key": Kind(
        id="{hex8}-{hex:.4}-4000-8000-{hex:.12}",
        outputs={
            "arn": "arn:aws:kms:{region}:{account}:key/{hex8}-{hex:.4}-4000-8000-{hex:.12}",
            "keyId": "{hex8}-{hex:.4}-4000-8000-{hex:.12}",
        },
        aws_defaults={"multiRegion": False, "rotationPeriodInDays": 365},
        provider_defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": False,
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        is_stateful=True,
    ),
    "aws:rds/instance:Instance": Kind(
        id="db-{hex32:.26}",
        outputs={
            "address": "{name}.c{hex:.11}.{region}.rds.amazonaws.com",
            "arn": "arn:aws:rds:{region}:{account}:db:{name}",
            "endpoint": "{name}.c{hex:.11}.{region}.rds.amazonaws.com:{in[port]}",
            "engineVersionActual": "15.17",
            "hostedZoneId": "Z2R2ITUGPM61AM",
            "resourceId": "db-{hex32:.26}",
            "status": "available",
        },
        aws_defaults={"engine": "postgres", "licenseModel": "postgresql-license", "networkType": "IPV4"},
        provider_defaults={
            "applyImmediately": False,
            "autoMinorVersionUpgrade": True,
            "copyTagsToSnapshot": False,
            "dedicatedLogVolume": False,
            "deleteAutomatedBackups": True,
            "monitoringInterval": 0,
            "performanceInsightsEnabled": False,
            "publiclyAccessible": False,
            "skipFinalSnapshot": False,
        },
        empty_outputs=frozenset(
            {"latestRestorableTime", "listenerEndpoints", "masterUserSecrets", "replicas", "upgradeRolloutOrder"}
        ),
        autoname="identifier",
        autoname_max=63,
        unique="identifier",
        collision_error="DBInstanceAlreadyExists: DB instance already exists",
        is_stateful=True,
        deletion_guard="deletionProtection",
        deletion_error="InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion "
        "protection and try again.",
        imported_by="identifier",
        # rds/instance.go: resourceInstanceImport sets the first two, and resourceInstanceRead none of the others.
        import_values={
            "skipFinalSnapshot": True,
            "deleteAutomatedBackups": True,
            "applyImmediately": None,
            "finalSnapshotIdentifier": None,
            "password": None,
        },
        change_errors={"replicateSourceDb": "cannot elect new source database for replication"},
    ),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": Kind(
        id="arn:aws:rds:{region}:{account}:auto-backup:ab-{hex32:.26}", has_tags=False, is_stateful=True
    ),
    "aws:rds/parameterGroup:ParameterGroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:rds:{region}:{account}:pg:{name}"},
        provider_defaults={"description": _MANAGED, "skipDestroy": False},
        autoname="name",
        unique="name",
        collision_error="DBParameterGroupAlreadyExists: Parameter group {name} already exists",
    ),
    "aws:rds/subnetGroup:SubnetGroup": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:rds:{region}:{account}:subgrp:{name}",
            "supportedNetworkTypes": ["IPV4"],
            "vpcId": "vpc-{hex}",
        },
        provider_defaults={"description": _MANAGED},
        autoname="name",
        unique="name",
        collision_error="DBSubnetGroupAlreadyExists: The DB subnet group '{name}' already exists.",
    ),
    "aws:secretsmanager/secret:Secret": Kind(
        id="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{hex:.6}",
        outputs={"arn": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-{hex:.6}"},
        provider_defaults={"forceOverwriteReplicaSecret": False},
        autoname="name",
        autoname_max=512,
        unique="name",
        collision_error="ResourceExistsException: The operation failed because the secret {name} already exists.",
        is_stateful=True,
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Kind(
        id="{in[secretId]}|terraform-{hex32:.26}",
        outputs={
            "arn": "{in[secretId]}",
            "hasSecretStringWo": False,
            "secretArn": "{in[secretId]}",
            "versionId": "terraform-{hex32:.26}",
        },
        has_tags=False,
        is_stateful=True,
    ),
}
