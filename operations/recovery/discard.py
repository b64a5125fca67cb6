"""`taskflow db discard`: deletes a restored instance. Never one that serves, or that the stack file names."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.context import Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.recovery.rds import AVAILABLE, Description, instance_of, is_recovery, snapshots
from operations.recovery.restore import COPY, FAILED, INTERVAL, LIMIT
from operations.release.api import Api

if TYPE_CHECKING:
    from types_boto3_rds.type_defs import DeleteDBInstanceMessageTypeDef

FINAL = "-final"
DELETING = "deleting"
# The document's limit for data of users who are deleted: a snapshot has none by itself.
KEPT_AT_MOST = timedelta(days=90)


def discard(context: Context, name: str, *, with_snapshot: bool = True) -> None:
    """Delete a restored instance, after a last snapshot; return once it is gone."""
    operation = Operation(context=context, action="db discard")
    with operation.running():
        _require_restored(context, name)
        instance = instance_of(context.aws, name)
        copy = _snapshot(context, f"{name}{COPY}")
        if instance is None and copy is None:
            context.report.done(f"{name} doesn't exist")
            _end(context, name)
            return
        if instance:
            _require_idle(context, instance)
        can_be_saved = instance is not None and instance["DBInstanceStatus"] not in FAILED
        if with_snapshot and instance and not can_be_saved and instance["DBInstanceStatus"] != DELETING:
            raise OperationError(
                f"{name} is {instance['DBInstanceStatus']}: RDS can't take its last snapshot",
                code=ExitCode.REFUSED,
                advice="Discard it without one:",
                command=context.command(f"db discard {name} --no-snapshot", operation.ticket),
            )
        operation.begin(f"delete {name}", _changes(name, instance, copy, with_snapshot=with_snapshot))
        if instance:
            _delete(context, name, with_snapshot=with_snapshot)
        if copy:
            context.step(f"Deleting the copy {name}{COPY}")
            context.aws.rds.delete_db_snapshot(DBSnapshotIdentifier=f"{name}{COPY}")
        context.report.done(f"{name} is deleted")
        _end(context, name)


def _require_restored(context: Context, name: str) -> None:
    """Refuse every name but a restored instance's, and one that the stack file names: it serves, or is to."""
    rds, application = context.settings.rds, context.environment.application
    if not is_recovery(application, name):
        raise OperationError(
            f"{name} is not the name of a restored instance ({application}-recovery-YYYYMMDD-HHMM)",
            code=ExitCode.REFUSED,
        )
    if name in (rds.identifier, rds.successor.identifier if rds.successor else ""):
        raise OperationError(
            f"{name} is a database of {context.environment.name}: its stack file names it", code=ExitCode.REFUSED
        )


def _require_idle(context: Context, instance: Description) -> None:
    """Refuse an instance that has replicas, or whose address the API has."""
    name = instance["DBInstanceIdentifier"]
    host = instance.get("Endpoint", {}).get("Address")
    if host and host in _hosts_of_api(context):
        raise OperationError(f"{name} serves: the API's tasks have its address", code=ExitCode.REFUSED)
    if replicas := instance.get("ReadReplicaDBInstanceIdentifiers"):
        raise OperationError(f"{name} serves: it has the replica {replicas[0]}", code=ExitCode.REFUSED)


def _hosts_of_api(context: Context) -> Sequence[str]:
    """Return the values of the environment of the API's running task definition."""
    arn = Api(context=context).service.state().task_definition
    definition = context.aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    containers = definition.get("containerDefinitions", [])
    return [pair.get("value", "") for each in containers for pair in each.get("environment", [])]


def _changes(
    name: str, instance: Description | None, copy: Description | None, *, with_snapshot: bool
) -> Sequence[str]:
    if instance and instance["DBInstanceStatus"] == DELETING:
        return [f"{name} is being deleted: wait"]
    saved = f"keep its data as the snapshot {name}{FINAL}" if with_snapshot else "keep nothing of its data"
    return [
        *(
            [f"take the deletion protection off {name}", saved, "delete it with its automated backups"]
            if instance
            else []
        ),
        *([f"delete the copy {name}{COPY}, which its restore left"] if copy else []),
    ]


def _delete(context: Context, name: str, *, with_snapshot: bool) -> None:
    """Take the protection off, delete, and return once it is gone. Each step is looked up first."""
    rds, progress = context.aws.rds, Progress(context=context)

    def gone() -> bool | None:
        instance = instance_of(context.aws, name)
        if instance is None:
            return True
        status = instance["DBInstanceStatus"]
        progress.show(f"{name}: {status}")
        # A backup or a modification ends first: RDS takes a last snapshot of an available instance only.
        if status == DELETING or (status != AVAILABLE and status not in FAILED):
            return None
        try:
            if instance["DeletionProtection"]:
                rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
            else:
                context.step(f"Deleting {name}")
                rds.delete_db_instance(**_deletion(name, with_snapshot=with_snapshot))
        except ClientError as error:
            # Its state changed since it was read; that of a failed one doesn't.
            if error_code(error) != "InvalidDBInstanceState" or status in FAILED:
                raise
        return None

    if poll(context.clock, gone, limit=LIMIT, interval=INTERVAL) is None:
        raise OperationError(
            f"{name} isn't deleted after {LIMIT.total_seconds() / 3600:.0f} hours",
            code=ExitCode.UNFINISHED,
            advice="Run the same command again to wait on.",
        )


def _deletion(name: str, *, with_snapshot: bool) -> "DeleteDBInstanceMessageTypeDef":
    """Return the request. Its automated backups go: the snapshot has its last state, and they would cost as long."""
    if with_snapshot:
        return {
            "DBInstanceIdentifier": name,
            "SkipFinalSnapshot": False,
            "FinalDBSnapshotIdentifier": f"{name}{FINAL}",
            "DeleteAutomatedBackups": True,
        }
    return {"DBInstanceIdentifier": name, "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True}


def _snapshot(context: Context, name: str) -> Description | None:
    found = [each for each in snapshots(context.aws) if each["DBSnapshotIdentifier"] == name]
    return found[0] if found else None


def _end(context: Context, name: str) -> None:
    """Say which snapshot is left, and until when it may be kept."""
    context.report.values |= {"instance": name, "snapshot": None}
    if _snapshot(context, f"{name}{FINAL}") is None:
        return
    context.report.values["snapshot"] = f"{name}{FINAL}"
    until = context.clock.now() + KEPT_AT_MOST
    context.report.line(f"Its last state is the snapshot {name}{FINAL}, which costs until it is deleted.")
    context.report.line(f"It has users' data: delete it by {until:%Y-%m-%d} at the latest, as devops:")
    context.report.command(f"  aws rds delete-db-snapshot --db-snapshot-identifier {name}{FINAL}")
