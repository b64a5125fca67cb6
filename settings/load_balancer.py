"""The load balancer in front of the API: what CloudFront forwards to, and what it may answer by itself."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from settings.base import Block, Conflict
from settings.retention import LogDays
from settings.values import Switch, Text, Whole, Word

# Those of AWS's policies that speak TLS 1.3 and 1.2 and no cipher without forward secrecy.
TLS_POLICIES = (
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
)


class TargetHealth(Block):
    """How the load balancer asks a task whether it is well."""

    path: Annotated[
        str,
        Text(
            name="path",
            allowed="a path such as /health: letters, digits and / . _ -",
            pattern="/[A-Za-z0-9._/-]{0,127}",
        ),
    ] = Field(description="The path that is asked for. Source: Emergency Rollback, step 4 (/health).")
    interval: Annotated[int, Whole(name="seconds", allowed="5 to 300 seconds", minimum=5, maximum=300)] = Field(
        description="Seconds between two checks. Source: Elastic Load Balancing, target group health checks."
    )
    timeout: Annotated[int, Whole(name="seconds", allowed="2 to 120 seconds", minimum=2, maximum=120)] = Field(
        description="Seconds after which a check has failed. Source: Elastic Load Balancing."
    )
    healthy_threshold: Annotated[int, Whole(name="count", allowed="2 to 10 checks", minimum=2, maximum=10)] = Field(
        description="Passed checks in a row that make a task healthy. Source: Elastic Load Balancing."
    )
    unhealthy_threshold: Annotated[int, Whole(name="count", allowed="2 to 10 checks", minimum=2, maximum=10)] = Field(
        description="Failed checks in a row that make a task unhealthy. Source: Elastic Load Balancing."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check that one check ends before the next begins."""
        return (self._in_time(),)

    def _in_time(self) -> Iterator[Conflict]:
        if self.timeout >= self.interval:
            yield Conflict(at=("timeout",), allowed="less than {against}", against=("interval",))


class LoadBalancer(Block):
    """The load balancer, its listener and its target group."""

    tls_policy: Annotated[str, Word.of("TLS policy", *TLS_POLICIES)] = Field(
        description="Which TLS versions and ciphers it speaks. Source: Data Handling, Encryption in transit (TLS 1.3; "
        "CloudFront speaks 1.2 to origins)."
    )
    deletion_protection: Annotated[bool, Switch(allowed="true: its name is where the domain points", only=True)] = (
        Field(description="Whether AWS refuses to delete it. Source: Security Hub ELB.6.")
    )
    idle_timeout: Annotated[int, Whole(name="seconds", allowed="1 to 4000 seconds", minimum=1, maximum=4000)] = Field(
        description="Seconds after which a silent connection is closed. Source: Elastic Load Balancing (60)."
    )
    health: TargetHealth = Field(description="How it asks a task whether it is well. Source: Emergency Rollback.")
    slow_start: Annotated[
        int, Whole(name="seconds", allowed="30 to 900 seconds, or 0 for none", minimum=0, maximum=900)
    ] = Field(description="Seconds in which a new task's share grows. Source: Elastic Load Balancing.")
    deregistration_delay: Annotated[
        int, Whole(name="seconds", allowed="0 to 3600 seconds", minimum=0, maximum=3600)
    ] = Field(description="Seconds that a stopping task's requests have to end. Source: Elastic Load Balancing.")
    log_retention: LogDays = Field(
        description="Days that its access, connection and web ACL logs are kept. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    origin_takes_traffic: Annotated[bool | None, Switch()] = Field(
        default=None,
        description="The recovery stack's alone: whether the origin's name points to this load balancer; it needs "
        "rds.promoted. Source: this project's fail-over, a person's decision.",
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check of what AWS's two ranges of slow start leave out."""
        return (self._slow_start_on_offer(),)

    def _slow_start_on_offer(self) -> Iterator[Conflict]:
        if 0 < self.slow_start < 30:
            yield Conflict(at=("slow_start",), allowed="30 to 900 seconds, or 0 for none")
