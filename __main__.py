"""TaskFlow's production environment, from the edge inwards. Run by `pulumi up` for each stack."""

from dataclasses import replace

import pulumi

from settings.load import load
from settings.stack import RECOVERY

settings = load()

# Only now: a refused setting is told at once, and importing AWS's SDK takes seconds.
from components.alerting.dashboard import Limits, MetricsDashboard  # noqa: E402
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
from components.service.task_definition import variables  # noqa: E402
from components.service.task_roles import TaskRoles  # noqa: E402
from components.shared.encryption_keys import EncryptionKeys  # noqa: E402
from components.shared.environment import Environment  # noqa: E402
from components.storage.files import FilesBucket  # noqa: E402
from components.storage.image_registry import ImageRegistry  # noqa: E402
from components.storage.job_queue import JobQueue  # noqa: E402

config = pulumi.Config()
environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=settings.aws.region,
    account=settings.aws.account,
    domain=settings.environment.domain,
    hosted_zone=settings.environment.hosted_zone,
)

recovery = settings.backup.recovery
ports = settings.network.ports

keys = EncryptionKeys(
    "keys",
    environment=environment,
    session_role=settings.roles.access_task_role,
    session_openers=[settings.roles.emergency_role],
    copy_region=recovery.region if recovery else None,
    deliveries=settings.cloudfront is not None,
    trail=settings.audit.trail,
).outputs

network = ProductionVpc("network", environment=environment, settings=settings.network, logs_key_arn=keys.logs).outputs

database = PostgresCluster(
    "database", environment=environment, settings=settings.rds, port=ports.database, network=network, keys=keys
).outputs

cache = RedisCluster(
    "cache", environment=environment, settings=settings.elasticache, port=ports.cache, network=network, keys=keys
).outputs

audit = AuditTrail(
    "audit",
    environment=environment,
    settings=settings.audit,
    # The trail is the account's, and sees who reads the recovery stack's archive too.
    others=[replace(environment, stack=RECOVERY, region=recovery.region)] if recovery else [],
    database=database,
    keys=keys,
).outputs

BackupPlan("backup", environment=environment, settings=settings.backup, primary_arns=database.primary_arns, keys=keys)

files = FilesBucket("files", environment=environment, settings=settings.storage.bucket, keys=keys).outputs

jobs = JobQueue("jobs", environment=environment, settings=settings.storage.queue, keys=keys).outputs

# Images are pushed once, and copied from where they were pushed to.
if recovery:
    ImageRegistry("registry", environment=environment, settings=settings.storage.registry, keys=keys)

secret, previous = config.require_secret("originSecret"), config.get_secret("originSecretPrevious")
origin = LoadBalancer(
    "origin",
    environment=environment,
    settings=settings.load_balancer,
    firewall=settings.waf,
    port=ports.service,
    network=network,
    keys=keys,
    secrets=[secret, *([previous] if previous else [])],
).outputs

takes_traffic = settings.load_balancer.origin_takes_traffic
origin_name = OriginFailover(
    "origin-failover", environment=environment, load_balancer=origin, stands_by=takes_traffic is not None
).outputs

edge = (
    EdgeStack(
        "edge",
        environment=environment,
        settings=settings.cloudfront,
        firewall=settings.waf,
        load_balancer=origin,
        origin=origin_name,
        secret=secret,
        keys=keys,
    ).outputs
    if settings.cloudfront
    else None
)

roles = TaskRoles(
    "roles",
    environment=environment,
    settings=settings.roles,
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
    port=ports.service,
    network=network,
    load_balancer=origin,
    roles=roles,
    keys=keys,
    told=variables(environment, port=ports.service, database=database, cache=cache, files=files, jobs=jobs),
).outputs

if takes_traffic is not None:
    OriginLatch(
        "origin-latch",
        load_balancer=origin,
        takes_traffic=takes_traffic,
        after=[database.serving, *service.running],
    )

log_rules = LogMasking(
    "log-masking",
    settings=settings.logs,
    groups={"api": service.logs, "audit": audit.records, **database.statement_logs},
).outputs

alerts = AlertingSuite(
    "alerts",
    environment=environment,
    settings=settings.alerts,
    pager_duty_url=config.require_secret("pagerDutyUrl"),
    load_balancer=origin,
    service=service,
    database=database,
    cache=cache,
    jobs=jobs,
    replications={
        purpose: replication
        for purpose, replication in (("files", files.replication), ("assets", edge.replication if edge else None))
        if replication
    },
    edge=edge,
    checks=origin_name.checks,
    certificate_arns={"origin": origin.certificate_arn, **(edge.certificate_arns if edge else {})},
    audit=audit,
    emergency_role=settings.roles.emergency_role,
    watched=log_rules.watched,
    keys=keys,
).outputs

MetricsDashboard(
    "dashboard",
    environment=environment,
    settings=settings.dashboard,
    load_balancer=origin,
    service=service,
    database=database,
    limits=Limits(
        error_rate=settings.alerts.error_rate.threshold,
        p95_latency=settings.alerts.p95_latency.threshold,
        cpu=settings.alerts.cpu_high.threshold,
        memory=settings.alerts.memory_high.threshold,
        connections=database.max_connections * settings.alerts.db_connections.threshold // 100,
    ),
    alarm_arns=alerts.alarm_arns,
)

AccountBaseline(
    "baseline",
    environment=environment,
    settings=settings.baseline,
    retention=settings.audit.archive.retention,
    keys=keys,
)

pulumi.export("url", f"https://{environment.domain}")
pulumi.export("apiUrl", f"https://api.{environment.domain}")
pulumi.export("vpcId", network.vpc_id)
pulumi.export("databaseHost", database.host)
pulumi.export("databaseReaderHost", database.reader_host)
pulumi.export("databasePort", database.port)
pulumi.export("databaseName", database.database_name)
pulumi.export("databaseSecrets", {"master": database.master_secret_arn, "application": database.application_secret_arn})
# AWS raises minor versions by itself; a refresh shows it here.
pulumi.export("runningVersions", {"postgres": database.version, "redis": cache.version})
pulumi.export("redisHost", cache.host)
pulumi.export("redisPort", cache.port)
pulumi.export("redisSecret", cache.auth_secret_arn)
pulumi.export("originHost", origin.dns_name)
pulumi.export("cluster", service.cluster)
pulumi.export("service", service.service)
pulumi.export("deploymentAlarms", service.deployment_alarms)
pulumi.export("taskTemplate", service.template_arn)
pulumi.export("releaseFamily", service.release_family)
pulumi.export("taskSubnets", service.subnet_ids)
pulumi.export("taskSecurityGroup", service.security_group_id)
pulumi.export("filesBucket", files.name)
pulumi.export("jobQueue", jobs.url)
pulumi.export("auditArchive", audit.archive)
if edge:
    pulumi.export("assetsBucket", edge.assets_bucket)
    pulumi.export("webDistribution", edge.web_distribution_id)
    pulumi.export("apiDistribution", edge.api_distribution_id)
if keys.copies:
    # What dr's stack file names.
    pulumi.export("recoveryKeys", {"secrets": keys.copies.secrets, "assets": keys.copies.assets})
