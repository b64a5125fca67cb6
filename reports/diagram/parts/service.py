"""The API's tasks on Fargate, and the tasks that run once."""

from collections.abc import Iterator, Sequence

from reports.diagram.model import Box, Part, count, urns
from reports.diagram.parts.network import zones_of
from reports.diagram.reading import Json, Stack, entries, number, objects, output, text, texts
from reports.states import Recorded

# Fargate's measure of a vCPU, and MiB of a GB.
_UNITS = 1024


def service(stack: Stack) -> Part:
    """Return the tasks of the service in each zone, and the one-off tasks."""
    return Part(boxes=[*_tasks(stack), *_one_off_tasks(stack)])


def definition_of(stack: Stack, service: Recorded) -> Sequence[Recorded]:
    """Return the task definition of a service."""
    arn = text(service, "taskDefinition")
    return [d for d in stack.of("ecs/taskDefinition") if output(d, "arn") == arn]


def _tasks(stack: Stack) -> Iterator[Box]:
    for each in stack.of("ecs/service"):
        definitions = definition_of(stack, each)
        targets = stack.of("appautoscaling/target")
        policies = stack.of("appautoscaling/policy")
        groups = stack.of("lb/targetGroup")
        inside = zones_of(stack, texts(each, "networkConfiguration", "subnets"))
        desired = number(each, "desiredCount")
        share = (
            f"{desired // len(inside)} of {desired} tasks" if desired % len(inside) == 0 else f"{desired} in all zones"
        )
        figures = [
            share,
            *(f"scaled {number(t, 'minCapacity')} to {number(t, 'maxCapacity')}" for t in targets),
            *(_target(policy) for policy in policies),
            *(f"{number(d, 'cpu') / _UNITS:g} vCPU, {number(d, 'memory') / _UNITS:g} GB" for d in definitions),
        ]
        for zone in inside:
            yield Box(
                id=f"tasks-{zone}",
                icon="elastic-container-service",
                title="ECS tasks",
                place="private",
                zone=zone,
                figures=figures,
                sources=urns([each], stack.of("ecs/cluster"), definitions, targets, policies, groups),
            )


def scale(stack: Stack, service: Recorded) -> str:
    """Return the number of tasks of a service, and its bounds."""
    bounds = [f", {number(t, 'minCapacity')} to {number(t, 'maxCapacity')}" for t in stack.of("appautoscaling/target")]
    return count(number(service, "desiredCount"), "task") + "".join(bounds)


def _target(policy: Recorded) -> str:
    path = "targetTrackingScalingPolicyConfiguration"
    metric = text(policy, path, "predefinedMetricSpecification", "predefinedMetricType")
    unit = "CPU" if "CPU" in metric else "memory"
    return f"at {number(policy, path, 'targetValue')} % {unit}"


def _one_off_tasks(stack: Stack) -> Iterator[Box]:
    """Yield a box in each zone of the tasks that no service runs: people and events start them."""
    running = {d.urn for each in stack.of("ecs/service") for d in definition_of(stack, each)}
    definitions = [d for d in stack.of("ecs/taskDefinition") if d.urn not in running]
    inside = {
        zone
        for each in stack.of("ecs/service")
        for zone in zones_of(stack, texts(each, "networkConfiguration", "subnets"))
    }
    targets = [t for t in stack.of("cloudwatch/eventTarget") if text(t, "ecsTarget", "taskDefinitionArn")]
    by_events = {text(target, "ecsTarget", "taskDefinitionArn") for target in targets}
    started = [f"{len(by_events)} started by events"] if by_events else []
    for zone in sorted(inside) if definitions else ():
        yield Box(
            id=f"one-off-tasks-{zone}",
            icon="fargate",
            title="One-off tasks",
            place="private",
            zone=zone,
            figures=[count(len(definitions), "definition"), *started],
            sources=urns(definitions, targets),
        )


def containers(definition: Recorded) -> Sequence[Json]:
    """Return the containers of a task definition."""
    return objects(definition, "containerDefinitions")


def environment(stack: Stack, name: str) -> str:
    """Return an environment variable of the API's container, empty if it isn't set."""
    values = (
        str(variable["value"])
        for each in stack.of("ecs/service")
        for definition in definition_of(stack, each)
        for container in containers(definition)
        for variable in entries(container, "environment")
        if variable["name"] == name
    )
    return next(values, "")


def secrets_of(stack: Stack) -> Sequence[str]:
    """Return the ARNs of the secrets that containers get, without the keys in them."""
    references = {
        str(secret["valueFrom"])
        for definition in stack.of("ecs/taskDefinition")
        for container in containers(definition)
        for secret in entries(container, "secrets")
    }
    return sorted({":".join(reference.split(":")[:7]) for reference in references})


def images_of(stack: Stack) -> Sequence[str]:
    """Return the images of all containers, without their digests."""
    definitions = stack.of("ecs/taskDefinition")
    images = {str(container["image"]) for definition in definitions for container in containers(definition)}
    return sorted(image.partition("@")[0] for image in images)
