"""DataExport: the one-off task that gathers what the stack has of one person, and encrypts it.

Section: Data Handling (Data export). `taskflow data export` starts it. The task reads rows as the login that only
reads, and files below the person's prefix. All that it writes is the archive, which the recipient's key alone opens:
who starts it can't read what it gathers (decision 0048).
"""

from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.access.tools_task import DISK, DISK_PATH, create_tools_task, tools_container, tools_image
from components.data.postgres import PostgresOutputs
from components.service.task_roles import RolesOutputs
from components.shared.environment import DATA_EXPORT, Environment
from components.shared.log_groups import NamedLogGroup
from components.storage.files import BucketOutputs
from settings.fargate import Task
from settings.tools import Tools

# The longest that a one-off task may take.
SECONDS = 3600
# psql holds a result in memory, and encryption needs a processor.
SIZE = ("1024", "2048")
# Fargate's maximum. It costs by the hour, and only while the task runs.
DISK_GIB = 200
# One snapshot for all queries, and more time than people have.
_OPTIONS = (
    "default_transaction_read_only=on",
    "default_transaction_isolation=repeatable\\ read",
    "statement_timeout=10min",
)
_SCRIPT = Path(__file__).with_name("data_export.sh").read_text(encoding="utf-8")


class DataExport(pulumi.ComponentResource):
    """The task definition. `task` has the user and the architecture of the stack's images."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Tools,
        task: Task,
        repository: str,
        database: PostgresOutputs,
        files: BucketOutputs,
        roles: RolesOutputs,
        log_group: NamedLogGroup,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:DataExport", name, None, opts)
        create_tools_task(
            name,
            family=environment.data_export_family,
            container={
                **tools_container(
                    environment,
                    DATA_EXPORT,
                    image=tools_image(environment, repository, settings),
                    task=task,
                    log_group=log_group.name,
                    seconds=SECONDS,
                    command=["sh", "-c", _SCRIPT],
                    variables=_variables(environment, database, files),
                ),
                "mountPoints": [{"sourceVolume": DISK, "containerPath": DISK_PATH}],
            },
            task=task,
            execution_role=roles.data_export,
            task_role=roles.data_export,
            log_group=log_group,
            parent=self,
            size=SIZE,
            disk=DISK_GIB,
        )
        self.register_outputs({})


def _variables(
    environment: Environment, database: PostgresOutputs, files: BucketOutputs
) -> Mapping[str, pulumi.Input[str]]:
    """Return the container's variables. psql reads libpq's; the image has those of RDS's certificates."""
    names = environment.file_restores
    return {
        "AWS_REGION": environment.region,
        "PGHOST": database.host,
        "PGPORT": str(database.port),
        "PGDATABASE": database.database_name,
        "PGUSER": f"{environment.application}_readonly",
        "PGOPTIONS": " ".join(f"-c {option}" for option in _OPTIONS),
        "FILES": f"s3://{files.name}",
        "EXPORTS": f"s3://{names.bucket}/{names.exports.removesuffix('/')}",
        "FOLDER": DISK_PATH,
    }
