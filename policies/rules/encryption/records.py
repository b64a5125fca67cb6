"""Rules about what is kept beside the database and the cache: logs, secrets and backups have keys of one's own."""

from collections.abc import Iterator

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.resource_types import BACKUP_REPLICATION, BACKUP_VAULT, LOG_GROUP, SECRETS


def _secret(secret: Resource) -> Iterator[Verdict]:
    yield from expect_customer_managed_key(secret.at("kmsKeyId"))
    match secret.at("replicas").items():
        case Known(value=replicas):
            for replica in replicas:
                if isinstance(replica.value, Unknown):
                    yield replica.value
                else:
                    yield from expect_customer_managed_key(replica.at("kmsKeyId"))
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    ResourceRule(
        id="encryption-logs",
        section="Data Handling",
        description="Every log group is encrypted with a key of one's own",
        remedy="Set the log group's kmsKeyId to the key for logs.",
        types=(LOG_GROUP,),
        judge=lambda group: expect_customer_managed_key(group.at("kmsKeyId")),
    ),
    ResourceRule(
        id="encryption-secrets",
        section="Data Handling",
        description="Every secret, and each of its copies elsewhere, is encrypted with a key of one's own",
        remedy="Set kmsKeyId of the secret and of each replica to the key for secrets in that region.",
        types=SECRETS,
        judge=_secret,
    ),
    ResourceRule(
        id="encryption-backups",
        section="Data Handling",
        description="Backups, and their copies elsewhere, are encrypted with a key of one's own",
        remedy="Set the vault's kmsKeyArn, or the copy's kmsKeyId, to the key for data in that region.",
        types=(BACKUP_VAULT, BACKUP_REPLICATION),
        judge=lambda kept: expect_customer_managed_key(
            kept.at("kmsKeyArn" if kept.type == BACKUP_VAULT else "kmsKeyId")
        ),
    ),
)
