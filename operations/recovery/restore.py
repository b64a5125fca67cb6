"""`taskflow db restore`: the database as it was, on an instance beside it. Section: Recovery Procedures.

Both restore calls put the instance into the default VPC's security group, with the default parameter group and without
protection, unless they are asked for more. So everything is asked for, corrected where it can be, and checked on the
instance that came up. Tags with the ticket and the source let a second run continue what an earlier one began.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.context import Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.recovery.blueprint import Blueprint, blueprint_of
from operations.recovery.comparison import require_equal, show
from operations.recovery.log_groups import create_log_groups
from operations.recovery.properties import compare, modification, restore_request
from operations.recovery.rds import (
    AVAILABLE,
    MANUAL,
    SOURCE_TAG,
    TICKET_TAG,
    Description,
    as_tags,
    instance_of,
    instances,
    is_recovery,
    recovery_name,
    snapshots,
    tags_of,
)
from operations.recovery.source import Source, Wish, source_of

# AWS names no time. botocore's waiter gives up after 30 minutes (fact 68); 200 GiB take less than an hour as a rule.
LIMIT = timedelta(hours=6)
INTERVAL = 30.0
# So long a modification may not show in the description.
UNSEEN = timedelta(minutes=10)
# RDS User Guide, Viewing DB instance status: states that an instance doesn't leave by itself.
FAILED = frozenset(
    {
        "failed", "restore-error", "incompatible-restore", "incompatible-network", "incompatible-parameters",
        "incompatible-option-group", "incompatible-create", "insufficient-capacity", "storage-full", "deleting",
        "stopped", "inaccessible-encryption-credentials",
    }
)  # fmt: skip
COPY = "-copy"


@dataclass(frozen=True, kw_only=True)
class Restore:
    """One restore: what of, like what, for which ticket, and to which instance."""

    context: Context
    source: Source
    own: Blueprint
    ticket: str
    name: str

    @property
    def copy_name(self) -> str:
        """The name of the snapshot's copy under the stack's key."""
        return f"{self.name}{COPY}"

    @property
    def needs_copy(self) -> bool:
        """Whether the snapshot has another key: neither restore call takes one (fact 70)."""
        return self.source.snapshot is not None and self.source.key != self.own.key

    @property
    def tags(self) -> list[dict[str, str]]:
        """The stack's tags, and those by which the restore is found."""
        return as_tags({**self.own.tags, **marks(self.ticket, self.source)})


def marks(ticket: str, source: Source) -> Mapping[str, str]:
    """Return the tags of a restore."""
    return {TICKET_TAG: ticket, SOURCE_TAG: source.title}


def restore(context: Context, wish: Wish) -> None:
    """Restore to a new instance; return once it is like production's, raise OperationError otherwise."""
    operation = Operation(context=context, action="db restore")
    with operation.running():
        source, own = source_of(context, wish), blueprint_of(context)
        if source.snapshot is None:
            # RDS keeps the backup's key; in the recovery region it is that of the copies.
            own = replace(own, storage_key=source.key)
        ticket = operation.ticket or ""
        name = _begun(context, ticket, source)
        if name is None:
            _require_first(context, wish, ticket)
            name = recovery_name(context.environment.application, context.clock.now())
        plan = Restore(context=context, source=source, own=own, ticket=ticket, name=name)
        instance = instance_of(context.aws, name)
        operation.begin(f"restore {source.title} to {name}", _changes(plan, instance))
        _carry_out(plan, instance)


def _begun(context: Context, ticket: str, source: Source) -> str | None:
    """Return the instance that an earlier run with the ticket restored from this source, or was about to."""
    wanted, application = marks(ticket, source).items(), context.environment.application
    for each in instances(context.aws):
        name = each["DBInstanceIdentifier"]
        if (
            is_recovery(application, name)
            and wanted <= tags_of(each).items()
            and each["DBInstanceStatus"] != "deleting"
        ):
            return name
    if source.snapshot is None:
        return None
    for each in snapshots(context.aws):
        name = each["DBSnapshotIdentifier"].removesuffix(COPY)
        if each["SnapshotType"] == MANUAL and is_recovery(application, name) and wanted <= tags_of(each).items():
            return name
    return None


def _require_first(context: Context, wish: Wish, ticket: str) -> None:
    """Refuse a second restore to `10m` or `latest`: it may be the repetition of one that was interrupted."""
    if not wish.is_relative:
        return
    for each in instances(context.aws):
        name, tags = each["DBInstanceIdentifier"], tags_of(each)
        _, is_time, time = tags.get(SOURCE_TAG, "").partition(" at ")
        if is_recovery(context.environment.application, name) and tags.get(TICKET_TAG) == ticket and is_time:
            raise OperationError(
                f"{ticket} has restored {tags[SOURCE_TAG]} to {name} already, and --to {wish.to} is now another time",
                code=ExitCode.REFUSED,
                advice="To continue that restore, name its time; for another one, name another time:",
                command=context.command(f"db restore --to {time}", ticket),
            )


def _changes(plan: Restore, instance: Description | None) -> Sequence[str]:
    source, own = plan.source, plan.own
    if instance:
        return [f"continue with {plan.name}, which is {instance['DBInstanceStatus']}", "correct and check its settings"]
    copied = f"copy the snapshot under the stack's key as {plan.copy_name}; the copy is deleted in the end"
    other_key = f"the storage keeps the key of the backups, {_key(source.key)}: RDS leaves no choice"
    zones = "two zones" if own.rds.multi_az else "one zone"
    return [
        *([copied] if plan.needs_copy else []),
        f"create {plan.name} ({own.rds.instance_class}, {zones}), which costs as much as {own.like}",
        f"give it the groups, key, protection, logs and monitoring of {own.like}, and check each",
        *([other_key] if source.snapshot is None and source.key != own.key else []),
        f"{own.like} stays as it is, and continues to serve",
    ]


def _key(arn: str) -> str:
    return arn.rpartition("/")[2]


def _carry_out(plan: Restore, instance: Description | None) -> None:
    context = plan.context
    context.report.command(f"To continue after an interruption: {_again(plan)}")
    create_log_groups(context.aws, plan.name, plan.own.like)
    if instance is None:
        _create(plan, _snapshot_to_restore(plan))
    instance = _corrected(plan, _available(plan))
    _delete_copy(plan)
    compared = compare(instance, plan.own)
    context.report.values |= {"instance": plan.name, "source": plan.source.title}
    show(context.report, compared, plan.name, plan.own.like)
    require_equal(compared, plan.name, plan.own.like, context.command(f"db discard {plan.name}", plan.ticket))
    _next_steps(plan)


def _again(plan: Restore) -> str:
    return plan.context.command(f"db restore {plan.source.option}", plan.ticket)


def _snapshot_to_restore(plan: Restore) -> str:
    """Return the snapshot, or its copy under the stack's key once that is complete."""
    snapshot = plan.source.snapshot
    if snapshot is None or not plan.needs_copy:
        return snapshot["DBSnapshotIdentifier"] if snapshot else ""
    rds = plan.context.aws.rds
    if _copy(plan) is None:
        plan.context.step(f"Copying {snapshot['DBSnapshotIdentifier']} to {plan.copy_name}")
        try:
            rds.copy_db_snapshot(
                SourceDBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"],
                TargetDBSnapshotIdentifier=plan.copy_name,
                KmsKeyId=plan.own.key,
                Tags=cast("Any", plan.tags),
            )
        except ClientError as error:
            # The repetition of a lost answer.
            if error_code(error) != "DBSnapshotAlreadyExists":
                raise
    progress = Progress(context=plan.context)

    def copied() -> Description | None:
        copy = _copy(plan) or {}
        status = copy.get("Status", "missing")
        if status == AVAILABLE:
            return copy
        if status == "failed":
            raise OperationError(
                f"The copy {plan.copy_name} failed", advice="Delete it, then run the same command again:",
                command=f"aws rds delete-db-snapshot --db-snapshot-identifier {plan.copy_name}",
            )  # fmt: skip
        progress.show(f"{plan.copy_name}: {status}, {copy.get('PercentProgress', 0)} %")
        return None

    if poll(plan.context.clock, copied, limit=LIMIT, interval=INTERVAL) is None:
        raise _unfinished(plan, f"The copy {plan.copy_name} isn't complete")
    return plan.copy_name


def _copy(plan: Restore) -> Description | None:
    found = [each for each in snapshots(plan.context.aws) if each["DBSnapshotIdentifier"] == plan.copy_name]
    return found[0] if found else None


def _create(plan: Restore, snapshot: str) -> None:
    """Request the restore. An instance of this name is an earlier request's, whose answer was lost."""
    rds = cast("Any", plan.context.aws.rds)
    request = {**restore_request(plan.own), "Tags": plan.tags}
    plan.context.step(f"Restoring {plan.source.title} to {plan.name}")
    try:
        if snapshot:
            rds.restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier=plan.name, DBSnapshotIdentifier=snapshot, **request
            )
        else:
            rds.restore_db_instance_to_point_in_time(
                TargetDBInstanceIdentifier=plan.name, **plan.source.request, **request
            )
    except ClientError as error:
        if error_code(error) != "DBInstanceAlreadyExists":
            raise
        found = tags_of(instance_of(plan.context.aws, plan.name) or {})
        if not marks(plan.ticket, plan.source).items() <= found.items():
            raise OperationError(
                f"{plan.name} is another restore, begun in the same minute", code=ExitCode.REFUSED,
                advice="Run the same command again in a minute.",
            ) from error  # fmt: skip


def _available(plan: Restore) -> Description:
    """Return the instance once it is available."""
    return _wait(plan, lambda instance: instance["DBInstanceStatus"] == AVAILABLE)


def _wait(plan: Restore, is_ready: Callable[[Description], bool]) -> Description:
    context, progress = plan.context, Progress(context=plan.context)
    begun_at = context.clock.now()

    def ready() -> Description | None:
        instance = instance_of(context.aws, plan.name)
        status = instance["DBInstanceStatus"] if instance else "missing"
        if instance and is_ready(instance):
            return instance
        if status in FAILED or instance is None:
            raise OperationError(
                f"{plan.name} is {status}",
                advice="`aws rds describe-events` has the reason. Throw it away, then run the same command again:",
                command=context.command(f"db discard {plan.name} --no-snapshot", plan.ticket),
            )
        minutes = int((context.clock.now() - begun_at).total_seconds()) // 60
        progress.show(f"{plan.name}: {status} for {minutes} min")
        return None

    instance = poll(context.clock, ready, limit=LIMIT, interval=INTERVAL)
    if instance is None:
        raise _unfinished(plan, f"{plan.name} isn't available")
    return instance


def _corrected(plan: Restore, instance: Description) -> Description:
    """Ask for what the restore call doesn't take or wasn't granted; return the instance once that has settled."""
    request = modification(compare(instance, plan.own))
    if not request:
        return instance
    plan.context.step(f"Setting what the restore doesn't take, or wasn't granted: {len(request)} properties")
    requested_at = plan.context.clock.now()
    modify = cast("Any", plan.context.aws.rds).modify_db_instance
    try:
        modify(DBInstanceIdentifier=plan.name, ApplyImmediately=True, **request)
    except ClientError as error:
        # A backup may have begun meanwhile.
        if error_code(error) != "InvalidDBInstanceState":
            raise
        plan.context.clock.sleep(INTERVAL)
        return _corrected(plan, _available(plan))
    return _wait(plan, lambda found: _is_settled(plan, found, requested_at))


def _is_settled(plan: Restore, instance: Description, requested_at: datetime) -> bool:
    """Whether nothing is pending, and either everything was corrected or the request can't be unseen any more."""
    if instance["DBInstanceStatus"] != AVAILABLE or instance.get("PendingModifiedValues"):
        return False
    has_all = not modification(compare(instance, plan.own))
    return has_all or plan.context.clock.now() - requested_at >= UNSEEN


def _delete_copy(plan: Restore) -> None:
    """Delete the copy that this restore made: the instance doesn't need it any more."""
    if plan.needs_copy and _copy(plan):
        plan.context.step(f"Deleting the copy {plan.copy_name}")
        plan.context.aws.rds.delete_db_snapshot(DBSnapshotIdentifier=plan.copy_name)


def _unfinished(plan: Restore, what: str) -> OperationError:
    return OperationError(
        f"{what} after {LIMIT.total_seconds() / 3600:.0f} hours",
        code=ExitCode.UNFINISHED,
        advice="It continues in AWS. Run the same command again to wait on:",
        command=_again(plan),
    )


def _next_steps(plan: Restore) -> None:
    context, report = plan.context, plan.context.report
    report.done(f"{plan.name} has the data of {plan.source.title}, and each setting of {plan.own.like}")
    report.line()
    report.line("Next", "bold")
    for what, command in (
        ("compare its data with what is lost", f"db connect --instance {plan.name}"),
        ("or let it take over", f"db cutover {plan.name}"),
        ("or throw it away: it costs as much as the database", f"db discard {plan.name}"),
    ):
        report.line(f"  {what}")
        report.command(f"    {context.command(command, plan.ticket)}")
