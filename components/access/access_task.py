"""AccessTask: the bastion as a short-lived task, through which people reach the database.

Sections: Database Access, Access Controls (Sessions limited to 1 hour). A person's command starts the task with ECS
Exec in the service's subnets and security group, from which the database accepts connections, and opens a
port-forwarding session through it. No service runs it, and nothing in it listens on a port.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.service.task_definition import log_configuration
from components.service.task_roles import RolesOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup
from settings.fargate import Task
from settings.tools import Tools

CONTAINER = "access"
# Fargate's smallest size.
CPU, MEMORY = "256", "512"
# The entry point, before the seconds. By the absolute path: the caller of RunTask may set PATH.
TIMEOUT = ("/usr/bin/timeout", "--signal=KILL")
# AWS doesn't document what the SSM agent needs (aws/containers-roadmap#1360). It runs as root and creates its folders,
# so CHOWN, DAC_OVERRIDE and FOWNER stay; Fargate can't add them back after a drop of ALL.
DROPPED_CAPABILITIES = (
    "AUDIT_WRITE", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
    "SYS_CHROOT",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AccessTaskOutputs:
    """The family of the task definition, of which a command starts the latest revision."""

    family: str


class AccessTask(pulumi.ComponentResource):
    """The task definition of the access task. `task` has the user and the architecture of the stack's images."""

    outputs: AccessTaskOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Tools,
        task: Task,
        repository: str,
        roles: RolesOutputs,
        log_group: NamedLogGroup,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:AccessTask", name, None, opts)
        family = environment.access_family
        image = f"{environment.image_registry}/{repository}@{settings.image}"
        definition = _container_definition(environment, settings, image=image, user=task.user, log_group=log_group.name)
        aws.ecs.TaskDefinition(
            name,
            family=family,
            cpu=CPU,
            memory=MEMORY,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=task.cpu_architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=roles.access_execution,
            task_role_arn=roles.access_task,
            container_definitions=pulumi.Output.json_dumps([definition]),
            # ECS starts no deregistered revision: with a broken image people start the previous one.
            skip_destroy=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_group.group]),
        )
        self.outputs = AccessTaskOutputs(family=family)
        self.register_outputs({"family": family})


def _container_definition(
    environment: Environment, settings: Tools, *, image: str, user: int, log_group: str
) -> Mapping[str, object]:
    return {
        "name": CONTAINER,
        "image": image,
        # RunTask lets its caller replace the command, but not the entry point: no task outlives it.
        "entryPoint": [*TIMEOUT, str(settings.access_timeout)],
        "command": ["sleep", "infinity"],
        "essential": True,
        # The SSM agent runs as root nevertheless, and so does a shell that break-glass opens.
        "user": f"{user}:{user}",
        # ECS Exec doesn't work with a read-only root: the SSM agent creates folders in it.
        "readonlyRootFilesystem": False,
        "linuxParameters": {
            # It reaps the processes that the SSM agent leaves.
            "initProcessEnabled": True,
            "capabilities": {"drop": list(DROPPED_CAPABILITIES)},
        },
        "logConfiguration": log_configuration(environment, log_group, container=CONTAINER),
    }
