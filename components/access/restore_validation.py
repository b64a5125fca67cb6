"""RestoreValidation: the one-off task that validates each restore test, and the rules that start it.

Section: Backup & Recovery. EventBridge starts the task when a restore of the test plan is complete: it logs in to the
restored database by IAM, as the login that only reads, and reports the result to AWS Backup. A day after each test it
starts the task again, to check that there was a result: events are delivered by best effort, and a test that never
started has none (decision 0041).
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.access.tools_task import create_tools_task, tools_container, tools_image
from components.data.backup import BackupOutputs
from components.data.postgres import PostgresOutputs
from components.service.service import ServiceOutputs
from components.service.task_roles import RolesOutputs
from components.shared.environment import RESTORE_VALIDATION, Environment
from components.shared.iam import allow, policy_document
from components.shared.service_principals import trust_policy
from settings.backup import RestoreTest
from settings.fargate import Task
from settings.tools import Tools

# Twice statement_timeout, and the attempts to log in.
SECONDS = 1800
# The instance is available before its IAM authentication is.
ATTEMPTS, PAUSE = 20, 30
_SCRIPT, _SQL = (
    Path(__file__).with_name(f"restore_validation.{kind}").read_text(encoding="utf-8") for kind in ("sh", "sql")
)


class RestoreValidation(pulumi.ComponentResource):
    """The task definition, and the rules with the role by which EventBridge starts it."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: RestoreTest,
        tools: Tools,
        task: Task,
        repository: str,
        backup: BackupOutputs,
        database: PostgresOutputs,
        service: ServiceOutputs,
        roles: RolesOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:RestoreValidation", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._service = service
        self._child_opts = pulumi.ResourceOptions(parent=self)

        self._definition = create_tools_task(
            name,
            family=environment.restore_validation_family,
            container=tools_container(
                environment,
                RESTORE_VALIDATION,
                image=tools_image(environment, repository, tools),
                task=task,
                log_group=service.session_log_group.name,
                seconds=SECONDS,
                command=["sh", "-c", _SCRIPT],
                variables=_variables(environment, settings, backup, database),
            ),
            task=task,
            execution_role=roles.restore_validation,
            task_role=roles.restore_validation,
            log_group=service.session_log_group,
            parent=self,
        )
        self._role = self._starter(roles)
        plan = environment.arn("backup", f"restore-testing-plan:{environment.restore_testing_plan}")
        self._start(
            "completed",
            description="A restore test is complete: starts its validation",
            # AWS Backup's restore jobs have a status, its other jobs a state.
            pattern={
                "source": ["aws.backup"],
                "detail-type": ["Restore Job State Change"],
                # By name, since the plan's ARN is unknown in a preview: it ends in an id.
                "detail": {"status": ["COMPLETED"], "restoreTestingPlanArn": [{"prefix": f"{plan}-"}]},
            },
            paths={"RESTORE_JOB_ID": "$.detail.restoreJobId", "INSTANCE_ARN": "$.detail.createdResourceArn"},
        )
        if backup.tested:
            self._start(
                "check",
                description="A day after the restore test: checks that it was validated",
                schedule=settings.check_schedule,
                # Not among the task definition's, which a promotion would replace.
                variables={"DATABASES": str(backup.tested)},
            )
        self.register_outputs({})

    def _starter(self, roles: RolesOutputs) -> aws.iam.Role:
        """Create EventBridge's role, even without a primary: a promotion must not need IAM."""
        environment = self._environment
        role = aws.iam.Role(
            self._name_prefix,
            description="Allows EventBridge to start the validation of restore tests",
            assume_role_policy=trust_policy(
                "events.amazonaws.com",
                environment=environment,
                source_arn=environment.arn("events", f"rule/{environment.restore_validation_family}-*"),
            ),
            opts=self._child_opts,
        )
        aws.iam.RolePolicy(
            self._name_prefix,
            name="RunRestoreValidation",
            role=role.id,
            policy=policy_document(
                allow(
                    "Start",
                    ["ecs:RunTask"],
                    [environment.arn("ecs", f"task-definition/{environment.restore_validation_family}:*")],
                    ArnEquals={"ecs:cluster": environment.arn("ecs", f"cluster/{self._service.cluster}")},
                ),
                allow(
                    "PassRole",
                    ["iam:PassRole"],
                    [roles.restore_validation],
                    StringEquals={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
                ),
            ),
            opts=self._child_opts,
        )
        return role

    def _start(
        self,
        purpose: str,
        *,
        description: str,
        pattern: Mapping[str, object] | None = None,
        schedule: str | None = None,
        paths: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start the task on events or by a schedule, with variables: values, or paths in the event."""
        name = f"{self._name_prefix}-{purpose}"
        rule = aws.cloudwatch.EventRule(
            name,
            name=f"{self._environment.restore_validation_family}-{purpose}",
            description=description,
            event_pattern=json.dumps(pattern) if pattern else None,
            schedule_expression=schedule,
            opts=self._child_opts,
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=self._environment.arn("ecs", f"cluster/{self._service.cluster}"),
            role_arn=self._role.arn,
            ecs_target=aws.cloudwatch.EventTargetEcsTargetArgs(
                task_definition_arn=self._definition.arn,
                launch_type="FARGATE",
                network_configuration=aws.cloudwatch.EventTargetEcsTargetNetworkConfigurationArgs(
                    subnets=self._service.subnet_ids,
                    security_groups=[self._service.security_group_id],
                    assign_public_ip=False,
                ),
            ),
            input=_overrides(variables) if variables else None,
            input_transformer=_transformer(paths) if paths else None,
            opts=self._child_opts,
        )


def _transformer(paths: Mapping[str, str]) -> aws.cloudwatch.EventTargetInputTransformerArgs:
    """Return the transformer that turns values of the event into variables of the container."""
    return aws.cloudwatch.EventTargetInputTransformerArgs(
        input_paths=dict(paths), input_template=_overrides({name: f"<{name}>" for name in paths})
    )


def _overrides(variables: Mapping[str, str]) -> str:
    """Return what ECS takes as a target's input: variables of the container."""
    environment = [{"name": name, "value": value} for name, value in variables.items()]
    return json.dumps({"containerOverrides": [{"name": RESTORE_VALIDATION, "environment": environment}]})


def _variables(
    environment: Environment, settings: RestoreTest, backup: BackupOutputs, database: PostgresOutputs
) -> Mapping[str, pulumi.Input[str]]:
    """Return the container's variables. psql reads libpq's; the image has those of RDS's certificates."""
    return {
        "AWS_REGION": environment.region,
        "PGUSER": f"{environment.application}_readonly",
        "PGPORT": str(database.port),
        "PGDATABASE": database.database_name,
        "VALIDATION_SQL": _SQL,
        **({"APPLICATION_QUERY": settings.query} if settings.query else {}),
        "ATTEMPTS": str(ATTEMPTS),
        "PAUSE": str(PAUSE),
        "PLAN_ARN": backup.restore_testing_plan_arn,
    }
