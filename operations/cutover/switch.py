"""The switch of a cutover: the old instance is closed, and tasks start with the address of the adopted one.

From the closing to the end users get errors. Each part may run twice.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from operations.cutover.plan import A_SWITCH, PROMOTED_SETTING, is_of_switch
from operations.cutover.record import CutoverRecord, cutover_store
from operations.database.bootstrap import set_roles
from operations.database.fence import close_logins, end_sessions
from operations.frame.context import Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import previewed
from operations.frame.polling import poll
from operations.frame.stack_file import change_settings
from operations.recovery.rds import instance_of
from operations.release.api import Api
from operations.release.migration import OWNER_OPTION
from operations.release.one_off import OneOffTasks, started
from operations.release.release import renew
from operations.release.revision import TaskDefinition

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

STARTED_BY = "cutover"
# The alarms of deployments fire after three bad minutes.
ALARM_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The switch from the stack's database to the adopted instance `name`.

    `old_is_cut_off`: the old instance can't be reached by the API, as a person states.
    """

    context: Context
    operation: Operation
    name: str
    old_is_cut_off: bool

    @property
    def _old(self) -> str:
        return self.context.settings.rds.identifier

    @property
    def _stack(self) -> str:
        return self.context.options.stack

    def closed_at(self) -> datetime | None:
        """Return since when the old instance is closed for this cutover, by an earlier run."""
        record = cutover_store(self.context).load()
        return record.closed_at if record.name == self.name else None

    def run(self) -> None:
        """Switch. An OperationError after the closing says that users get errors, and how to continue."""
        values = {PROMOTED_SETTING: True}
        _, steps = previewed(self.context, values, is_of_switch, A_SWITCH)
        closed_at = self._note_closing()
        try:
            self._close(lambda api: close_logins(api, self._old))
            change_settings(self.context.folder, self._stack, values)
            if steps:
                self.context.step(f"`pulumi up` of {self._stack}: new tasks get the address of {self.name}")
                self.context.pulumi.up(self._stack)
            # Only now: as long as the old address is in the definitions, a task could have opened it again.
            self._close(lambda api: end_sessions(api, self._old))
            set_roles(Api(context=self.context), self.name)
            self._deploy(closed_at)
        except OperationError as error:
            raise OperationError(
                f"{error.message}. Users get errors: {self._old} is closed, and {self.name} doesn't serve yet",
                code=error.code,
                advice="Run the same command again. To go back instead: docs/runbooks/cut-over.md.",
                command=error.command or self.context.command(f"db cutover {self.name}", self.operation.ticket),
            ) from error

    def _note_closing(self) -> datetime:
        known = self.closed_at()
        if known:
            return known
        now = self.context.clock.now()
        cutover_store(self.context).update(lambda _: CutoverRecord(name=self.name, closed_at=now))
        return now

    def _close(self, close: Callable[[Api], None]) -> None:
        if self.old_is_cut_off or instance_of(self.context.aws, self._old) is None:
            self.context.report.warning(f"{self._old} isn't closed by this command: it is cut off, or gone")
            return
        close(Api(context=self.context))

    # The deployment.

    def _deploy(self, closed_at: datetime) -> None:
        """Migrate and deploy; once more if an alarm has rolled the deployment back: errors are expected here."""
        self._await_alarm(closed_at)
        try:
            renew(Api(context=self.context), self.operation, prepare=self._migrate)
        except OperationError:
            if not self._was_rolled_back_by_alarm():
                raise
            self.context.step(f"Rolled back by an alarm, as expected after the closing of {self._old}: deploying again")
            renew(Api(context=self.context), self.operation)

    def _await_alarm(self, closed_at: datetime) -> None:
        """Wait until an alarm of deployments is on: ECS doesn't watch one that is on when a deployment starts.

        Without users' requests none fires.
        """
        names, progress = list(Api(context=self.context).state.deployment_alarms), Progress(context=self.context)
        left = closed_at + ALARM_WITHIN - self.context.clock.now()

        def is_on() -> bool | None:
            answer = self.context.aws.cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")
            if answer["MetricAlarms"]:
                return True
            progress.show("Waiting for the alarm of deployments, which would roll this one back if it fired later")
            return None

        if names and left > timedelta(0):
            poll(self.context.clock, is_on, limit=left, interval=10)

    def _was_rolled_back_by_alarm(self) -> bool:
        api = Api(context=self.context)
        newest = api.service.newest_deployment()
        if newest is None or not newest.is_over:
            return False
        details = api.service.details(newest.arn)
        return "rollback" in details and bool(details.get("alarms", {}).get("triggeredAlarmNames"))

    def _migrate(self, definition: TaskDefinition) -> None:
        """Run the migrations of the release that runs: the restored schema may be that of an earlier one."""
        api = Api(context=self.context)
        tasks = OneOffTasks(
            context=self.context, service=api.service, container=api.state.container, title="Migrations"
        )
        family = self.context.settings.service.name
        for left in api.service.one_off_tasks(family, STARTED_BY, "RUNNING"):
            self._stopped(tasks, left.get("taskArn", ""))
        command = list(self.context.settings.releases.migration_command)
        self.context.step(f"Migrations on {self.name}, whose schema may be older: {' '.join(command)}")
        answer = api.service.run_task(
            definition.arn,
            api.state,
            command=command,
            environment={"PGOPTIONS": OWNER_OPTION.format(application=self.context.environment.application)},
            started_by=STARTED_BY,
            token=str(uuid.uuid4()),
        )
        arn, problem = started(answer)
        if problem:
            raise OperationError(f"ECS didn't start the migrations: {problem}")
        if failure := tasks.failure(self._stopped(tasks, arn)):
            tasks.show_log(*api.definitions.logs_of(definition.arn, arn))
            raise OperationError(f"The migrations on {self.name} failed: {failure}")

    def _stopped(self, tasks: OneOffTasks, arn: str) -> "TaskTypeDef":
        """Return a task of migrations once it has stopped; OperationError after the limit: two at once could clash."""
        minutes = self.context.settings.releases.migration_limit
        task = tasks.wait(arn, limit=timedelta(minutes=minutes), forgotten=_forgotten)
        if task is None:
            raise OperationError(f"The migrations still run after {minutes} minutes", code=ExitCode.UNFINISHED)
        return task


def _forgotten() -> OperationError:
    return OperationError("ECS no longer knows whether the migrations succeeded")
