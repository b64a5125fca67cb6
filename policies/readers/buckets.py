"""Finds a bucket's parts, which S3 keeps as resources of their own, and reads their policies. No rule stands here."""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, Verdict, findings, violation
from policies.figures import audit as audit_figures
from policies.figures import storage as storage_figures
from policies.readers.resource_types import BUCKET


def is_for_logs(bucket: Resource) -> bool:
    """Whether somebody writes logs there: a load balancer or CloudFront."""
    return is_for_balancer_logs(bucket) or is_for_edge_logs(bucket)


def is_for_balancer_logs(bucket: Resource) -> bool:
    """Whether a load balancer writes its logs there."""
    return _ends_in(bucket, storage_figures.LOG_BUCKET_ENDING)


def is_for_edge_logs(bucket: Resource) -> bool:
    """Whether CloudFront's access logs are brought there."""
    return _ends_in(bucket, storage_figures.EDGE_LOG_BUCKET_ENDING)


def is_for_audit(bucket: Resource) -> bool:
    """Whether what was written down of people and of the account is kept there, locked."""
    return _ends_in(bucket, audit_figures.ARCHIVE_BUCKET_ENDING)


def is_for_records(bucket: Resource) -> bool:
    """Whether AWS Config brings there what it wrote down of the account."""
    return _ends_in(bucket, storage_figures.RECORD_BUCKET_ENDING)


def _ends_in(bucket: Resource, ending: str) -> bool:
    name = bucket.at("bucket").text()
    return isinstance(name, Known) and name.value.endswith(ending)


def part_of(
    whole: Resource, type_: str, stack: Stack, *, key: str = "bucket", by: Sequence[str] = ("id", "bucket", "arn")
) -> Resource | Unknown | None:
    """What of a type names a bucket, or another thing, by `key`; None where nothing does, unknown where it may."""
    doubt: Unknown | None = None
    for part in stack.of(type_):
        match stack.refer(part, part.at(key), whole.type, by=by):
            case Found(resource=resource) if resource == whole:
                return part
            case Unknown() as unknown:
                doubt = unknown
            case _:
                pass
    return doubt


def judged(type_: str, stack: Stack, judge: Callable[[Resource, Resource], Iterator[Verdict]]) -> Iterator[Finding]:
    """What is wrong with each bucket's part of a type: `judge` takes the part and its bucket."""
    for bucket in stack.of(BUCKET):
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            yield from findings(part, judge(part, bucket))
        else:
            lacking = violation(f"no {type_.rpartition(':')[2]} is its", "one for each bucket")
            yield Finding(resource=bucket, verdict=part or lacking)
