"""Rules about which kinds of buckets there may be: those that the other rules can judge."""

from collections.abc import Iterator

from policies.engine.facts import Resource
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.readers.resource_types import BUCKET

# The same bucket under the SDK's old name, and other kinds that keep objects, of which no rule knows.
OTHERS = (
    aws_type("s3", "BucketV2"),
    aws_type("s3", "DirectoryBucket"),
    aws_type("s3tables", "TableBucket"),
    aws_type("s3", "VectorsVectorBucket"),
)


def _other(_bucket: Resource) -> Iterator[Verdict]:
    yield violation("no rule can judge this kind of bucket", BUCKET)


RULES = (
    ResourceRule(
        id="storage-bucket-kind",
        section="Data Handling",
        description="Buckets are of the one kind that the rules can judge",
        remedy=f"Make it as {BUCKET}, or teach the rules the new kind first.",
        types=OTHERS,
        judge=_other,
    ),
)
