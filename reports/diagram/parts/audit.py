"""Records: CloudTrail, the audit archive, logs, and the security services of the account."""

from collections.abc import Iterator, Mapping, Sequence

from reports.diagram.model import Arrow, Box, Part, count, urns
from reports.diagram.reading import Stack, number, output, text, value

# The security services by their kind, as people call them.
_DETECTION: Mapping[str, str] = {
    "guardduty/detector": "GuardDuty",
    "securityhub/account": "Security Hub",
    "cfg/recorder": "Config",
    "accessanalyzer/analyzer": "Access Analyzer",
}


def audit(stack: Stack) -> Part:
    """Return what is recorded, and where it ends."""
    boxes = [*_trail(stack), *_delivery(stack), *_archive(stack), *_logs(stack), *_detection(stack)]
    return Part(boxes=boxes, arrows=list(_arrows(stack)))


def _trail(stack: Stack) -> Iterator[Box]:
    for trail in stack.of("cloudtrail/trail"):
        yield Box(
            id="trail",
            icon="cloudtrail",
            title="CloudTrail",
            place="audit",
            figures=[
                "every region" if value(trail, "isMultiRegionTrail") is True else "this region",
                *(["validated files"] if value(trail, "enableLogFileValidation") is True else []),
            ],
            sources=urns([trail]),
        )


def _delivery(stack: Stack) -> Iterator[Box]:
    for stream in stack.of("kinesis/firehoseDeliveryStream"):
        filters = [f for f in stack.of("cloudwatch/logSubscriptionFilter") if text(f, "destinationArn") == stream.id]
        yield Box(
            id="delivery",
            icon="data-firehose",
            title="Firehose",
            place="audit",
            figures=[count(len(filters), "log group"), "audit, PostgreSQL"],
            sources=urns([stream], filters),
        )


def _archive(stack: Stack) -> Iterator[Box]:
    """Yield the buckets under object lock."""
    for lock in stack.of("s3/bucketObjectLockConfiguration"):
        buckets = [b for b in stack.of("s3/bucket") if text(b, "bucket") == text(lock, "bucket")]
        searched = stack.of("athena/workgroup", "glue/catalogDatabase", "glue/catalogTable")
        for bucket in buckets:
            yield Box(
                id=stack.short(text(bucket, "bucket")),
                icon="simple-storage-service",
                title="S3 archive",
                place="audit",
                figures=[
                    f"locked {number(lock, 'rule', 'defaultRetention', 'days'):,} days",
                    *(["Athena searches it"] if searched else []),
                ],
                sources=urns([bucket, lock], searched),
            )


def _logs(stack: Stack) -> Iterator[Box]:
    groups = stack.of("cloudwatch/logGroup")
    if groups:
        days = sorted({number(group, "retentionInDays") for group in groups})
        yield Box(
            id="logs",
            icon="cloudwatch-logs",
            title="Logs",
            place="audit",
            figures=[
                count(len(groups), "log group"),
                f"kept {', '.join(map(str, days))} days",
            ],
            sources=urns(groups),
        )


def other_buckets(stack: Stack, parts: Sequence[Part]) -> Part:
    """Return one box for all buckets that have none in other parts: logs, restored files, the recorder's history."""
    drawn = {source for part in parts for box in part.boxes for source in box.sources}
    rest = [bucket for bucket in stack.of("s3/bucket") if bucket.urn not in drawn]
    box = Box(
        id="other-buckets",
        icon="simple-storage-service",
        title="S3 buckets",
        place="audit",
        figures=[stack.short(text(bucket, "bucket")) for bucket in rest],
        sources=urns(rest),
    )
    return Part(boxes=[box] if rest else [])


def _detection(stack: Stack) -> Iterator[Box]:
    found = [kind for kind in _DETECTION if stack.of(kind)]
    if found:
        yield Box(
            id="detection",
            icon="guardduty",
            title="Security",
            place="audit",
            figures=[_DETECTION[kind] for kind in found],
            sources=urns(stack.of(*found)),
        )


def _arrows(stack: Stack) -> Iterator[Arrow]:
    buckets = {text(b, "bucket"): stack.short(text(b, "bucket")) for b in stack.of("s3/bucket")}
    for trail in stack.of("cloudtrail/trail"):
        yield Arrow(source="trail", target=buckets.get(text(trail, "s3BucketName"), ""))
    for stream in stack.of("kinesis/firehoseDeliveryStream"):
        bucket = text(stream, "extendedS3Configuration", "bucketArn").rpartition(":")[2]
        yield Arrow(source="delivery", target=buckets.get(bucket, ""))
        if any(
            text(f, "destinationArn") == output(stream, "arn") for f in stack.of("cloudwatch/logSubscriptionFilter")
        ):
            yield Arrow(source="logs", target="delivery")
