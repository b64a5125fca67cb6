"""SQL as the master user, and a login's trial, in the database task (components/access/database_task.py)."""

import base64
import gzip
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from components.shared.environment import DATABASE
from operations.frame.aws import explained, is_transient
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.api import Api
from operations.release.one_off import OneOffTasks, started
from operations.release.revision import TaskDefinitions

# The script is a file first: psql reads an empty input without an error.
RUN_SQL = (
    'printf %s "$SQL" | base64 -d | gunzip > /tmp/roles.sql && '
    "exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction --file /tmp/roles.sql"
)
# The password is in no argument: other processes could read it. It consists of letters and digits.
# On the reader too: a replica may not know the password yet.
TRY_LOGIN = """\
secret=$(aws secretsmanager get-secret-value --secret-id "$APPLICATION_SECRET_ARN" --version-id "$VERSION" \
--query SecretString --output text) || exit 4
field() { printf %s "$secret" | sed -n "s/.*\\"$1\\": *\\"\\([A-Za-z0-9_-]*\\)\\".*/\\1/p"; }
PGUSER=$(field username) PGPASSWORD=$(field password)
export PGUSER PGPASSWORD
for host in "$PGHOST" "$READER_HOST"; do
    PGHOST=$host psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --command "SELECT current_user, session_user" || exit 2
done
"""
STARTED_BY = "database-logins"
# The task ends itself after 15 minutes; a moment is left for ECS to say so.
LIMIT = timedelta(minutes=20)
# The exit codes of TRY_LOGIN that a lagging replica has, of the database or of the secret; how long they may last.
NOT_YET = ("exit code 2", "exit code 4")
VALID_WITHIN, PAUSE = timedelta(minutes=15), 30.0


@dataclass(frozen=True, kw_only=True)
class DatabaseTask:
    """Runs the database task of one stack; in another stack than the command's it only tries logins.

    `host` is the address of another instance than the one that serves.
    """

    context: Context
    api: Api
    is_own: bool = True
    host: str = ""

    def run_sql(self, title: str, sql: str, *, before: Callable[[], None] = lambda: None) -> None:
        """Run SQL in one transaction as the master user; OperationError with the end of its log if it fails.

        `before` is called last, when no task of another run is left.
        """
        packed = base64.b64encode(gzip.compress(sql.encode(), mtime=0)).decode()
        self.wait_for_others()
        before()
        if failure := self._run(title, RUN_SQL, {"SQL": packed}):
            raise _failed(title, failure)

    def try_login(self, title: str, version: str) -> None:
        """Log in with a version of the application's secret; OperationError if that fails for 15 minutes.

        Another stack in which it can't be tried gets a warning: it is deployed once its region answers.
        """
        name = self.context.environment.name
        try:
            self._try_login(f"{title} in {self.context.environment.region}", version)
        except (BotoCoreError, ClientError, OperationError) as error:
            if self.is_own or (not isinstance(error, OperationError) and not is_transient(error)):
                raise
            problem = error.message if isinstance(error, OperationError) else explained(error, name).message
            self.context.report.warning(f"The login isn't valid in {name} yet: {problem}")

    def _try_login(self, title: str, version: str) -> None:
        end = self.context.clock.now() + VALID_WITHIN
        while failure := self._run(title, TRY_LOGIN, {"VERSION": version}):
            if not failure.startswith(NOT_YET) or self.context.clock.now() >= end:
                raise _failed(title, failure)
            self.context.step(f"{title}: not valid yet ({failure}); a replica may lag")
            self.context.clock.sleep(PAUSE)

    def _run(self, title: str, script: str, variables: Mapping[str, str]) -> str | None:
        """Run a script; return why it failed, with its log shown."""
        self.context.step(f"{title}: starting the database task")
        answer = self.api.service.run_task(
            self.context.environment.database_family,
            self.api.state,
            command=["sh", "-c", script],
            environment={**variables, **({"PGHOST": self.host, "READER_HOST": self.host} if self.host else {})},
            container=DATABASE,
            started_by=STARTED_BY,
            token=str(uuid.uuid4()),
        )
        arn, problem = started(answer)
        if problem:
            raise OperationError(f"ECS didn't start the database task: {problem}", advice="Run the same command again.")
        tasks = self._tasks(title)
        task = tasks.wait(arn, limit=LIMIT, interval=5, forgotten=lambda: _forgotten(title))
        if task is None:
            raise OperationError(
                f"{title}: the database task still runs", code=ExitCode.UNFINISHED, advice="Run the same command again."
            )
        failure = tasks.failure(task)
        if failure:
            tasks.show_log(*self._definitions.logs_of(task.get("taskDefinitionArn", ""), arn))
        return failure

    def wait_for_others(self) -> None:
        """Wait for a task of another run: one that starts late must not undo what this run does."""
        tasks = self._tasks("Waiting for the database task of another run")
        left: list[str] = []

        def none_left() -> bool | None:
            family = self.context.environment.database_family
            running = self.api.service.one_off_tasks(family, STARTED_BY, "RUNNING")
            left[:] = [each.get("taskArn", "") for each in running if each.get("lastStatus") != "STOPPED"]
            if left:
                self.context.step(tasks.title)
            return None if left else True

        if poll(self.context.clock, none_left, limit=LIMIT) is None:
            raise OperationError(
                f"A database task of another run doesn't end: {left[0]}",
                code=ExitCode.UNFINISHED,
                advice="End it with `aws ecs stop-task`, then run the same command again.",
            )

    def _tasks(self, title: str) -> OneOffTasks:
        return OneOffTasks(context=self.context, service=self.api.service, container=DATABASE, title=title)

    @cached_property
    def _definitions(self) -> TaskDefinitions:
        family = self.context.environment.database_family
        return TaskDefinitions(self.context.aws, family=family, template_family=family, container=DATABASE)


def _failed(title: str, failure: str) -> OperationError:
    return OperationError(
        f"{title} failed: {failure}", advice="The log above has the reason. docs/runbooks/db-rotate.md lists the codes."
    )


def _forgotten(title: str) -> OperationError:
    return OperationError(f"{title}: ECS no longer knows the database task", advice="Run the same command again.")
