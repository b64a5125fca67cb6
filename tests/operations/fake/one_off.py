"""ECS's one-off tasks: started once for a client token, with overrides and ECS Exec, forgotten after an hour."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.task_definitions import ACCOUNT, REGION, TaskDefinitions
from tests.operations.fake.wire import ServiceError

# ECS forgets a stopped task after about an hour, and its client token then or after 24 hours.
FORGETS_TASK, FORGETS_TOKEN = timedelta(hours=1), timedelta(hours=24)
MAX_OVERRIDES = 8192


@dataclass(kw_only=True)
class Task:
    """A one-off task."""

    arn: str
    definition: str
    container: str
    image: str
    started_at: datetime
    stops_at: datetime
    exit_code: int | None
    command: list[str]
    environment: dict[str, str]
    started_by: str
    has_exec: bool = False
    # So long after its start its container runs, and the agent of ECS Exec.
    start_delay: timedelta = timedelta(0)
    agent_delay: timedelta = timedelta(seconds=20)
    # Of an agent that doesn't start, or stops: its last status.
    agent_failure: str = ""
    stopped_reason: str = "Essential container in task exited"

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def family(self) -> str:
        return self.definition.rpartition("/")[2].partition(":")[0]


# What a one-off task does: seconds until it ends, and its exit code.
Program = Callable[[Task], tuple[float, int | None]]


@dataclass(kw_only=True)
class OneOffTasks(TaskDefinitions):
    """The one-off tasks of a stack's cluster."""

    stack: str = "production"
    tasks: list[Task] = field(default_factory=list[Task])
    tokens: dict[str, tuple[datetime, Mapping[str, Any], Task]] = field(
        default_factory=dict[str, tuple[datetime, Mapping[str, Any], Task]]
    )
    # What the next migrations do: seconds, exit code.
    migration: tuple[float, int | None] = (40, 0)
    # What the one-off tasks of other families do.
    programs: dict[str, Program] = field(default_factory=dict[str, Program])
    task_failure: str = ""
    # How the next tasks start, and how long DescribeTasks doesn't know them.
    start_delay: timedelta = timedelta(0)
    agent_failure: str = ""
    describe_delay: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.cluster, self.service = f"taskflow-{self.stack}", f"taskflow-api-{self.stack}"

    def _is_stopped(self, task: Task) -> bool:
        return self.clock.now() >= task.stops_at

    def _has_started(self, task: Task) -> bool:
        return self.clock.now() - task.started_at >= task.start_delay

    def has_agent(self, task: Task) -> bool:
        """Whether the agent of ECS Exec runs in a task."""
        is_there = self.clock.now() - task.started_at >= task.start_delay + task.agent_delay
        return task.has_exec and is_there and not task.agent_failure and not self._is_stopped(task)

    def _is_known(self, task: Task) -> bool:
        return self.clock.now() - task.stops_at <= FORGETS_TASK

    def _one_off(self, task: Task) -> dict[str, Any] | None:
        if not self._is_known(task) or self.clock.now() - task.started_at < self.describe_delay:
            return None
        stopped = self._is_stopped(task)
        container: dict[str, Any] = {
            "name": task.container,
            "image": task.image,
            "runtimeId": f"{task.id}-{int(task.id):010}",
        }
        if stopped and task.exit_code is not None:
            container["exitCode"] = task.exit_code
        if task.has_exec:
            status = "STOPPED" if stopped else "RUNNING" if self.has_agent(task) else task.agent_failure or "PENDING"
            container["managedAgents"] = [{"name": "ExecuteCommandAgent", "lastStatus": status}]
        return {
            "taskArn": task.arn,
            "taskDefinitionArn": task.definition,
            "startedBy": task.started_by,
            "createdAt": task.started_at,
            "enableExecuteCommand": task.has_exec,
            "lastStatus": "STOPPED" if stopped else "RUNNING" if self._has_started(task) else "PENDING",
            "desiredStatus": "STOPPED" if stopped else "RUNNING",
            "containers": [container],
            **({"startedAt": task.started_at + task.start_delay} if self._has_started(task) else {}),
            **({"stoppedReason": task.stopped_reason} if stopped else {}),
        }

    def run_task(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        now, token = self.clock.now(), request["clientToken"]
        require_short(request.get("overrides", {}))
        first_at, first, task = self.tokens.get(token, (now, request, None))
        if task and now < min(first_at + FORGETS_TOKEN, task.stops_at + FORGETS_TASK):
            if first != request:
                raise ServiceError(
                    "ConflictException", "Parameters differ from the first request", resourceIds=[task.arn]
                )
            return {"tasks": [{"taskArn": task.arn, "lastStatus": "PROVISIONING"}], "failures": []}
        if self.task_failure:
            return {"tasks": [], "failures": [{"reason": self.task_failure}]}
        definition = self.find(request["taskDefinition"])
        (container,) = self.definitions[definition]["containerDefinitions"]
        overrides: list[dict[str, Any]] = request.get("overrides", {}).get("containerOverrides", [])
        override: dict[str, Any] = {}
        if overrides:
            (override,) = overrides
            assert override["name"] == container["name"]
        task = Task(
            arn=self._arn("task", f"{len(self.tasks):032}"),
            definition=definition,
            container=container["name"],
            image=container["image"],
            started_at=now,
            stops_at=now,
            exit_code=None,
            command=override.get("command", container.get("command", [])),
            environment={each["name"]: each["value"] for each in override.get("environment", [])},
            started_by=request["startedBy"],
            has_exec=request.get("enableExecuteCommand", False),
            start_delay=self.start_delay,
            agent_failure=self.agent_failure,
        )
        program = self.programs.get(task.family)
        seconds, task.exit_code = program(task) if program else self.migration
        task.stops_at = now + timedelta(seconds=seconds)
        self.tasks.append(task)
        self.tokens[token] = (now, request, task)
        return {"tasks": [{"taskArn": task.arn, "lastStatus": "PROVISIONING"}], "failures": []}

    def stop_task(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        found = next((each for each in self.tasks if request["task"] in (each.arn, each.id)), None)
        if found is None or not self._is_known(found):
            raise ServiceError("InvalidParameterException", "The referenced task was not found.")
        if not self._is_stopped(found):
            found.stops_at, found.stopped_reason = self.clock.now(), request.get("reason", "Task stopped by user")
        return {"task": self._one_off(found)}

    def _arn(self, kind: str, name: str) -> str:
        middle = f"{self.cluster}/" if kind == "task" else f"{self.cluster}/{self.service}/"
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{middle}{name}"


def require_short(overrides: Mapping[str, Any]) -> None:
    """Raise what ECS answers to overrides that are too long, their JSON included."""
    if len(json.dumps(overrides)) > MAX_OVERRIDES:
        raise ServiceError("InvalidParameterException", f"Container Overrides length must be at most {MAX_OVERRIDES}")
