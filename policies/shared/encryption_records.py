"""Rules about logs, secrets and backups: customer managed keys."""

from policies.engine.expectations import in_each, of_type, property_rule, when
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.resource_types import BACKUP_REPLICATION, BACKUP_VAULT, LOG_GROUP, SECRETS

RULES = (
    property_rule(
        "encryption-logs",
        section="Data Handling",
        description="Every log group is encrypted with a customer managed key",
        types=LOG_GROUP,
        rows=(customer_managed_key("kmsKeyId"),),
    ),
    property_rule(
        "encryption-secrets",
        section="Data Handling",
        description="Every secret and each of its replicas is encrypted with a customer managed key",
        types=SECRETS,
        rows=(customer_managed_key("kmsKeyId"), in_each("replicas", customer_managed_key("kmsKeyId"))),
    ),
    property_rule(
        "encryption-backups",
        section="Data Handling",
        description="Backups and their copies in another region are encrypted with a customer managed key",
        types=(BACKUP_VAULT, BACKUP_REPLICATION),
        rows=(
            *when(of_type(BACKUP_VAULT), customer_managed_key("kmsKeyArn"), of="vaults"),
            *when(of_type(BACKUP_REPLICATION), customer_managed_key("kmsKeyId"), of="replicated backups"),
        ),
        controls=("Backup.1",),
    ),
)
