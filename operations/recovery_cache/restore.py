"""`taskflow cache restore`: a replication group from a snapshot, beside the stack's or in its place.

Section: Backup Schedule (Redis Snapshot). ElastiCache can't restore into a group that exists. Beside it, the data can
be examined; under the stack's own name, once that group is gone, the API uses it without a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from components.shared.environment import RESTORED_FROM
from operations.frame.context import Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.recovery_cache.group import Wanted, security_groups_of
from operations.recovery_cache.snapshots import LATEST, Snapshot, find
from operations.rotation.secret import Secret

if TYPE_CHECKING:
    from types_boto3_elasticache.type_defs import CacheClusterTypeDef, ReplicationGroupTypeDef

ACTION = "cache restore"
TOKEN = "authToken"  # noqa: S105  (the name of the secret's field)
# ElastiCache creates the nodes, then loads the snapshot.
READY_WITHIN = timedelta(minutes=90)
INTERVAL = 30.0


@dataclass(frozen=True, kw_only=True)
class CacheRestoreOptions:
    """The command's options."""

    snapshot: str = LATEST
    in_place: bool = False
    security_group: str | None = None


def restore_cache(context: Context, options: CacheRestoreOptions) -> None:
    """Restore a snapshot, and compare what came up with the stack's settings."""
    operation = Operation(context=context, action=ACTION)
    with operation.running():
        groups = _groups(context)
        existing = next((each for each in groups if _id(each) == context.environment.name), None)
        begun = _begun(operation, groups, options)
        if options.in_place and existing is not None and begun is None:
            raise _still_there(context)
        snapshot = find(context, _snapshot_of(begun) if begun else options.snapshot)
        wanted = _wanted(operation, snapshot, options, existing, begun)
        operation.begin(f"restore the cache's snapshot {snapshot.name} as {wanted.name}", _changes(wanted, options))
        if begun is None:
            _create(wanted)
        else:
            context.step(f"{wanted.name} is there already, from an earlier run")
        group = _ready(wanted)
        _require_as_wanted(wanted, group)
        _next_steps(wanted, group, options)


def _begun(
    operation: Operation, groups: Sequence["ReplicationGroupTypeDef"], options: CacheRestoreOptions
) -> "ReplicationGroupTypeDef | None":
    """Return the group that an earlier run with this ticket has created, by its description."""
    environment = operation.context.environment
    prefix = environment.name if options.in_place else f"{environment.application}-recovery-"
    for group in groups:
        is_of_ticket = group.get("Description", "").startswith(
            f"{operation.ticket} of {environment.stack}: restored from "
        )
        if is_of_ticket and _id(group).startswith(prefix) and options.snapshot in {LATEST, _snapshot_of(group)}:
            return group
    return None


def _snapshot_of(group: "ReplicationGroupTypeDef") -> str:
    return group.get("Description", "").rpartition(" ")[2]


def _wanted(
    operation: Operation,
    snapshot: Snapshot,
    options: CacheRestoreOptions,
    existing: "ReplicationGroupTypeDef | None",
    begun: "ReplicationGroupTypeDef | None",
) -> Wanted:
    context = operation.context
    environment = context.environment
    name = environment.name
    if begun is not None:
        name = _id(begun)
    elif not options.in_place:
        name = f"{environment.application}-recovery-{context.clock.now():%Y%m%d-%H%M}"
    of_group = security_groups_of(_nodes(context, existing)) if existing is not None else []
    security_groups = [options.security_group] if options.security_group else of_group
    if not security_groups:
        raise OperationError(
            f"{environment.name} is gone, and with it the security group of its nodes",
            code=ExitCode.USAGE,
            advice="Name it with --security-group. To find it:",
            command="aws ec2 describe-security-groups --query 'SecurityGroups[].GroupId' "
            f"--filters Name=tag:Name,Values={environment.name}-cache",
        )
    return Wanted(
        context=context,
        name=name,
        snapshot=snapshot,
        security_groups=security_groups,
        description=f"{operation.ticket} of {environment.stack}: restored from {snapshot.name}",
        tags={"Ticket": operation.ticket or "", RESTORED_FROM: f"snapshot {snapshot.name}"},
    )


def _changes(wanted: Wanted, options: CacheRestoreOptions) -> Sequence[str]:
    cache, snapshot = wanted.context.settings.elasticache, wanted.snapshot
    nodes = snapshot.node_groups * (1 + cache.replicas_per_group)
    use = "the API uses it under this name" if options.in_place else "nothing uses it, and the stack's own group stays"
    return [
        f"create {wanted.name}, {nodes} nodes {cache.node_type}, with the data of {snapshot.at:%Y-%m-%d %H:%M} UTC",
        use,
        "network, encryption, token, logs and backups are the stack's",
    ]


def _create(wanted: Wanted) -> None:
    context = wanted.context
    secret = Secret(context.aws, f"{context.environment.application}/{context.environment.stack}/cache-auth")
    token = secret.value(secret.versions().current).get(TOKEN, "")
    elasticache = context.aws.elasticache
    try:
        elasticache.create_replication_group(**wanted.request(token))
    except elasticache.exceptions.ReplicationGroupAlreadyExistsFault:
        # A repeated request, after a lost answer.
        context.step(f"{wanted.name} is being created already")


def _ready(wanted: Wanted) -> "ReplicationGroupTypeDef":
    """Return the group once it is available."""
    context = wanted.context
    progress = Progress(context=context)

    def ready() -> "ReplicationGroupTypeDef | None":
        found = next((each for each in _groups(context) if _id(each) == wanted.name), None)
        status = found.get("Status", "") if found else "not visible yet"
        progress.show(f"{wanted.name}: {status}")
        if status == "create-failed":
            raise OperationError(
                f"ElastiCache couldn't create {wanted.name}",
                advice="Its events have the reason:",
                command="aws elasticache describe-events --source-type replication-group "
                f"--source-identifier {wanted.name} --region {context.environment.region}",
            )
        return found if status == "available" else None

    group = poll(context.clock, ready, limit=READY_WITHIN, interval=INTERVAL)
    if group is None:
        raise OperationError(
            f"{wanted.name} isn't available after {READY_WITHIN // timedelta(minutes=1)} minutes",
            code=ExitCode.UNFINISHED,
            advice="Run the same command again to wait on.",
        )
    return group


def _require_as_wanted(wanted: Wanted, group: "ReplicationGroupTypeDef") -> None:
    different = [
        f"{name} is {found}, not {expected}"
        for name, found, expected in wanted.differences(group, _nodes(wanted.context, group))
    ]
    if different:
        raise OperationError(
            "\n".join([f"{wanted.name} is restored, but isn't as the stack's settings require:", *different]),
            code=ExitCode.CHECK_FAILED,
            advice="Don't use it before this is corrected. The same command compares again.",
        )


def _next_steps(wanted: Wanted, group: "ReplicationGroupTypeDef", options: CacheRestoreOptions) -> None:
    context = wanted.context
    host = group.get("ConfigurationEndpoint", {}).get("Address", "")
    context.report.values |= {"replicationGroup": wanted.name, "host": host, "snapshot": wanted.snapshot.name}
    context.report.done(f"{wanted.name} is available and as the stack's settings require: {host}")
    if options.in_place:
        context.report.line("New connections of the API reach it. Restart the tasks if theirs stay broken, then check:")
        context.report.command("  " + context.command("release --same-image"))
        context.report.command("  " + context.command("smoke"))
        context.report.line("Pulumi finds it by its name: the next `pulumi up` only changes its description and tags.")
    else:
        context.report.line("The API doesn't use it. docs/runbooks/cache-restore.md: how its data comes into service.")
        context.report.line("It costs as much as the stack's own. When it isn't needed any more:")
        context.report.command(
            f"  aws elasticache delete-replication-group --replication-group-id {wanted.name}"
            f" --region {context.environment.region}"
        )


def _still_there(context: Context) -> OperationError:
    name = context.environment.name
    return OperationError(
        f"{name} exists: ElastiCache can't restore into it",
        code=ExitCode.REFUSED,
        advice="Without --in-place the snapshot is restored beside it. To give up what the group has now, copy the "
        "snapshot first (ElastiCache deletes automatic ones with their group), then delete the group: "
        "docs/runbooks/cache-restore.md",
    )


def _groups(context: Context) -> list["ReplicationGroupTypeDef"]:
    pages = context.aws.elasticache.get_paginator("describe_replication_groups").paginate()
    return [group for page in pages for group in page["ReplicationGroups"]]


def _nodes(context: Context, group: "ReplicationGroupTypeDef") -> list["CacheClusterTypeDef"]:
    return [
        node
        for id_ in group.get("MemberClusters", [])
        for node in context.aws.elasticache.describe_cache_clusters(CacheClusterId=id_)["CacheClusters"]
    ]


def _id(group: "ReplicationGroupTypeDef") -> str:
    return group.get("ReplicationGroupId", "")
