"""Compute (ECS Fargate): the service, its task and its scaling."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, valid_items
from settings.retention import LogDays
from settings.values import Allowed, Items, Unit, exactly, reject_if

GIB = 1024

# Fargate's sizes: CPU units, and the MiB of memory for each (ECS, Task definition parameters).
Cpu: TypeAlias = Literal[256, 512, 1024, 2048, 4096, 8192, 16384]
SIZES: Mapping[Cpu, Sequence[int]] = MappingProxyType(
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
    StringConstraints(pattern="^[A-Za-z0-9_-]{1,255}$"),
    Allowed("a name of at most 255 letters, digits, hyphens and underscores, such as taskflow-production"),
]
TaskCount: TypeAlias = Annotated[
    int, Field(ge=2, le=1000), Unit("tasks", "with one task, the loss of a zone is an outage")
]
Percent: TypeAlias = Annotated[int, Field(ge=1, le=100), Unit("percent")]
Cooldown: TypeAlias = Annotated[int, Field(ge=0, le=3600), Unit("seconds")]


def _unpinned(image: str) -> str | None:
    return "the tag latest changes: name a version" if image.endswith(":latest") else None


class Deployment(Block):
    """How a release replaces the previous one, and when it is rolled back."""

    minimum_healthy_percent: Annotated[
        Literal[100], exactly(int), Allowed("100 percent: fewer healthy tasks reduce the service's capacity")
    ] = Field(description="Healthy tasks that a deployment keeps running, in percent. Source: Deployment Checklist.")
    maximum_percent: Annotated[int, Field(ge=125, le=400), Unit("percent")] = Field(
        description="Old and new tasks that may run during a deployment, in percent. Source: Deployment Checklist."
    )
    health_check_grace_period: Annotated[int, Field(ge=1, le=3600), Unit("seconds")] = Field(
        description="Seconds in which ECS ignores a new task's failed health checks. Source: ECS, CreateService."
    )
    errors: Percent = Field(
        description="Percent of failed requests above which a deployment is rolled back. "
        "Source: Alert Configuration, Error Rate (> 1%)."
    )
    latency: Annotated[int, Field(ge=1, le=60_000), Unit("ms")] = Field(
        description="P95 latency in ms above which a deployment is rolled back. "
        "Source: Alert Configuration, P95 Latency (> 500ms)."
    )


class Service(Block):
    """The service: its names and its number of tasks."""

    name: EcsName = Field(description="Name of the service. Source: Compute, service.name.")
    cluster: EcsName = Field(description="Name of the cluster. Source: Compute, service.cluster.")
    desired_count: TaskCount = Field(
        description="Tasks at the service's creation; then its scaling sets their number. "
        "Source: Compute, service.desiredCount."
    )
    min_count: TaskCount = Field(description="Fewest tasks that it scales to. Source: Compute, service.minCount.")
    max_count: TaskCount = Field(description="Most tasks that it scales to. Source: Compute, service.maxCount.")
    deployment: Deployment = Field(
        description="Deployment and rollback of releases. Source: Deployment Checklist, Rollback plan."
    )
    log_retention: LogDays = Field(
        description="Retention in days of the logs of tasks, sessions and Container Insights. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )

    @property
    def template_family(self) -> str:
        """Return the family of Pulumi's template: apart from that of the releases, so that `up` adds none to theirs."""
        return f"{self.name}-template"

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require ordered counts."""
        return (self._max_above_min(), self._desired_above_min(), self._desired_below_max())

    def _max_above_min(self) -> Iterator[Conflict]:
        if self.max_count < self.min_count:
            yield Conflict(at=("max_count",), allowed="at least {against}", against=("min_count",))

    def _desired_above_min(self) -> Iterator[Conflict]:
        if self.desired_count < self.min_count:
            yield Conflict(at=("desired_count",), allowed="at least {against}", against=("min_count",))

    def _desired_below_max(self) -> Iterator[Conflict]:
        if self.desired_count > self.max_count:
            yield Conflict(at=("desired_count",), allowed="at most {against}", against=("max_count",))


class ContainerHealth(Block):
    """The health check that ECS runs in a container."""

    interval: Annotated[int, Field(ge=5, le=300), Unit("seconds")] = Field(
        description="Seconds between two checks. Source: ECS, HealthCheck."
    )
    timeout: Annotated[int, Field(ge=2, le=60), Unit("seconds")] = Field(
        description="Seconds after which a check fails. Source: ECS, HealthCheck."
    )
    retries: Annotated[int, Field(ge=1, le=10), Unit("checks")] = Field(
        description="Consecutive failed checks that make a container unhealthy. Source: ECS, HealthCheck."
    )
    start_period: Annotated[int, Field(ge=0, le=300), Unit("seconds")] = Field(
        description="Seconds after the start in which failed checks don't count. Source: ECS, HealthCheck."
    )


class Task(Block):
    """The service's task: its size and its limits."""

    cpu: Annotated[Cpu, exactly(int), Allowed(f"one of {', '.join(map(str, SIZES))} CPU units (1024 are one vCPU)")] = (
        Field(description="CPU units of a task. Source: Compute, task.cpu.")
    )
    memory: Annotated[int, Field(ge=512, le=122_880), Unit("MiB", "one of Fargate's sizes for cpu")] = Field(
        description="Memory of a task in MiB. Source: Compute, task.memory."
    )
    cpu_architecture: Literal["X86_64", "ARM64"] = Field(
        description="CPU architecture of the images. Source: ECS, RuntimePlatform."
    )
    placeholder_image: Annotated[
        str,
        StringConstraints(
            pattern=r"^public\.ecr\.aws(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
        ),
        reject_if(_unpinned),
        Allowed(
            "an image of public.ecr.aws with its tag, such as public.ecr.aws/docker/library/python:3.13.7-alpine3.22"
        ),
    ] = Field(
        description="Image of the placeholder, which runs until the first release: it needs Python and wget. Releases "
        "name their image by digest. Source: this project's first `pulumi up`."
    )
    user: Annotated[int, Field(ge=1, le=65_534), Unit("", "0 is root")] = Field(
        description="Numeric user and group of the process. Source: Security Hub ECS.20."
    )
    temporary_space: Annotated[int, Field(ge=16, le=1024), Unit("MiB")] = Field(
        description="MiB of memory for /tmp, the only writable path. Source: Security Hub ECS.5 (read-only root file "
        "system)."
    )
    stop_timeout: Annotated[int, Field(ge=30, le=120), Unit("seconds")] = Field(
        description="Seconds that a stopping task has to finish its work. Source: ECS, stopTimeout (at most 120)."
    )
    health: ContainerHealth = Field(
        description="Health check in the container. Source: Deployment Checklist, Health checks passing."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require one of Fargate's sizes, and limits within it."""
        return (self._fargate_size(), self._space_within_memory(), self._timeout_within_interval())

    def _fargate_size(self) -> Iterator[Conflict]:
        sizes = SIZES[self.cpu]
        if self.memory not in sizes:
            step = f" in steps of {sizes.step}" if isinstance(sizes, range) else ""
            choice = f"{sizes[0]} to {sizes[-1]} MiB{step}" if step else f"{', '.join(map(str, sizes))} MiB"
            yield Conflict(at=("memory",), allowed=f"{choice}, with {{against}}", against=("cpu",))

    def _space_within_memory(self) -> Iterator[Conflict]:
        if self.temporary_space > self.memory // 4:
            allowed = "at most a quarter of {against}, which contains it"
            yield Conflict(at=("temporary_space",), allowed=allowed, against=("memory",))

    def _timeout_within_interval(self) -> Iterator[Conflict]:
        if self.health.timeout > self.health.interval:
            yield Conflict(at=("health", "timeout"), allowed="at most {against}", against=("health", "interval"))


class ScalingPolicy(Block):
    """One target tracking policy."""

    type: Literal["TargetTracking"] = Field(description="Policy type. Source: Compute, scaling.policies.")
    metric: Literal["CPUUtilization", "MemoryUtilization"] = Field(
        description="Metric to track: the average over the service's tasks. Source: Compute, scaling.policies."
    )
    target: Annotated[int, Field(ge=10, le=90), Unit("percent")] = Field(
        description="Target value in percent. Source: Compute, scaling.policies (CPU 70, memory 80)."
    )


class Scaling(Block):
    """How the number of tasks follows the load."""

    policies: Annotated[
        tuple[ScalingPolicy, ...],
        Items(minimum=2, maximum=2),
        Allowed("a list of two policies, one for each metric"),
    ] = Field(description="Target tracking policies. Source: Compute, scaling.policies.")
    scale_in_cooldown: Cooldown = Field(
        description="Seconds between two decreases. Source: Compute, scaling.scaleInCooldown."
    )
    scale_out_cooldown: Cooldown = Field(
        description="Seconds between two increases. Source: Compute, scaling.scaleOutCooldown."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require one policy for each metric."""
        return (self._one_policy_per_metric(),)

    def _one_policy_per_metric(self) -> Iterator[Conflict]:
        seen: dict[str, int] = {}
        for index, policy in valid_items(self.policies):
            first = seen.setdefault(policy.metric, index)
            if first != index:
                at = ("policies", index, "metric")
                yield Conflict(at=at, allowed="a metric other than {against}", against=("policies", first, "metric"))
