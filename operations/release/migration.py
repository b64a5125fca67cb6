"""The migrations of a release: one task, once.

The record has the state before RunTask is called. A migration that succeeded or runs is never started again; a failed
one only on request, with a new token. The token covers a crash between RunTask and the record: ECS answers a repeated
request with the first task, for at least an hour. After that the task is looked up.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.clock import Clock
from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.store import RecordStore
from operations.release.record import MAX_REASON, Migration, MigrationState, Record, Release
from operations.release.revision import TaskDefinition, TaskDefinitions
from operations.release.service import EcsService, ServiceState

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

# ECS remembers a client token until an hour after the task has stopped, and 24 hours at most (ECS, Ensuring
# idempotency), and the stopped task for an hour. Five minutes are left for clocks that differ.
TOKEN_VALIDITY = timedelta(minutes=55)
# DescribeTasks may not know a task that RunTask has just returned.
VISIBLE_WITHIN = timedelta(minutes=5)
LOG_LINES = 20
RETRY = "Run the release again with --retry-migration to start the migration again."


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """Runs the migration of one release."""

    context: Context
    store: RecordStore[Record]
    service: EcsService
    state: ServiceState
    definitions: TaskDefinitions

    def ensure(self, release: Release, definition: TaskDefinition, *, retry: bool) -> None:
        """Return once the migration of a release has succeeded, in this run or an earlier one.

        The release stands in the record. OperationError if the migration failed, or if it is unknown whether it ran.
        """
        version = release.version
        if version in self.store.load().migrated:
            self.context.step(f"The migration of {version} ran before; it is not started again")
            return
        migration = self._attempt(release, definition, retry=retry)
        self._save(version, migration)
        if not migration.task:
            task_arn, problem = self._run(version, migration)
            if problem:
                self._save(version, migration, state=MigrationState.NOT_STARTED)
                raise OperationError(
                    f"ECS didn't start the migration: {problem}",
                    advice="Nothing ran. Run the same command again once the cause is gone.",
                )
            migration = migration.model_copy(update={"state": MigrationState.RUNNING, "task": task_arn})
            self._save(version, migration)
        failure = self._failure(self._wait(version, migration))
        if failure:
            self._save(version, migration, state=MigrationState.FAILED, reason=failure[:MAX_REASON])
            self._show_log(migration)
            raise OperationError(f"The migration of {version} failed: {failure}", advice=f"Fix its cause. {RETRY}")
        self.store.update(lambda record: record.with_migrated(version))
        self.context.report.done(f"Migration of {version} succeeded")

    def _save(self, version: str, migration: Migration, **changes: object) -> None:
        changed = migration.model_copy(update=changes)
        self.store.update(lambda record: record.with_changes(version, migration=changed))

    def _attempt(self, release: Release, definition: TaskDefinition, *, retry: bool) -> Migration:
        """Return the attempt to start or to wait for."""
        last = release.migration
        if last is None:
            return self._new_attempt(release, definition, 1)
        if last.state is MigrationState.NOT_STARTED:
            return self._new_attempt(release, definition, last.attempt + 1)
        if last.state is MigrationState.FAILED:
            if retry:
                return self._new_attempt(release, definition, last.attempt + 1)
            raise OperationError(
                f"The migration of {release.version} failed before: {last.reason}",
                code=ExitCode.REFUSED,
                advice=f"Fix its cause. {RETRY}",
            )
        found = self._found(release.version, last)
        if found is None:
            if retry:
                return self._new_attempt(release, definition, last.attempt + 1)
            raise _forgotten(release.version, last, code=ExitCode.REFUSED)
        self.context.step(f"Continuing with the migration that was started at {last.started_at:%Y-%m-%d %H:%M} UTC")
        return found

    def _found(self, version: str, last: Migration) -> Migration | None:
        """Return an attempt that may be continued; None if it is unknown whether it ran, or how it ended."""
        is_recent = self.context.clock.now() - last.started_at < TOKEN_VALIDITY
        if is_recent:
            return last
        if last.state is MigrationState.RUNNING:
            return last if self.service.task(last.task) else None
        family = self.context.settings.service.name
        tasks = self.service.one_off_tasks(family, _started_by(version, last.attempt))
        if not tasks:
            return None
        return last.model_copy(update={"state": MigrationState.RUNNING, "task": tasks[0].get("taskArn", "")})

    def _new_attempt(self, release: Release, definition: TaskDefinition, number: int) -> Migration:
        # Two people who run the same release get the same token, and so the same task.
        identity = "/".join((self.store.name, release.version, release.digest, str(number)))
        return Migration(
            attempt=number,
            token=hashlib.sha256(identity.encode()).hexdigest()[:32],
            revision=definition.arn,
            started_at=self.context.clock.now(),
        )

    def _run(self, version: str, migration: Migration) -> tuple[str, str]:
        """Start the task, or find the one that an earlier request with this token started.

        Return its ARN, or the reason for which there is none: ECS answers that with HTTP 200.
        """
        command = list(self.context.settings.releases.migration_command)
        self.context.step(f"Starting the migration: {' '.join(command)}")
        try:
            answer = self.service.run_task(
                migration.revision,
                self.state,
                command=command,
                started_by=_started_by(version, migration.attempt),
                token=migration.token,
            )
        except ClientError as error:
            existing: Sequence[str] = error.response.get("resourceIds", [])
            if error_code(error) == "ConflictException" and len(existing) == 1:
                # Another run has started it with other parameters, such as another revision of the same image.
                return existing[0], ""
            raise
        failures, tasks = answer["failures"], answer["tasks"]
        if failures or not tasks:
            return "", ", ".join(each.get("reason", "no reason") for each in failures) or "no task and no reason"
        return tasks[0].get("taskArn", ""), ""

    def _wait(self, version: str, migration: Migration) -> "TaskTypeDef":
        """Wait until the task has stopped. A quick task may never be seen running."""
        limit = timedelta(minutes=self.context.settings.releases.migration_limit)
        progress = Progress(context=self.context)

        asked_since = self.context.clock.now()
        is_known = False

        def stopped() -> "TaskTypeDef | None":
            nonlocal is_known
            task = self.service.task(migration.task)
            if task is None:
                if is_known or self.context.clock.now() - asked_since > VISIBLE_WITHIN:
                    raise _forgotten(version, migration, code=ExitCode.FAILED)
                return None
            is_known = True
            status = task.get("lastStatus", "")
            progress.show(f"Migration: {status.lower()}")
            return task if status == "STOPPED" else None

        task = poll(self.context.clock, stopped, limit=limit)
        if task is None:
            raise OperationError(
                f"The migration still runs after {self.context.settings.releases.migration_limit} minutes",
                code=ExitCode.UNFINISHED,
                advice="It keeps running. Run the same command again to wait for it.",
            )
        return task

    def _failure(self, task: "TaskTypeDef") -> str | None:
        """Return why the task failed; None if its container ended with 0. A missing exit code is a failure."""
        containers = {each.get("name"): each for each in task.get("containers", [])}
        container = containers.get(self.state.container, {})
        code = container.get("exitCode")
        if code == 0:
            return None
        reasons = [container.get("reason"), task.get("stoppedReason")]
        details = "; ".join(reason for reason in reasons if reason)
        outcome = "no exit code" if code is None else f"exit code {code}"
        return f"{outcome}{f' ({details})' if details else ''}"

    def _show_log(self, migration: Migration) -> None:
        """Print the end of the task's log; a missing log must not hide the failure."""
        group, stream = self.definitions.logs_of(migration.revision, migration.task)
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


def is_migrating(service: EcsService, release: Release, clock: Clock) -> bool:
    """Whether a release's migration runs, or may just have been started."""
    migration = release.migration
    if migration is None or migration.state not in {MigrationState.STARTING, MigrationState.RUNNING}:
        return False
    if migration.task:
        tasks = [service.task(migration.task)]
    elif clock.now() - migration.started_at < VISIBLE_WITHIN:
        return True
    else:
        tasks = service.one_off_tasks(service.name, _started_by(release.version, migration.attempt))
    return any(task is not None and task.get("lastStatus") != "STOPPED" for task in tasks)


def _started_by(version: str, attempt: int) -> str:
    """Return the mark of an attempt's task. ECS allows letters, digits, hyphens, slashes and underscores."""
    return f"release/{version.replace('.', '-')}/{attempt}"


def _forgotten(version: str, migration: Migration, *, code: ExitCode) -> OperationError:
    return OperationError(
        f"ECS no longer knows whether the migration of {version} succeeded, which was started at "
        f"{migration.started_at:%Y-%m-%d %H:%M} UTC",
        code=code,
        advice=f"Read its log and the database's schema version. {RETRY}",
    )
