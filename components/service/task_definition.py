"""The API's container definition: environment, restrictions, and the placeholder before the first release.

Section: Compute (ECS Fargate). ECS starts the placeholder from this definition; a release copies the definition, sets
its own image by digest and removes the placeholder's command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.data.postgres import PostgresOutputs
from components.data.redis import RedisOutputs
from components.shared.environment import Environment
from components.storage.files import BucketOutputs
from components.storage.job_queue import QueueOutputs
from settings.fargate import Task

CONTAINER = "api"
TMP_PATH = "/tmp"  # noqa: S108  (the only writable path in the container)
# Log lines buffered in memory while CloudWatch is slow; further lines are dropped instead of blocking the API.
LOG_BUFFER = "8m"


@dataclass(frozen=True, kw_only=True)
class EnvironmentVariables:
    """Environment of a container: plain values, and secrets by ARN and JSON key (`arn:…:password::`)."""

    plain: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, pulumi.Input[str]]


def environment_variables(
    environment: Environment,
    *,
    port: int,
    database: PostgresOutputs,
    cache: RedisOutputs,
    files: BucketOutputs,
    jobs: QueueOutputs,
) -> EnvironmentVariables:
    """Return the API's environment variables."""
    return EnvironmentVariables(
        plain={
            "PORT": str(port),
            "NODE_ENV": "production",
            "AWS_REGION": environment.region,
            "DATABASE_HOST": database.host,
            "DATABASE_READER_HOST": database.reader_host,
            "DATABASE_PORT": str(database.port),
            "DATABASE_NAME": database.database_name,
            "REDIS_HOST": cache.host,
            "REDIS_PORT": str(cache.port),
            "S3_BUCKET": files.name,
            "SQS_QUEUE_URL": jobs.url,
        },
        secrets={
            "DATABASE_USER": pulumi.Output.concat(database.application_secret_arn, ":username::"),
            "DATABASE_PASSWORD": pulumi.Output.concat(database.application_secret_arn, ":password::"),
            "REDIS_AUTH_TOKEN": pulumi.Output.concat(cache.auth_secret_arn, ":authToken::"),
        },
    )


def container_definition(
    environment: Environment,
    settings: Task,
    *,
    port: int,
    health_path: str,
    log_group: pulumi.Input[str],
    environment_variables: EnvironmentVariables,
) -> Mapping[str, object]:
    """Return the container definition in ECS syntax, with the placeholder as its program."""
    user = f"{settings.user}:{settings.user}"
    return {
        "name": CONTAINER,
        "image": settings.placeholder_image,
        "command": _placeholder(port, health_path),
        "essential": True,
        "user": user,
        "readonlyRootFilesystem": True,
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
        "linuxParameters": {
            "initProcessEnabled": True,
            "capabilities": {"drop": ["ALL"]},
            "tmpfs": [temporary_folder(settings)],
        },
        "healthCheck": {
            "command": ["CMD-SHELL", f"wget -q -O /dev/null http://127.0.0.1:{port}{health_path} || exit 1"],
            "interval": settings.health.interval,
            "timeout": settings.health.timeout,
            "retries": settings.health.retries,
            "startPeriod": settings.health.start_period,
        },
        "stopTimeout": settings.stop_timeout,
        "logConfiguration": log_configuration(environment, log_group, container=CONTAINER),
        "environment": [{"name": name, "value": value} for name, value in environment_variables.plain.items()],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in environment_variables.secrets.items()],
    }


def temporary_folder(settings: Task) -> Mapping[str, object]:
    """Return the mount of /tmp in memory, the only writable folder of a container."""
    # Without the mode only root could write.
    return {"containerPath": TMP_PATH, "size": settings.temporary_space, "mountOptions": ["mode=1777"]}


def log_configuration(
    environment: Environment, log_group: pulumi.Input[str], *, container: str
) -> Mapping[str, object]:
    """Return the log configuration of a container, which drops lines instead of blocking it."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": log_group,
            "awslogs-region": environment.region,
            "awslogs-stream-prefix": container,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }


def _placeholder(port: int, health_path: str) -> list[str]:
    """Return the command of the placeholder, which runs under the API's restrictions."""
    program = Path(__file__).with_name("placeholder.py").read_text(encoding="utf-8")
    return ["python", "-c", program, str(port), health_path]
