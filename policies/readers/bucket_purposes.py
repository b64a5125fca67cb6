"""Reads a bucket's purpose, from its name."""

from policies.engine.facts import Known, Resource
from policies.figures import audit as audit_figures
from policies.figures import storage as storage_figures


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
