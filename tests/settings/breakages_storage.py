"""Broken values of the API's storage: the bucket, the queue, the registry, and the replicas in dr."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import Breakage, Rows, and_also, block, misspelled, not_allowed, number, text, wrong_type

STORAGE = "taskflow:storage"
BUCKET, QUEUE, REGISTRY = (f"{STORAGE}.{name}" for name in ("bucket", "queue", "registry"))
COPY = f"{BUCKET}.copyOf"
ZONE = "taskflow:environment.hostedZone"
KEY = "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000001"
ELSEWHERE, OTHERS = KEY.replace("us-west-2", "us-east-1"), KEY.replace("987654321098", "111111111111")


def _key(path: str, name: str) -> Rows:
    """Return the rows of a key's ARN, which must be of dr's region and account."""
    return and_also(
        text(path, name, "the ARN of a KMS key", "alias/taskflow-production-assets-copy", KEY[:-1], KEY + "0"),
        not_allowed(ELSEWHERE, path, message='a key in aws:region ("us-west-2")'),
        not_allowed(OTHERS, path, message="a key of the account"),
    )


_ROWS: Sequence[Rows] = (
    text(ZONE, "hostedZones", "the id of the domain's hosted zone", "taskflow.app", "z0123456789", "/hostedzone/Z1"),
    _key("taskflow:rds.secrets.key", "keys"),
    block(STORAGE, "taskflow:storages", "a block of bucket", BUCKET, QUEUE, REGISTRY, message="a block of oldVersions"),
    block(BUCKET, "buckets", "a block of oldVersions", f"{BUCKET}.oldVersions", message="1 to 85 days"),
    number(f"{BUCKET}.oldVersions", "oldversions", "1 to 85 days", 0, 86, 90),
    (
        COPY,
        (
            wrong_type("taskflow-production-files", COPY, "a block of bucket, key"),
            not_allowed({"bucket": "a-bucket"}, f"{COPY}.key", message="the ARN of a KMS key"),
            not_allowed(None, COPY, message="the replica of production's bucket"),
            misspelled("copyof", f"{BUCKET}.copyof", "did you mean copyOf?"),
        ),
    ),
    text(f"{COPY}.bucket", "buckets", "a bucket's name", "A-bucket", "ab", "a_b_c", "-abc", "a" * 64, ""),
    _key(f"{COPY}.key", "keys"),
    block(
        QUEUE,
        "queues",
        "a block of maxReceives",
        *(f"{QUEUE}.{name}" for name in ("maxReceives", "retention", "visibilityTimeout")),
        message="1 to 10 times",
    ),
    number(f"{QUEUE}.maxReceives", "maxreceives", "1 to 10 times", 0, 11),
    number(f"{QUEUE}.visibilityTimeout", "visibilitytimeout", "30 to 43200 seconds", 29, 43_201),
    number(f"{QUEUE}.retention", "retentions", "1 to 13 days", 0, 14),
    block(
        REGISTRY,
        "registrys",
        "a block of repository",
        f"{REGISTRY}.buildRetention",
        f"{REGISTRY}.repository",
        message="a repository's name",
    ),
    text(f"{REGISTRY}.repository", "repositories", "a repository's name", "Taskflow", "a//b", "-a", "", "a" * 257),
    number(f"{REGISTRY}.buildRetention", "buildretention", "1 to 365 days", 0, 366),
)

STORAGE_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)
