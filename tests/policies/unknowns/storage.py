"""What of storage a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.compliant.storage import ending, replicating
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import doubt

TEXT = Ref(to="LogGroup flow-logs")
BUCKETS = Ref(to="Bucket files", via=("Bucket files", "Bucket origin-logs"))
QUEUES = Ref(to="Queue jobs", output="url", via=("Queue jobs", "Queue jobs-dead-letters"))
ENCRYPTION, LIFECYCLE = (
    "BucketServerSideEncryptionConfiguration origin-logs",
    "BucketLifecycleConfiguration origin-logs",
)
COPIES = "BucketReplicationConfig files"

DOUBTS = (
    doubt("storage-bucket-private", "BucketPublicAccessBlock origin-logs", "blockPublicAcls", TEXT),
    doubt("storage-bucket-private", "BucketPublicAccessBlock files", "bucket", BUCKETS),
    doubt("storage-bucket-owned", "BucketOwnershipControls origin-logs", "rule", TEXT),
    doubt("storage-bucket-encrypted", ENCRYPTION, "rules", TEXT),
    doubt("storage-bucket-encrypted", ENCRYPTION, "rules", [TEXT], "rules.0"),
    doubt("storage-bucket-versioned", "BucketVersioning origin-logs", "versioningConfiguration", TEXT),
    doubt("storage-deletion-final", LIFECYCLE, "rules", TEXT),
    doubt("storage-deletion-final", LIFECYCLE, "rules", ending(is_logs=True, status=TEXT), "rules.0.status"),
    doubt("storage-deletion-final", LIFECYCLE, "rules", ending(is_logs=True, expiration=TEXT), "rules.0.expiration"),
    doubt("storage-bucket-tls", "BucketPolicy origin-logs", "policy", TEXT),
    doubt("storage-bucket-closed", "BucketPolicy origin-logs", "policy", TEXT),
    doubt("storage-bucket-kept", "Bucket origin-logs", "forceDestroy", TEXT),
    doubt("storage-bucket-kept", "Bucket origin-logs", "acl", TEXT),
    doubt("storage-replicated", COPIES, "rules", TEXT),
    doubt("storage-replicated", COPIES, "rules", replicating(status=TEXT), "rules.0.status"),
    doubt("storage-replicated", COPIES, "bucket", BUCKETS),
    doubt("storage-queue", "Queue jobs", "policy", TEXT),
    doubt("storage-queue-tls", "QueuePolicy jobs", "policy", TEXT),
    doubt("storage-queue-tls", "QueuePolicy jobs", "queueUrl", QUEUES, "jobs.queueUrl"),
    doubt("storage-queue-closed", "QueuePolicy jobs", "policy", TEXT),
    doubt("storage-queue-dead-letters", "Queue jobs", "redrivePolicy", TEXT),
    doubt("storage-queue-dead-letters", "Queue jobs-dead-letters", "messageRetentionSeconds", TEXT),
    doubt("registry-images", "Repository registry", "imageTagMutability", TEXT),
    doubt("registry-images", "Repository registry", "encryptionConfigurations", TEXT),
    doubt("registry-lifecycles", "LifecyclePolicy registry", "repository", TEXT),
    doubt("registry-lifecycle", "LifecyclePolicy registry", "policy", TEXT),
    doubt("registry-replicated", "ReplicationConfiguration registry", "replicationConfiguration", TEXT),
    doubt("registry-replicated", "Repository registry", "name", TEXT),
)

# It asks for the type alone.
NEVER_IN_DOUBT = {"storage-bucket-kind"}
