"""`taskflow db fence`: the replaced database accepts the API's logins no more, and their sessions are ended.

Scaling the service to zero would leave out migrations, and tasks that autoscaling or a release starts (decision 0045).
"""

from operations.database.login import find_database
from operations.database.sql import LOGINS
from operations.database.task import DatabaseTask
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.rotation.rotation import require_no_migration

# A transaction of its own: until it is committed, a session that ends can be opened again.
CLOSE_LOGINS = "\n".join(f"ALTER ROLE {login} NOLOGIN;" for login in LOGINS)
# Ten seconds for each session. On RDS the master user has pg_signal_backend, by rds_superuser.
END_SESSIONS = """\
DO $sessions$
BEGIN
    IF EXISTS (
        SELECT FROM pg_roles WHERE rolname IN ('taskflow_app_a', 'taskflow_app_b') AND rolcanlogin
    ) THEN
        RAISE EXCEPTION 'the logins of the API are open';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT pg_terminate_backend(pid, 10000) AS is_ended
            FROM pg_stat_activity WHERE usename IN ('taskflow_app_a', 'taskflow_app_b')
        ) AS sessions WHERE NOT is_ended
    ) THEN
        RAISE EXCEPTION 'a session of the API does not end';
    END IF;
END
$sessions$;
"""


def fence(context: Context) -> None:
    """Close the first instance to the API, so that its successor can take over; running it again is harmless."""
    operation = Operation(context=context, action="db fence")
    with operation.running():
        rds = context.settings.rds
        successor = find_database(context, instance=_restored_successor(context))
        api = Api(context=context)
        require_no_migration(api)
        operation.begin(
            f"stop the writes to {rds.identifier}",
            [
                f"close {' and '.join(LOGINS)} on {rds.identifier}: the API answers errors until it has a new host",
                "end their sessions",
                f"writes since the restore remain in {rds.identifier} only: {successor.identifier} lacks them",
            ],
        )
        close_logins(api, rds.identifier)
        end_sessions(api, rds.identifier)
        context.report.done(f"{rds.identifier} takes no writes of the API")
        if not rds.successor or not rds.successor.promoted:
            context.report.command(f"Next: {context.command(f'db cutover {successor.identifier}', operation.ticket)}")


def close_logins(api: Api, instance: str) -> None:
    """Close an instance to the API's logins. Their sessions remain until `end_sessions`."""
    _task(api, instance).run_sql(f"Logins of {instance}", CLOSE_LOGINS)


def end_sessions(api: Api, instance: str) -> None:
    """End the sessions of the API's logins, which must be closed: they could be opened again."""
    _task(api, instance).run_sql(f"Sessions on {instance}", END_SESSIONS)


def _task(api: Api, instance: str) -> DatabaseTask:
    return DatabaseTask(context=api.context, api=api, host=find_database(api.context, instance=instance).host)


def _restored_successor(context: Context) -> str:
    """Return the successor's name; OperationError without one: then nothing could take the writes."""
    successor = context.settings.rds.successor
    if successor is None or not successor.restored:
        raise OperationError(
            f"{context.settings.rds.identifier} has no restored successor in Pulumi.{context.options.stack}.yaml",
            code=ExitCode.REFUSED,
            advice="Adopt a restored instance first: docs/runbooks/cut-over.md. To end all writes without a successor, "
            "scale the service to zero tasks.",
        )
    return successor.identifier
