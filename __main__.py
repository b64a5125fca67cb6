"""TaskFlow's production environment, from the network up. `pulumi up` runs it for each stack."""

from dataclasses import replace

import pulumi

from settings.load import load
from settings.stacks import PRIMARY, RECOVERY

settings = load()

# Imported after load(), so that rejected settings are reported at once: importing AWS's SDK takes seconds.
from components.access.access_task import AccessTask  # noqa: E402
from components.access.data_export import DataExport  # noqa: E402
from components.access.database_task import DatabaseTask  # noqa: E402
from components.access.delivery import DeliveryRoles  # noqa: E402
from components.access.people import PeopleRoles  # noqa: E402
from components.access.restore_validation import RestoreValidation  # noqa: E402
from components.alerting.dashboard import MetricsDashboard, Thresholds  # noqa: E402
from components.alerting.suite import AlertingSuite  # noqa: E402
from components.audit.account_baseline import AccountBaseline  # noqa: E402
from components.audit.audit import AuditTrail  # noqa: E402
from components.audit.log_masking import LogMasking  # noqa: E402
from components.data.backup import BackupPlan  # noqa: E402
from components.data.postgres import PostgresCluster  # noqa: E402
from components.data.redis import RedisCluster  # noqa: E402
from components.ingress.edge import EdgeStack  # noqa: E402
from components.ingress.load_balancer import LoadBalancer  # noqa: E402
from components.ingress.origin_failover import OriginFailover  # noqa: E402
from components.latch.latch import OriginLatch  # noqa: E402
from components.network.vpc import ProductionVpc  # noqa: E402
from components.service.service import FargateService  # noqa: E402
from components.service.task_definition import environment_variables  # noqa: E402
from components.service.task_roles import TaskRoles  # noqa: E402
from components.shared.encryption_keys import EncryptionKeys  # noqa: E402
from components.shared.environment import Environment  # noqa: E402
from components.storage.files import FilesBucket  # noqa: E402
from components.storage.image_registry import ImageRegistry  # noqa: E402
from components.storage.job_queue import JobQueue  # noqa: E402
from components.storage.restores import FilesRestore  # noqa: E402
from outputs import export_outputs  # noqa: E402

# Formatted by hand, so that the architecture fits on two screens: settings first, then the outputs of other components.
# fmt: off
config = pulumi.Config()
recovery, ports = settings.backup.recovery, settings.network.ports
tools_repository = settings.storage.registry.tools_repository
environment = Environment(
    application=pulumi.get_project(), stack=pulumi.get_stack(),
    region=settings.aws.region, account=settings.aws.account,
    domain=settings.environment.domain, hosted_zone=settings.environment.hosted_zone,
)
others = [replace(environment, stack=RECOVERY, region=recovery.region)] if recovery else []

# Foundation
keys = EncryptionKeys(
    "keys", environment=environment, copy_region=recovery.region if recovery else None,
    session_task_role=settings.roles.access_task_role, session_user_roles=settings.roles.emergency_roles,
    has_log_delivery=settings.cloudfront is not None, has_trail=settings.audit.trail,
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
files = FilesBucket(
    "files", environment=environment, settings=settings.storage.bucket, keys=keys,
    owner=replace(environment, stack=PRIMARY),
).outputs
FilesRestore("restores", environment=environment, role=settings.roles.files_restore_role, files=files, keys=keys)
jobs = JobQueue("jobs", environment=environment, settings=settings.storage.queue, keys=keys).outputs
# Releases push images to one stack; ECR replicates them to the recovery region.
if recovery:
    ImageRegistry("registry", environment=environment, settings=settings.storage.registry, keys=keys)
audit = AuditTrail(
    "audit", environment=environment, settings=settings.audit, database=database, keys=keys, other_environments=others,
).outputs

# Ingress
origin_secret, previous_secret = config.require_secret("originSecret"), config.get_secret("originSecretPrevious")
load_balancer = LoadBalancer(
    "origin", environment=environment, settings=settings.load_balancer, waf=settings.waf, port=ports.service,
    network=network, keys=keys, origin_secrets=[origin_secret, *([previous_secret] if previous_secret else [])],
).outputs
takes_traffic = settings.load_balancer.origin_takes_traffic
origin = OriginFailover(
    "origin-failover", environment=environment, load_balancer=load_balancer, is_recovery=takes_traffic is not None
).outputs
edge = EdgeStack(
    "edge", environment=environment, settings=settings.cloudfront, waf=settings.waf,
    load_balancer=load_balancer, origin=origin, origin_secret=origin_secret, keys=keys,
).outputs if settings.cloudfront else None

# Service
roles = TaskRoles(
    "roles", environment=environment, settings=settings.roles, tools_repository=tools_repository, database=database,
    cache=cache, files=files, jobs=jobs, audit=audit, keys=keys,
).outputs
service = FargateService(
    "service", environment=environment, settings=settings.service, task=settings.task, scaling=settings.scaling,
    port=ports.service, network=network, load_balancer=load_balancer, roles=roles, keys=keys,
    environment_variables=environment_variables(
        environment, port=ports.service, database=database, cache=cache, files=files, jobs=jobs
    ),
).outputs
if takes_traffic is not None:
    OriginLatch(
        "origin-latch", load_balancer=load_balancer, takes_traffic=takes_traffic,
        dependencies=[database.serving_instance, *service.running],
    )

# Operations
access_task = AccessTask(
    "access-task", environment=environment, settings=settings.tools, task=settings.task, repository=tools_repository,
    roles=roles, log_group=service.session_log_group,
).outputs
DatabaseTask(
    "database-task", environment=environment, settings=settings.tools, task=settings.task, repository=tools_repository,
    database=database, roles=roles, log_group=service.session_log_group,
)
DataExport(
    "data-export", environment=environment, settings=settings.tools, task=settings.task, repository=tools_repository,
    database=database, files=files, roles=roles, log_group=service.session_log_group,
)
RestoreValidation(
    "restore-validation", environment=environment, settings=settings.backup.restore_test, tools=settings.tools,
    task=settings.task, repository=tools_repository, backup=backup, database=database, service=service, roles=roles,
)
people = PeopleRoles(
    "people", environments=[environment, *others], settings=settings.access, roles=settings.roles
).outputs if settings.access else None
if settings.delivery and people and edge:
    DeliveryRoles(
        "delivery", environments=[environment, *others], settings=settings.delivery, roles=settings.roles,
        registry=settings.storage.registry, edge=edge, people=people,
    )
masked = {"api": service.log_group, "audit": audit.records_log_group, **database.statement_log_groups}
masking = LogMasking("log-masking", settings=settings.logs, log_groups=masked).outputs
alerts = AlertingSuite(
    "alerts", environment=environment, settings=settings.alerts, pager_duty_url=config.require_secret("pagerDutyUrl"),
    load_balancer=load_balancer, service=service, database=database, cache=cache, jobs=jobs,
    edge=edge, origin_checks=origin.health_checks, audit=audit, keys=keys,
    replications={"files": files.replication, "assets": edge.replication if edge else None},
    certificate_arns={"origin": load_balancer.certificate_arn, **(edge.certificate_arns if edge else {})},
    emergency_roles=settings.roles.emergency_roles, masked_log_groups=masking.masked_log_groups,
).outputs
MetricsDashboard(
    "dashboard", environment=environment, settings=settings.dashboard,
    load_balancer=load_balancer, service=service, database=database, alarm_arns=alerts.alarm_arns,
    thresholds=Thresholds.of(settings.alerts, max_connections=database.max_connections),
)
AccountBaseline(
    "baseline", environment=environment, settings=settings.baseline, keys=keys,
    retention=settings.audit.archive.retention,
)
export_outputs(
    environment=environment, network=network, database=database, cache=cache, files=files, jobs=jobs,
    load_balancer=load_balancer, edge=edge, service=service, access_task=access_task, audit=audit, keys=keys,
)
