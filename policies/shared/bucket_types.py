"""Rules about the types of buckets: only the one that the other rules judge."""

from collections.abc import Iterator

from policies.engine.facts import Resource
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.readers.resource_types import BUCKET

# The SDK's old name of a bucket, and other types that store objects, which no rule judges.
UNCHECKED_TYPES = (
    aws_type("s3", "BucketV2"),
    aws_type("s3", "DirectoryBucket"),
    aws_type("s3tables", "TableBucket"),
    aws_type("s3", "VectorsVectorBucket"),
)


def _type(_bucket: Resource) -> Iterator[Verdict]:
    yield violation("no rule judges this type of bucket", BUCKET)


RULES = (
    ResourceRule(
        id="storage-bucket-kind",
        section="Data Handling",
        description="Buckets are of the one type that the rules judge",
        remedy=f"Define it as {BUCKET}, or add rules for the new type first.",
        types=UNCHECKED_TYPES,
        judge=_type,
    ),
)
