"""What a request of RDS asks for, by the names of DescribeDBInstances."""

from collections.abc import Mapping
from typing import Any

from tests.operations.fake.rds_state import parameter_group, security_groups, subnet_group
from tests.operations.fake.wire import ServiceError

# Members of restores and modifications that a description has by the same name.
SAME = (
    "AllocatedStorage", "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CACertificateIdentifier",
    "CopyTagsToSnapshot", "DBInstanceClass", "DatabaseInsightsMode", "DeletionProtection", "EngineLifecycleSupport",
    "EngineVersion", "MaxAllocatedStorage", "MonitoringInterval", "MonitoringRoleArn", "MultiAZ",
    "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "PubliclyAccessible",
)  # fmt: skip
RENAMED = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "Tags": "TagList",
}
# Shown as pending until they apply (PendingModifiedValues).
PENDING = (
    "AllocatedStorage", "BackupRetentionPeriod", "CACertificateIdentifier", "DBInstanceClass", "EngineVersion",
    "IAMDatabaseAuthenticationEnabled", "MultiAZ",
)  # fmt: skip
# What identifies the instance and its source, or how the request is carried out.
ABOUT = frozenset(
    {
        "DBInstanceIdentifier", "TargetDBInstanceIdentifier", "DBSnapshotIdentifier", "SourceDBInstanceIdentifier",
        "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn", "RestoreTime", "UseLatestRestorableTime",
        "ApplyImmediately",
    }
)  # fmt: skip
SPECIAL = frozenset(
    {"VpcSecurityGroupIds", "DBParameterGroupName", "DBSubnetGroupName", "Port", "CloudwatchLogsExportConfiguration"}
)


def wanted(request: Mapping[str, Any], current: Mapping[str, Any], *, is_new: bool, vpc: str) -> dict[str, Any]:
    """Return the values that a request asks for; an instance that exists reads a new parameter group at a reboot."""
    unknown = request.keys() - {*SAME, *RENAMED, *SPECIAL, *ABOUT}
    assert not unknown, f"the fake of RDS doesn't know {', '.join(sorted(unknown))}"
    values = {name: request[name] for name in SAME if name in request}
    values |= {RENAMED[name]: request[name] for name in RENAMED if name in request}
    if "VpcSecurityGroupIds" in request:
        values["VpcSecurityGroups"] = security_groups(*request["VpcSecurityGroupIds"])
    if "DBParameterGroupName" in request:
        status = "in-sync" if is_new else "pending-reboot"
        values["DBParameterGroups"] = parameter_group(request["DBParameterGroupName"], status)
    if "DBSubnetGroupName" in request:
        values["DBSubnetGroup"] = subnet_group(request["DBSubnetGroupName"], vpc)
    if "Port" in request:
        values["Endpoint"] = {**current.get("Endpoint", {}), "Port": request["Port"]}
    if logs := request.get("CloudwatchLogsExportConfiguration"):
        exports = set(current["EnabledCloudwatchLogsExports"]) | set(logs.get("EnableLogTypes", []))
        values["EnabledCloudwatchLogsExports"] = sorted(exports - set(logs.get("DisableLogTypes", [])))
    return values


def require_monitoring_role(values: Mapping[str, Any]) -> None:
    """Refuse monitoring without a role, and insights of another kind than asked for."""
    if values.get("MonitoringInterval") and not values.get("MonitoringRoleArn"):
        raise ServiceError(
            "InvalidParameterCombination", "A MonitoringRoleARN value is required if you specify a MonitoringInterval"
        )
