"""Broken values of the API's storage: the bucket, the queue, the registry, and the replicas in dr."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

STORAGE = "taskflow:storage"
BUCKET, QUEUE, REGISTRY = (f"{STORAGE}.{name}" for name in ("bucket", "queue", "registry"))
COPY = f"{BUCKET}.copyOf"
ZONE = "taskflow:environment.hostedZone"
KEY = "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000001"


ROWS: Sequence[Rows] = (
    rejected(ZONE, "the id of the domain's hosted zone", "taskflow.app", "z0123456789", "/hostedzone/Z1"),
    rejected(COPY, "the ARN of a KMS key", {"bucket": "a-bucket"}, at=(".key",)),
    rejected(COPY, "the replica of production's bucket", None),
    rejected(f"{COPY}.bucket", "a bucket's name", "A-bucket", "ab", "a_b_c", "-abc", "a" * 64, ""),
    *(
        row
        for path in ("taskflow:rds.secrets.key", f"{COPY}.key")
        for row in (
            rejected(path, "the ARN of a KMS key", "alias/taskflow-production-assets-copy", KEY[:-1], KEY + "0"),
            rejected(path, 'a key in aws:region ("us-west-2")', KEY.replace("us-west-2", "us-east-1")),
            rejected(path, "a key of the account", KEY.replace("987654321098", "111111111111")),
        )
    ),
    *(
        rejected(f"{REGISTRY}.{name}", "a repository's name", "Taskflow", "a//b", "-a", "", "a" * 257)
        for name in ("repository", "toolsRepository")
    ),
    rejected(f"{REGISTRY}.toolsRepository", "a name other than taskflow:storage.registry.repository", "taskflow-api"),
)
