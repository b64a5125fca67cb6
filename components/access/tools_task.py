"""Task definitions of one-off tasks that run the tools image: psql and the AWS CLI."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.service.task_definition import log_configuration, temporary_folder
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup
from settings.fargate import Task
from settings.tools import Tools

# Fargate's smallest size.
CPU, MEMORY = "256", "512"
# The volume of a task that needs a disk. The folder is the image's, which gives it an owner other than root.
DISK, DISK_PATH = "disk", "/data"
# The entry point, before the seconds. By the absolute path: the caller of RunTask may set PATH.
TIMEOUT = ("/usr/bin/timeout", "--signal=KILL")


def tools_image(environment: Environment, repository: str, settings: Tools) -> str:
    """Return the tools image in the registry of the stack's region."""
    return f"{environment.image_registry}/{repository}@{settings.image}"


def tools_container(
    environment: Environment,
    name: str,
    *,
    image: str,
    task: Task,
    log_group: str,
    seconds: int,
    command: Sequence[str],
    variables: Mapping[str, pulumi.Input[str]],
) -> Mapping[str, object]:
    """Return the container of a task that ends itself after `seconds`, with a root that can't be written to."""
    return {
        "name": name,
        "image": image,
        "entryPoint": [*TIMEOUT, str(seconds)],
        "command": list(command),
        "essential": True,
        "user": f"{task.user}:{task.user}",
        "readonlyRootFilesystem": True,
        "linuxParameters": {
            "initProcessEnabled": True,
            "capabilities": {"drop": ["ALL"]},
            "tmpfs": [temporary_folder(task)],
        },
        "logConfiguration": log_configuration(environment, log_group, container=name),
        "environment": [{"name": each, "value": value} for each, value in variables.items()],
    }


def create_tools_task(
    logical: str,
    *,
    family: str,
    container: Mapping[str, object],
    task: Task,
    execution_role: pulumi.Input[str],
    task_role: pulumi.Input[str],
    log_group: NamedLogGroup,
    parent: pulumi.Resource,
    size: tuple[str, str] = (CPU, MEMORY),
    disk: int | None = None,
) -> aws.ecs.TaskDefinition:
    """Create the task definition of a one-off task; a command starts its latest revision.

    `size` is CPU and memory; `disk` the GiB of the task's volume, which Fargate encrypts, and deletes with the task.
    """
    return aws.ecs.TaskDefinition(
        logical,
        family=family,
        cpu=size[0],
        memory=size[1],
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            cpu_architecture=task.cpu_architecture, operating_system_family="LINUX"
        ),
        execution_role_arn=execution_role,
        task_role_arn=task_role,
        ephemeral_storage=aws.ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=disk) if disk else None,
        volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=DISK)] if disk else None,
        container_definitions=pulumi.Output.json_dumps([container]),
        # ECS starts no deregistered revision: with a broken image people start the previous one.
        skip_destroy=True,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[log_group.group]),
    )
