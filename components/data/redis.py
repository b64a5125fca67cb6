"""RedisCluster: the document's cache, in cluster mode, with authentication, logs and snapshots.

Section: Cache (ElastiCache Redis). Keys are distributed over node groups (shards); each has a primary and replicas in
two zones, with automatic failover.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import create_log_group, final_snapshot_name
from components.shared.secrets import generate_secret
from settings.elasticache import Elasticache

FAMILY = "redis7"
LOGS = ("slow-log", "engine-log")


@dataclass(frozen=True, kw_only=True)
class RedisOutputs:
    """Endpoint, nodes and secret of the cache.

    `host` is the configuration endpoint, from which a cluster-mode client discovers all nodes; `node_ids` are the names
    of the nodes in CloudWatch; the secret's field `authToken` is the password; `engine_version` is the running version.
    """

    group_id: str
    node_ids: tuple[str, ...]
    host: pulumi.Output[str]
    port: int
    auth_secret_arn: pulumi.Output[str]
    auth_key_arn: pulumi.Output[str]
    engine_version: pulumi.Output[str]


class RedisCluster(pulumi.ComponentResource):
    """Redis on ElastiCache: one replication group in cluster mode."""

    outputs: RedisOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Elasticache,
        port: int,
        network: NetworkOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:data:RedisCluster", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._port = port
        self._network = network
        self._keys = keys
        self._child_opts = pulumi.ResourceOptions(parent=self)

        token = generate_secret(
            f"{name}-auth",
            name=f"{environment.application}/{environment.stack}/{name}-auth",
            description="Password of the Redis connections",
            field="authToken",
            key_arn=keys.secrets,
            parent=self,
        )
        group = self._group(token.value)
        self.outputs = RedisOutputs(
            group_id=environment.name,
            node_ids=_node_ids(environment.name, settings),
            host=group.configuration_endpoint_address,
            port=port,
            auth_secret_arn=token.secret_arn,
            auth_key_arn=keys.secrets,
            engine_version=group.engine_version_actual,
        )
        self.register_outputs({"host": self.outputs.host})

    def _group(self, token: pulumi.Output[str]) -> aws.elasticache.ReplicationGroup:
        settings, environment, name = self._settings, self._environment, self._name_prefix
        logs = {
            log: create_log_group(
                f"{name}-{log}",
                name=environment.log_group_name(f"redis/{log}"),
                retention_in_days=settings.log_retention,
                key_arn=self._keys.logs,
                parent=self,
            )
            for log in LOGS
        }
        return aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=environment.name,
            description=f"Cache of {environment.name}",
            engine=settings.engine,
            engine_version=settings.version,
            node_type=settings.node_type,
            port=self._port,
            parameter_group_name=self._parameter_group().name,
            subnet_group_name=self._subnet_group().name,
            security_group_ids=[self._network.security_groups.cache],
            num_node_groups=settings.num_node_groups,
            replicas_per_node_group=settings.replicas_per_group,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            at_rest_encryption_enabled=settings.encryption.at_rest,
            kms_key_id=self._keys.data,
            transit_encryption_enabled=settings.encryption.in_transit,
            auth_token=token,
            snapshot_retention_limit=settings.snapshot_retention,
            snapshot_window=settings.snapshot_window,
            maintenance_window=settings.maintenance_window,
            final_snapshot_identifier=final_snapshot_name(
                f"{name}-final-snapshot", identifier=environment.name, parent=self
            ),
            auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
            apply_immediately=settings.apply_immediately,
            log_delivery_configurations=[
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    log_type=log, destination=group.name, destination_type="cloudwatch-logs", log_format="json"
                )
                for log, group in logs.items()
            ],
            tags={"Name": environment.name},
            # A rotation changes the password outside of Pulumi. AWS upgrades the minor version automatically, and the
            # provider would replace the group to downgrade it.
            opts=pulumi.ResourceOptions(parent=self, protect=True, ignore_changes=["authToken", "engineVersion"]),
        )

    def _parameter_group(self) -> aws.elasticache.ParameterGroup:
        return aws.elasticache.ParameterGroup(
            self._name_prefix,
            family=FAMILY,
            description=f"{self._environment.name}: cluster mode",
            parameters=[aws.elasticache.ParameterGroupParameterArgs(name="cluster-enabled", value="yes")],
            opts=self._child_opts,
        )

    def _subnet_group(self) -> aws.elasticache.SubnetGroup:
        return aws.elasticache.SubnetGroup(
            self._name_prefix,
            description=f"Data subnets of {self._environment.name}",
            subnet_ids=self._network.data_subnet_ids,
            opts=self._child_opts,
        )


def _node_ids(group: str, settings: Elasticache) -> tuple[str, ...]:
    """Return AWS's names of the nodes: shard and node number from 1, in four and three digits."""
    shards = range(1, settings.num_node_groups + 1)
    nodes = range(1, settings.replicas_per_group + 2)
    return tuple(f"{group}-{shard:04}-{node:03}" for shard in shards for node in nodes)
