"""ElastiCache's replication groups and snapshots, as far as a restore sees them.

A new group has ElastiCache's defaults for all that isn't asked for: an open default security group, no token, no logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.backups import Backups
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.credentials import ElastiCache
from tests.operations.fake.task_definitions import ACCOUNT, REGION
from tests.operations.fake.wire import ServiceError

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GROUP, SUBNETS, PARAMETERS = "sg-0cache", "cache-0a1b2c3", "cache-4d5e6f7"
DURATION = timedelta(minutes=14)


@dataclass(kw_only=True)
class CacheGroups:
    """The groups by name: the request that created each, and when. The stack's own is `cache`."""

    clock: FakeClock
    stack: str
    cache: ElastiCache
    backups: Backups
    created: dict[str, tuple[datetime, Mapping[str, Any]]] = field(
        default_factory=dict[str, tuple[datetime, Mapping[str, Any]]]
    )
    is_deleted: bool = False
    status: str = "available"
    # What comes up otherwise than asked for.
    wrong: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return f"taskflow-{self.stack}"

    def describe_replication_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = request.get("ReplicationGroupId")
        if wanted == self.name and not self.is_deleted:
            return self.cache.describe_replication_groups(request)
        own = [] if self.is_deleted else [self._own()]
        listed = [*own, *(self._restored(name) for name in self.created)]
        return {"ReplicationGroups": [each for each in listed if wanted in {None, each["ReplicationGroupId"]}]}

    def describe_cache_clusters(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        id_ = request["CacheClusterId"]
        group = id_.rpartition("-")[0].rpartition("-")[0]
        asked: Mapping[str, Any] = self.created[group][1] if group in self.created else {}
        node: dict[str, Any] = {
            "CacheClusterId": id_,
            "CacheSubnetGroupName": asked.get("CacheSubnetGroupName", SUBNETS if not asked else "default"),
            "CacheParameterGroup": {
                "CacheParameterGroupName": asked.get("CacheParameterGroupName", PARAMETERS if not asked else "default")
            },
            "SecurityGroups": [
                {"SecurityGroupId": each, "Status": "active"}
                for each in asked.get("SecurityGroupIds", [GROUP] if not asked else ["sg-default"])
            ],
            "PreferredMaintenanceWindow": asked.get("PreferredMaintenanceWindow", "mon:03:00-mon:04:00"),
        }
        wrong = {key: value for key, value in self.wrong.items() if asked and key in node}
        return {"CacheClusters": [{**node, **wrong}]}

    def describe_snapshots(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.backups.describe_snapshots(request)
        start = int(request.get("Marker", 0))
        kept = {
            "EngineVersion": "7.1.0",
            "NumNodeGroups": 2,
            "CacheParameterGroupName": PARAMETERS,
            "CacheSubnetGroupName": SUBNETS,
            "KmsKeyId": KEY,
        }
        snapshots = [
            {**each, **kept, "SnapshotName": f"automatic.{self.name}-{number}"}
            for number, each in enumerate(answer["Snapshots"], start=start)
        ]
        return {**answer, "Snapshots": snapshots}

    def create_replication_group(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        name = request["ReplicationGroupId"]
        if name in self.created or (name == self.name and not self.is_deleted):
            raise ServiceError("ReplicationGroupAlreadyExists", "Replication group already exists")
        assert request["AuthToken"] in self.cache.tokens, "not the token that the tasks have"
        assert len(name) <= 40
        self.created[name] = (self.clock.now(), request)
        return {"ReplicationGroup": {"ReplicationGroupId": name, "Status": "creating"}}

    def _own(self) -> dict[str, Any]:
        return {
            "ReplicationGroupId": self.name,
            "Description": f"Cache of {self.name}",
            "Status": "available",
            "MemberClusters": [f"{self.name}-0001-001"],
        }

    def _restored(self, name: str) -> dict[str, Any]:
        at, asked = self.created[name]
        is_ready = self.clock.now() - at >= DURATION
        group: dict[str, Any] = {
            "ReplicationGroupId": name,
            "Description": asked["ReplicationGroupDescription"],
            "Status": self.status if is_ready else "creating",
        }
        if not is_ready:
            return group
        shards = range(1, asked["NumNodeGroups"] + 1)
        nodes = range(1, asked["ReplicasPerNodeGroup"] + 2)
        return {
            **group,
            "MemberClusters": [f"{name}-{shard:04}-{node:03}" for shard in shards for node in nodes],
            "NodeGroups": [{"NodeGroupId": f"{shard:04}", "Status": "available"} for shard in shards],
            "ConfigurationEndpoint": {"Address": f"clustercfg.{name}.abc123.use1.cache.amazonaws.com", "Port": 6379},
            "CacheNodeType": asked["CacheNodeType"],
            "ClusterEnabled": True,
            "AutomaticFailover": "enabled" if asked.get("AutomaticFailoverEnabled") else "disabled",
            "MultiAZ": "enabled" if asked.get("MultiAZEnabled") else "disabled",
            "AuthTokenEnabled": "AuthToken" in asked,
            "TransitEncryptionEnabled": asked.get("TransitEncryptionEnabled", False),
            "AtRestEncryptionEnabled": asked.get("AtRestEncryptionEnabled", False),
            "KmsKeyId": asked.get("KmsKeyId", ""),
            "SnapshotRetentionLimit": asked.get("SnapshotRetentionLimit", 0),
            "SnapshotWindow": asked.get("SnapshotWindow", "05:00-06:00"),
            "AutoMinorVersionUpgrade": asked.get("AutoMinorVersionUpgrade", True),
            "LogDeliveryConfigurations": [
                {"LogType": each["LogType"], "Status": "active"} for each in asked.get("LogDeliveryConfigurations", [])
            ],
            **{key: value for key, value in self.wrong.items() if key[0].isupper() and key not in _OF_NODES},
        }


_OF_NODES = frozenset(
    {"CacheSubnetGroupName", "CacheParameterGroup", "SecurityGroups", "PreferredMaintenanceWindow", "CacheClusterId"}
)
