"""DatabaseTask: the one-off task that runs SQL as the database's master user.

Sections: Database Access, Access Controls. `taskflow db bootstrap` and `taskflow db rotate` start it, with their SQL in
a variable. No other task reads the master user's secret; no service runs it, and it opens no sessions.
"""

from collections.abc import Mapping

import pulumi

from components.access.tools_task import create_tools_task, tools_container, tools_image
from components.data.postgres import PostgresOutputs
from components.service.task_roles import RolesOutputs
from components.shared.environment import DATABASE, Environment
from components.shared.log_groups import NamedLogGroup
from settings.fargate import Task
from settings.tools import Tools

# Roles and grants take seconds, on any number of tables.
SECONDS = 900


class DatabaseTask(pulumi.ComponentResource):
    """The task definition of the database task. `task` has the user and the architecture of the stack's images."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Tools,
        task: Task,
        repository: str,
        database: PostgresOutputs,
        roles: RolesOutputs,
        log_group: NamedLogGroup,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:DatabaseTask", name, None, opts)
        image = tools_image(environment, repository, settings)
        create_tools_task(
            name,
            family=environment.database_family,
            container=_container_definition(environment, database, image=image, task=task, log_group=log_group.name),
            task=task,
            execution_role=roles.database_task,
            task_role=roles.database_task,
            log_group=log_group,
            parent=self,
        )
        self.register_outputs({})


def _container_definition(
    environment: Environment, database: PostgresOutputs, *, image: str, task: Task, log_group: str
) -> Mapping[str, object]:
    """Return the container definition. psql reads libpq's variables; the image has those of the certificates."""
    variables = {
        "PGHOST": database.host,
        # Where a new password is tried too.
        "READER_HOST": database.reader_host,
        "PGPORT": str(database.port),
        "PGDATABASE": database.database_name,
        "APPLICATION_SECRET_ARN": database.application_secret_arn,
    }
    return {
        **tools_container(
            environment,
            DATABASE,
            image=image,
            task=task,
            log_group=log_group,
            seconds=SECONDS,
            command=["psql", "--version"],
            variables=variables,
        ),
        "secrets": [
            {"name": variable, "valueFrom": pulumi.Output.concat(database.master_secret_arn, f":{key}::")}
            for variable, key in (("PGUSER", "username"), ("PGPASSWORD", "password"))
        ],
    }
