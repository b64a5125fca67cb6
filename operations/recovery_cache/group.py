"""A replication group as the stack has it: what a restore asks ElastiCache for, and what came up compared with that.

A restored group has of the snapshot only the data: all else is ElastiCache's default unless it is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.frame.context import Context
from operations.recovery_cache.snapshots import Snapshot

if TYPE_CHECKING:
    from types_boto3_elasticache.type_defs import CacheClusterTypeDef, ReplicationGroupTypeDef

LOGS = ("slow-log", "engine-log")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The group that is wanted: name, snapshot, security groups and the tags of this restore."""

    context: Context
    name: str
    snapshot: Snapshot
    security_groups: Sequence[str]
    description: str
    tags: Mapping[str, str]

    def request(self, token: str) -> dict[str, Any]:
        """Return the parameters of CreateReplicationGroup, as components/data/redis.py sets them."""
        settings, environment = self.context.settings, self.context.environment
        cache = settings.elasticache
        tags = {**settings.aws.default_tags.tags, "Name": self.name, **self.tags}
        return {
            "ReplicationGroupId": self.name,
            "ReplicationGroupDescription": self.description,
            "SnapshotName": self.snapshot.name,
            "Engine": cache.engine,
            # The minor version that ran, which AWS may have upgraded: a snapshot can't be restored to an older one.
            "EngineVersion": ".".join(self.snapshot.engine_version.split(".")[:2]),
            "CacheNodeType": cache.node_type,
            "NumNodeGroups": self.snapshot.node_groups,
            "ReplicasPerNodeGroup": cache.replicas_per_group,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "CacheParameterGroupName": self.snapshot.parameter_group,
            "CacheSubnetGroupName": self.snapshot.subnet_group,
            "SecurityGroupIds": list(self.security_groups),
            "Port": settings.network.ports.cache,
            "AtRestEncryptionEnabled": True,
            "KmsKeyId": self.snapshot.key,
            "TransitEncryptionEnabled": True,
            # A snapshot has no token: without one the group would accept every connection.
            "AuthToken": token,
            "SnapshotRetentionLimit": cache.snapshot_retention,
            "SnapshotWindow": cache.snapshot_window,
            "PreferredMaintenanceWindow": cache.maintenance_window,
            "AutoMinorVersionUpgrade": cache.auto_minor_version_upgrade,
            "LogDeliveryConfigurations": [
                {
                    "LogType": log,
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {
                        "CloudWatchLogsDetails": {"LogGroup": environment.log_group_name(f"redis/{log}")}
                    },
                    "LogFormat": "json",
                }
                for log in LOGS
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    def differences(
        self, group: "ReplicationGroupTypeDef", nodes: Sequence["CacheClusterTypeDef"]
    ) -> Iterator[tuple[str, object, object]]:
        """Yield what is otherwise than wanted: name, the value found, and the value wanted."""
        request, cache = self.request(""), self.context.settings.elasticache
        for name, found, wanted in (
            ("node type", group.get("CacheNodeType"), request["CacheNodeType"]),
            ("node groups", len(group.get("NodeGroups", [])), cache.num_node_groups),
            ("nodes", len(nodes), cache.num_node_groups * (1 + cache.replicas_per_group)),
            ("cluster mode", group.get("ClusterEnabled"), True),
            ("automatic failover", group.get("AutomaticFailover"), "enabled"),
            ("two zones", group.get("MultiAZ"), "enabled"),
            ("AUTH token", group.get("AuthTokenEnabled"), True),
            ("encryption in transit", group.get("TransitEncryptionEnabled"), True),
            ("encryption at rest", group.get("AtRestEncryptionEnabled"), True),
            ("key", _key_id(group.get("KmsKeyId", "")), _key_id(self.snapshot.key)),
            ("snapshot retention", group.get("SnapshotRetentionLimit"), request["SnapshotRetentionLimit"]),
            ("snapshot window", group.get("SnapshotWindow"), request["SnapshotWindow"]),
            ("minor version upgrades", group.get("AutoMinorVersionUpgrade"), request["AutoMinorVersionUpgrade"]),
            ("logs", sorted(_logs(group)), sorted(LOGS)),
        ):
            if found != wanted:
                yield name, found, wanted
        for node in nodes:
            yield from self._differences_of(node, request)

    def _differences_of(
        self, node: "CacheClusterTypeDef", request: Mapping[str, Any]
    ) -> Iterator[tuple[str, object, object]]:
        where = node.get("CacheClusterId", "")
        parameters = node.get("CacheParameterGroup", {})
        for name, found, wanted in (
            ("subnet group", node.get("CacheSubnetGroupName"), request["CacheSubnetGroupName"]),
            ("parameter group", parameters.get("CacheParameterGroupName"), request["CacheParameterGroupName"]),
            ("security groups", security_groups_of([node]), sorted(request["SecurityGroupIds"])),
            ("maintenance window", node.get("PreferredMaintenanceWindow"), request["PreferredMaintenanceWindow"]),
        ):
            if found != wanted:
                yield f"{where} {name}", found, wanted


def security_groups_of(nodes: Sequence["CacheClusterTypeDef"]) -> list[str]:
    """Return the security groups of nodes."""
    return sorted({each.get("SecurityGroupId", "") for node in nodes for each in node.get("SecurityGroups", [])})


def _key_id(key: str) -> str:
    """Return the id of a key, which ElastiCache shows alone or within an ARN."""
    return key.rpartition("/")[2]


def _logs(group: "ReplicationGroupTypeDef") -> Iterator[str]:
    """Yield the logs that are delivered."""
    for each in group.get("LogDeliveryConfigurations", []):
        if each.get("Status") == "active":
            yield each.get("LogType", "")
