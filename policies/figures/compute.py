"""What the pack knows by itself of the document's compute section. No other module is read."""

from collections.abc import Mapping
from types import MappingProxyType

from policies.figures.common import APPLICATION

# Compute (ECS Fargate).
SERVICE_PREFIX = f"{APPLICATION}-api-"
CPU, MEMORY = "1024", "2048"
LEAST_TASKS, MOST_TASKS = 2, 20
# Environment Details (DR): the recovery stack is warm with half of production's tasks, and has all of them once its
# database is promoted.
TASKS_TAKING_TRAFFIC = 4
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60

# Compute (ECS Fargate), scaling.policies: percent that each measure is held at, at most.
TARGETS: Mapping[str, int] = MappingProxyType(
    {"ECSServiceAverageCPUUtilization": 70, "ECSServiceAverageMemoryUtilization": 80}
)

# Deployment Checklist: no less than all tasks healthy, and room for as many new ones.
LEAST_HEALTHY, MOST_RUNNING = 100, 200

# What a stopped task has to finish in: ECS' default, and Fargate's most.
STOP_SECONDS = (30, 120)

# Before a first release: a public image by its tag. A release: our registry's, by digest.
PUBLIC_REGISTRY = "public.ecr.aws/"
REPOSITORY = f"{APPLICATION}-api"

# Words in a variable's name that say it is a secret; endings that say it only names one.
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
NAMING_ENDINGS = ("_ARN", "_NAME", "_ID", "_URL")
