"""The API operations of keys, secrets, roles, databases, Redis and backups. See row.py."""

from collections.abc import Mapping

from sandbox.service_models.row import Request, Row

DATA: Mapping[str, Row] = {
    "aws:backup/plan:Plan": Request(
        service="backup",
        operation="CreateBackupPlan",
        names={
            "name": "BackupPlan.BackupPlanName",
            "rules": "BackupPlan.Rules",
            "rules.targetVaultName": "TargetBackupVaultName",
            "rules.schedule": "ScheduleExpression",
            "rules.startWindow": "StartWindowMinutes",
            "rules.completionWindow": "CompletionWindowMinutes",
            "*.coldStorageAfter": "MoveToColdStorageAfterDays",
            "*.deleteAfter": "DeleteAfterDays",
            "rules.copyActions.destinationVaultArn": "DestinationBackupVaultArn",
            "advancedBackupSettings": "BackupPlan.AdvancedBackupSettings",
            "tags": "BackupPlanTags",
        },
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Request(
        service="backup",
        operation="CreateRestoreTestingPlan",
        names={
            "name": "RestoreTestingPlan.RestoreTestingPlanName",
            "scheduleExpression": "RestoreTestingPlan.ScheduleExpression",
            "scheduleExpressionTimezone": "RestoreTestingPlan.ScheduleExpressionTimezone",
            "startWindowHours": "RestoreTestingPlan.StartWindowHours",
            "recoveryPointSelection": "RestoreTestingPlan.RecoveryPointSelection",
        },
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Request(
        service="backup",
        operation="CreateRestoreTestingSelection",
        names={
            "name": "RestoreTestingSelection.RestoreTestingSelectionName",
            "iamRoleArn": "RestoreTestingSelection.IamRoleArn",
            "protectedResourceArns": "RestoreTestingSelection.ProtectedResourceArns",
            "protectedResourceConditions": "RestoreTestingSelection.ProtectedResourceConditions",
            "protectedResourceType": "RestoreTestingSelection.ProtectedResourceType",
            "restoreMetadataOverrides": "RestoreTestingSelection.RestoreMetadataOverrides",
            "validationWindowHours": "RestoreTestingSelection.ValidationWindowHours",
        },
    ),
    "aws:backup/selection:Selection": Request(
        service="backup",
        operation="CreateBackupSelection",
        names={
            "planId": "BackupPlanId",
            "name": "BackupSelection.SelectionName",
            "iamRoleArn": "BackupSelection.IamRoleArn",
            "resources": "BackupSelection.Resources",
            "notResources": "BackupSelection.NotResources",
            "selectionTags": "BackupSelection.ListOfTags",
            "selectionTags.type": "ConditionType",
            "selectionTags.key": "ConditionKey",
            "selectionTags.value": "ConditionValue",
            "conditions": "BackupSelection.Conditions",
        },
    ),
    "aws:backup/vault:Vault": Request(
        service="backup",
        operation="CreateBackupVault",
        names={
            "name": "BackupVaultName",
            "kmsKeyArn": "EncryptionKeyArn",
            "tags": "BackupVaultTags",
            # Used only when the vault is deleted.
            "forceDestroy": None,
        },
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Request(
        service="backup", operation="PutBackupVaultLockConfiguration"
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Request(
        service="elasticache",
        operation="CreateCacheParameterGroup",
        names={
            "name": "CacheParameterGroupName",
            "family": "CacheParameterGroupFamily",
            "parameters": "ModifyCacheParameterGroup:ParameterNameValues",
            "parameters.name": "ParameterName",
            "parameters.value": "ParameterValue",
        },
        set_by_provider=frozenset({"ModifyCacheParameterGroup:CacheParameterGroupName"}),
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Request(
        service="elasticache",
        operation="CreateReplicationGroup",
        names={
            "description": "ReplicationGroupDescription",
            "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName",
            "subnetGroupName": "CacheSubnetGroupName",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "securityGroupNames": "CacheSecurityGroupNames",
            "preferredCacheClusterAzs": "PreferredCacheClusterAZs",
            "logDeliveryConfigurations.destination": "DestinationDetails.CloudWatchLogsDetails.LogGroup",
            "finalSnapshotIdentifier": None,
            "applyImmediately": None,
            "authTokenUpdateStrategy": None,
        },
        # The provider generates an id if none is set.
        set_by_provider=frozenset({"ReplicationGroupId"}),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Request(
        service="elasticache",
        operation="CreateCacheSubnetGroup",
        names={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Request(
        service="iam", operation="UpdateAccountPasswordPolicy"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Request(
        service="iam",
        operation="CreateOpenIDConnectProvider",
        names={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
    ),
    "aws:iam/policy:Policy": Request(
        service="iam", operation="CreatePolicy", names={"name": "PolicyName", "policy": "PolicyDocument"}
    ),
    "aws:iam/role:Role": Request(
        service="iam",
        operation="CreateRole",
        names={
            "name": "RoleName",
            "assumeRolePolicy": "AssumeRolePolicyDocument",
            "forceDetachPolicies": None,
            "inlinePolicies": None,
            "managedPolicyArns": None,
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": Request(
        service="iam",
        operation="PutRolePolicy",
        names={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Request(
        service="iam", operation="AttachRolePolicy", names={"role": "RoleName"}
    ),
    "aws:kms/alias:Alias": Request(service="kms", operation="CreateAlias", names={"name": "AliasName"}),
    "aws:kms/key:Key": Request(
        service="kms",
        operation="CreateKey",
        names={
            # They decide whether EnableKeyRotation and DisableKey are called.
            "enableKeyRotation": None,
            "isEnabled": None,
            "rotationPeriodInDays": "EnableKeyRotation:RotationPeriodInDays",
            "deletionWindowInDays": "ScheduleKeyDeletion:PendingWindowInDays",
        },
        set_by_provider=frozenset({"EnableKeyRotation:KeyId", "ScheduleKeyDeletion:KeyId"}),
    ),
    "aws:rds/instance:Instance": Request(
        service="rds",
        operation="CreateDBInstance",
        names={
            "identifier": "DBInstanceIdentifier",
            "instanceClass": "DBInstanceClass",
            "username": "MasterUsername",
            "password": "MasterUserPassword",
            "manageMasterUserPassword": "ManageMasterUserPassword",
            "backupWindow": "PreferredBackupWindow",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "parameterGroupName": "DBParameterGroupName",
            "caCertIdentifier": "CACertificateIdentifier",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "replicateSourceDb": "CreateDBInstanceReadReplica:SourceDBInstanceIdentifier",
            "finalSnapshotIdentifier": "DeleteDBInstance:FinalDBSnapshotIdentifier",
            "applyImmediately": None,
            "skipFinalSnapshot": None,
            "deleteAutomatedBackups": None,
            "allowMajorVersionUpgrade": None,
        },
        set_by_provider=frozenset(
            {
                # A replica has its source's engine and is created by another operation with the same members.
                "Engine",
                "CreateDBInstanceReadReplica:DBInstanceIdentifier",
                "DeleteDBInstance:DBInstanceIdentifier",
            }
        ),
    ),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": Request(
        service="rds",
        operation="StartDBInstanceAutomatedBackupsReplication",
        names={"retentionPeriod": "BackupRetentionPeriod"},
    ),
    "aws:rds/parameterGroup:ParameterGroup": Request(
        service="rds",
        operation="CreateDBParameterGroup",
        names={
            "name": "DBParameterGroupName",
            "family": "DBParameterGroupFamily",
            "parameters": "ModifyDBParameterGroup:Parameters",
            "parameters.name": "ParameterName",
            "parameters.value": "ParameterValue",
            "skipDestroy": None,
        },
        set_by_provider=frozenset({"ModifyDBParameterGroup:DBParameterGroupName"}),
    ),
    "aws:rds/subnetGroup:SubnetGroup": Request(
        service="rds",
        operation="CreateDBSubnetGroup",
        names={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
    ),
    "aws:secretsmanager/secret:Secret": Request(
        service="secretsmanager",
        operation="CreateSecret",
        names={
            "replicas": "AddReplicaRegions",
            "forceOverwriteReplicaSecret": "ForceOverwriteReplicaSecret",
            "policy": "PutResourcePolicy:ResourcePolicy",
            "recoveryWindowInDays": "DeleteSecret:RecoveryWindowInDays",
        },
        set_by_provider=frozenset({"DeleteSecret:SecretId", "PutResourcePolicy:SecretId"}),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Request(service="secretsmanager", operation="PutSecretValue"),
}
