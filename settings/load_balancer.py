"""The load balancer in front of the API: listener, health checks and connections."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.retention import LogDays
from settings.values import Allowed, NotNull, Unit, exactly

# AWS's policies with TLS 1.3 and 1.2 and no cipher without forward secrecy.
TlsPolicy: TypeAlias = Literal[
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
]

SLOW_START = "30 to 900 seconds, or 0 for none"


class TargetHealth(Block):
    """The load balancer's health check of a task."""

    path: Annotated[
        str,
        StringConstraints(pattern="^/[A-Za-z0-9._/-]{0,127}$"),
        Allowed("a path such as /health: letters, digits and / . _ -"),
    ] = Field(description="Path of the health check. Source: Emergency Rollback, step 4 (/health).")
    interval: Annotated[int, Field(ge=5, le=300), Unit("seconds")] = Field(
        description="Seconds between two checks. Source: Elastic Load Balancing, target group health checks."
    )
    timeout: Annotated[int, Field(ge=2, le=120), Unit("seconds")] = Field(
        description="Seconds after which a check fails. Source: Elastic Load Balancing."
    )
    healthy_threshold: Annotated[int, Field(ge=2, le=10), Unit("checks")] = Field(
        description="Consecutive successful checks that make a task healthy. Source: Elastic Load Balancing."
    )
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10), Unit("checks")] = Field(
        description="Consecutive failed checks that make a task unhealthy. Source: Elastic Load Balancing."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require a check to end before the next one starts."""
        return (self._timeout_within_interval(),)

    def _timeout_within_interval(self) -> Iterator[Conflict]:
        if self.timeout >= self.interval:
            yield Conflict(at=("timeout",), allowed="less than {against}", against=("interval",))


class LoadBalancer(Block):
    """The load balancer, its listener and its target group."""

    tls_policy: TlsPolicy = Field(
        description="TLS policy of the listener. Source: Data Handling, Encryption in transit (TLS 1.3; CloudFront "
        "uses 1.2 to origins)."
    )
    deletion_protection: Annotated[Literal[True], exactly(bool), Allowed("true: the domain points to its name")] = (
        Field(description="Whether AWS rejects deleting it. Source: Security Hub ELB.6.")
    )
    idle_timeout: Annotated[int, Field(ge=1, le=4000), Unit("seconds")] = Field(
        description="Seconds after which an idle connection is closed. Source: Elastic Load Balancing (60)."
    )
    health: TargetHealth = Field(description="Health check of a task. Source: Emergency Rollback.")
    slow_start: Annotated[int, Field(ge=0, le=900), Allowed(SLOW_START)] = Field(
        description="Seconds over which a new task's share of requests grows. Source: Elastic Load Balancing."
    )
    deregistration_delay: Annotated[int, Field(ge=0, le=3600), Unit("seconds")] = Field(
        description="Seconds that a stopping task has to finish its requests. Source: Elastic Load Balancing."
    )
    log_retention: LogDays = Field(
        description="Retention in days of its access, connection and web ACL logs. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    origin_takes_traffic: Annotated[bool | None, NotNull()] = Field(
        default=None,
        description="Whether the origin's name points to this load balancer; recovery stack only, requires "
        "rds.promoted. Source: this project's failover, a person's decision.",
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require a slow start in one of AWS's two ranges."""
        return (self._slow_start_in_range(),)

    def _slow_start_in_range(self) -> Iterator[Conflict]:
        if 0 < self.slow_start < 30:
            yield Conflict(at=("slow_start",), allowed=SLOW_START)
