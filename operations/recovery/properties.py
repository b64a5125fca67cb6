"""Each property that a restored instance must share with production's, how RDS is asked for it, and the comparison.

One table: what the restore call asks for, what ModifyDBInstance corrects, and what is checked on the instance that came
up (facts 21 and 70: what a restore doesn't ask for gets AWS's defaults).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.recovery.blueprint import Blueprint
from operations.recovery.rds import Description, tags_of

EXTENDED_SUPPORT_OFF = "open-source-rds-extended-support-disabled"
# Those of components/data/postgres.py.
EXPORTS = ("postgresql", "upgrade")


def _is_equal(found: Any, wanted: Any) -> bool:
    return found == wanted


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property: what the stack has, what an instance has, and the parameters that ask for it.

    `restore` is the parameter of both restore calls, `modify` that of ModifyDBInstance; empty: it can't be asked for.
    """

    title: str
    wanted: Callable[[Blueprint], Any]
    found: Callable[[Description], Any]
    restore: str = ""
    modify: str = ""
    matches: Callable[[Any, Any], bool] = _is_equal


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A property of an instance beside what the stack has."""

    of: Property
    wanted: Any
    found: Any

    @property
    def is_equal(self) -> bool:
        """Whether the instance has it."""
        return self.of.matches(self.found, self.wanted)


def _of(member: str, default: Any = None) -> Callable[[Description], Any]:
    return lambda instance: instance.get(member, default)


def _has(value: Any) -> Callable[[Blueprint], Any]:
    return lambda _: value


def _is_of_version(found: Any, wanted: Any) -> bool:
    """Whether a version is the settings' one: they may leave the minor to AWS."""
    return str(found) == wanted or str(found).startswith(f"{wanted}.")


def _is_at_least(found: Any, wanted: Any) -> bool:
    """Whether the storage is as large: AWS grows it, and it never shrinks."""
    return found is not None and found >= wanted


def _has_tags(found: Any, wanted: Any) -> bool:
    return wanted.items() <= found.items()


PROPERTIES: Sequence[Property] = (
    Property(
        title="engine version", wanted=lambda own: own.rds.version, found=_of("EngineVersion"), matches=_is_of_version
    ),
    Property(
        title="lifecycle support", wanted=_has(EXTENDED_SUPPORT_OFF), found=_of("EngineLifecycleSupport"),
        restore="EngineLifecycleSupport",
    ),
    Property(
        title="class", wanted=lambda own: own.rds.instance_class, found=_of("DBInstanceClass"),
        restore="DBInstanceClass", modify="DBInstanceClass",
    ),
    Property(
        title="storage, GiB", wanted=lambda own: own.rds.storage, found=_of("AllocatedStorage"), matches=_is_at_least
    ),
    # Without it in the request: RDS requires iops beside gp3, and rejects them below 400 GiB (fact 1).
    Property(title="storage type", wanted=lambda own: own.rds.storage_type, found=_of("StorageType")),
    Property(
        title="storage ceiling, GiB", wanted=lambda own: own.rds.max_storage, found=_of("MaxAllocatedStorage"),
        modify="MaxAllocatedStorage",
    ),
    # RDS takes the key of the backup; a snapshot under another key is copied first.
    Property(title="encryption key", wanted=lambda own: own.storage_key, found=_of("KmsKeyId")),
    Property(
        title="security groups", wanted=lambda own: sorted(own.security_groups),
        found=lambda instance: sorted(each["VpcSecurityGroupId"] for each in instance.get("VpcSecurityGroups", [])),
        restore="VpcSecurityGroupIds", modify="VpcSecurityGroupIds",
    ),
    Property(
        title="subnet group", wanted=lambda own: own.subnet_group,
        found=lambda instance: instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName"), restore="DBSubnetGroupName",
    ),
    # Not corrected afterwards: it would take effect at a reboot.
    Property(
        title="parameter group", wanted=lambda own: own.parameter_group,
        found=lambda instance: _parameters(instance).get("DBParameterGroupName"), restore="DBParameterGroupName",
    ),
    Property(
        title="parameters", wanted=_has("in-sync"),
        found=lambda instance: _parameters(instance).get("ParameterApplyStatus"),
    ),
    Property(
        title="multi-AZ", wanted=lambda own: own.rds.multi_az, found=_of("MultiAZ"), restore="MultiAZ", modify="MultiAZ"
    ),
    Property(
        title="public access", wanted=_has(value=False), found=_of("PubliclyAccessible"), restore="PubliclyAccessible",
        modify="PubliclyAccessible",
    ),
    Property(
        title="port", wanted=lambda own: own.port, found=lambda instance: instance.get("Endpoint", {}).get("Port"),
        restore="Port",
    ),
    Property(
        title="deletion protection", wanted=lambda own: own.rds.deletion_protection, found=_of("DeletionProtection"),
        restore="DeletionProtection", modify="DeletionProtection",
    ),
    Property(
        title="IAM authentication", wanted=_has(value=True), found=_of("IAMDatabaseAuthenticationEnabled"),
        restore="EnableIAMDatabaseAuthentication", modify="EnableIAMDatabaseAuthentication",
    ),
    Property(
        title="log exports", wanted=_has(sorted(EXPORTS)),
        found=lambda instance: sorted(instance.get("EnabledCloudwatchLogsExports", [])),
        restore="EnableCloudwatchLogsExports", modify="CloudwatchLogsExportConfiguration",
    ),
    Property(
        title="certificate authority", wanted=lambda own: own.rds.certificate_authority,
        found=_of("CACertificateIdentifier"), restore="CACertificateIdentifier", modify="CACertificateIdentifier",
    ),
    Property(
        title="tags to snapshots", wanted=_has(value=True), found=_of("CopyTagsToSnapshot"),
        restore="CopyTagsToSnapshot", modify="CopyTagsToSnapshot",
    ),
    Property(
        title="minor upgrades", wanted=lambda own: own.rds.auto_minor_version_upgrade,
        found=_of("AutoMinorVersionUpgrade"), restore="AutoMinorVersionUpgrade", modify="AutoMinorVersionUpgrade",
    ),
    Property(
        title="backups, days", wanted=lambda own: own.rds.backup_retention, found=_of("BackupRetentionPeriod"),
        modify="BackupRetentionPeriod",
    ),
    Property(
        title="backup window", wanted=lambda own: own.rds.backup_window, found=_of("PreferredBackupWindow"),
        modify="PreferredBackupWindow",
    ),
    Property(
        title="maintenance window", wanted=lambda own: own.rds.maintenance_window,
        found=_of("PreferredMaintenanceWindow"), modify="PreferredMaintenanceWindow",
    ),
    Property(
        title="monitoring, seconds", wanted=lambda own: own.rds.monitoring_interval,
        found=_of("MonitoringInterval", 0), modify="MonitoringInterval",
    ),
    Property(
        title="monitoring role", wanted=lambda own: own.monitoring_role, found=_of("MonitoringRoleArn"),
        modify="MonitoringRoleArn",
    ),
    Property(
        title="Performance Insights", wanted=_has(value=True), found=_of("PerformanceInsightsEnabled"),
        modify="EnablePerformanceInsights",
    ),
    Property(
        title="Insights' key", wanted=lambda own: own.key, found=_of("PerformanceInsightsKMSKeyId"),
        modify="PerformanceInsightsKMSKeyId",
    ),
    Property(
        title="insights mode", wanted=_has("standard"), found=_of("DatabaseInsightsMode"), modify="DatabaseInsightsMode"
    ),
    Property(title="tags", wanted=lambda own: own.tags, found=tags_of, matches=_has_tags),
)  # fmt: skip


def restore_request(own: Blueprint) -> Mapping[str, Any]:
    """Return what a restore call asks for, of either kind."""
    return {each.restore: each.wanted(own) for each in PROPERTIES if each.restore}


def compare(instance: Description, own: Blueprint) -> Sequence[Compared]:
    """Compare every property."""
    return [Compared(of=each, wanted=each.wanted(own), found=each.found(instance)) for each in PROPERTIES]


def modification(compared: Sequence[Compared]) -> Mapping[str, Any]:
    """Return what ModifyDBInstance can correct."""
    request = {each.of.modify: each.wanted for each in compared if each.of.modify and not each.is_equal}
    if exports := request.get("CloudwatchLogsExportConfiguration"):
        request["CloudwatchLogsExportConfiguration"] = {"EnableLogTypes": exports}
    return request


def _parameters(instance: Description) -> Description:
    groups = instance.get("DBParameterGroups", [])
    return groups[0] if groups else {}
