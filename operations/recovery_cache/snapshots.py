"""The snapshots of a stack's cache: the newest, or one by its name."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

if TYPE_CHECKING:
    from types_boto3_elasticache.type_defs import SnapshotTypeDef

LATEST = "latest"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot, and what it keeps of the group that it was made of."""

    name: str
    # Of the oldest node group: the data is as it was between this time and that of the newest.
    at: datetime
    status: str
    engine_version: str
    node_groups: int
    parameter_group: str
    subnet_group: str
    key: str


def find(context: Context, name: str) -> Snapshot:
    """Return a snapshot by its name, or the newest one that is available."""
    found = _all(context)
    available = [each for each in found if each.status == "available" and (name in {LATEST, each.name})]
    if available:
        return max(available, key=lambda each: each.at)
    names = ", ".join(each.name for each in sorted(found, key=lambda each: each.at)[-5:]) or "none"
    state = next((f", it is {each.status}" for each in found if each.name == name), "")
    raise OperationError(
        f"{context.environment.name} has no snapshot {name} that can be restored{state}",
        code=ExitCode.REFUSED,
        advice=f"Its newest snapshots: {names}. ElastiCache deletes automatic ones with their group.",
    )


def _all(context: Context) -> list[Snapshot]:
    paginator = context.aws.elasticache.get_paginator("describe_snapshots")
    pages = paginator.paginate(ReplicationGroupId=context.environment.name)
    return [_snapshot(each) for page in pages for each in page["Snapshots"] if each.get("NodeSnapshots")]


def _snapshot(each: "SnapshotTypeDef") -> Snapshot:
    nodes = each.get("NodeSnapshots", [])
    return Snapshot(
        name=each.get("SnapshotName", ""),
        at=min(node["SnapshotCreateTime"] for node in nodes if "SnapshotCreateTime" in node),
        status=each.get("SnapshotStatus", ""),
        engine_version=each.get("EngineVersion", ""),
        node_groups=each.get("NumNodeGroups", 0),
        parameter_group=each.get("CacheParameterGroupName", ""),
        subnet_group=each.get("CacheSubnetGroupName", ""),
        key=each.get("KmsKeyId", ""),
    )
