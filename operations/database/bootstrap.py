"""`taskflow db bootstrap`: the database's roles, grants and auditing, and the password of the API's login."""

from operations.cutover.record import cutover_store
from operations.database.login import find_database
from operations.database.secret import application_secret, login_of, password_of
from operations.database.sql import other_login, roles_sql, scram_verifier
from operations.database.task import DatabaseTask
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.rotation.rotation import require_no_migration


def bootstrap(context: Context, instance: str = "") -> None:
    """Create the roles, or correct what differs from them; it is idempotent.

    `instance` is a successor that is prepared before it serves.
    """
    _require_successor(context, instance)
    operation = Operation(context=context, action="db bootstrap")
    with operation.running():
        secret = application_secret(context)
        login = login_of(secret.value(secret.versions().current))
        api = Api(context=context)
        require_no_migration(api)
        operation.begin(
            f"roles of the database {context.settings.rds.database_name}{f' on {instance}' if instance else ''}",
            [
                "create the roles and grants of operations/database/roles.sql, or correct them",
                f"set the password of {login} to the one in Secrets Manager",
                "require pgaudit, and audit all queries of people",
            ],
        )
        login = set_roles(api, instance)
        if not instance and context.settings.rds.serving_identifier() == context.settings.rds.identifier:
            # A cutover that had closed the database is undone by this.
            cutover_store(context).forget()
        context.report.done(f"The roles are as in roles.sql, and {login} can log in")
        if not instance:
            context.report.command("Next, if no release runs yet: taskflow release v1.0.0")


def set_roles(api: Api, instance: str = "") -> str:
    """Create the roles on the database that serves, or on another instance; return the API's login, which was tried."""
    context = api.context
    secret = application_secret(context)
    host = find_database(context, instance=instance).host if instance else ""
    task = DatabaseTask(context=context, api=api, host=host)
    # Read only now: a rotation may have ended while a question was open.
    versions = secret.versions()
    value = secret.value(versions.current)
    login = login_of(value)
    # A password that was set by hand, or came back with a restored snapshot, isn't the secret's.
    retired = "" if versions.pending else other_login(login)
    sql = roles_sql(login=login, verifier=scram_verifier(password_of(value)), retired=retired, audit="required")
    task.run_sql("Roles", sql, before=lambda: secret.require(versions))
    task.try_login(f"Login of {login}", versions.current)
    return login


def _require_successor(context: Context, instance: str) -> None:
    """Refuse another instance than the successor: the roles of an old one stay closed (`taskflow db fence`)."""
    successor = context.settings.rds.successor
    if instance and (successor is None or not successor.restored or successor.identifier != instance):
        raise OperationError(
            f"{instance} is not the restored successor in Pulumi.{context.options.stack}.yaml",
            code=ExitCode.USAGE,
            advice="Leave --instance out, or set rds.successor and run `pulumi up` first.",
        )
