"""The outputs of a stack: `pulumi stack output` shows them to people, to releases and to the runbooks."""

import pulumi

from components.access.access_task import AccessTaskOutputs
from components.audit.audit import AuditOutputs
from components.data.postgres import PostgresOutputs
from components.data.redis import RedisOutputs
from components.ingress.edge import EdgeOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.network.vpc import NetworkOutputs
from components.service.service import ServiceOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.storage.files import BucketOutputs
from components.storage.job_queue import QueueOutputs


def export_outputs(
    *,
    environment: Environment,
    network: NetworkOutputs,
    database: PostgresOutputs,
    cache: RedisOutputs,
    files: BucketOutputs,
    jobs: QueueOutputs,
    load_balancer: LoadBalancerOutputs,
    edge: EdgeOutputs | None,
    service: ServiceOutputs,
    access_task: AccessTaskOutputs,
    audit: AuditOutputs,
    keys: KeysOutputs,
) -> None:
    """Export the stack's outputs."""
    outputs: dict[str, object] = {
        "url": f"https://{environment.domain}",
        "apiUrl": f"https://{environment.host_name('api')}",
        "vpcId": network.vpc_id,
        "databaseHost": database.host,
        "databaseReaderHost": database.reader_host,
        "databasePort": database.port,
        "databaseName": database.database_name,
        "databaseSecrets": {"master": database.master_secret_arn, "application": database.application_secret_arn},
        # AWS upgrades minor versions; a refresh updates these.
        "runningVersions": {"postgres": database.engine_version, "redis": cache.engine_version},
        "redisHost": cache.host,
        "redisPort": cache.port,
        "redisSecret": cache.auth_secret_arn,
        "originHost": load_balancer.dns_name,
        "cluster": service.cluster,
        "service": service.service,
        "deploymentAlarms": service.deployment_alarms,
        "taskTemplate": service.template_arn,
        "releaseFamily": service.release_family,
        "accessFamily": access_task.family,
        "taskSubnets": service.subnet_ids,
        "taskSecurityGroup": service.security_group_id,
        "filesBucket": files.name,
        "jobQueue": jobs.url,
        "auditArchive": audit.archive_bucket,
    }
    if edge:
        outputs |= {
            "assetsBucket": edge.assets_bucket,
            "webDistribution": edge.web_distribution_id,
            "apiDistribution": edge.api_distribution_id,
        }
    if keys.copies:
        # For the recovery stack's stack file.
        outputs["recoveryKeys"] = {"secrets": keys.copies.secrets, "assets": keys.copies.assets}
    for name, value in outputs.items():
        pulumi.export(name, value)
