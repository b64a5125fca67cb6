"""Whether the trail and the delivery streams write to the stack's archive. For the rules of this chapter."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, aws_type, violation
from policies.figures import audit as audit_figures
from policies.readers.bucket_purposes import is_for_audit
from policies.readers.resource_types import BUCKET

STREAM = aws_type("kinesis", "FirehoseDeliveryStream")


def expect_archive(resource: Resource, node: Node, stack: Stack) -> Iterator[Finding]:
    """Require the name or ARN of an archive of this stack."""
    text = node.text()
    named = text.value.removeprefix("arn:aws:s3:::") if isinstance(text, Known) else ""
    match stack.refer(resource, Node(path=node.path, value=named or node.value), BUCKET, by=("bucket", "id", "arn")):
        case Found(resource=bucket) if is_for_audit(bucket):
            pass
        case Found(resource=bucket):
            name = bucket.at("bucket").text()
            yield _elsewhere(resource, name if isinstance(name, Unknown) else f"the bucket {bucket.name}")
        case Outside(text=other):
            yield _elsewhere(resource, other)
        case Unknown() as unknown:
            yield _elsewhere(resource, unknown)
        case _:
            yield _elsewhere(resource, "no bucket")


def _elsewhere(resource: Resource, destination: str | Unknown) -> Finding:
    allowed = f"this stack's archive, …{audit_figures.ARCHIVE_BUCKET_ENDING}"
    verdict = destination if isinstance(destination, Unknown) else violation(f"it writes to {destination}", allowed)
    return Finding(resource=resource, verdict=verdict)
