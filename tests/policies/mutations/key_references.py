"""Mutations of the keys that resources name: a key of another account. Data only."""

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA, key
from tests.policies.mutations.mutation import mutation, sets
from tests.policies.plan import REMOVED, STACKS

PRODUCTION = ("production",)
FOREIGN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BY_DEFAULT = "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"
REPLICAS = "rules.0.destination.encryptionConfiguration.replicaKmsKeyId"
RESULTS = "configuration.managedQueryResultsConfiguration.encryptionConfiguration.kmsKey"

# The resource, the property, and the stacks that have it.
NAMED = (
    ("LogGroup flow-logs", "kmsKeyId", STACKS),
    ("Secret cache", "kmsKeyId", STACKS),
    ("Secret database-application", "replicas.0.kmsKeyId", PRODUCTION),
    (PRIMARY, "kmsKeyId", STACKS),
    (REPLICA, "performanceInsightsKmsKeyId", PRODUCTION),
    (REDIS, "kmsKeyId", STACKS),
    ("Vault backups", "kmsKeyArn", STACKS),
    ("InstanceAutomatedBackupsReplication daily-copy", "kmsKeyId", PRODUCTION),
    ("BucketServerSideEncryptionConfiguration files", BY_DEFAULT, PRODUCTION),
    ("BucketReplicationConfig files", REPLICAS, PRODUCTION),
    ("Queue jobs", "kmsMasterKeyId", STACKS),
    ("Repository registry", "encryptionConfigurations.0.kmsKey", PRODUCTION),
    ("Cluster service", "configuration.executeCommandConfiguration.kmsKeyId", STACKS),
    ("Topic alerts-critical", "kmsMasterKeyId", STACKS),
    ("DeliveryChannel baseline", "s3KmsKeyArn", STACKS),
    ("FirehoseDeliveryStream audit-archive", "extendedS3Configuration.kmsKeyArn", STACKS),
    ("FirehoseDeliveryStream audit-archive", "serverSideEncryption.keyArn", STACKS),
    ("Workgroup audit-search", RESULTS, STACKS),
    ("Trail audit-trail", "kmsKeyId", PRODUCTION),
)
# Rules that already know a key's stack.
ALSO = {"Topic alerts-critical": "alerting-topics-encrypted", "Trail audit-trail": "audit-trail-key"}

REGIONS = (
    mutation(
        "a log group under a key of another region",
        sets("LogGroup flow-logs", "kmsKeyId", key("data-copy")),
        "encryption-keys-own@flow-logs",
        stacks=PRODUCTION,
    ),
    mutation(
        "a copy of a secret under a key of the secret's region",
        sets("Secret database-application", "replicas.0.kmsKeyId", key("secrets")),
        "encryption-keys-own@database-application",
        stacks=PRODUCTION,
    ),
    mutation(
        "a copy's key in the region of the original",
        sets("Key keys-data-copy", "region", REMOVED),
        "encryption-keys-own@backups-copy",
        "encryption-keys-own@daily-copy",
        stacks=PRODUCTION,
    ),
)

CHANGES = REGIONS + tuple(
    mutation(
        f"another account's key: {path} of {holder}",
        sets(holder, path, FOREIGN),
        *(f"{rule}@{holder.partition(' ')[2]}" for rule in ("encryption-keys-own", ALSO.get(holder)) if rule),
        stacks=stacks,
    )
    for holder, path, stacks in NAMED
)
