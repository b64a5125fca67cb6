"""Another application's small environment, from TaskFlow's components: what a second user of them writes."""

import sys
from pathlib import Path

import pulumi

sys.path.append(str(Path(__file__).resolve().parents[2]))

from components.backup import BackupPlan
from components.keys import EncryptionKeys
from components.naming import Environment
from components.network import ProductionVpc
from components.postgres import PostgresCluster
from components.redis import RedisCluster
from settings.backup import Backup
from settings.elasticache import Elasticache
from settings.network import Network
from settings.rds import Rds

config, aws = pulumi.Config(), pulumi.Config("aws")
environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=aws.require("region"),
    account=aws.require_object("allowedAccountIds")[0],
    domain=config.require("domain"),
)
settings = Network.model_validate(config.require_object("network"))

keys = EncryptionKeys("keys", environment=environment).outputs
network = ProductionVpc("network", environment=environment, settings=settings, logs_key_arn=keys.logs).outputs
database = PostgresCluster(
    "database",
    environment=environment,
    settings=Rds.model_validate(config.require_object("rds")),
    port=settings.ports.database,
    network=network,
    keys=keys,
).outputs
cache = RedisCluster(
    "cache",
    environment=environment,
    settings=Elasticache.model_validate(config.require_object("elasticache")),
    port=settings.ports.cache,
    network=network,
    keys=keys,
).outputs
BackupPlan(
    "backup",
    environment=environment,
    settings=Backup.model_validate(config.require_object("backup")),
    primary_arns=database.primary_arns,
    keys=keys,
)

pulumi.export("vpcId", network.vpc_id)
pulumi.export("privateSubnetIds", network.private_subnet_ids)
pulumi.export("databaseHost", database.host)
pulumi.export("redisHost", cache.host)
