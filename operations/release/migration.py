"""The migrations of a release: one task, once.

The record has the state before RunTask is called. A migration that succeeded or runs is never started again; a failed
one only on request, with a new token. The token covers a crash between RunTask and the record: ECS answers a repeated
request with the first task, for 24 hours.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.record import MAX_REASON, Migration, MigrationState, Record, RecordStore, Release
from operations.release.revision import TaskDefinition, TaskDefinitions
from operations.release.service import EcsService, ServiceState

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

# ECS remembers a client token for 24 hours; an hour is left for clocks that differ.
TOKEN_VALIDITY = timedelta(hours=23)
# DescribeTasks may not know a task that RunTask has just returned; an hour after a task has stopped it forgets it.
VISIBLE_AFTER = timedelta(minutes=5)
LOG_LINES = 20
RETRY = "Run the release again with --retry-migration to start the migration again."


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """Runs the migration of one release."""

    context: Context
    store: RecordStore
    service: EcsService
    state: ServiceState
    definitions: TaskDefinitions

    def ensure(self, record: Record, release: Release, definition: TaskDefinition, *, retry: bool) -> Record:
        """Return the record once the migration of a release has succeeded, in this run or an earlier one.

        The release stands in the record. OperationError if the migration failed, or if nobody can know whether it ran.
        """
        version = release.version
        if version in record.migrated:
            self.context.step(f"The migration of {version} ran before; it is not started again")
            return record
        migration = self._attempt(release, definition, retry=retry)
        record = self._save(record, version, migration)
        if not migration.task:
            task_arn, problem = self._run(version, migration)
            if problem:
                self._save(record, version, migration, state=MigrationState.NOT_STARTED)
                raise OperationError(
                    f"ECS didn't start the migration: {problem}",
                    advice="Nothing ran. Run the same command again once the cause is gone.",
                )
            migration = migration.model_copy(update={"state": MigrationState.RUNNING, "task": task_arn})
            record = self._save(record, version, migration)
        failure = self._failure(self._wait(version, migration))
        if failure:
            self._save(record, version, migration, state=MigrationState.FAILED, reason=failure[:MAX_REASON])
            self._show_log(migration)
            raise OperationError(f"The migration of {version} failed: {failure}", advice=f"Mend its cause. {RETRY}")
        self.context.report.done(f"Migration of {version} succeeded")
        return self.store.save(record.with_migrated(version))

    def _save(self, record: Record, version: str, migration: Migration, **changes: object) -> Record:
        """Save and return the record with the release's migration."""
        return self.store.save(record.with_changes(version, migration=migration.model_copy(update=changes)))

    def _attempt(self, release: Release, definition: TaskDefinition, *, retry: bool) -> Migration:
        """Return the attempt to start or to wait for."""
        last = release.migration
        if last is None:
            return self._new_attempt(release, definition, 1)
        if last.state is MigrationState.FAILED:
            if retry:
                return self._new_attempt(release, definition, last.attempt + 1)
            raise OperationError(
                f"The migration of {release.version} failed before: {last.reason}",
                code=ExitCode.REFUSED,
                advice=f"Mend its cause. {RETRY}",
            )
        if last.state is MigrationState.NOT_STARTED:
            return self._new_attempt(release, definition, last.attempt + 1)
        is_forgotten = (
            self.context.clock.now() - last.started_at > TOKEN_VALIDITY
            if last.state is MigrationState.STARTING
            else self.service.task(last.task) is None and self._is_old(last)
        )
        if is_forgotten:
            if retry:
                return self._new_attempt(release, definition, last.attempt + 1)
            raise _forgotten(release.version, last)
        self.context.step(f"Continuing with the migration that was started at {last.started_at:%Y-%m-%d %H:%M} UTC")
        return last

    def _is_old(self, migration: Migration) -> bool:
        """Whether ECS would know the task if it were to come: DescribeTasks lags behind RunTask."""
        return self.context.clock.now() - migration.started_at > VISIBLE_AFTER

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
                started_by=f"release/{version.replace('.', '-')}",
                token=migration.token,
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ConflictException":
                raise OperationError(
                    f"The migration of {version} was started before, with another command or network",
                    code=ExitCode.REFUSED,
                    advice=f"Find its task: aws ecs list-tasks --cluster {self.service.cluster} "
                    f"--family {self.context.settings.service.name}. {RETRY}",
                ) from error
            raise
        failures, tasks = answer["failures"], answer["tasks"]
        if failures or not tasks:
            return "", ", ".join(each.get("reason", "no reason") for each in failures) or "no task and no reason"
        return tasks[0].get("taskArn", ""), ""

    def _wait(self, version: str, migration: Migration) -> "TaskTypeDef":
        """Wait until the task has stopped. A quick task may never be seen running."""
        limit = timedelta(minutes=self.context.settings.releases.migration_limit)
        progress = Progress(context=self.context)

        def stopped() -> "TaskTypeDef | None":
            task = self.service.task(migration.task)
            if task is None:
                if self._is_old(migration):
                    raise _forgotten(version, migration)
                return None
            status = task.get("lastStatus", "")
            progress.show(f"Migration: {status.lower()}")
            return task if status == "STOPPED" else None

        task = poll(self.context.clock, stopped, limit=limit)
        if task is None:
            raise OperationError(
                f"The migration still runs after {self.context.settings.releases.migration_limit} minutes",
                code=ExitCode.UNFINISHED,
                advice="It goes on. Run the same command again to wait for it.",
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
        said = "; ".join(reason for reason in reasons if reason)
        outcome = "no exit code" if code is None else f"exit code {code}"
        return f"{outcome}{f' ({said})' if said else ''}"

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


def _forgotten(version: str, migration: Migration) -> OperationError:
    return OperationError(
        f"ECS no longer knows whether the migration of {version} succeeded, which was started at "
        f"{migration.started_at:%Y-%m-%d %H:%M} UTC",
        code=ExitCode.REFUSED,
        advice=f"Read its log and the database's schema version. {RETRY}",
    )
