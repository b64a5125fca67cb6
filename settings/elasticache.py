"""Cache (ElastiCache Redis): the replication group in cluster mode."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from settings.base import Block, Conflict
from settings.retention import BackupDays, LogDays
from settings.values import Switch, Text, Whole, Word
from settings.windows import daily, meet, spans, weekly

# ElastiCache's default quota for a cluster of cluster mode.
MOST_NODES = 90


class CacheEncryption(Block):
    """Both encryptions, which ElastiCache fixes when the group is made."""

    at_rest: Annotated[bool, Switch(allowed="true: a group that was made without it can't get it later", only=True)] = (
        Field(description="Encryption at rest by a customer key (KMS). Source: Cache, encryption.")
    )
    in_transit: Annotated[bool, Switch(allowed="true: without TLS there is no authentication either", only=True)] = (
        Field(description="TLS for every connection. Source: Cache, encryption.")
    )


class Elasticache(Block):
    """The cache: figures in the document's words, and what AWS needs to know besides."""

    engine: Annotated[str, Word.of("engine", "redis")] = Field(description="The engine. Source: Cache, engine.")
    version: Annotated[str, Word.of("version", "7.0")] = Field(
        description="Redis' version; quoted, since YAML takes 7.0 for 7. Source: Cache, version."
    )
    node_type: Annotated[
        str,
        Text(
            name="node type",
            allowed="an ElastiCache node type, such as cache.r6g.large",
            pattern=r"cache\.[a-z][a-z0-9]+\.(?:(?:[0-9]*x)?large|medium|small|micro)",
        ),
    ] = Field(description="Size of each node. Source: Cache, nodeType.")
    cluster_mode: Annotated[str, Word.of("word", "enabled")] = Field(
        description="Whether keys are spread over node groups. Source: Cache, clusterMode."
    )
    num_node_groups: Annotated[
        int, Whole(name="count", allowed="1 to 45 node groups (shards)", minimum=1, maximum=45)
    ] = Field(description="Node groups (shards) over which the keys are spread. Source: Cache, numNodeGroups.")
    replicas_per_group: Annotated[
        int, Whole(name="count", allowed="1 to 5 replicas: without one nothing can take over", minimum=1, maximum=5)
    ] = Field(description="Replicas of each node group, in the other zone. Source: Cache, replicasPerGroup.")
    encryption: CacheEncryption = Field(description="Both encryptions. Source: Cache, encryption.")
    snapshot_retention: BackupDays = Field(
        description="Days that the daily snapshots are kept. Source: Backup Schedule, Redis Snapshot (7 days)."
    )
    snapshot_window: Annotated[str, daily(60)] = Field(
        description="When the daily snapshot is made, UTC. Source: Backup Schedule, Redis Snapshot (daily)."
    )
    maintenance_window: Annotated[str, weekly(60)] = Field(
        description="When AWS may do maintenance, UTC. Source: this project's choice, apart from the database's."
    )
    auto_minor_version_upgrade: Annotated[bool, Switch()] = Field(
        description="Whether AWS brings minor versions by itself. Source: Security Hub ElastiCache.2."
    )
    apply_immediately: Annotated[bool, Switch()] = Field(
        description="Whether changes are made at once and not in the maintenance window. "
        "Source: ElastiCache, ModifyReplicationGroup."
    )
    log_retention: LogDays = Field(
        description="Days that the slow log and the engine's log are kept. "
        "Source: Backup Schedule, CloudWatch Logs (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between the windows, and of the number of nodes."""
        return (self._snapshot_apart_from_maintenance(), self._nodes_within_quota())

    def _snapshot_apart_from_maintenance(self) -> Iterator[Conflict]:
        if meet(self.snapshot_window, spans(self.maintenance_window)):
            yield Conflict(
                at=("snapshot_window",), allowed="a window apart from {against}", against=("maintenance_window",)
            )

    def _nodes_within_quota(self) -> Iterator[Conflict]:
        if self.num_node_groups * (1 + self.replicas_per_group) > MOST_NODES:
            allowed = f"at most {MOST_NODES} nodes in all, with {{against}} for each group: AWS's quota"
            yield Conflict(at=("num_node_groups",), allowed=allowed, against=("replicas_per_group",))
