"""The migrations of a release: one task, once.

The record has the state before RunTask is called. A migration that succeeded or runs is never started again; a failed
one only on request, with a new token. The token covers a crash between RunTask and the record: ECS answers a repeated
request with the first task, for at least an hour. After that the task is looked up.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.clock import Clock
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.store import RecordStore
from operations.release.one_off import VISIBLE_WITHIN, OneOffTasks, started
from operations.release.record import MAX_REASON, Migration, MigrationState, Record, Release
from operations.release.revision import TaskDefinition, TaskDefinitions
from operations.release.service import EcsService, ServiceState

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

# ECS remembers a client token until an hour after the task has stopped, and 24 hours at most (ECS, Ensuring
# idempotency), and the stopped task for an hour. Five minutes are left for clocks that differ.
TOKEN_VALIDITY = timedelta(minutes=55)
# The option of libpq by which the API's login acts as the owner of the schema (decision 0037).
OWNER_OPTION = "-c role={application}_owner"
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
        failure = self._tasks.failure(self._wait(version, migration))
        if failure:
            self._save(version, migration, state=MigrationState.FAILED, reason=failure[:MAX_REASON])
            self._tasks.show_log(*self.definitions.logs_of(migration.revision, migration.task))
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
                environment=self._environment,
                started_by=_started_by(version, migration.attempt),
                token=migration.token,
            )
        except ClientError as error:
            existing: Sequence[str] = error.response.get("resourceIds", [])
            if error_code(error) == "ConflictException" and len(existing) == 1:
                # Another run has started it with other parameters, such as another revision of the same image.
                return existing[0], ""
            raise
        return started(answer)

    @property
    def _environment(self) -> Mapping[str, str]:
        return {"PGOPTIONS": OWNER_OPTION.format(application=self.context.environment.application)}

    def _wait(self, version: str, migration: Migration) -> "TaskTypeDef":
        """Wait until the task has stopped."""
        minutes = self.context.settings.releases.migration_limit
        task = self._tasks.wait(
            migration.task,
            limit=timedelta(minutes=minutes),
            forgotten=lambda: _forgotten(version, migration, code=ExitCode.FAILED),
        )
        if task is None:
            raise OperationError(
                f"The migration still runs after {minutes} minutes",
                code=ExitCode.UNFINISHED,
                advice="It keeps running. Run the same command again to wait for it.",
            )
        return task

    @property
    def _tasks(self) -> OneOffTasks:
        return OneOffTasks(
            context=self.context, service=self.service, container=self.state.container, title="Migration"
        )


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
