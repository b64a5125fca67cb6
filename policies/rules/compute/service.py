"""Rules about the service: its tasks, its network, and deployments that are rolled back when they fail."""

from collections.abc import Iterator

from policies.engine.expectations import (
    at_least,
    equals,
    expect,
    is_false,
    is_true,
    must_be_set,
    property_rule,
    relation_rule,
    row,
)
from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, expect_reference, findings, report, violation
from policies.figures import compute as compute_figures
from policies.figures.origin import SERVICE_PORT
from policies.readers.placement import expect_security_group, expect_tier
from policies.readers.resource_types import ECS_SERVICE, METRIC_ALARM, TARGET_GROUPS
from policies.readers.subnets import PRIVATE


def _name(service: Resource) -> Iterator[Verdict]:
    yield from expect(service.at("name"), f"{compute_figures.SERVICE_PREFIX}{service.stack}")


def _expect_names(alarm_names: Node) -> Iterator[Verdict]:
    match alarm_names.items():
        case Unknown() as unknown:
            yield unknown
        case Known(value=names) if names:
            pass
        case _:
            yield violation("alarms.alarmNames isn't set", "the names of the alarms that roll a deployment back")


def _deployment_alarms(stack: Stack) -> Iterator[Finding]:
    """Require that a deployment's alarms are of this stack and have no actions: people have other alarms."""
    facts = [(alarm.at("name").text(), alarm) for alarm in stack.of(METRIC_ALARM)]
    alarms = {name.value: alarm for name, alarm in facts if isinstance(name, Known)}
    unknown_name = next((name for name, _ in facts if isinstance(name, Unknown)), None)
    for service in stack.of(ECS_SERVICE):
        names = service.at("alarms", "alarmNames").items()
        for node in names.value if isinstance(names, Known) else ():
            match node.text():
                case Known(value=name) if name in alarms:
                    yield from _expect_no_actions(alarms[name])
                case Known(value=name):
                    missing = violation(f"its alarm {name} is missing", "an alarm of this stack, created before it")
                    yield Finding(resource=service, verdict=unknown_name or missing)
                case Unknown() as unknown:
                    yield Finding(resource=service, verdict=unknown)
                case _:
                    pass


def _expect_no_actions(alarm: Resource) -> Iterator[Finding]:
    for key in ("alarmActions", "okActions", "insufficientDataActions"):
        if alarm.at(key).value:
            yield report(alarm, f"{key} is set", "no actions: it only rolls a deployment back")


def _network(stack: Stack) -> Iterator[Finding]:
    for service in stack.of(ECS_SERVICE):
        network = service.at("networkConfiguration")
        yield from expect_security_group(service, network.at("securityGroups"), stack, "service")
        yield from expect_tier(service, network.at("subnets"), stack, PRIVATE)


def _targets(stack: Stack) -> Iterator[Finding]:
    for service in stack.of(ECS_SERVICE):
        targets = elements_of(service.at("loadBalancers"))
        if not targets:
            yield report(service, "it is behind no load balancer", "a target group of this stack")
        for target in targets:
            yield from findings(service, expect(target.at("containerPort"), SERVICE_PORT))
            node = target.at("targetGroupArn")
            yield from expect_reference(service, node, stack, TARGET_GROUPS, "a target group")


RULES = (
    StackRule(
        id="compute-reached",
        section="Production Architecture",
        description=f"The load balancer forwards requests to the service's tasks, on port {SERVICE_PORT}",
        remedy=f"Set loadBalancers to a target group of this stack, with the containerPort {SERVICE_PORT}.",
        judge=_targets,
        severity="high",
    ),
    property_rule(
        "compute-service",
        section="Compute (ECS Fargate)",
        description=f"The service has the document's name, at least {compute_figures.MIN_TASKS} tasks on the latest "
        "Fargate platform, and no sessions",
        types=ECS_SERVICE,
        rows=(
            equals("launchType", "FARGATE"),
            equals("platformVersion", "LATEST", default="LATEST"),
            equals("schedulingStrategy", "REPLICA", default="REPLICA"),
            at_least("desiredCount", compute_figures.MIN_TASKS),
            equals("availabilityZoneRebalancing", "ENABLED", default="DISABLED"),
            # A session would be in a container that serves production.
            is_false("enableExecuteCommand", default=False),
            must_be_set("healthCheckGracePeriodSeconds", "the seconds that a new task may take to start"),
        ),
        also=_name,
        remedy=f"Set name to {compute_figures.SERVICE_PREFIX}<stack>.",
        severity="high",
        controls=("ECS.10",),
    ),
    property_rule(
        "compute-deployment",
        section="Deployment Checklist",
        description="A deployment keeps all tasks healthy, and is rolled back if it fails",
        types=ECS_SERVICE,
        rows=(
            is_true("deploymentCircuitBreaker.enable", default=False),
            is_true("deploymentCircuitBreaker.rollback", default=False),
            is_true("alarms.enable", default=False),
            is_true("alarms.rollback", default=False),
            row("alarms.alarmNames", "set alarms.alarmNames to the deployment's alarms", _expect_names),
            at_least("deploymentMinimumHealthyPercent", compute_figures.MIN_HEALTHY_PERCENT, default=100),
            at_least("deploymentMaximumPercent", compute_figures.MAX_RUNNING_PERCENT, default=200),
        ),
        severity="high",
    ),
    StackRule(
        id="compute-deployment-alarms",
        section="Deployment Checklist",
        description="The alarms of a deployment are of this stack, and have no actions",
        remedy="Create an alarm of that name without actions.",
        severity="medium",
        judge=_deployment_alarms,
    ),
    relation_rule(
        "compute-private",
        section="Production Architecture",
        description="Tasks are in the private subnets of both zones, in the service's security group, and without "
        "public addresses",
        types=ECS_SERVICE,
        rows=(is_false("networkConfiguration.assignPublicIp", default=False),),
        also=_network,
        remedy="Set the subnets to both private ones, and the security group to the one with the role service.",
        severity="high",
        controls=("ECS.2",),
    ),
)
