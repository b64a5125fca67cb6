"""SSM's sessions: port forwarding through a task's agent, for as long as the task runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.operations.fake.one_off import OneOffTasks, Task
from tests.operations.fake.wire import ServiceError

DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"


@dataclass(kw_only=True)
class SsmSession:
    """A session: its token, where it leads, and whether it was ended."""

    id: str
    token: str
    task: Task
    host: str
    remote_port: int
    local_port: int
    reason: str
    is_terminated: bool = False


@dataclass(kw_only=True)
class Sessions:
    """The sessions to the tasks of a cluster."""

    ecs: OneOffTasks
    all: list[SsmSession] = field(default_factory=list[SsmSession])
    # So long SSM doesn't know an agent that ECS calls RUNNING.
    connects_after: timedelta = timedelta(seconds=5)

    @property
    def open(self) -> list[SsmSession]:
        """The sessions that weren't ended, and whose task runs."""
        return [each for each in self.all if self.is_open(each)]

    def is_open(self, session: SsmSession) -> bool:
        return not session.is_terminated and self.ecs.has_agent(session.task)

    # The API.

    def start_session(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["DocumentName"] == DOCUMENT
        task = self._task(request["Target"])
        parameters: Mapping[str, list[str]] = request["Parameters"]
        session = SsmSession(
            id=f"incident-7-{len(self.all):017}",
            token=f"token-{len(self.all)}",
            task=task,
            host=parameters["host"][0],
            remote_port=int(parameters["portNumber"][0]),
            local_port=int(parameters["localPortNumber"][0]),
            reason=request.get("Reason", ""),
        )
        self.all.append(session)
        url = f"wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/{session.id}"
        return {"SessionId": session.id, "TokenValue": session.token, "StreamUrl": url}

    def terminate_session(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        for session in self.all:
            if session.id == request["SessionId"]:
                session.is_terminated = True
        return {"SessionId": request["SessionId"]}

    def _task(self, target: str) -> Task:
        """Return the task of a target, `ecs:CLUSTER_TASK_RUNTIME`, if its agent is connected."""
        for task in self.ecs.tasks:
            runtime = f"{task.id}-{int(task.id):010}"
            since = task.started_at + task.start_delay + task.agent_delay + self.connects_after
            is_connected = self.ecs.has_agent(task) and self.ecs.clock.now() >= since
            if target == f"ecs:{self.ecs.cluster}_{task.id}_{runtime}" and is_connected:
                return task
        raise ServiceError("TargetNotConnected", f"{target} is not connected.")
