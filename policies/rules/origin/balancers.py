"""Rules about the load balancer itself, its subnets and security group, and its target groups."""

from collections.abc import Iterator

from policies.engine.expectations import (
    equals,
    is_false,
    is_true,
    must_be_set,
    of_type,
    one_of,
    property_rule,
    when,
    within,
)
from policies.engine.facts import Absent, Known, Resource
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, violation
from policies.figures import origin as origin_figures
from policies.readers.placement import expect_security_group, expect_tier
from policies.readers.resource_types import LOAD_BALANCERS, TARGET_GROUPS
from policies.readers.subnets import PUBLIC

CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
_LOGS = ("accessLogs", "connectionLogs")
_FASTEST_START, _SLOWEST_START = origin_figures.SLOW_START


def _classic(balancer: Resource) -> Iterator[Verdict]:
    if balancer.type == CLASSIC:
        yield violation("a classic load balancer can't have a web ACL", LOAD_BALANCERS[0])


def _placement(stack: Stack) -> Iterator[Finding]:
    for balancer in stack.of(*LOAD_BALANCERS):
        yield from expect_security_group(balancer, balancer.at("securityGroups"), stack, "alb")
        yield from expect_tier(balancer, balancer.at("subnets"), stack, PUBLIC)


def _slow_start(group: Resource) -> Iterator[Verdict]:
    start = group.at("slowStart")
    if start.scalar() not in (Absent(), Known(value=0)):
        # Unset and 0 turn it off.
        yield from within(start, _FASTEST_START, _SLOWEST_START)


RULES = (
    property_rule(
        "origin-load-balancer",
        section="Security Configuration",
        description="The load balancer faces the internet, rejects malformed requests, logs all, and can't be deleted",
        types=(*LOAD_BALANCERS, CLASSIC),
        rows=when(
            of_type(*LOAD_BALANCERS),
            equals("loadBalancerType", "application", default="application"),
            is_false("internal", default=False),
            is_true("enableDeletionProtection", default=False),
            is_true("dropInvalidHeaderFields", default=False),
            is_false("enableWafFailOpen", default=False),
            equals("desyncMitigationMode", "strictest", default="defensive"),
            *(is_true(f"{logs}.enabled", default=False) for logs in _LOGS),
            *(must_be_set(f"{logs}.bucket", "a bucket for logs") for logs in _LOGS),
        ),
        also=_classic,
        remedy=f"Replace a classic load balancer by {LOAD_BALANCERS[0]}.",
        severity="high",
        controls=("ELB.4", "ELB.5", "ELB.6", "ELB.12"),
    ),
    StackRule(
        id="origin-placed",
        section="Production Architecture",
        description="The load balancer is in the public subnets of both zones, in its security group alone",
        remedy="Give it both public subnets and the group with the role alb.",
        judge=_placement,
        severity="high",
        controls=("ELB.13",),
    ),
    property_rule(
        "origin-targets",
        section="Security Groups",
        description="Requests go to the tasks' addresses on the service's port, while they pass the health check",
        types=TARGET_GROUPS,
        rows=(
            equals("targetType", "ip", default="instance"),
            equals("port", origin_figures.SERVICE_PORT),
            equals("protocol", "HTTP"),
            is_true("healthCheck.enabled", default=True),
            equals("healthCheck.path", origin_figures.HEALTH_PATH),
            equals("healthCheck.matcher", origin_figures.HEALTHY, default=origin_figures.HEALTHY),
            equals("healthCheck.protocol", "HTTP", default="HTTP"),
            one_of("healthCheck.port", "traffic-port", str(origin_figures.SERVICE_PORT), default="traffic-port"),
        ),
        also=_slow_start,
        remedy=f"Leave slowStart unset, or set it to 0 or {_FASTEST_START} to {_SLOWEST_START}.",
        severity="high",
    ),
)
