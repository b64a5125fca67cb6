"""One-off tasks: awaited until they stop, judged by their exit code, their log shown on failure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.context import Context, Progress
from operations.frame.errors import OperationError
from operations.frame.polling import poll
from operations.release.service import EcsService

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import RunTaskResponseTypeDef, TaskTypeDef

# DescribeTasks may not know a task that RunTask has just returned.
VISIBLE_WITHIN = timedelta(minutes=5)
LOG_LINES = 20


@dataclass(frozen=True, kw_only=True)
class OneOffTasks:
    """The one-off tasks of a kind: their container, and what they are called in progress."""

    context: Context
    service: EcsService
    container: str
    title: str

    def wait(
        self, arn: str, *, limit: timedelta, interval: float = 10.0, forgotten: Callable[[], OperationError]
    ) -> "TaskTypeDef | None":
        """Return a task once it has stopped, None after the limit; raise `forgotten` if ECS no longer knows it.

        A quick task may never be seen running.
        """
        progress = Progress(context=self.context)
        asked_since = self.context.clock.now()
        is_known = False

        def stopped() -> "TaskTypeDef | None":
            nonlocal is_known
            task = self.service.task(arn)
            if task is None:
                if is_known or self.context.clock.now() - asked_since > VISIBLE_WITHIN:
                    raise forgotten()
                return None
            is_known = True
            status = task.get("lastStatus", "")
            progress.show(f"{self.title}: {status.lower()}")
            return task if status == "STOPPED" else None

        return poll(self.context.clock, stopped, limit=limit, interval=interval)

    def failure(self, task: "TaskTypeDef") -> str | None:
        """Return why a task failed; None if its container ended with 0. A missing exit code is a failure."""
        containers = {each.get("name"): each for each in task.get("containers", [])}
        container = containers.get(self.container, {})
        code = container.get("exitCode")
        if code == 0:
            return None
        reasons = [container.get("reason"), task.get("stoppedReason")]
        details = "; ".join(reason for reason in reasons if reason)
        outcome = "no exit code" if code is None else f"exit code {code}"
        return f"{outcome}{f' ({details})' if details else ''}"

    def show_log(self, group: str, stream: str) -> None:
        """Print the end of a task's log; a missing log must not hide the failure."""
        lines = self._log(group, stream)
        self.context.report.line(f"The last lines of {group} {stream}:" if lines else f"No log in {group} {stream}")
        for line in lines:
            self.context.report.line(f"  {line}", "dim")

    def _log(self, group: str, stream: str) -> Sequence[str]:
        try:
            events = self.context.aws.logs.get_log_events(
                logGroupName=group, logStreamName=stream, limit=LOG_LINES, startFromHead=False
            )["events"]
        except ClientError:
            return ()
        return [each.get("message", "").rstrip() for each in events]


def started(answer: "RunTaskResponseTypeDef") -> tuple[str, str]:
    """Return the ARN of the task that RunTask started, or the reason for which it started none with HTTP 200."""
    failures, tasks = answer["failures"], answer["tasks"]
    if failures or not tasks:
        return "", ", ".join(each.get("reason", "no reason") for each in failures) or "no task and no reason"
    return tasks[0].get("taskArn", ""), ""
