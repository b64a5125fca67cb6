"""Unknown values of buckets, queues and the registry: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.storage import destination_back, lifecycle_rules, replication_rules
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")
WRITERS = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
BUCKETS = Ref(to="Bucket files", via=("Bucket files", "Bucket origin-logs"))
QUEUES = Ref(to="Queue jobs", output="url", via=("Queue jobs", "Queue jobs-dead-letters"))
ENCRYPTION, LIFECYCLE = (
    "BucketServerSideEncryptionConfiguration origin-logs",
    "BucketLifecycleConfiguration origin-logs",
)
COPIES, BACK = "BucketReplicationConfig files", "BucketReplicationConfig files-copy"

UNKNOWNS = (
    UnknownValue(
        rule="logs-writers",
        place="events.policyDocument",
        change=lambda plan: plan.add(WRITERS, "events", None, policyDocument=Ref(to="LogGroup flow-logs")),
    ),
    unknown_value("storage-bucket-private", "BucketPublicAccessBlock origin-logs", "blockPublicAcls", TEXT),
    unknown_value("storage-bucket-private", "BucketPublicAccessBlock files", "bucket", BUCKETS),
    unknown_value("storage-bucket-owned", "BucketOwnershipControls origin-logs", "rule", TEXT),
    unknown_value("storage-bucket-encrypted", ENCRYPTION, "rules", TEXT),
    unknown_value("storage-bucket-encrypted", ENCRYPTION, "rules", [TEXT], "rules.0"),
    unknown_value("storage-bucket-versioned", "BucketVersioning origin-logs", "versioningConfiguration", TEXT),
    unknown_value("storage-deletion-final", LIFECYCLE, "rules", TEXT),
    unknown_value(
        "storage-deletion-final", LIFECYCLE, "rules", lifecycle_rules(is_logs=True, status=TEXT), "rules.0.status"
    ),
    unknown_value(
        "storage-deletion-final",
        LIFECYCLE,
        "rules",
        lifecycle_rules(is_logs=True, expiration=TEXT),
        "rules.0.expiration",
    ),
    unknown_value("storage-bucket-tls", "BucketPolicy origin-logs", "policy", TEXT),
    unknown_value("storage-bucket-closed", "BucketPolicy origin-logs", "policy", TEXT),
    unknown_value("storage-bucket-kept", "Bucket origin-logs", "forceDestroy", TEXT),
    unknown_value("storage-bucket-kept", "Bucket origin-logs", "acl", TEXT),
    unknown_value("storage-replicated", COPIES, "rules", TEXT),
    unknown_value("storage-replicated", COPIES, "rules", replication_rules(status=TEXT), "rules.0.status"),
    unknown_value("storage-replicated", COPIES, "bucket", BUCKETS),
    unknown_value("storage-replicated", BACK, "rules", TEXT),
    unknown_value(
        "storage-replicated",
        BACK,
        "rules",
        replication_rules(status=TEXT, destination=destination_back()),
        "rules.0.status",
    ),
    unknown_value("storage-queue", "Queue jobs", "policy", TEXT),
    unknown_value("storage-queue-tls", "QueuePolicy jobs", "policy", TEXT),
    unknown_value("storage-queue-tls", "QueuePolicy jobs", "queueUrl", QUEUES, "jobs.queueUrl"),
    unknown_value("storage-queue-closed", "QueuePolicy jobs", "policy", TEXT),
    unknown_value("storage-queue-dead-letters", "Queue jobs", "redrivePolicy", TEXT),
    unknown_value("storage-queue-dead-letters", "Queue jobs-dead-letters", "messageRetentionSeconds", TEXT),
    unknown_value("registry-images", "Repository registry", "imageTagMutability", TEXT),
    unknown_value("registry-images", "Repository registry", "encryptionConfigurations", TEXT),
    unknown_value("registry-lifecycles", "LifecyclePolicy registry", "repository", TEXT),
    unknown_value("registry-lifecycle", "LifecyclePolicy registry", "policy", TEXT),
    unknown_value("registry-replicated", "ReplicationConfiguration registry", "replicationConfiguration", TEXT),
    unknown_value("registry-replicated", "Repository registry", "name", TEXT),
)

# It reads the type alone.
NEVER_UNKNOWN = {"storage-bucket-kind"}
