"""RestoreTesting: AWS Backup restores each primary's newest weekly snapshot every week, and deletes it again.

Section: Backup & Recovery. The restored database is in the data subnets, reachable from the tasks like the primary, and
is validated by components/access/restore_validation.py. Only a restore shows that a backup is one (decision 0041).
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.postgres import PostgresOutputs
from components.network.vpc import NetworkOutputs
from components.shared.environment import Environment
from components.shared.iam import deny, policy_document
from components.shared.service_principals import trust_policy
from settings.backup import RestoreTest

# AWS Backup requires its permissions (Restore testing, Restore IAM role), which include the use of keys through RDS.
SERVICE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"


@dataclass(frozen=True, kw_only=True)
class RestoreTestingOutputs:
    """The ARN of the plan, which the events of its restore jobs carry."""

    plan_arn: pulumi.Output[str]


class RestoreTesting(pulumi.ComponentResource):
    """The weekly restore tests of one stack. Without a primary there is a plan, but nothing is tested."""

    outputs: RestoreTestingOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: RestoreTest,
        vault_arn: pulumi.Output[str],
        database: PostgresOutputs,
        network: NetworkOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:data:RestoreTesting", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._child_opts = pulumi.ResourceOptions(parent=self)

        # AWS Backup creates its service-linked role with the first plan of the account: not in the loss of a region.
        plan = aws.backup.RestoreTestingPlan(
            name,
            name=environment.restore_testing_plan,
            schedule_expression=settings.schedule,
            schedule_expression_timezone="UTC",
            start_window_hours=settings.start_window,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                # The newest one: each weekly snapshot is tested once.
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=settings.selection_window,
            ),
            opts=self._child_opts,
        )
        role, permissions = self._role()
        if database.primary_arns:
            aws.backup.RestoreTestingSelection(
                name,
                name="databases",
                restore_testing_plan_name=plan.name,
                protected_resource_type="RDS",
                # By ARN: tags would also select replicas.
                protected_resource_arns=list(database.primary_arns.values()),
                iam_role_arn=role.arn,
                restore_metadata_overrides=_overrides(database, network),
                validation_window_hours=settings.validation_window,
                # The provider (restore_testing_selection.go) sends no update of changed ARNs. A new selection can't
                # have the name of an existing one.
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=permissions,
                    replace_on_changes=["protectedResourceArns"],
                    delete_before_replace=True,
                ),
            )
        self.outputs = RestoreTestingOutputs(plan_arn=plan.arn)
        self.register_outputs({"planArn": plan.arn})

    def _role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """Create the role even without a primary: a promotion must not need IAM, whose region may be down.

        AWS Backup deletes the restored database by its service-linked role, not by this one.
        """
        role = aws.iam.Role(
            self._name_prefix,
            description="Allows AWS Backup to restore snapshots for tests",
            assume_role_policy=trust_policy("backup.amazonaws.com", environment=self._environment),
            opts=self._child_opts,
        )
        # Also a restored one that has taken over, which has a name of its own.
        databases = self._environment.arn("rds", f"db:{self._environment.application}-*")
        return role, [
            aws.iam.RolePolicyAttachment(
                self._name_prefix, role=role.name, policy_arn=SERVICE_POLICY, opts=self._child_opts
            ),
            aws.iam.RolePolicy(
                self._name_prefix,
                name="KeepDatabases",
                role=role.id,
                # AWS's policy allows the deletion of every instance, for restores that fail.
                policy=policy_document(deny("KeepDatabases", ["rds:DeleteDBInstance"], [databases])),
                opts=self._child_opts,
            ),
        ]


def _overrides(database: PostgresOutputs, network: NetworkOutputs) -> dict[str, pulumi.Input[str]]:
    """Return the restore's parameters. Values are texts, lists are JSON (Restore testing inferred metadata).

    Deletion protection is off by itself: AWS Backup must delete the database. Logs aren't exported: RDS would create
    log groups for each restored database, without a key and without an end.
    """
    return {
        # Without subnets and group AWS Backup looks for a default VPC, which the account may not have.
        "dbSubnetGroupName": database.subnet_group,
        "vpcSecurityGroupIds": pulumi.Output.json_dumps([network.security_groups.database]),
        "dbParameterGroupName": database.parameter_group,
        # The validation logs in by IAM: passwords may have been rotated since the snapshot.
        "enableIamDatabaseAuthentication": "true",
        "multiAz": "false",
        "publiclyAccessible": "false",
    }
