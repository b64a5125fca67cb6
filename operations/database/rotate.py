"""`taskflow db rotate`: the password of the API's idle login, which then becomes the current one (decision 0037)."""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.database.secret import application_secret, login_of, password_of
from operations.database.sql import other_login, passwords_sql, scram_verifier
from operations.database.task import DatabaseTask
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.store import RecordStore
from operations.release.api import Api
from operations.rotation.rotation import Rotation, rotate
from operations.rotation.secret import Secret, Value, Versions, generated
from settings.stacks import RECOVERY


@dataclass(frozen=True, kw_only=True)
class DatabasePassword:
    """The API's database password."""

    context: Context
    secret: Secret
    other_stacks: Sequence[str] = ()
    action: str = "db rotate"
    title: str = "the database password of the API"

    def next_value(self, current: Value) -> Value:
        """Return the other login with a new password."""
        return {"username": other_login(login_of(current)), "password": generated()}

    def changes(self, current: Value) -> Sequence[str]:
        """Return what is changed in the database."""
        login = login_of(current)
        return [f"set the password of {other_login(login)} and try it; {login} remains valid"]

    def accept(self, versions: Versions, *, is_new: bool) -> None:  # noqa: ARG002  (setting it twice is harmless)
        """Set the password of the pending login, and log in with it on every instance."""
        pending = versions.pending or ""
        value, current = self.secret.value(pending), self.secret.value(versions.current)
        login = login_of(value)
        if login == login_of(current):
            raise OperationError(
                f"The pending version of {self.secret.name} is for {login}, which all tasks use now",
                code=ExitCode.REFUSED,
                advice="Remove its label AWSPENDING, then run the same command again.",
            )
        sql = passwords_sql(login=login, verifier=scram_verifier(password_of(value)))
        # Another run may have made the login current: then its password must not change.
        self._task.run_sql(f"Password of {login}", sql, before=lambda: self.secret.require(versions))
        for task in self._all_tasks():
            task.try_login(f"Login of {login}", pending)
        self._task.wait_for_others()

    def retire(self, value: Value, store: RecordStore[Rotation]) -> None:  # noqa: ARG002
        """Remove the password of the other login; OperationError while it has sessions on the primary."""
        retired = other_login(login_of(value))
        self._task.run_sql(f"Removal of the password of {retired}", passwords_sql(retired=retired))

    def _all_tasks(self) -> Sequence[DatabaseTask]:
        """Return the database tasks of all stacks: a replica may not know the new password yet."""
        contexts = [self.context, *(self.context.of_stack(stack) for stack in self.other_stacks)]
        return [DatabaseTask(context=each, api=Api(context=each), is_own=each is self.context) for each in contexts]

    @property
    def _task(self) -> DatabaseTask:
        return DatabaseTask(context=self.context, api=Api(context=self.context))


def rotate_database(context: Context) -> None:
    """Rotate the password, and deploy the recovery stack too, whose tasks read the replicated secret."""
    others = [RECOVERY] if context.settings.backup.recovery else []
    credential = DatabasePassword(context=context, secret=application_secret(context), other_stacks=others)
    rotate(context, credential, stacks=[context.options.stack, *others])
