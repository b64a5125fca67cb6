"""BackupPlan: weekly snapshots, their vaults, copies and restore tests, in addition to RDS's own backups.

Section: Backup & Recovery. A locked vault keeps a weekly snapshot of each primary. With copies enabled, the snapshot is
copied to a vault in the other region, and the daily backups are replicated there. Each week the newest snapshot is
restored, as a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.postgres import PostgresOutputs
from components.data.restore_testing import RestoreTesting
from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import trust_policy
from settings.backup import Backup
from settings.windows import weekly_cron

SERVICE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"


@dataclass(frozen=True, kw_only=True)
class BackupOutputs:
    """ARNs of the vault in the stack's region, of the vault for copies if there is one, and of the restore tests' plan.

    `tested` is the number of databases that are tested each week.
    """

    vault_arn: pulumi.Output[str]
    copy_vault_arn: pulumi.Output[str] | None
    restore_testing_plan_arn: pulumi.Output[str]
    tested: int


class BackupPlan(pulumi.ComponentResource):
    """AWS Backup for the primaries of one stack, which may have none until a promotion."""

    outputs: BackupOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Backup,
        database: PostgresOutputs,
        network: NetworkOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:data:BackupPlan", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._child_opts = pulumi.ResourceOptions(parent=self)

        primary_arns = database.primary_arns
        vault = self._vault(name, keys.data)
        copy_vault = None
        if settings.recovery and keys.copies:
            copy_vault = self._vault(f"{name}-copy", keys.copies.data, region=settings.recovery.region)
            self._replicate_daily_backups(primary_arns, keys.copies.data, settings.recovery.region)
        plan = self._plan(vault, copy_vault)
        role, permission = self._role()
        if primary_arns:
            self._select(plan, primary_arns, role, permission)

        tests = RestoreTesting(
            f"{name}-restore-test",
            environment=environment,
            settings=settings.restore_test,
            vault_arn=vault.arn,
            database=database,
            network=network,
            opts=self._child_opts,
        ).outputs

        self.outputs = BackupOutputs(
            vault_arn=vault.arn,
            copy_vault_arn=copy_vault.arn if copy_vault else None,
            restore_testing_plan_arn=tests.plan_arn,
            tested=len(primary_arns),
        )
        self.register_outputs({"vaultArn": vault.arn})

    def _vault(self, logical: str, key_arn: pulumi.Output[str], region: str | None = None) -> aws.backup.Vault:
        """Create a vault with a governance lock: early deletion requires the permission to remove the lock."""
        lock = self._settings.vault_lock
        stateful = pulumi.ResourceOptions(parent=self, protect=True)
        vault = aws.backup.Vault(
            logical, name=self._environment.name, kms_key_arn=key_arn, region=region, opts=stateful
        )
        aws.backup.VaultLockConfiguration(
            logical,
            backup_vault_name=vault.name,
            min_retention_days=lock.min_retention,
            max_retention_days=lock.max_retention,
            region=region,
            opts=stateful,
        )
        return vault

    def _plan(self, vault: aws.backup.Vault, copy_vault: aws.backup.Vault | None) -> aws.backup.Plan:
        weekly, recovery = self._settings.weekly_snapshot, self._settings.recovery
        copies = []
        if copy_vault and recovery:
            copies = [
                aws.backup.PlanRuleCopyActionArgs(
                    destination_vault_arn=copy_vault.arn,
                    lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=recovery.snapshot_retention),
                )
            ]
        return aws.backup.Plan(
            self._name_prefix,
            name=f"{self._environment.name}-weekly",
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="weekly",
                    target_vault_name=vault.name,
                    schedule=weekly_cron(weekly.at),
                    start_window=weekly.start_window,
                    completion_window=weekly.completion_window,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=weekly.retention),
                    copy_actions=copies or None,
                )
            ],
            opts=self._child_opts,
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        """Create the role even without a primary: a promotion must not need IAM, whose region may be down."""
        role = aws.iam.Role(
            self._name_prefix,
            description="Allows AWS Backup to create and copy snapshots",
            assume_role_policy=trust_policy("backup.amazonaws.com", environment=self._environment),
            opts=self._child_opts,
        )
        permission = aws.iam.RolePolicyAttachment(
            self._name_prefix, role=role.name, policy_arn=SERVICE_POLICY, opts=self._child_opts
        )
        return role, permission

    def _select(
        self,
        plan: aws.backup.Plan,
        primary_arns: Mapping[str, pulumi.Output[str]],
        role: aws.iam.Role,
        permission: aws.iam.RolePolicyAttachment,
    ) -> None:
        """Select the primaries by ARN: tags would also select their replicas."""
        aws.backup.Selection(
            self._name_prefix,
            name="databases",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=list(primary_arns.values()),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

    def _replicate_daily_backups(
        self, primary_arns: Mapping[str, pulumi.Output[str]], key_arn: pulumi.Output[str], region: str
    ) -> None:
        """Replicate daily backups and transaction logs, for point-in-time recovery in the other region."""
        recovery = self._settings.recovery
        for identifier, arn in primary_arns.items():
            aws.rds.InstanceAutomatedBackupsReplication(
                f"{self._name_prefix}-{identifier}",
                source_db_instance_arn=arn,
                kms_key_id=key_arn,
                retention_period=recovery.automated_retention if recovery else None,
                region=region,
                opts=pulumi.ResourceOptions(parent=self, protect=True),
            )
