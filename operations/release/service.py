"""The API's service as ECS knows it: its state, its deployments and revisions, its running tasks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from operations.frame.aws import Aws
from operations.frame.errors import ExitCode, OperationError

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        AwsVpcConfigurationOutputTypeDef,
        AwsVpcConfigurationTypeDef,
        ContainerOverrideTypeDef,
        RunTaskResponseTypeDef,
        ServiceDeploymentTypeDef,
        ServiceTypeDef,
        TaskTypeDef,
    )

# The statuses of a service deployment (ECS, DescribeServiceDeployments).
FORWARD = frozenset({"PENDING", "IN_PROGRESS"})
ENDING = frozenset({"STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
SUCCESSFUL = "SUCCESSFUL"
ROLLED_BACK = frozenset({"ROLLBACK_SUCCESSFUL"})
# All others, such as STOPPED and ROLLBACK_FAILED, end without a result.
UNFINISHED_STATUSES = FORWARD | ENDING

DIGEST = re.compile(r"@(sha256:[0-9a-f]{64})$")
# Most ARNs in one request of DescribeServiceDeployments and DescribeServiceRevisions; of DescribeTasks.
MAX_ARNS, MAX_TASKS = 20, 100
TaskStatus: TypeAlias = Literal["RUNNING", "STOPPED"]
TASK_STATUSES: Sequence[TaskStatus] = ("RUNNING", "STOPPED")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A service deployment. `rolled_back_to` is the revision that its rollback deployed."""

    arn: str
    status: str
    created_at: datetime
    target: str
    rolled_back_to: str | None = None
    finished_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether it changes nothing any more."""
        return self.status not in UNFINISHED_STATUSES

    @property
    def is_unfinished(self) -> bool:
        """Whether it is over without a result, so that tasks of two revisions may run."""
        return self.is_over and self.reached is None

    @property
    def reached(self) -> str | None:
        """The revision that runs after it; None while it isn't over, and if ECS doesn't say."""
        if self.status == SUCCESSFUL:
            return self.target
        return self.rolled_back_to if self.status in ROLLED_BACK else None


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A service revision: its task definition, and the digest of the API's image (None if it has only a tag)."""

    arn: str
    task_definition: str
    digest: str | None

    @property
    def family(self) -> str:
        """The family of the task definition."""
        return self.task_definition.rpartition("/")[2].partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class ServiceState:
    """The service: its task definition, desired tasks, the API's container, network and deployment alarms."""

    task_definition: str
    desired: int
    container: str
    network: "AwsVpcConfigurationOutputTypeDef"
    deployment_alarms: Sequence[str]


class EcsService:
    """Reads and changes one service."""

    def __init__(self, aws: Aws, *, cluster: str, name: str) -> None:
        self._ecs = aws.ecs
        self.cluster = cluster
        self.name = name

    def state(self) -> ServiceState:
        """Return the service's state; OperationError if there is none."""
        answer = self._ecs.describe_services(cluster=self.cluster, services=[self.name])
        services: Sequence[ServiceTypeDef] = answer["services"]
        if not services or services[0].get("status") != "ACTIVE":
            raise OperationError(
                f"There is no service {self.name} in the cluster {self.cluster}",
                code=ExitCode.REFUSED,
                advice="Deploy the stack first: docs/deploying.md.",
            )
        service = services[0]
        return ServiceState(
            task_definition=service.get("taskDefinition", ""),
            desired=service.get("desiredCount", 0),
            container=service.get("loadBalancers", [{}])[0].get("containerName", ""),
            network=_ordered(service.get("networkConfiguration", {}).get("awsvpcConfiguration", {"subnets": []})),
            deployment_alarms=service.get("deploymentConfiguration", {}).get("alarms", {}).get("alarmNames", []),
        )

    def deployments(self) -> Iterator[Deployment]:
        """Return the deployments of the last 90 days, the newest first; pages are read as they are needed."""
        more: dict[str, Any] = {}
        while True:
            answer = self._ecs.list_service_deployments(service=self.name, cluster=self.cluster, **more)
            # The stubs call every member optional; ECS always sends these.
            listed = cast("list[dict[str, Any]]", answer["serviceDeployments"])
            listed.sort(key=lambda each: each["createdAt"], reverse=True)
            # Only the details have the revision to which a deployment was rolled back.
            details = self._details([each["serviceDeploymentArn"] for each in listed if each["status"] in ROLLED_BACK])
            for each in listed:
                arn = each["serviceDeploymentArn"]
                yield Deployment(
                    arn=arn,
                    status=each["status"],
                    created_at=each["createdAt"],
                    target=each["targetServiceRevisionArn"],
                    finished_at=each.get("finishedAt"),
                    rolled_back_to=details[arn].get("rollback", {}).get("serviceRevisionArn")
                    if arn in details
                    else None,
                )
            token = answer.get("nextToken")
            if not token:
                return
            more = {"nextToken": token}

    def newest_deployment(self) -> Deployment | None:
        """Return the newest deployment of the last 90 days."""
        return next(self.deployments(), None)

    def details(self, arn: str) -> "ServiceDeploymentTypeDef":
        """Return what AWS knows of a deployment: counts, alarms, circuit breaker, reason."""
        return self._details([arn])[arn]

    def _details(self, arns: Sequence[str]) -> "Mapping[str, ServiceDeploymentTypeDef]":
        found: dict[str, ServiceDeploymentTypeDef] = {}
        for chunk in _chunks(arns):
            answer = self._ecs.describe_service_deployments(serviceDeploymentArns=list(chunk))
            found |= {each.get("serviceDeploymentArn", ""): each for each in answer["serviceDeployments"]}
        if missing := [arn for arn in arns if arn not in found]:
            raise OperationError(f"ECS doesn't know the deployment {missing[0]}")
        return found

    def revisions(self, arns: Sequence[str], container: str) -> Mapping[str, Revision]:
        """Return revisions by ARN, without those that ECS no longer knows."""
        found: dict[str, Revision] = {}
        for chunk in _chunks(list(dict.fromkeys(arns))):
            answer = self._ecs.describe_service_revisions(serviceRevisionArns=list(chunk))
            for each in answer["serviceRevisions"]:
                arn = each.get("serviceRevisionArn", "")
                images = {image.get("containerName"): image for image in each.get("containerImages", [])}
                image = images.get(container, {})
                digest = image_digest(image.get("image", "")) or image.get("imageDigest")
                found[arn] = Revision(arn=arn, task_definition=each.get("taskDefinition", ""), digest=digest)
        return found

    def update(self, task_definition: str, *, force: bool = False) -> None:
        """Deploy a task definition; nothing else of the service is changed.

        A forced update also deploys a task definition that the service has already.
        """
        self._ecs.update_service(
            cluster=self.cluster,
            service=self.name,
            taskDefinition=task_definition,
            forceNewDeployment=force,
        )

    def scale(self, desired: int) -> None:
        """Set the number of tasks; autoscaling may change it again."""
        self._ecs.update_service(cluster=self.cluster, service=self.name, desiredCount=desired)

    def stop(self, deployment: str) -> None:
        """Stop a deployment: ECS returns to the revision before it."""
        self._ecs.stop_service_deployment(serviceDeploymentArn=deployment, stopType="ROLLBACK")

    def run_task(
        self,
        definition: str,
        state: ServiceState,
        *,
        command: Sequence[str] = (),
        environment: Mapping[str, str],
        started_by: str,
        token: str,
        container: str = "",
    ) -> "RunTaskResponseTypeDef":
        """Start a one-off task where the service's tasks run: another command and more variables in a container.

        By default it is the API's container, and the definition's command.
        """
        override: ContainerOverrideTypeDef = {
            "name": container or state.container,
            "environment": [{"name": name, "value": value} for name, value in environment.items()],
        }
        if command:
            override["command"] = list(command)
        return self._ecs.run_task(
            cluster=self.cluster,
            taskDefinition=definition,
            launchType="FARGATE",
            count=1,
            networkConfiguration={"awsvpcConfiguration": cast("AwsVpcConfigurationTypeDef", state.network)},
            overrides={"containerOverrides": [override]},
            enableECSManagedTags=True,
            propagateTags="TASK_DEFINITION",
            startedBy=started_by,
            clientToken=token,
        )

    def task(self, arn: str) -> "TaskTypeDef | None":
        """Return a task; None if ECS doesn't know it."""
        tasks = self._ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"]
        return tasks[0] if tasks else None

    def tasks_by_id(self, ids: Sequence[str]) -> "Sequence[TaskTypeDef]":
        """Return those tasks of which ECS still knows: it forgets a stopped one after an hour."""
        return [
            task
            for chunk in _chunks(ids, MAX_TASKS)
            for task in self._ecs.describe_tasks(cluster=self.cluster, tasks=list(chunk))["tasks"]
        ]

    def one_off_tasks(self, family: str, started_by: str, *statuses: TaskStatus) -> "Sequence[TaskTypeDef]":
        """Return one-off tasks of a family and a starter: those that run, or stopped within the last hour.

        ListTasks takes no other filter beside the starter.
        """
        of_family = [task for each in statuses or TASK_STATUSES for task in self._tasks(family=family, status=each)]
        return [task for task in of_family if task.get("startedBy") == started_by]

    def running_tasks(self, family: str) -> "Sequence[TaskTypeDef]":
        """Return the tasks of a family that are to run."""
        return self._tasks(family=family, status="RUNNING")

    def tasks(self, status: TaskStatus = "RUNNING") -> "Sequence[TaskTypeDef]":
        """Return the service's tasks that are to run, or that stopped within the last hour."""
        return self._tasks(serviceName=self.name, status=status)

    def _tasks(self, *, status: TaskStatus, **filters: str) -> "Sequence[TaskTypeDef]":
        paginator: Any = self._ecs.get_paginator("list_tasks")
        pages = paginator.paginate(cluster=self.cluster, desiredStatus=status, **filters)
        arns: list[str] = [arn for page in pages for arn in page["taskArns"]]
        return self.tasks_by_id(arns)


def _ordered(network: "AwsVpcConfigurationOutputTypeDef") -> "AwsVpcConfigurationOutputTypeDef":
    """Return the network in an order of its own: RunTask compares a repeated request with the first one."""
    groups = sorted(network.get("securityGroups", []))
    return {**network, "subnets": sorted(network["subnets"]), "securityGroups": groups}


def image_digest(image: str) -> str | None:
    """Return the digest in an image's name; None for an image named by its tag."""
    found = DIGEST.search(image)
    return found[1] if found else None


def short(digest: str | None) -> str:
    """Return a digest as people compare it."""
    return digest.removeprefix("sha256:")[:12] if digest else "no digest"


def _chunks(items: Sequence[str], size: int = MAX_ARNS) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
