"""Rules about scaling: the number of tasks, and the metrics that it follows."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from policies.engine.expectations import (
    Expectation,
    at_least,
    between,
    equals,
    is_false,
    number,
    one_of,
    property_rule,
    row,
    when,
    within,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import compute as compute_figures
from policies.figures import origin as origin_figures
from policies.readers.listener_rules import is_open_latch
from policies.readers.resource_types import ECS_SERVICE, LISTENER_RULES

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
NAMESPACE = "ecs"
_CONFIGURATION = "targetTrackingScalingPolicyConfiguration"
_METRIC = f"{_CONFIGURATION}.predefinedMetricSpecification.predefinedMetricType"


def _is_of_ecs(resource: Resource) -> bool:
    return resource.at("serviceNamespace").text() == Known(value=NAMESPACE)


def _is_in_recovery(target: Resource) -> bool:
    return _is_of_ecs(target) and target.stack == origin_figures.LATCH_STACK


def _is_in_other_stack(target: Resource) -> bool:
    return _is_of_ecs(target) and target.stack != origin_figures.LATCH_STACK


def _at_most(metric: str, most: int) -> Expectation:
    """Require a target value of a metric that isn't larger."""

    def judge(node: Node) -> Iterator[Verdict]:
        fact = node.scalar()
        found = number(fact)
        if isinstance(fact, Unknown):
            yield fact
        elif found is None or found > most:
            state = "isn't set" if found is None else f"is {found}"
            yield violation(f"targetValue {state}", f"at most {most} for {metric}")

    path = f"{_CONFIGURATION}.targetValue"
    expectation = row(path, f"set {path} to at most {most} for {metric}", judge)
    return replace(expectation, when=_follows(metric))


def _follows(metric: str) -> Callable[[Resource], bool]:
    return lambda policy: _is_of_ecs(policy) and policy.at(*_METRIC.split(".")).text() == Known(value=metric)


def _scaled(stack: Stack) -> Iterator[Finding]:
    for service in stack.of(ECS_SERVICE):
        name = service.at("name").text()
        if not isinstance(name, Known):
            continue
        for type_, required in ((TARGET, {""}), (POLICY, set(compute_figures.SCALING_TARGETS))):
            found, unknowns = _of_service(type_, name.value, stack)
            missing = sorted(required - {_metric_of(each) if type_ == POLICY else "" for each in found})
            if unknowns and missing:
                yield Finding(resource=service, verdict=unknowns[0])
            elif missing:
                metrics = f" for {', '.join(missing)}" if any(missing) else ""
                allowed = f"a Target, and a Policy for each of {', '.join(compute_figures.SCALING_TARGETS)}"
                yield report(service, f"it has no {type_.rpartition(':')[2]}{metrics}", allowed)


def _of_service(type_: str, name: str, stack: Stack) -> tuple[list[Resource], list[Unknown]]:
    found: list[Resource] = []
    unknowns: list[Unknown] = []
    for resource in stack.of(type_):
        match resource.at("resourceId").text():
            case Known(value=text) if text.endswith(f"/{name}"):
                found.append(resource)
            case Unknown() as unknown:
                unknowns.append(unknown)
            case _:
                pass
    return found, unknowns


def _metric_of(policy: Resource) -> str:
    match policy.at(*_METRIC.split(".")).text():
        case Known(value=name):
            return name
        case Unknown() | Absent():
            return ""


def _taking_traffic(stack: Stack) -> Iterator[Finding]:
    for rule in stack.of(*LISTENER_RULES):
        answer = is_open_latch(rule)
        if isinstance(answer, Unknown):
            yield Finding(resource=rule, verdict=answer)
        elif answer:
            for target in filter(_is_of_ecs, stack.of(TARGET)):
                yield from findings(target, within(target.at("minCapacity"), compute_figures.TASKS_TAKING_TRAFFIC))


RULES = (
    property_rule(
        "compute-scaling-bounds",
        section="Compute (ECS Fargate)",
        description=f"A service has {compute_figures.MIN_TASKS} to {compute_figures.MAX_TASKS} tasks",
        types=TARGET,
        rows=(
            *when(_is_in_other_stack, equals("minCapacity", compute_figures.MIN_TASKS), of="production"),
            *when(
                _is_in_recovery,
                one_of("minCapacity", compute_figures.MIN_TASKS, compute_figures.TASKS_TAKING_TRAFFIC),
                of=origin_figures.LATCH_STACK,
            ),
            *when(_is_of_ecs, equals("maxCapacity", compute_figures.MAX_TASKS)),
        ),
        severity="medium",
    ),
    StackRule(
        id="compute-tasks-taking-traffic",
        section="Environment Details",
        description=f"The recovery stack has at least {compute_figures.TASKS_TAKING_TRAFFIC} tasks before it receives "
        "production traffic",
        remedy=f"Set minCapacity to {compute_figures.TASKS_TAKING_TRAFFIC} before the latch answers "
        f"{origin_figures.LATCH_OPEN}.",
        severity="high",
        judge=_taking_traffic,
    ),
    property_rule(
        "compute-scaling-policies",
        section="Compute (ECS Fargate)",
        description="The number of tasks follows the document's metrics, at its targets and cooldowns or stricter ones",
        types=POLICY,
        rows=(
            *when(
                _is_of_ecs,
                equals("policyType", "TargetTrackingScaling"),
                one_of(_METRIC, *compute_figures.SCALING_TARGETS),
                at_least(f"{_CONFIGURATION}.scaleInCooldown", compute_figures.SCALE_IN_SECONDS),
                between(f"{_CONFIGURATION}.scaleOutCooldown", 0, compute_figures.SCALE_OUT_SECONDS),
                is_false(f"{_CONFIGURATION}.disableScaleIn", default=False),
            ),
            *(_at_most(metric, most) for metric, most in compute_figures.SCALING_TARGETS.items()),
        ),
        severity="medium",
    ),
    StackRule(
        id="compute-scaled",
        section="Compute (ECS Fargate)",
        description="Every service scales by each of the document's metrics",
        remedy="Create a Target for the service, and a Policy for each of "
        f"{', '.join(compute_figures.SCALING_TARGETS)}.",
        severity="medium",
        judge=_scaled,
    ),
)
