"""Rules about the service: enough tasks in both zones, out of the internet's sight, and releases that can be undone."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_false, expect_set, expect_true, within
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.figures import compute as compute_figures
from policies.readers.placement import expect_security_group, expect_tier
from policies.readers.resource_types import ECS_SERVICE, METRIC_ALARM
from policies.readers.subnets import PRIVATE


def _service(service: Resource) -> Iterator[Verdict]:
    yield from expect(service.at("name"), f"{compute_figures.SERVICE_PREFIX}{service.stack}")
    yield from expect(service.at("launchType"), "FARGATE")
    yield from expect(service.at("platformVersion"), "LATEST", default="LATEST")
    yield from expect(service.at("schedulingStrategy"), "REPLICA", default="REPLICA")
    yield from within(service.at("desiredCount"), compute_figures.LEAST_TASKS)
    yield from expect(service.at("availabilityZoneRebalancing"), "ENABLED", default="DISABLED")
    # A session in a task of the service would be one in production's own process.
    yield from expect_false(service.at("enableExecuteCommand"), default=False)
    yield from expect_set(service.at("healthCheckGracePeriodSeconds"), "seconds in which a new task may start")


def _deployment(service: Resource) -> Iterator[Verdict]:
    for key in ("deploymentCircuitBreaker", "alarms"):
        for switch in ("enable", "rollback"):
            yield from expect_true(service.at(key, switch), default=False)
    yield from within(service.at("deploymentMinimumHealthyPercent"), compute_figures.LEAST_HEALTHY, default=100)
    yield from within(service.at("deploymentMaximumPercent"), compute_figures.MOST_RUNNING, default=200)
    match service.at("alarms", "alarmNames").items():
        case Unknown() as unknown:
            yield unknown
        case Known(value=names) if names:
            pass
        case _:
            yield violation("no alarm judges a deployment", "the names of some")


def _alarms(stack: Stack) -> Iterator[Finding]:
    """Every alarm that judges a deployment is of this stack, and tells nobody: people have alarms of their own."""
    alarms = {
        name.value: alarm for alarm in stack.of(METRIC_ALARM) if isinstance(name := alarm.at("name").text(), Known)
    }
    doubt = next(
        (name for alarm in stack.of(METRIC_ALARM) if isinstance(name := alarm.at("name").text(), Unknown)), None
    )
    for service in stack.of(ECS_SERVICE):
        names = service.at("alarms", "alarmNames").items()
        for node in names.value if isinstance(names, Known) else ():
            match node.text():
                case Known(value=name) if name in alarms:
                    for key in ("alarmActions", "okActions", "insufficientDataActions"):
                        if alarms[name].at(key).value:
                            verdict = violation(f"{key} is set", "no actions: a deployment's alarms tell nobody")
                            yield Finding(resource=alarms[name], verdict=verdict)
                case Known(value=name):
                    lacking = violation(f"its alarm {name} isn't there", "an alarm of this stack, made before it")
                    yield Finding(resource=service, verdict=doubt or lacking)
                case Unknown() as unknown:
                    yield Finding(resource=service, verdict=unknown)
                case _:
                    pass


def _private(stack: Stack) -> Iterator[Finding]:
    for service in stack.of(ECS_SERVICE):
        network = service.at("networkConfiguration")
        yield from findings(service, expect_false(network.at("assignPublicIp"), default=False))
        yield from expect_security_group(service, network.at("securityGroups"), stack, "service")
        yield from expect_tier(service, network.at("subnets"), stack, PRIVATE)


RULES = (
    ResourceRule(
        id="compute-service",
        section="Compute (ECS Fargate)",
        description="The service has the document's name, at least two tasks on Fargate's newest platform, no sessions",
        remedy="Set the document's figures, zone rebalancing and a grace period, and leave exec off.",
        types=(ECS_SERVICE,),
        judge=_service,
    ),
    ResourceRule(
        id="compute-deployment",
        section="Deployment Checklist",
        description="A deployment leaves all tasks healthy, and one that fails is rolled back",
        remedy="Set the circuit breaker and deployment alarms with rollback, and 100 and 200 percent.",
        types=(ECS_SERVICE,),
        judge=_deployment,
    ),
    StackRule(
        id="compute-deployment-alarms",
        section="Deployment Checklist",
        description="The alarms that judge a deployment are there before it, and tell nobody",
        remedy="Make an alarm of that name without actions.",
        judge=_alarms,
    ),
    StackRule(
        id="compute-private",
        section="Production Architecture",
        description="Tasks stand in the private subnets of both zones, in the service's group, with no public address",
        remedy="Give the service both private subnets and the group with the role service.",
        judge=_private,
    ),
)
