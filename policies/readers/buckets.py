"""Reads a bucket's purpose, and its parts: policy, versions and the like are separate resources."""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, Verdict, findings, violation
from policies.figures import audit as audit_figures
from policies.figures import storage as storage_figures
from policies.readers.resource_types import BUCKET


def is_for_logs(bucket: Resource) -> bool:
    """Whether a load balancer or CloudFront delivers logs to the bucket."""
    return is_for_balancer_logs(bucket) or is_for_edge_logs(bucket)


def is_for_balancer_logs(bucket: Resource) -> bool:
    """Whether a load balancer delivers its logs to the bucket."""
    return _ends_in(bucket, storage_figures.LOG_BUCKET_ENDING)


def is_for_edge_logs(bucket: Resource) -> bool:
    """Whether CloudFront delivers its access logs to the bucket."""
    return _ends_in(bucket, storage_figures.EDGE_LOG_BUCKET_ENDING)


def is_for_audit(bucket: Resource) -> bool:
    """Whether the bucket is an archive of audit records, which is locked."""
    return _ends_in(bucket, audit_figures.ARCHIVE_BUCKET_ENDING)


def is_for_records(bucket: Resource) -> bool:
    """Whether AWS Config delivers its records of the account to the bucket."""
    return _ends_in(bucket, storage_figures.RECORD_BUCKET_ENDING)


def is_for_restores(bucket: Resource) -> bool:
    """Whether the bucket has the manifests and reports of S3's jobs that restore files."""
    return _ends_in(bucket, storage_figures.RESTORE_BUCKET_ENDING)


def is_copy_of_assets(bucket: Resource) -> bool:
    """Whether the bucket has the copies of static assets, to which nothing but their replication writes."""
    return _ends_in(bucket, storage_figures.ASSETS_COPY_ENDING)


def _ends_in(bucket: Resource, ending: str) -> bool:
    name = bucket.at("bucket").text()
    return isinstance(name, Known) and name.value.endswith(ending)


def part_of(
    whole: Resource, type_: str, stack: Stack, *, key: str = "bucket", by: Sequence[str] = ("id", "bucket", "arn")
) -> Resource | Unknown | None:
    """Return the part of a type that names its whole by `key`; None if there is none, unknown if there may be one."""
    unknown_part: Unknown | None = None
    for part in stack.of(type_):
        match stack.refer(part, part.at(key), whole.type, by=by):
            case Found(resource=resource) if resource == whole:
                return part
            case Unknown() as unknown:
                unknown_part = unknown
            case _:
                pass
    return unknown_part


def judge_parts(
    type_: str, stack: Stack, judge: Callable[[Resource, Resource], Iterator[Verdict]]
) -> Iterator[Finding]:
    """Require a part of the type for each bucket; `judge` judges the part and its bucket."""
    for bucket in stack.of(BUCKET):
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            yield from findings(part, judge(part, bucket))
        else:
            missing = violation(f"the bucket has no {type_.rpartition(':')[2]}", "one for each bucket")
            yield Finding(resource=bucket, verdict=part or missing)
