"""TaskFlow's production environment, from the edge inwards. Run by `pulumi up` for each stack."""

import pulumi

from settings.load import load

settings = load()

# Only now: a refused setting is told at once, and importing AWS's SDK takes seconds.
from components.backup import BackupPlan  # noqa: E402
from components.keys import EncryptionKeys  # noqa: E402
from components.naming import Environment  # noqa: E402
from components.network import ProductionVpc  # noqa: E402
from components.postgres import PostgresCluster  # noqa: E402
from components.redis import RedisCluster  # noqa: E402

environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=settings.aws.region,
    account=settings.aws.account,
    domain=settings.environment.domain,
)

recovery = settings.backup.recovery
ports = settings.network.ports

keys = EncryptionKeys("keys", environment=environment, copy_region=recovery.region if recovery else None).outputs

network = ProductionVpc("network", environment=environment, settings=settings.network, logs_key_arn=keys.logs).outputs

database = PostgresCluster(
    "database", environment=environment, settings=settings.rds, port=ports.database, network=network, keys=keys
).outputs

cache = RedisCluster(
    "cache", environment=environment, settings=settings.elasticache, port=ports.cache, network=network, keys=keys
).outputs

BackupPlan("backup", environment=environment, settings=settings.backup, primary_arns=database.primary_arns, keys=keys)

pulumi.export("url", f"https://{environment.domain}")
pulumi.export("apiUrl", f"https://api.{environment.domain}")
pulumi.export("vpcId", network.vpc_id)
pulumi.export("databaseHost", database.host)
pulumi.export("databaseReaderHost", database.reader_host)
pulumi.export("databasePort", database.port)
pulumi.export("databaseName", database.database_name)
pulumi.export("databaseSecrets", {"master": database.master_secret_arn, "application": database.application_secret_arn})
pulumi.export("redisHost", cache.host)
pulumi.export("redisPort", cache.port)
pulumi.export("redisSecret", cache.auth_secret_arn)
