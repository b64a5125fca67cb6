"""Compute (ECS Fargate): the service, its task and how it scales."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict, accepted_items
from settings.retention import LogDays
from settings.values import Items, Text, Whole, Word

GIB = 1024

# What Fargate offers: CPU units, and for each the MiB of memory that go with them (ECS, Task definition parameters).
SIZES: Mapping[int, Sequence[int]] = MappingProxyType(
    {
        256: (512, 1 * GIB, 2 * GIB),
        512: range(1 * GIB, 4 * GIB + 1, GIB),
        1024: range(2 * GIB, 8 * GIB + 1, GIB),
        2048: range(4 * GIB, 16 * GIB + 1, GIB),
        4096: range(8 * GIB, 30 * GIB + 1, GIB),
        8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
        16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
    }
)

EcsName: TypeAlias = Annotated[
    str,
    Text(
        name="name",
        allowed="a name of at most 255 letters, digits, hyphens and underscores, such as taskflow-production",
        pattern="[A-Za-z0-9_-]{1,255}",
    ),
]
Tasks: TypeAlias = Annotated[
    int, Whole(name="count", allowed="2 to 1000 tasks: with one, a failing zone is an outage", minimum=2, maximum=1000)
]
Percent: TypeAlias = Annotated[int, Whole(name="percent", allowed="1 to 100 percent", minimum=1, maximum=100)]
Cooldown: TypeAlias = Annotated[int, Whole(name="seconds", allowed="0 to 3600 seconds", minimum=0, maximum=3600)]


def _unpinned(image: str) -> str | None:
    return "latest is another image tomorrow: name a version" if image.endswith(":latest") else None


class Deployment(Block):
    """How one release follows another: beside it, watched, and back again where it fails."""

    minimum_healthy_percent: Annotated[
        int,
        Whole(name="percent", allowed="100 percent: fewer healthy tasks is less service", minimum=100, maximum=100),
    ] = Field(description="Healthy tasks that a deployment leaves running, in percent. Source: Deployment Checklist.")
    maximum_percent: Annotated[int, Whole(name="percent", allowed="125 to 400 percent", minimum=125, maximum=400)] = (
        Field(description="Tasks that run while old and new ones do, in percent. Source: Deployment Checklist.")
    )
    health_check_grace_period: Annotated[
        int, Whole(name="seconds", allowed="1 to 3600 seconds", minimum=1, maximum=3600)
    ] = Field(
        description="Seconds in which a new task's failing health checks aren't held against it. "
        "Source: ECS, CreateService."
    )
    errors: Percent = Field(
        description="Percent of failing requests at which a deployment is rolled back. "
        "Source: Alert Configuration, Error Rate (> 1%)."
    )
    latency: Annotated[int, Whole(name="milliseconds", allowed="1 to 60000 ms", minimum=1, maximum=60_000)] = Field(
        description="P95 latency in ms at which a deployment is rolled back. "
        "Source: Alert Configuration, P95 Latency (> 500ms)."
    )


class Service(Block):
    """The service: its names, and how many tasks it has."""

    name: EcsName = Field(description="The service's name. Source: Compute, service.name.")
    cluster: EcsName = Field(description="The cluster's name. Source: Compute, service.cluster.")
    desired_count: Tasks = Field(
        description="Tasks that the service is made with; from then on its scaling says how many. "
        "Source: Compute, service.desiredCount."
    )
    min_count: Tasks = Field(description="Fewest tasks that it scales to. Source: Compute, service.minCount.")
    max_count: Tasks = Field(description="Most tasks that it scales to. Source: Compute, service.maxCount.")
    deployment: Deployment = Field(
        description="How one release follows another. Source: Deployment Checklist, Rollback plan."
    )
    log_retention: LogDays = Field(
        description="Days that the tasks', the sessions' and Container Insights' logs are kept. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks of the counts' order."""
        return (self._most_above_least(), self._desired_above_least(), self._desired_below_most())

    def _most_above_least(self) -> Iterator[Conflict]:
        if self.max_count < self.min_count:
            yield Conflict(at=("max_count",), allowed="at least {against}", against=("min_count",))

    def _desired_above_least(self) -> Iterator[Conflict]:
        if self.desired_count < self.min_count:
            yield Conflict(at=("desired_count",), allowed="at least {against}", against=("min_count",))

    def _desired_below_most(self) -> Iterator[Conflict]:
        if self.desired_count > self.max_count:
            yield Conflict(at=("desired_count",), allowed="at most {against}", against=("max_count",))


class ContainerHealth(Block):
    """How ECS asks a container, from within, whether it is well."""

    interval: Annotated[int, Whole(name="seconds", allowed="5 to 300 seconds", minimum=5, maximum=300)] = Field(
        description="Seconds between two checks. Source: ECS, HealthCheck."
    )
    timeout: Annotated[int, Whole(name="seconds", allowed="2 to 60 seconds", minimum=2, maximum=60)] = Field(
        description="Seconds after which a check has failed. Source: ECS, HealthCheck."
    )
    retries: Annotated[int, Whole(name="count", allowed="1 to 10 checks", minimum=1, maximum=10)] = Field(
        description="Failed checks in a row that make a container unhealthy. Source: ECS, HealthCheck."
    )
    start_period: Annotated[int, Whole(name="seconds", allowed="0 to 300 seconds", minimum=0, maximum=300)] = Field(
        description="Seconds in which failed checks don't count yet. Source: ECS, HealthCheck."
    )


class Task(Block):
    """The task that the service runs: its size, and within what bounds it runs."""

    cpu: Annotated[
        int,
        Whole(
            name="CPU units",
            allowed=f"one of {', '.join(map(str, SIZES))} CPU units (1024 are one vCPU)",
            minimum=256,
            maximum=16384,
            choices=tuple(SIZES),
        ),
    ] = Field(description="CPU units of a task. Source: Compute, task.cpu.")
    memory: Annotated[
        int,
        Whole(name="MiB", allowed="512 to 122880 MiB, as Fargate pairs them with cpu", minimum=512, maximum=122_880),
    ] = Field(description="MiB of memory of a task. Source: Compute, task.memory.")
    cpu_architecture: Annotated[str, Word.of("architecture", "X86_64", "ARM64")] = Field(
        description="The processor that images are built for. Source: ECS, RuntimePlatform."
    )
    placeholder_image: Annotated[
        str,
        Text(
            name="image",
            allowed="an image of public.ecr.aws by its tag, such as "
            "public.ecr.aws/docker/library/python:3.13.7-alpine3.22",
            pattern=r"public\.ecr\.aws(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
            complaint=_unpinned,
        ),
    ] = Field(
        description="The image that stands in until the first release: it needs Python and wget. Releases name theirs "
        "by digest. Source: this project's first `pulumi up`."
    )
    user: Annotated[
        int,
        Whole(name="user id", allowed="1 to 65534: 0 is root", minimum=1, maximum=65_534),
    ] = Field(description="User and group that the process runs as, by number. Source: Security Hub ECS.20.")
    temporary_space: Annotated[int, Whole(name="MiB", allowed="16 to 1024 MiB", minimum=16, maximum=1024)] = Field(
        description="MiB of memory that are /tmp, the one place where a task may write. Source: Security Hub ECS.5 "
        "(read-only root file system)."
    )
    stop_timeout: Annotated[int, Whole(name="seconds", allowed="30 to 120 seconds", minimum=30, maximum=120)] = Field(
        description="Seconds that a stopped task has to finish what it does. Source: ECS, stopTimeout (at most 120)."
    )
    health: ContainerHealth = Field(
        description="How ECS asks a container whether it is well. Source: Deployment Checklist, Health checks passing."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks of what has to fit together."""
        return (self._size_on_offer(), self._space_within_memory(), self._health_in_time())

    def _size_on_offer(self) -> Iterator[Conflict]:
        sizes = SIZES[self.cpu]
        if self.memory not in sizes:
            step = f" in steps of {sizes.step}" if isinstance(sizes, range) else ""
            choice = f"{sizes[0]} to {sizes[-1]} MiB{step}" if step else f"{', '.join(map(str, sizes))} MiB"
            yield Conflict(at=("memory",), allowed=f"{choice}, with {{against}}", against=("cpu",))

    def _space_within_memory(self) -> Iterator[Conflict]:
        if self.temporary_space > self.memory // 4:
            allowed = "at most a quarter of {against}, of which it is a part"
            yield Conflict(at=("temporary_space",), allowed=allowed, against=("memory",))

    def _health_in_time(self) -> Iterator[Conflict]:
        if self.health.timeout > self.health.interval:
            yield Conflict(at=("health", "timeout"), allowed="at most {against}", against=("health", "interval"))


class ScalingPolicy(Block):
    """One measure that the number of tasks follows."""

    type: Annotated[str, Word.of("kind of policy", "TargetTracking")] = Field(
        description="How it follows. Source: Compute, scaling.policies."
    )
    metric: Annotated[str, Word.of("metric", "CPUUtilization", "MemoryUtilization")] = Field(
        description="What it follows: the average over the service's tasks. Source: Compute, scaling.policies."
    )
    target: Annotated[int, Whole(name="percent", allowed="10 to 90 percent", minimum=10, maximum=90)] = Field(
        description="Percent that it aims at. Source: Compute, scaling.policies (CPU 70, memory 80)."
    )


class Scaling(Block):
    """How the number of tasks follows the load."""

    policies: Annotated[
        tuple[ScalingPolicy, ...],
        Items(name="list of two policies", allowed="a list of two policies, one a metric", minimum=2, maximum=2),
    ] = Field(description="What the number of tasks follows. Source: Compute, scaling.policies.")
    scale_in_cooldown: Cooldown = Field(
        description="Seconds between two steps down. Source: Compute, scaling.scaleInCooldown."
    )
    scale_out_cooldown: Cooldown = Field(
        description="Seconds between two steps up. Source: Compute, scaling.scaleOutCooldown."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check that each metric has its policy."""
        return (self._one_a_metric(),)

    def _one_a_metric(self) -> Iterator[Conflict]:
        seen: dict[str, int] = {}
        for index, policy in accepted_items(self.policies):
            first = seen.setdefault(policy.metric, index)
            if first != index:
                at = ("policies", index, "metric")
                yield Conflict(at=at, allowed="another metric than {against}", against=("policies", first, "metric"))
