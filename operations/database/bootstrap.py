"""`taskflow db bootstrap`: the database's roles, grants and auditing, and the password of the API's login."""

from operations.database.secret import application_secret, login_of, password_of
from operations.database.sql import roles_sql, scram_verifier
from operations.database.task import DatabaseTask
from operations.frame.context import Context, Operation
from operations.release.api import Api


def bootstrap(context: Context) -> None:
    """Create the roles, or correct what differs from them; it is idempotent."""
    operation = Operation(context=context, action="db bootstrap")
    with operation.running():
        secret = application_secret(context)
        value = secret.value(secret.versions().current)
        login = login_of(value)
        operation.begin(
            f"roles of the database {context.settings.rds.database_name}",
            [
                "create the roles and grants of operations/database/roles.sql, or correct them",
                f"set the password of {login} to the one in Secrets Manager",
                "require pgaudit, and audit all queries of people",
            ],
        )
        task = DatabaseTask(context=context, api=Api(context=context))
        sql = roles_sql(login=login, verifier=scram_verifier(password_of(value)), audit="required")
        task.run_sql("Roles", sql)
        task.try_login(f"Login of {login}", "AWSCURRENT")
        context.report.done(f"The roles are as in roles.sql, and {login} can log in")
        context.report.command("Next, if no release runs yet: taskflow release v1.0.0")
