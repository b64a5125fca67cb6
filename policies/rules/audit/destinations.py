"""What the chapter's rules share: streams, and where something leads. No rule stands here."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, aws_type, violation
from policies.figures import audit as audit_figures
from policies.readers.buckets import is_for_audit
from policies.readers.resource_types import BUCKET

STREAM = aws_type("kinesis", "FirehoseDeliveryStream")


def leads_to_archive(resource: Resource, node: Node, stack: Stack) -> Iterator[Finding]:
    """What leads elsewhere than to an archive of this stack, by a bucket's name or ARN."""
    text = node.text()
    named = text.value.removeprefix("arn:aws:s3:::") if isinstance(text, Known) else ""
    match stack.refer(resource, Node(path=node.path, value=named or node.value), BUCKET, by=("bucket", "id", "arn")):
        case Found(resource=bucket) if is_for_audit(bucket):
            pass
        case Found(resource=bucket):
            name = bucket.at("bucket").text()
            yield from _elsewhere(resource, name if isinstance(name, Unknown) else f"the bucket {bucket.name}")
        case Outside(text=other):
            yield from _elsewhere(resource, other)
        case Unknown() as unknown:
            yield from _elsewhere(resource, unknown)
        case _:
            yield from _elsewhere(resource, "nowhere")


def _elsewhere(resource: Resource, where: str | Unknown) -> Iterator[Finding]:
    allowed = f"this stack's archive, …{audit_figures.ARCHIVE_BUCKET_ENDING}"
    verdict = where if isinstance(where, Unknown) else violation(f"it writes to {where}", allowed)
    yield Finding(resource=resource, verdict=verdict)
