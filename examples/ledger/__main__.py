"""The ledger's environment, from the network up: what `pulumi up` creates."""

import sys
from pathlib import Path

import pulumi

# The components are in the repository's folder; first, because this folder has a settings.py and policies too.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from components.access.access_task import AccessTask
from components.access.database_task import DatabaseTask
from components.access.restore_validation import RestoreValidation
from components.alerting.dashboard import MetricsDashboard, Thresholds
from components.alerting.suite import AlertingSuite
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
from examples.ledger.settings import SECRETS, Settings
from settings.load import load_blocks

# Formatted by hand, so that the architecture fits on two screens: settings first, then the outputs of other components.
# fmt: off
settings = load_blocks(Settings, secrets=SECRETS)
config, aws = pulumi.Config(), pulumi.Config("aws")
environment = Environment(
    application=pulumi.get_project(), stack=pulumi.get_stack(),
    region=aws.require("region"), account=aws.require_object("allowedAccountIds")[0],
    domain=settings.environment.domain, hosted_zone=settings.environment.hosted_zone,
)
ports, tools_repository = settings.network.ports, settings.storage.registry.tools_repository

# Foundation
keys = EncryptionKeys(
    "keys", environment=environment, session_task_role=settings.roles.access_task_role,
    session_user_roles=settings.roles.emergency_roles, has_log_delivery=True, has_trail=settings.audit.trail,
).outputs
network = ProductionVpc("network", environment=environment, settings=settings.network, logs_key_arn=keys.logs).outputs

# Data
database = PostgresCluster(
    "database", environment=environment, settings=settings.rds, port=ports.database, network=network, keys=keys
).outputs
cache = RedisCluster(
    "cache", environment=environment, settings=settings.elasticache, port=ports.cache, network=network, keys=keys
).outputs
backup = BackupPlan(
    "backup", environment=environment, settings=settings.backup, database=database, network=network, keys=keys
).outputs
files = FilesBucket("files", environment=environment, settings=settings.storage.bucket, keys=keys).outputs
jobs = JobQueue("jobs", environment=environment, settings=settings.storage.queue, keys=keys).outputs
ImageRegistry("registry", environment=environment, settings=settings.storage.registry, keys=keys)
audit = AuditTrail(
    "audit", environment=environment, settings=settings.audit, other_environments=[], database=database, keys=keys
).outputs

# Ingress
origin_secret = config.require_secret("originSecret")
load_balancer = LoadBalancer(
    "origin", environment=environment, settings=settings.load_balancer, waf=settings.waf, port=ports.service,
    network=network, keys=keys, origin_secrets=[origin_secret],
).outputs
origin = OriginFailover(
    "origin-failover", environment=environment, load_balancer=load_balancer, is_recovery=False
).outputs
edge = EdgeStack(
    "edge", environment=environment, settings=settings.cloudfront, waf=settings.waf,
    load_balancer=load_balancer, origin=origin, origin_secret=origin_secret, keys=keys,
).outputs

# Service
roles = TaskRoles(
    "roles", environment=environment, settings=settings.roles, tools_repository=tools_repository,
    database=database, cache=cache, files=files, jobs=jobs, audit=audit, keys=keys,
).outputs
service = FargateService(
    "service", environment=environment, settings=settings.service, task=settings.task, scaling=settings.scaling,
    port=ports.service, network=network, load_balancer=load_balancer, roles=roles, keys=keys,
    environment_variables=environment_variables(
        environment, port=ports.service, database=database, cache=cache, files=files, jobs=jobs
    ),
).outputs

# Operations
access_task = AccessTask(
    "access-task", environment=environment, settings=settings.tools, task=settings.task, repository=tools_repository,
    roles=roles, log_group=service.session_log_group,
).outputs
DatabaseTask(
    "database-task", environment=environment, settings=settings.tools, task=settings.task, repository=tools_repository,
    database=database, roles=roles, log_group=service.session_log_group,
)
RestoreValidation(
    "restore-validation", environment=environment, settings=settings.backup.restore_test, tools=settings.tools,
    task=settings.task, repository=tools_repository, backup=backup, database=database, service=service, roles=roles,
)
alerts = AlertingSuite(
    "alerts", environment=environment, settings=settings.alerts, pager_duty_url=config.require_secret("pagerDutyUrl"),
    load_balancer=load_balancer, service=service, database=database, cache=cache, jobs=jobs, edge=edge, audit=audit,
    # Without a recovery region there is nothing to fail over to, and nothing is replicated.
    origin_checks=None, replications={}, masked_log_groups={},
    certificate_arns={"origin": load_balancer.certificate_arn, **edge.certificate_arns},
    emergency_roles=settings.roles.emergency_roles, keys=keys,
).outputs
MetricsDashboard(
    "dashboard", environment=environment, settings=settings.dashboard, load_balancer=load_balancer, service=service,
    database=database, alarm_arns=alerts.alarm_arns,
    thresholds=Thresholds.of(settings.alerts, max_connections=database.max_connections),
)

pulumi.export("url", f"https://{environment.domain}")
pulumi.export("vpcId", network.vpc_id)
pulumi.export("privateSubnetIds", network.private_subnet_ids)
pulumi.export("databaseHost", database.host)
pulumi.export("redisHost", cache.host)
pulumi.export("accessFamily", access_task.family)
pulumi.export("assetsBucket", edge.assets_bucket)
