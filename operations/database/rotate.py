"""`taskflow db rotate`: the password of the API's idle login, which then becomes the current one (decision 0037)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from operations.database.secret import application_secret, login_of, password_of
from operations.database.sql import other_login, roles_sql, scram_verifier
from operations.database.task import DatabaseTask
from operations.frame.context import Context
from operations.release.api import Api
from operations.rotation.rotation import rotate
from operations.rotation.secret import Secret, Value, generated
from settings.stacks import RECOVERY


@dataclass(frozen=True, kw_only=True)
class DatabasePassword:
    """The API's database password."""

    context: Context
    secret: Secret
    action: str = "db rotate"
    title: str = "the database password of the API"

    def next_value(self, current: Value) -> Value:
        """Return the other login with a new password."""
        return {"username": other_login(login_of(current)), "password": generated()}

    def changes(self, current: Value) -> Sequence[str]:
        """Return what is changed in the database."""
        login = login_of(current)
        return [f"set the password of {other_login(login)} and try it; {login} remains valid"]

    def accept(self, value: Value, created_at: datetime, *, is_new: bool) -> None:  # noqa: ARG002
        """Set the password of the value's login, and log in with it."""
        login = login_of(value)
        sql = roles_sql(login=login, verifier=scram_verifier(password_of(value)), audit="required")
        self._task.run_sql(f"Password of {login}", sql)
        self._task.try_login(f"Login of {login}", "AWSPENDING")

    def retire(self, value: Value) -> None:
        """Remove the password of the other login; OperationError while it has sessions."""
        retired = other_login(login_of(value))
        self._task.run_sql(f"Removal of the password of {retired}", roles_sql(retired=retired, audit="required"))

    @property
    def _task(self) -> DatabaseTask:
        return DatabaseTask(context=self.context, api=Api(context=self.context))


def rotate_database(context: Context) -> None:
    """Rotate the password, and deploy the recovery stack too, whose tasks read the replicated secret."""
    credential = DatabasePassword(context=context, secret=application_secret(context))
    stacks = [context.options.stack, *([RECOVERY] if context.settings.backup.recovery else [])]
    rotate(context, credential, stacks=stacks)
