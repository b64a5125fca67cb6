"""Rules about the load balancer itself, where it stands, and the targets behind it."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_set, expect_true, within
from policies.engine.facts import Absent, Known, Resource
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, violation
from policies.figures import origin as origin_figures
from policies.readers.placement import expect_security_group, expect_tier
from policies.readers.resource_types import LOAD_BALANCERS
from policies.readers.subnets import PUBLIC

TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"


def _balancer(balancer: Resource) -> Iterator[Verdict]:
    if balancer.type == CLASSIC:
        yield violation("a classic load balancer can't stand behind a web ACL", f"only {LOAD_BALANCERS[0]}")
        return
    yield from expect(balancer.at("loadBalancerType"), "application", default="application")
    for key, value, default in (
        ("internal", False, False),
        ("enableDeletionProtection", True, False),
        ("dropInvalidHeaderFields", True, False),
        ("enableWafFailOpen", False, False),
    ):
        yield from expect(balancer.at(key), value, default=default)
    yield from expect(balancer.at("desyncMitigationMode"), "strictest", default="defensive")
    for logs in ("accessLogs", "connectionLogs"):
        yield from expect_true(balancer.at(logs, "enabled"), default=False)
        yield from expect_set(balancer.at(logs, "bucket"), "a bucket for logs")


def _placed(stack: Stack) -> Iterator[Finding]:
    for balancer in stack.of(*LOAD_BALANCERS):
        yield from expect_security_group(balancer, balancer.at("securityGroups"), stack, "alb")
        yield from expect_tier(balancer, balancer.at("subnets"), stack, PUBLIC)


def _targets(group: Resource) -> Iterator[Verdict]:
    yield from expect(group.at("targetType"), "ip", default="instance")
    yield from expect(group.at("port"), origin_figures.SERVICE_PORT)
    yield from expect(group.at("protocol"), "HTTP")
    check = group.at("healthCheck")
    yield from expect_true(check.at("enabled"), default=True)
    yield from expect(check.at("path"), origin_figures.HEALTH_PATH)
    yield from expect(check.at("matcher"), origin_figures.HEALTHY, default=origin_figures.HEALTHY)
    yield from expect(check.at("protocol"), "HTTP", default="HTTP")
    ports = ("traffic-port", str(origin_figures.SERVICE_PORT))
    yield from expect(check.at("port"), *ports, default="traffic-port")
    start = group.at("slowStart")
    if start.scalar() not in (Absent(), Known(value=0)):
        yield from within(start, *origin_figures.SLOW_START)


RULES = (
    ResourceRule(
        id="origin-load-balancer",
        section="Security Configuration",
        description="The load balancer faces the internet, takes no malformed request, logs all, and can't be deleted",
        remedy="Set the deletion protection, both logs, dropInvalidHeaderFields, and desyncMitigationMode strictest.",
        types=(*LOAD_BALANCERS, CLASSIC),
        judge=_balancer,
    ),
    StackRule(
        id="origin-placed",
        section="Production Architecture",
        description="The load balancer stands in the public subnets of both zones, in its own security group",
        remedy="Give it both public subnets and the group with the role alb.",
        judge=_placed,
    ),
    ResourceRule(
        id="origin-targets",
        section="Security Groups",
        description="Requests go to the tasks' addresses on the service's port, and only while they answer /health",
        remedy=f"Make a target group of ip targets on {origin_figures.SERVICE_PORT} that checks /health for a 200.",
        types=TARGET_GROUPS,
        judge=_targets,
    ),
)
