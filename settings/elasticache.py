"""Cache (ElastiCache Redis): the replication group in cluster mode."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.retention import BackupDays, LogDays
from settings.values import Allowed, Unit, exactly
from settings.windows import DailyHour, WeeklyHour, overlap, spans

# ElastiCache's default quota for a cluster in cluster mode.
MAX_NODES = 90


class CacheEncryption(Block):
    """Encryption at rest and in transit, which ElastiCache fixes at the group's creation."""

    at_rest: Annotated[Literal[True], exactly(bool), Allowed("true: a group can't be encrypted after its creation")] = (
        Field(description="Encryption at rest by a customer managed key. Source: Cache, encryption.")
    )
    in_transit: Annotated[
        Literal[True], exactly(bool), Allowed("true: without TLS there is no authentication either")
    ] = Field(description="TLS for every connection. Source: Cache, encryption.")


class Elasticache(Block):
    """The cache: the document's figures, and what AWS needs besides."""

    engine: Literal["redis"] = Field(description="Cache engine. Source: Cache, engine.")
    version: Literal["7.0"] = Field(
        description="Version of Redis; quote it, because YAML reads 7.0 as 7. Source: Cache, version."
    )
    node_type: Annotated[
        str,
        StringConstraints(pattern=r"^cache\.[a-z][a-z0-9]+\.(?:(?:[0-9]*x)?large|medium|small|micro)$"),
        Allowed("an ElastiCache node type, such as cache.r6g.large"),
    ] = Field(description="Node type. Source: Cache, nodeType.")
    cluster_mode: Literal["enabled"] = Field(
        description="Whether keys are distributed over node groups. Source: Cache, clusterMode."
    )
    num_node_groups: Annotated[int, Field(ge=1, le=45), Unit("node groups (shards)")] = Field(
        description="Node groups (shards) over which the keys are distributed. Source: Cache, numNodeGroups."
    )
    replicas_per_group: Annotated[
        int, Field(ge=1, le=5), Unit("replicas", "without a replica there is no failover")
    ] = Field(description="Replicas of each node group, in the other zone. Source: Cache, replicasPerGroup.")
    encryption: CacheEncryption = Field(description="Encryption at rest and in transit. Source: Cache, encryption.")
    snapshot_retention: BackupDays = Field(
        description="Retention of the daily snapshots in days. Source: Backup Schedule, Redis Snapshot (7 days)."
    )
    snapshot_window: DailyHour = Field(
        description="Window of the daily snapshot, UTC. Source: Backup Schedule, Redis Snapshot (daily)."
    )
    maintenance_window: WeeklyHour = Field(
        description="Window in which AWS does maintenance, UTC. Source: this project's choice, outside the database's."
    )
    auto_minor_version_upgrade: bool = Field(
        description="Whether AWS upgrades minor versions. Source: Security Hub ElastiCache.2."
    )
    apply_immediately: bool = Field(
        description="Whether changes apply at once instead of in the maintenance window. "
        "Source: ElastiCache, ModifyReplicationGroup."
    )
    log_retention: LogDays = Field(
        description="Retention of the slow log and the engine log in days. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require windows that don't overlap, and a number of nodes within AWS's quota."""
        return (self._snapshot_outside_maintenance(), self._nodes_within_quota())

    def _snapshot_outside_maintenance(self) -> Iterator[Conflict]:
        if overlap(self.snapshot_window, spans(self.maintenance_window)):
            allowed = "a window that doesn't overlap {against}"
            yield Conflict(at=("snapshot_window",), allowed=allowed, against=("maintenance_window",))

    def _nodes_within_quota(self) -> Iterator[Conflict]:
        if self.num_node_groups * (1 + self.replicas_per_group) > MAX_NODES:
            allowed = f"at most {MAX_NODES} nodes in all, with {{against}} for each group: AWS's quota"
            yield Conflict(at=("num_node_groups",), allowed=allowed, against=("replicas_per_group",))
