"""Replacements for keys, secrets, RDS, ElastiCache and AWS Backup. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

DATA: Mapping[str, Replacement] = {
    "aws:backup/plan:Plan": row("backup/plan.go: no ForceNew; another name, rules and all are UpdateBackupPlan"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": row(
        "backup/restore_testing_plan.go: RequiresReplace; all else is UpdateRestoreTestingPlan", "name"
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": row(
        "backup/restore_testing_selection.go: RequiresReplace; changed protectedResourceArns alone aren't sent to AWS",
        "name", "protectedResourceType", "restoreTestingPlanName",
    ),
    "aws:backup/selection:Selection": row(
        "backup/selection.go: ForceNew on all; AWS Backup has no call that modifies a selection",
        "conditions", "iamRoleArn", "name", "notResources", "planId", "resources", "selectionTags",
    ),
    "aws:backup/vault:Vault": row("backup/vault.go: ForceNew", "name", unless_removed=frozenset({"kmsKeyArn"})),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": row(
        "backup/vault_lock_configuration.go: ForceNew on all",
        "backupVaultName", "changeableForDays", "maxRetentionDays", "minRetentionDays",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": row(
        "elasticache/parameter_group.go: ForceNew; parameters change in place", "description", "family", "name"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": row(
        "elasticache/replication_group.go: ForceNew, and CustomizeDiff for nodeGroupConfigurations and for a "
        "downgrade of the engine",
        "kmsKeyId", "nodeGroupConfigurations", "port", "replicationGroupId", "snapshotArns", "snapshotName",
        unless_removed=frozenset({
            "atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "networkType",
            "securityGroupNames", "subnetGroupName",
        }),
        downgraded=frozenset({"engineVersion"}),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": row(
        "elasticache/subnet_group.go: ForceNew; subnets and description change in place", "name"
    ),
    "aws:kms/alias:Alias": row("kms/alias.go: ForceNew; another key is UpdateAlias", "name", "namePrefix"),
    "aws:kms/key:Key": row(
        "kms/key.go: ForceNew; policy, rotation and deletion window change in place",
        "customKeyStoreId", "customerMasterKeySpec", "keyUsage", "xksKeyId",
        unless_removed=frozenset({"multiRegion"}),
    ),
    "aws:rds/instance:Instance": row(
        "rds/instance.go: ForceNew. Another identifier is a rename (NewDBInstanceIdentifier), in place; so is the "
        "promotion (PromoteReadReplica) that follows when replicateSourceDb goes away",
        "customIamInstanceProfile", "restoreToPointInTime", "s3Import", "storageEncrypted",
        unless_removed=frozenset({
            "availabilityZone", "backupTarget", "characterSetName", "dbName", "engine", "kmsKeyId",
            "ncharCharacterSetName", "snapshotIdentifier", "timezone", "username",
        }),
    ),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": row(
        "rds/instance_automated_backups_replication.go: ForceNew on all; RDS has no call that modifies a replication",
        "kmsKeyId", "preSignedUrl", "retentionPeriod", "sourceDbInstanceArn",
    ),
    "aws:rds/parameterGroup:ParameterGroup": row(
        "rds/parameter_group.go: ForceNew; parameters change in place", "description", "family", "name", "namePrefix"
    ),
    "aws:rds/subnetGroup:SubnetGroup": row(
        "rds/subnet_group.go: ForceNew; subnets and description change in place", "name", "namePrefix"
    ),
    "aws:secretsmanager/secret:Secret": row(
        "secretsmanager/secret.go: ForceNew; key, replicas and recovery window change in place", "name", "namePrefix"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": row(
        "secretsmanager/secret_version.go: ForceNew; labels change in place", "secretBinary", "secretId", "secretString"
    ),
}  # fmt: skip
