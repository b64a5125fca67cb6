"""What the service costs: tasks, their metrics, images, jobs, and traffic between zones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from reports.cost.lines import HOURS, Line, Pricer, Stack, UnpricedError, members, number, text
from reports.cost.traffic import gigabytes, jobs, millions, requests
from reports.states import Recorded

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
# Fargate's storage of a task that costs nothing.
FREE_STORAGE_GB = 20
# Container Insights with enhanced observability counts each metric (CloudWatch User Guide) by cluster, service and
# family, and for each task once more by service and by family; the others exist once.
METRICS, METRICS_WITH_HEALTH = 23, 24
OTHER_METRICS = 7


def _service(service: Recorded, stack: Stack) -> Iterator[Line]:
    if text(service, "launchType", "FARGATE") != "FARGATE":
        raise UnpricedError("only services on Fargate have a price: add it to reports/cost/service.py")
    definition = _definition_of(service, stack)
    tasks = number(service, "desiredCount")
    yield from _running(definition, tasks, HOURS, "tasks")
    usage = stack.usage
    gb = gigabytes(requests(stack), usage.database_bytes + usage.cache_bytes) * usage.other_zone_share
    how = f"{usage.other_zone_share * 100:g} % of what a request reads from PostgreSQL and Redis"
    yield Line(price="transfer.zones", quantity=gb, what="transfer between zones", how=how)


def _definition_of(service: Recorded, stack: Stack) -> Recorded:
    arn = text(service, "taskDefinition")
    found = [each for each in stack.of_type(TASK_DEFINITION) if each.outputs.get("arn") == arn]
    if not found:
        raise UnpricedError(f"its task definition {arn} isn't in the stack")
    return found[0]


def _running(definition: Recorded, tasks: float, hours: float, what: str) -> Iterator[Line]:
    platform = cast("Mapping[str, object]", definition.inputs.get("runtimePlatform") or {})
    architecture = platform.get("cpuArchitecture", "X86_64")
    if architecture != "X86_64":
        raise UnpricedError(f"tasks on {architecture} have no price: add it to reports/cost/prices.yaml and service.py")
    vcpu, memory = number(definition, "cpu") / 1024, number(definition, "memory") / 1024
    storage = cast("Mapping[str, float]", definition.inputs.get("ephemeralStorage") or {})
    extra = storage.get("sizeInGib", FREE_STORAGE_GB) - FREE_STORAGE_GB
    parts = [
        ("fargate.vcpu", "vCPU", vcpu, f"{vcpu:g} vCPU"),
        ("fargate.memory", "memory", memory, f"{memory:g} GB"),
    ]
    if extra > 0:
        parts.append(("fargate.storage", "storage", extra, f"{extra:g} GB above {FREE_STORAGE_GB}"))
    count = f"{tasks:g} task{'' if tasks == 1 else 's'}"
    for price, name, size, of_size in parts:
        how = f"{count} × {of_size} × {hours:g} h"
        yield Line(price=price, quantity=tasks * hours * size, what=f"{what}: {name}", how=how)


def _one_off(definition: Recorded, stack: Stack) -> Iterator[Line]:
    arns = {service.inputs.get("taskDefinition") for service in stack.of_type(SERVICE)}
    if definition.outputs.get("arn") not in arns:
        yield from _running(definition, 1, stack.usage.one_off_task_hours, "one-off tasks")


def _cluster(cluster: Recorded, stack: Stack) -> Iterator[Line]:
    setting = {str(each.get("name")): each.get("value") for each in members(cluster, "settings")}
    match setting.get("containerInsights", "disabled"):
        case "disabled":
            return
        case "enhanced":
            pass
        case other:
            raise UnpricedError(f"Container Insights {other!r} has no price: add it to reports/cost/service.py")
    arn = cluster.outputs.get("arn")
    services = [each for each in stack.of_type(SERVICE) if each.inputs.get("cluster") == arn]
    tasks = sum(number(service, "desiredCount") for service in services)
    metrics = sum(_metrics(service, stack) for service in services)
    yield Line(
        price="insights.metric",
        quantity=metrics,
        what="Container Insights",
        how=f"{metrics:g} metrics of {tasks:g} tasks",
    )


def _metrics(service: Recorded, stack: Stack) -> float:
    containers = cast(
        "Sequence[Mapping[str, object]]", json.loads(text(_definition_of(service, stack), "containerDefinitions"))
    )
    series = 3 + 2 * number(service, "desiredCount")
    kinds = (METRICS_WITH_HEALTH if container.get("healthCheck") else METRICS for container in containers)
    return sum(kinds) * series + OTHER_METRICS


def _scaling_policy(policy: Recorded, _stack: Stack) -> Iterator[Line]:
    if text(policy, "policyType") != "TargetTrackingScaling":
        raise UnpricedError("only target tracking has a price: add it to reports/cost/service.py")
    yield Line(
        price="cloudwatch.alarm", quantity=2, what="alarms of the scaling", how="2, which AWS creates for each target"
    )


def _repository(repository: Recorded, stack: Stack) -> Iterator[Line]:
    usage = stack.usage
    released = 1 if "tools" in text(repository, "name") else usage.releases
    images = released * usage.months_in_service
    how = f"{images:g} images × {usage.image_gb:g} GB"
    yield Line(price="ecr.storage", quantity=images * usage.image_gb, what="images", how=how)


def _replication(_configuration: Recorded, stack: Stack) -> Iterator[Line]:
    usage = stack.usage
    gb = (usage.releases + 1) * usage.image_gb
    how = f"{usage.releases + 1:g} images × {usage.image_gb:g} GB"
    yield Line(price="transfer.regions", quantity=gb, what="replication of images", how=how)


def _queue(queue: Recorded, stack: Stack) -> Iterator[Line]:
    if "redrivePolicy" not in queue.inputs:
        return
    per_job = stack.usage.requests_per_job
    quantity = millions(jobs(stack) * per_job)
    how = f"{millions(jobs(stack)):,.1f} million jobs × {per_job:g} requests"
    yield Line(price="sqs.requests", quantity=quantity, what="requests of jobs", how=how)


PRICED: Mapping[str, Pricer] = {
    SERVICE: _service,
    TASK_DEFINITION: _one_off,
    "aws:ecs/cluster:Cluster": _cluster,
    "aws:appautoscaling/policy:Policy": _scaling_policy,
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _replication,
    "aws:sqs/queue:Queue": _queue,
}
