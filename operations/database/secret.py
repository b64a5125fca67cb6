"""The application's secret: the login that the API uses, and its password."""

from operations.database.sql import LOGINS
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.rotation.secret import Secret, Value


def application_secret(context: Context) -> Secret:
    """Return the secret of this stack's database; OperationError in a stack that reads another one's."""
    environment = context.environment
    if context.settings.rds.secrets:
        raise OperationError(
            f"{environment.name} reads the secrets of its database's source",
            code=ExitCode.REFUSED,
            advice="Run the command in production: its database is replicated, with roles and passwords.",
        )
    return Secret(context.aws, f"{environment.application}/{environment.stack}/database-application")


def login_of(value: Value) -> str:
    """Return the login of a secret's value; OperationError if it isn't one of the API's."""
    login = value.get("username", "")
    if login not in LOGINS:
        raise OperationError(
            f"The application's secret has the user {login or '(none)'}, which isn't {' or '.join(LOGINS)}",
            code=ExitCode.REFUSED,
        )
    return login


def password_of(value: Value) -> str:
    """Return the password of a secret's value."""
    return value.get("password", "")
