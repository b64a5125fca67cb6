"""Figures of the service: tasks, scaling, deployment, image."""

from collections.abc import Mapping
from types import MappingProxyType

from policies.figures.common import APPLICATION

# Compute (ECS Fargate).
SERVICE_PREFIX = f"{APPLICATION}-api-"
CPU, MEMORY = "1024", "2048"
MIN_TASKS, MAX_TASKS = 2, 20
# Environment Details (DR): the recovery stack runs half of production's tasks, and all of them once its database is
# promoted.
TASKS_TAKING_TRAFFIC = 4
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60

# Compute (ECS Fargate), scaling.policies: the highest target of each metric, in percent.
SCALING_TARGETS: Mapping[str, int] = MappingProxyType(
    {"ECSServiceAverageCPUUtilization": 70, "ECSServiceAverageMemoryUtilization": 80}
)

# Deployment Checklist: all tasks stay healthy, and as many new ones may run.
MIN_HEALTHY_PERCENT, MAX_RUNNING_PERCENT = 100, 200

# The stop timeout of a task: ECS's default, and Fargate's maximum.
STOP_SECONDS = (30, 120)

# Before the first release: a public image by its tag. A release: an image of our registry by its digest.
PUBLIC_REGISTRY = "public.ecr.aws/"
REPOSITORY = f"{APPLICATION}-api"
# Database Access: the image with psql, which one-off tasks run.
TOOLS_REPOSITORY = f"{APPLICATION}-tools"

# What the application reads: its variables, and those that are secrets.
VARIABLES = (
    "PORT", "NODE_ENV", "AWS_REGION", "DATABASE_HOST", "DATABASE_READER_HOST", "DATABASE_PORT", "DATABASE_NAME",
    "REDIS_HOST", "REDIS_PORT", "S3_BUCKET", "SQS_QUEUE_URL",
)  # fmt: skip
SECRET_VARIABLES = ("DATABASE_USER", "DATABASE_PASSWORD", "REDIS_AUTH_TOKEN")

# Words in the name of a variable that holds a secret; suffixes of one that only refers to it.
SECRET_WORDS = (
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATE_KEY",
    "API_KEY",
)
REFERENCE_SUFFIXES = ("_ARN", "_NAME", "_ID", "_URL")
