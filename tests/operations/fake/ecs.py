"""ECS: one service with its deployments, revisions and tasks.

What a revision does follows from its image's digest (`Behaviour`). Times are AWS's order of magnitude; everything
happens as the clock moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tests.operations.fake.one_off import OneOffTasks
from tests.operations.fake.task_definitions import api_of
from tests.operations.fake.wire import ServiceError

STARTS, FAILS, SUCCEEDS, RETURNS = (timedelta(seconds=seconds) for seconds in (5, 90, 120, 60))
# A task needs so long until the load balancer calls it healthy.
HEALTHY = timedelta(seconds=75)
FORGETS_DEPLOYMENT = timedelta(days=90)
PAGE = 20
FORWARD = ("PENDING", "IN_PROGRESS")
BACK = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


class Behaviour(Enum):
    """How a revision's tasks behave."""

    GOOD = "good"
    UNHEALTHY = "unhealthy"
    ALARM = "alarm"
    # Neither healthy nor counted as failed, for hours.
    SLOW = "slow"


@dataclass(kw_only=True)
class Revision:
    arn: str
    task_definition: str
    image: str


@dataclass(kw_only=True)
class Deployment:
    arn: str
    created_at: datetime
    source: Revision | None
    target: Revision
    status: str = "PENDING"
    finished_at: datetime | None = None
    rollback_at: datetime | None = None
    rollback_reason: str = ""
    alarm: str = ""
    failures: int = 0

    @property
    def is_over(self) -> bool:
        return self.status not in (*FORWARD, *BACK)


@dataclass(kw_only=True)
class Ecs(OneOffTasks):
    """A stack's cluster, with its service."""

    desired: int = 4
    alarm_names: list[str] = field(default_factory=list[str])
    network: Mapping[str, Any] = field(
        default_factory=lambda: {
            "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-service"], "assignPublicIp": "DISABLED",
        }
    )  # fmt: skip
    deployments: list[Deployment] = field(default_factory=list[Deployment])
    behaviour: dict[str, Behaviour] = field(default_factory=dict[str, Behaviour])
    # So long a deployment isn't listed.
    listing_delay: timedelta = timedelta(0)
    # So long after a deployment one task of the revision before still runs.
    stale_tasks: timedelta = timedelta(0)
    set_definition: str = ""
    # So long the tasks before a deployment drain after it: they aren't listed as running, and still use their secrets.
    draining: timedelta = timedelta(seconds=90)
    # Changes of the desired count: when, before and after.
    scalings: list[tuple[datetime, int, int]] = field(default_factory=list[tuple[datetime, int, int]])

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock.listeners.append(self.advance)

    # What happens as time passes.

    def advance(self) -> None:
        """Move the newest deployment on."""
        if not self.deployments or self.deployments[-1].is_over:
            return
        deployment, now = self.deployments[-1], self.clock.now()
        age = now - deployment.created_at
        if deployment.status == "PENDING" and age >= STARTS:
            deployment.status = "IN_PROGRESS"
        behaviour = self.behaviour.get(deployment.target.image, Behaviour.GOOD)
        if deployment.status == "IN_PROGRESS":
            if behaviour is Behaviour.GOOD and age >= SUCCEEDS:
                deployment.status, deployment.finished_at = "SUCCESSFUL", deployment.created_at + SUCCEEDS
            elif behaviour is Behaviour.UNHEALTHY and age >= FAILS:
                deployment.failures = 3
                reason = "Service deployment rolled back because of circuit breaker."
                self._roll_back(deployment, reason, deployment.created_at + FAILS)
            elif behaviour is Behaviour.ALARM and age >= FAILS:
                deployment.alarm = "taskflow-production-deployment-errors"
                reason = "Service deployment rolled back because of alarm."
                self._roll_back(deployment, reason, deployment.created_at + FAILS)
        if deployment.status == "ROLLBACK_REQUESTED" and deployment.rollback_at and now > deployment.rollback_at:
            deployment.status = "ROLLBACK_IN_PROGRESS"
        returned = deployment.rollback_at and now - deployment.rollback_at >= RETURNS
        if deployment.status == "ROLLBACK_IN_PROGRESS" and returned:
            deployment.status, deployment.finished_at = "ROLLBACK_SUCCESSFUL", now

    def _roll_back(self, deployment: Deployment, reason: str, at: datetime | None = None) -> None:
        assert deployment.source
        deployment.status, deployment.rollback_at = "ROLLBACK_REQUESTED", at or self.clock.now()
        deployment.rollback_reason = reason
        self.set_definition = deployment.source.task_definition

    # What a test asks and does.

    def running(self) -> Revision:
        """Return the revision that serves users."""
        for deployment in reversed(self.deployments):
            if deployment.status == "SUCCESSFUL":
                return deployment.target
            if deployment.source:
                return deployment.source
        raise AssertionError("no revision runs")

    def task_starts(self) -> list[datetime]:
        """Return when the service's tasks started, which is when they read their secrets; once for each deployment."""
        newest = self.deployments[-1]
        done = [each.created_at for each in self.deployments if each.status == "SUCCESSFUL"]
        running = done[-1:] or [self.deployments[0].created_at]
        if not newest.is_over:
            return [*running, newest.created_at]
        gone = max(self.stale_tasks, self.draining)
        if newest.finished_at is None or self.clock.now() - newest.finished_at >= gone:
            return running
        # What drains: the tasks before a deployment, or those that a rollback has replaced.
        before = done[-2:-1] or [self.deployments[0].created_at]
        return [*running, *(before if newest.status == "SUCCESSFUL" else [newest.created_at])]

    def deploy(self, definition: str) -> Deployment:
        """Begin a deployment, as UpdateService does."""
        source = self.running() if self.deployments else None
        if self.deployments and not self.deployments[-1].is_over:
            self.deployments[-1].status = "STOPPED"
        number = len(self.deployments) + 1
        image = api_of(self.definitions[definition])["image"]
        target = Revision(arn=self._arn("service-revision", f"{number:019}"), task_definition=definition, image=image)
        deployment = Deployment(
            arn=self._arn("service-deployment", f"deployment-{number:03}"),
            created_at=self.clock.now(),
            source=source,
            target=target,
        )
        self.deployments.append(deployment)
        self.set_definition = definition
        return deployment

    def scale(self, desired: int) -> None:
        """Change the number of tasks."""
        if desired != self.desired:
            self.scalings.append((self.clock.now(), self.desired, desired))
            self.desired = desired

    def started(self) -> int:
        """Return how many tasks are healthy: new ones need a while."""
        at, before, after = self.scalings[-1] if self.scalings else (None, 0, 0)
        if at and after > before and self.clock.now() - at < HEALTHY:
            return before
        return self.desired

    @property
    def has_tasks(self) -> bool:
        """Whether any task runs or drains."""
        return self.desired > 0 or any(task["lastStatus"] != "STOPPED" for task in self._left_tasks().values())

    def had_tasks(self, time: datetime) -> bool:
        """Whether the service was to have tasks at a time."""
        later = [before for at, before, _ in self.scalings if at > time]
        return (later[0] if later else self.desired) > 0

    def _left_tasks(self) -> dict[str, dict[str, Any]]:
        """Return the tasks that the last scaling in stops; ECS forgets them after an hour."""
        if not self.scalings:
            return {}
        at, before, after = self.scalings[-1]
        age = self.clock.now() - at
        status = "DEACTIVATING" if age < self.draining else "STOPPED"
        if age >= timedelta(hours=1):
            return {}
        arns = [self._arn("task", f"left{number:021}stopped") for number in range(after, before)]
        task = {"taskDefinitionArn": self.set_definition, "lastStatus": status, "stoppedReason": "Scaling activity"}
        return {arn: {"taskArn": arn, **task} for arn in arns}

    # The API.

    def describe_services(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        known = request["services"] == [self.service] and request.get("cluster") == self.cluster
        if not known or not self.deployments:
            return {"services": [], "failures": [{"arn": request["services"][0], "reason": "MISSING"}]}
        return {
            "services": [
                {
                    "serviceName": self.service,
                    "status": "ACTIVE",
                    "taskDefinition": self.set_definition,
                    "desiredCount": self.desired,
                    "runningCount": self.desired,
                    "loadBalancers": [{"containerName": "api", "containerPort": 3001}],
                    "networkConfiguration": {"awsvpcConfiguration": dict(self.network)},
                    "deploymentConfiguration": {
                        "alarms": {"alarmNames": self.alarm_names, "enable": True, "rollback": True}
                    },
                }
            ],
            "failures": [],
        }

    def update_service(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if "desiredCount" in request:
            self.scale(request["desiredCount"])
        definition = self.find(request["taskDefinition"]) if "taskDefinition" in request else self.set_definition
        if self.definitions[definition]["status"] != "ACTIVE":
            raise ServiceError("ClientException", "TaskDefinition is inactive")
        if definition != self.set_definition or request.get("forceNewDeployment"):
            self.deploy(definition)
        return {"service": self.describe_services({"services": [self.service], "cluster": self.cluster})["services"][0]}

    def list_service_deployments(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        now = self.clock.now()
        listed = [
            each
            for each in reversed(self.deployments)
            if now - each.created_at >= self.listing_delay and now - each.created_at < FORGETS_DEPLOYMENT
        ]
        start = int(request.get("nextToken", 0))
        page = [
            {
                "serviceDeploymentArn": each.arn,
                "createdAt": each.created_at,
                "targetServiceRevisionArn": each.target.arn,
                "status": each.status,
                **({"finishedAt": each.finished_at} if each.finished_at else {}),
            }
            for each in listed[start : start + PAGE]
        ]
        more = {"nextToken": str(start + PAGE)} if len(listed) > start + PAGE else {}
        return {"serviceDeployments": page, **more}

    def describe_service_deployments(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = request["serviceDeploymentArns"]
        return {
            "serviceDeployments": [self._details(each) for each in self.deployments if each.arn in wanted],
            "failures": [],
        }

    def _details(self, deployment: Deployment) -> Mapping[str, Any]:
        done = min(1.0, (self.clock.now() - deployment.created_at) / SUCCEEDS)
        behaves = self.behaviour.get(deployment.target.image, Behaviour.GOOD) is Behaviour.GOOD
        started = int(self.desired * done) if behaves else 0
        details: dict[str, Any] = {
            "serviceDeploymentArn": deployment.arn,
            "createdAt": deployment.created_at,
            "status": deployment.status,
            "targetServiceRevision": {
                "arn": deployment.target.arn,
                "requestedTaskCount": self.desired,
                "runningTaskCount": started,
                "pendingTaskCount": self.desired - started,
            },
            "sourceServiceRevisions": (
                [{"arn": deployment.source.arn, "runningTaskCount": self.desired if started < self.desired else 0}]
                if deployment.source
                else []
            ),
            "deploymentCircuitBreaker": {
                "status": "TRIGGERED" if deployment.failures else "MONITORING",
                "failureCount": deployment.failures,
                "threshold": 3,
            },
            "alarms": {
                "status": "TRIGGERED" if deployment.alarm else "MONITORING",
                "alarmNames": self.alarm_names,
                "triggeredAlarmNames": [deployment.alarm] if deployment.alarm else [],
            },
        }
        if deployment.rollback_at and deployment.source:
            details["rollback"] = {
                "reason": deployment.rollback_reason,
                "startedAt": deployment.rollback_at,
                "serviceRevisionArn": deployment.source.arn,
            }
        return details

    def describe_service_revisions(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        revisions = {each.target.arn: each.target for each in self.deployments}
        return {
            "serviceRevisions": [
                {
                    "serviceRevisionArn": arn,
                    "taskDefinition": revisions[arn].task_definition,
                    "containerImages": [
                        {
                            "containerName": "api",
                            "image": revisions[arn].image,
                            "imageDigest": _digest(revisions[arn].image),
                        }
                    ],
                }
                for arn in request["serviceRevisionArns"]
                if arn in revisions
            ],
            "failures": [],
        }

    def stop_service_deployment(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request.get("stopType") == "ROLLBACK"
        (deployment,) = (each for each in self.deployments if each.arn == request["serviceDeploymentArn"])
        if deployment.is_over:
            raise ServiceError("ConflictException", f"Service deployment is {deployment.status}")
        if deployment.status in FORWARD:
            self._roll_back(deployment, "User initiated rollback.")
        return {"serviceDeploymentArn": deployment.arn}

    def list_tasks(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        stopped = request.get("desiredStatus") == "STOPPED"
        known = {**self._service_tasks(), **self._left_tasks()}
        of_service = [arn for arn in known if arn.endswith("stopped") is stopped]
        if "serviceName" in request:
            return {"taskArns": of_service}
        one_off = [each for each in self.tasks if self._is_known(each) and self._is_stopped(each) is stopped]
        if "startedBy" in request:
            # The starter must be the only filter.
            assert not request.keys() & {"family", "serviceName"}
            return {"taskArns": [each.arn for each in one_off if each.started_by == request["startedBy"]]}
        of_family = [each.arn for each in one_off if each.family == request["family"]]
        return {"taskArns": [*(of_service if request["family"] == self.service else []), *of_family]}

    def describe_tasks(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        of_service = {**self._draining_tasks(), **self._left_tasks(), **self._service_tasks()}
        of_service |= {arn.rpartition("/")[2]: task for arn, task in of_service.items()}
        one_off = {each.arn: self._one_off(each) for each in self.tasks}
        found: list[dict[str, Any] | None] = [of_service.get(arn) or one_off.get(arn) for arn in request["tasks"]]
        missing = [arn for arn, each in zip(request["tasks"], found, strict=True) if each is None]
        return {
            "tasks": [each for each in found if each],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in missing],
        }

    def _draining_tasks(self) -> dict[str, dict[str, Any]]:
        """Return the tasks that ran before the last deployment, until they have stopped."""
        last = self.deployments[-1]
        if last.status != "SUCCESSFUL" or not (last.source and last.finished_at):
            return {}
        if self.clock.now() - last.finished_at >= self.draining:
            return {}
        arns = [self._arn("task", f"{last.source.arn[-4:]}{number:028}") for number in range(self.desired)]
        task = {"taskDefinitionArn": last.source.task_definition, "lastStatus": "DEACTIVATING"}
        return {arn: {"taskArn": arn, **task} for arn in arns}

    def _service_tasks(self) -> dict[str, dict[str, Any]]:
        running, starts = self.running(), self.task_starts()
        tasks = {
            self._arn("task", f"{running.arn[-4:]}{number:028}"): {
                "taskDefinitionArn": running.task_definition,
                "createdAt": starts[0] if len(starts) == 1 else starts[number % 2],
                "lastStatus": "RUNNING",
                "containers": [{"name": "api", "image": running.image, "imageDigest": _digest(running.image)}],
            }
            for number in range(self.desired)
        }
        last = self.deployments[-1]
        if last.source and last.finished_at and self.clock.now() - last.finished_at < self.stale_tasks:
            old = last.source if running is last.target else last.target
            tasks[self._arn("task", "stale")] = {
                "taskDefinitionArn": old.task_definition,
                "lastStatus": "RUNNING",
                "containers": [{"name": "api", "image": old.image, "imageDigest": _digest(old.image)}],
            }
        if last.failures:
            tasks[self._arn("task", "failed-stopped")] = {
                "taskDefinitionArn": last.target.task_definition,
                "lastStatus": "STOPPED",
                "stoppedReason": "Task failed container health checks",
                "containers": [{"name": "api", "image": last.target.image}],
            }
        return {arn: {"taskArn": arn, **task} for arn, task in tasks.items()}


def _digest(image: str) -> str:
    """Return the digest that ECS resolved: of the name, or of the placeholder's tag."""
    return image.partition("@")[2] or f"sha256:{0:064x}"
