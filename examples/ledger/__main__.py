"""A small environment of another application, built from the same components."""

import sys
from pathlib import Path

import pulumi

sys.path.append(str(Path(__file__).resolve().parents[2]))

from components.access.access_task import AccessTask
from components.access.database_task import DatabaseTask
from components.access.restore_validation import RestoreValidation
from components.audit.audit import AuditTrail
from components.data.backup import BackupPlan
from components.data.postgres import PostgresCluster
from components.data.redis import RedisCluster
from components.ingress.edge import EdgeStack
from components.ingress.load_balancer import LoadBalancer
from components.ingress.origin_failover import OriginFailover
from components.network.vpc import ProductionVpc
from components.service.service import FargateService
from components.service.task_definition import environment_variables
from components.service.task_roles import TaskRoles
from components.shared.encryption_keys import EncryptionKeys
from components.shared.environment import Environment
from components.storage.files import FilesBucket
from components.storage.image_registry import ImageRegistry
from components.storage.job_queue import JobQueue
from settings.audit import Audit
from settings.backup import Backup
from settings.base import Block
from settings.cloudfront import CloudFront
from settings.elasticache import Elasticache
from settings.fargate import Scaling, Service, Task
from settings.load import load_blocks
from settings.load_balancer import LoadBalancer as LoadBalancerSettings
from settings.network import Network
from settings.rds import Rds
from settings.roles import Roles
from settings.storage import Storage
from settings.tools import Tools
from settings.waf import Waf


class Settings(Block):
    """The blocks of Pulumi.demo.yaml, with the models and validation of TaskFlow's settings."""

    network: Network
    rds: Rds
    elasticache: Elasticache
    backup: Backup
    storage: Storage
    waf: Waf
    cloudfront: CloudFront
    load_balancer: LoadBalancerSettings
    audit: Audit
    roles: Roles
    service: Service
    task: Task
    scaling: Scaling
    tools: Tools


settings = load_blocks(Settings)
config, aws = pulumi.Config(), pulumi.Config("aws")
environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=aws.require("region"),
    account=aws.require_object("allowedAccountIds")[0],
    domain=config.require("domain"),
    hosted_zone=config.require("hostedZone"),
)
port = settings.network.ports.service
origin_secret = config.require_secret("originSecret")

keys = EncryptionKeys(
    "keys",
    environment=environment,
    session_task_role=settings.roles.access_task_role,
    session_user_roles=settings.roles.emergency_roles,
    has_log_delivery=True,
    has_trail=settings.audit.trail,
).outputs
network = ProductionVpc("network", environment=environment, settings=settings.network, logs_key_arn=keys.logs).outputs
database = PostgresCluster(
    "database",
    environment=environment,
    settings=settings.rds,
    port=settings.network.ports.database,
    network=network,
    keys=keys,
).outputs
cache = RedisCluster(
    "cache",
    environment=environment,
    settings=settings.elasticache,
    port=settings.network.ports.cache,
    network=network,
    keys=keys,
).outputs
audit = AuditTrail(
    "audit", environment=environment, settings=settings.audit, other_environments=[], database=database, keys=keys
).outputs
backup = BackupPlan(
    "backup", environment=environment, settings=settings.backup, database=database, network=network, keys=keys
).outputs
files = FilesBucket("files", environment=environment, settings=settings.storage.bucket, keys=keys).outputs
jobs = JobQueue("jobs", environment=environment, settings=settings.storage.queue, keys=keys).outputs
ImageRegistry("registry", environment=environment, settings=settings.storage.registry, keys=keys)
load_balancer = LoadBalancer(
    "origin",
    environment=environment,
    settings=settings.load_balancer,
    waf=settings.waf,
    port=port,
    network=network,
    keys=keys,
    origin_secrets=[origin_secret],
).outputs
origin = OriginFailover(
    "origin-failover", environment=environment, load_balancer=load_balancer, is_recovery=False
).outputs
edge = EdgeStack(
    "edge",
    environment=environment,
    settings=settings.cloudfront,
    waf=settings.waf,
    load_balancer=load_balancer,
    origin=origin,
    origin_secret=origin_secret,
    keys=keys,
).outputs
roles = TaskRoles(
    "roles",
    environment=environment,
    settings=settings.roles,
    tools_repository=settings.storage.registry.tools_repository,
    database=database,
    cache=cache,
    files=files,
    jobs=jobs,
    audit=audit,
    keys=keys,
).outputs
service = FargateService(
    "service",
    environment=environment,
    settings=settings.service,
    task=settings.task,
    scaling=settings.scaling,
    port=port,
    network=network,
    load_balancer=load_balancer,
    roles=roles,
    keys=keys,
    environment_variables=environment_variables(
        environment, port=port, database=database, cache=cache, files=files, jobs=jobs
    ),
).outputs
access_task = AccessTask(
    "access-task",
    environment=environment,
    settings=settings.tools,
    task=settings.task,
    repository=settings.storage.registry.tools_repository,
    roles=roles,
    log_group=service.session_log_group,
).outputs
DatabaseTask(
    "database-task",
    environment=environment,
    settings=settings.tools,
    task=settings.task,
    repository=settings.storage.registry.tools_repository,
    database=database,
    roles=roles,
    log_group=service.session_log_group,
)
RestoreValidation(
    "restore-validation",
    environment=environment,
    settings=settings.backup.restore_test,
    tools=settings.tools,
    task=settings.task,
    repository=settings.storage.registry.tools_repository,
    backup=backup,
    database=database,
    service=service,
    roles=roles,
)

pulumi.export("vpcId", network.vpc_id)
pulumi.export("privateSubnetIds", network.private_subnet_ids)
pulumi.export("databaseHost", database.host)
pulumi.export("redisHost", cache.host)
pulumi.export("accessFamily", access_task.family)
pulumi.export("assetsBucket", edge.assets_bucket)
