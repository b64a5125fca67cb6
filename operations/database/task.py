"""SQL as the master user, and a login's trial, in the database task (components/access/database_task.py)."""

import base64
import gzip
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Literal

from components.shared.environment import DATABASE
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
TRY_LOGIN = """\
secret=$(aws secretsmanager get-secret-value --secret-id "$APPLICATION_SECRET_ARN" --version-stage "$STAGE" \
--query SecretString --output text) || exit 4
field() { printf %s "$secret" | sed -n "s/.*\\"$1\\": *\\"\\([A-Za-z0-9_-]*\\)\\".*/\\1/p"; }
PGUSER=$(field username) PGPASSWORD=$(field password)
export PGUSER PGPASSWORD
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --command "SELECT current_user, session_user"
"""
STARTED_BY = "database-logins"
# The task ends itself after 15 minutes; a moment is left for ECS to say so.
LIMIT = timedelta(minutes=20)
Stage = Literal["AWSCURRENT", "AWSPENDING"]


@dataclass(frozen=True, kw_only=True)
class DatabaseTask:
    """Runs the database task of one stack."""

    context: Context
    api: Api

    def run_sql(self, title: str, sql: str) -> None:
        """Run SQL in one transaction as the master user; OperationError with the end of its log if it fails."""
        packed = base64.b64encode(gzip.compress(sql.encode(), mtime=0)).decode()
        self._run(title, RUN_SQL, {"SQL": packed})

    def try_login(self, title: str, stage: Stage) -> None:
        """Log in to the database with a version of the application's secret; OperationError if it fails."""
        self._run(title, TRY_LOGIN, {"STAGE": stage})

    def _run(self, title: str, script: str, variables: Mapping[str, str]) -> None:
        self._wait_for_others()
        context, family = self.context, self.context.environment.database_family
        context.step(f"{title}: starting the database task")
        answer = self.api.service.run_task(
            family,
            self.api.state,
            command=["sh", "-c", script],
            environment=variables,
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
        if failure := tasks.failure(task):
            tasks.show_log(*self._definitions.logs_of(task.get("taskDefinitionArn", ""), arn))
            raise OperationError(
                f"{title} failed: {failure}",
                advice="The log above has the reason.",
            )

    def _wait_for_others(self) -> None:
        """Wait for a task of an earlier run: one that starts late must not undo what this run does."""
        tasks = self._tasks("Waiting for the database task of an earlier run")

        def none_left() -> bool | None:
            running = self.api.service.one_off_tasks(self.context.environment.database_family, STARTED_BY, "RUNNING")
            left = [each for each in running if each.get("lastStatus") != "STOPPED"]
            if left:
                self.context.step(f"{tasks.title}: {left[0].get('lastStatus', '').lower()}")
            return None if left else True

        if poll(self.context.clock, none_left, limit=LIMIT) is None:
            raise OperationError("A database task of an earlier run doesn't end", code=ExitCode.UNFINISHED)

    def _tasks(self, title: str) -> OneOffTasks:
        return OneOffTasks(context=self.context, service=self.api.service, container=DATABASE, title=title)

    @cached_property
    def _definitions(self) -> TaskDefinitions:
        family = self.context.environment.database_family
        return TaskDefinitions(self.context.aws, family=family, template_family=family, container=DATABASE)


def _forgotten(title: str) -> OperationError:
    return OperationError(f"{title}: ECS no longer knows the database task", advice="Run the same command again.")
