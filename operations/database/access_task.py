"""The access task: found again after a crash, started, awaited, stopped. Decision 0036.

A task is marked with the computer's id and the run. A run whose process lives is left alone, so that a person may have
two sessions, and two persons may work on one incident. All other tasks of this computer are leftovers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from operations.database.machine import Machine
from operations.database.programs import RUNBOOK
from operations.frame.aws import error_code
from operations.frame.context import Context, Progress
from operations.frame.errors import OperationError
from operations.frame.polling import poll
from operations.release.one_off import started
from operations.release.service import EcsService

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import AwsVpcConfigurationTypeDef, TaskTypeDef

AGENT = "ExecuteCommandAgent"
RUNNING, STOPPED = "RUNNING", "STOPPED"
INTERVAL = 3.0
# Fargate takes a minute for the image, and the agent some seconds more.
STARTS_WITHIN = timedelta(minutes=5)
# DescribeTasks may not know a task that RunTask has just returned.
VISIBLE_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class AccessTask:
    """A running access task; `target` is its container as SSM names it."""

    arn: str
    target: str
    started_at: datetime


@dataclass(kw_only=True)
class AccessTasks:
    """The access tasks of one computer. `marker` is that of this run."""

    context: Context
    machine: Machine
    computer: str
    run: str
    ticket: str
    arn: str = field(default="", init=False)
    is_requested: bool = field(default=False, init=False)
    service: EcsService = field(init=False)

    def __post_init__(self) -> None:
        settings = self.context.settings.service
        self.service = EcsService(self.context.aws, cluster=settings.cluster, name=settings.name)

    @property
    def marker(self) -> str:
        """The starter of this run's task: at most 128 letters, digits, hyphens, slashes and underscores (ECS)."""
        return f"{self._prefix}{self.run}/{self.ticket}"

    @property
    def _prefix(self) -> str:
        return f"db-connect/{self.computer}/"

    def stop_leftovers(self) -> None:
        """Stop the tasks of earlier runs on this computer that were killed. Their sessions end with them."""
        for task in self._of_this_computer():
            if not self.machine.is_alive(self._run_of(task)):
                started = task.get("createdAt")
                at = f", which was started at {started:%H:%M} UTC" if started else ""
                self.context.step(f"Stopping the access task of an earlier run{at}")
                self._stop(task.get("taskArn", ""))

    def start(self) -> None:
        """Start the newest revision where the service's tasks run, with ECS Exec."""
        state = self.service.state()
        self.is_requested = True
        family = self.context.environment.access_family
        try:
            answer = self.context.aws.ecs.run_task(
                cluster=self.service.cluster,
                taskDefinition=family,
                launchType="FARGATE",
                count=1,
                networkConfiguration={"awsvpcConfiguration": cast("AwsVpcConfigurationTypeDef", state.network)},
                enableExecuteCommand=True,
                startedBy=self.marker,
                # A request that is repeated after a lost answer starts no second task.
                clientToken=self.run,
            )
        except ClientError as error:
            if error_code(error) != "ClientException":
                raise
            raise OperationError(
                f"ECS has no task definition {family} to start", advice="Deploy the stack first: docs/deploying.md."
            ) from error
        self.arn, problem = started(answer)
        if problem:
            raise OperationError(
                f"ECS didn't start the access task: {problem}", advice="Run the same command again in a minute."
            )

    def wait(self) -> AccessTask:
        """Wait until sessions can be opened to the task; OperationError if it doesn't get there."""
        progress = Progress(context=self.context)
        asked_since = self.context.clock.now()

        def ready() -> AccessTask | None:
            task = self.service.task(self.arn)
            if task is None:
                if self.context.clock.now() - asked_since > VISIBLE_WITHIN:
                    raise OperationError("ECS doesn't know the access task that it has started", advice=RUNBOOK)
                return None
            status, agent = task.get("lastStatus", ""), _agent(task)
            if status == STOPPED:
                raise OperationError(f"The access task stopped: {stopped_reason(task)}", advice=RUNBOOK)
            if agent == STOPPED:
                raise OperationError("The access task runs, but its agent for sessions stopped", advice=RUNBOOK)
            progress.show(f"Access task: {status.lower()}" + (", waiting for its agent" if status == RUNNING else ""))
            return self._ready(task) if status == RUNNING and agent == RUNNING else None

        task = poll(self.context.clock, ready, limit=STARTS_WITHIN, interval=INTERVAL)
        if task is None:
            minutes = int(STARTS_WITHIN.total_seconds() // 60)
            raise OperationError(f"The access task's agent didn't start within {minutes} minutes", advice=RUNBOOK)
        return task

    def stopped(self) -> str | None:
        """Return why the task has ended; None while it runs."""
        task = self.service.task(self.arn)
        if task is None:
            return "ECS no longer knows it"
        return stopped_reason(task) if task.get("lastStatus") == STOPPED else None

    def stop(self) -> None:
        """Stop what this run started, also if the answer of RunTask was lost."""
        if self.arn:
            self._stop(self.arn)
        elif self.is_requested:
            for task in self._of_this_computer():
                if self._run_of(task) == self.run:
                    self._stop(task.get("taskArn", ""))

    def _of_this_computer(self) -> "Iterator[TaskTypeDef]":
        tasks = self.service.running_tasks(self.context.environment.access_family)
        return (task for task in tasks if task.get("startedBy", "").startswith(self._prefix))

    def _run_of(self, task: "TaskTypeDef") -> str:
        return task.get("startedBy", "").removeprefix(self._prefix).partition("/")[0]

    def _ready(self, task: "TaskTypeDef") -> AccessTask | None:
        containers = task.get("containers", [])
        runtime = containers[0].get("runtimeId") if containers else None
        if not runtime:
            return None
        started = task.get("startedAt") or task.get("createdAt") or self.context.clock.now()
        # SSM names a container by cluster, task and runtime.
        target = f"ecs:{self.service.cluster}_{self.arn.rpartition('/')[2]}_{runtime}"
        return AccessTask(arn=self.arn, target=target, started_at=started)

    def _stop(self, arn: str) -> None:
        try:
            self.context.aws.ecs.stop_task(cluster=self.service.cluster, task=arn, reason=f"db connect, {self.ticket}")
        except ClientError as error:
            # ECS forgets a task an hour after its end.
            if error_code(error) != "InvalidParameterException":
                raise


def stopped_reason(task: "TaskTypeDef") -> str:
    """Return why a task ended, in ECS's words."""
    containers = [each.get("reason") for each in task.get("containers", [])]
    reasons = dict.fromkeys(reason for reason in (task.get("stoppedReason"), *containers) if reason)
    return "; ".join(reasons) or "no reason"


def _agent(task: "TaskTypeDef") -> str:
    agents = [agent for container in task.get("containers", []) for agent in container.get("managedAgents", [])]
    return next((agent.get("lastStatus", "") for agent in agents if agent.get("name") == AGENT), "")
