"""Rules about scaling: between the document's bounds, and after its measures, no looser."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_false, number, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import compute as compute_figures
from policies.figures import origin as origin_figures
from policies.readers.listener_rules import is_open_latch
from policies.readers.resource_types import ECS_SERVICE, LISTENER_RULES

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
NAMESPACE = "ecs"
_CONFIGURATION = "targetTrackingScalingPolicyConfiguration"


def _is_of_ecs(resource: Resource) -> bool:
    return resource.at("serviceNamespace").text() == Known(value=NAMESPACE)


def _bounds(target: Resource) -> Iterator[Verdict]:
    if _is_of_ecs(target):
        raised = (compute_figures.TASKS_TAKING_TRAFFIC,) if target.stack == origin_figures.LATCH_STACK else ()
        yield from expect(target.at("minCapacity"), compute_figures.LEAST_TASKS, *raised)
        yield from expect(target.at("maxCapacity"), compute_figures.MOST_TASKS)


def _tracks(policy: Resource) -> Iterator[Verdict]:
    if not _is_of_ecs(policy):
        return
    yield from expect(policy.at("policyType"), "TargetTrackingScaling")
    whole = policy.at(_CONFIGURATION)
    metric = whole.at("predefinedMetricSpecification", "predefinedMetricType")
    match metric.text():
        case Known(value=name) if name in compute_figures.TARGETS:
            yield from _at_most(whole.at("targetValue"), compute_figures.TARGETS[name])
        case Unknown() as unknown:
            yield unknown
        case _:
            yield from expect(metric, *compute_figures.TARGETS)
    yield from within(whole.at("scaleInCooldown"), compute_figures.SCALE_IN_SECONDS)
    yield from within(whole.at("scaleOutCooldown"), 0, compute_figures.SCALE_OUT_SECONDS)
    yield from expect_false(whole.at("disableScaleIn"), default=False)


def _at_most(node: Node, most: int) -> Iterator[Verdict]:
    fact = node.scalar()
    found = number(fact)
    if isinstance(fact, Unknown):
        yield fact
    elif found is None or found > most:
        yield violation(f"targetValue is {found if found is not None else 'not set'}", f"at most {most}")


def _scaled(stack: Stack) -> Iterator[Finding]:
    """Every service has a target, and a policy for each of the document's measures."""
    for service in stack.of(ECS_SERVICE):
        suffix = service.at("name").text()
        if not isinstance(suffix, Known):
            continue
        for kind, wanted in ((TARGET, {""}), (POLICY, set(compute_figures.TARGETS))):
            own, doubts = _of_service(kind, suffix.value, stack)
            verdict = {_metric(each) if kind == POLICY else "" for each in own}
            lacking = sorted(wanted - verdict)
            if doubts and lacking:
                yield Finding(resource=service, verdict=doubts[0])
            elif lacking:
                what = f"it has no {kind.rpartition(':')[2]}{' for ' if any(lacking) else ''}{', '.join(lacking)}"
                allowed = "a target, and a policy for each of the document's measures"
                yield report(service, what, allowed)


def _taking_traffic(stack: Stack) -> Iterator[Finding]:
    """Judge the least number of tasks where the latch says that this stack receives the traffic."""
    for rule in stack.of(*LISTENER_RULES):
        answer = is_open_latch(rule)
        if isinstance(answer, Unknown):
            yield Finding(resource=rule, verdict=answer)
        elif answer:
            for target in filter(_is_of_ecs, stack.of(TARGET)):
                yield from findings(target, within(target.at("minCapacity"), compute_figures.TASKS_TAKING_TRAFFIC))


def _of_service(kind: str, name: str, stack: Stack) -> tuple[list[Resource], list[Unknown]]:
    own: list[Resource] = []
    doubts: list[Unknown] = []
    for resource in stack.of(kind):
        match resource.at("resourceId").text():
            case Known(value=text) if text.endswith(f"/{name}"):
                own.append(resource)
            case Unknown() as unknown:
                doubts.append(unknown)
            case _:
                pass
    return own, doubts


def _metric(policy: Resource) -> str:
    match policy.at(_CONFIGURATION, "predefinedMetricSpecification", "predefinedMetricType").text():
        case Known(value=name):
            return name
        case Unknown() | Absent():
            return ""


RULES = (
    ResourceRule(
        id="compute-scaling-bounds",
        section="Compute (ECS Fargate)",
        description="A service has between 2 and 20 tasks",
        remedy="Set minCapacity to 2 and maxCapacity to 20; in dr minCapacity is 4 after a promotion.",
        types=(TARGET,),
        judge=_bounds,
    ),
    StackRule(
        id="compute-tasks-taking-traffic",
        section="Environment Details",
        description="The recovery stack has at least 4 tasks before it says that it receives the traffic",
        remedy="Set minCapacity to 4 before the latch answers 200.",
        judge=_taking_traffic,
    ),
    ResourceRule(
        id="compute-scaling-policies",
        section="Compute (ECS Fargate)",
        description="Tasks follow the document's measures, no later and no more hastily than it says",
        remedy="Track CPU at 70 and memory at 80, with 300 seconds in and 60 out.",
        types=(POLICY,),
        judge=_tracks,
    ),
    StackRule(
        id="compute-scaled",
        section="Compute (ECS Fargate)",
        description="Every service is scaled, by each of the document's measures",
        remedy="Give the service a target, and a policy for CPU and one for memory.",
        judge=_scaled,
    ),
)
