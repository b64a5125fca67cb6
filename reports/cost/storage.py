"""What buckets cost: stored files, requests, replication, and the archive."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from reports.cost.lines import Line, Pricer, Stack, UnpricedError, members, region_of, text
from reports.cost.logs import archived_gb, edge_requests, origin_requests, trail_gb
from reports.cost.traffic import asset_requests, files_read, files_written, gigabytes, millions
from reports.states import Recorded

BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
DAYS_PER_MONTH = 365 / 12
# Objects that a service delivers in a month: one every five minutes, from each of a few places.
DELIVERIES = 4 * 12 * 730
# The price of each storage class, and its name for people.
CLASSES = {
    "STANDARD": ("s3.standard", "storage"),
    "GLACIER_IR": ("s3.glacier-ir", "storage, Glacier Instant Retrieval"),
    "DEEP_ARCHIVE": ("s3.deep-archive", "storage, Deep Archive"),
}


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a bucket takes in each month, or keeps, in GB; and its requests."""

    kept_gb: float = 0.0
    monthly_gb: float = 0.0
    puts: float = 0.0
    gets: float = 0.0
    how: str


def _files(stack: Stack) -> Content:
    written = files_written(stack)
    how = f"{millions(written):.2f} million files a month"
    gb = gigabytes(written, stack.usage.file_bytes)
    return Content(monthly_gb=gb, puts=written, gets=files_read(stack), how=how)


def _files_copy(stack: Stack) -> Content:
    written = files_written(stack)
    how = f"{millions(written):.2f} million replicas a month"
    return Content(monthly_gb=gigabytes(written, stack.usage.file_bytes), puts=written, how=how)


def _assets(stack: Stack) -> Content:
    gets = asset_requests(stack) * stack.usage.cache_miss_share
    return Content(kept_gb=stack.usage.assets_gb, gets=gets, how="the web application's files")


def _access_logs(logged: Callable[[Stack], float]) -> Callable[[Stack], Content]:
    def content(stack: Stack) -> Content:
        count, size = logged(stack), stack.usage.access_log_bytes
        how = f"{millions(count):,.0f} million requests × {size:g} B"
        return Content(monthly_gb=gigabytes(count, size), puts=DELIVERIES, how=how)

    return content


def _archive(stack: Stack) -> Content:
    usage = stack.usage
    gb = (archived_gb(stack) + trail_gb(stack)) * usage.log_compression
    how = f"{gb:,.1f} GB of records and events a month, compressed"
    return Content(monthly_gb=gb, puts=DELIVERIES, how=how)


def _other(stack: Stack) -> Content:
    return Content(kept_gb=stack.usage.other_bucket_gb, how="an assumption for a small bucket")


# By the logical name of the bucket, which says what is stored.
CONTENTS: Mapping[str, Callable[[Stack], Content]] = {
    "files": _files,
    "files-copy": _files_copy,
    "edge-assets": _assets,
    "edge-assets-copy": lambda stack: Content(kept_gb=stack.usage.assets_gb, how="the replica of the files"),
    "edge-logs": _access_logs(edge_requests),
    "origin-logs": _access_logs(origin_requests),
    "audit-archive": _archive,
    "restores": _other,
    "baseline-config": _other,
}


def content_of(bucket: Recorded, stack: Stack) -> Content:
    """Return what a bucket contains. Raise UnpricedError for a bucket that no row describes."""
    content = CONTENTS.get(bucket.name)
    if content is None:
        raise UnpricedError("its content isn't known: add a row to CONTENTS in reports/cost/storage.py")
    return content(stack)


def _bucket(bucket: Recorded, stack: Stack) -> Iterator[Line]:
    content = content_of(bucket, stack)
    for storage_class, months in months_in_classes(bucket, stack).items():
        if storage_class not in CLASSES:
            raise UnpricedError(f"the storage class {storage_class} has no price: add it to reports/cost/storage.py")
        price, what = CLASSES[storage_class]
        kept = content.kept_gb if storage_class == "STANDARD" else 0.0
        gb = kept + content.monthly_gb * months
        how = content.how if content.kept_gb else f"{content.how}, of {months:.1f} months"
        yield Line(price=price, quantity=gb, what=what, how=how)
    yield Line(price="s3.put", quantity=millions(content.puts), what="PUT requests", how=content.how)
    yield Line(price="s3.get", quantity=millions(content.gets), what="GET requests", how=content.how)


def months_in_classes(bucket: Recorded, stack: Stack) -> Mapping[str, float]:
    """Return the months of content in each storage class, by the bucket's lifecycle and the age of the environment."""
    age = stack.usage.months_in_service
    starts = [("STANDARD", 0.0)]
    for lifecycle in stack.of_type(LIFECYCLE):
        if lifecycle.inputs.get("bucket") != bucket.inputs.get("bucket"):
            continue
        for rule in members(lifecycle, "rules"):
            expiration = cast("Mapping[str, float]", rule.get("expiration") or {})
            if "days" in expiration:
                age = min(age, expiration["days"] / DAYS_PER_MONTH)
            moves = cast("Sequence[Mapping[str, object]]", rule.get("transitions") or ())
            starts += [(str(move["storageClass"]), float(str(move["days"])) / DAYS_PER_MONTH) for move in moves]
    starts.sort(key=lambda start: start[1])
    ends = [month for _, month in starts[1:]] + [age]
    return {
        name: max(0.0, min(end, age) - month) for (name, month), end in zip(starts, ends, strict=True) if month < age
    }


def _replication(configuration: Recorded, stack: Stack) -> Iterator[Line]:
    """Price what users store: replicas aren't replicated again."""
    name = text(configuration, "bucket")
    (bucket,) = [each for each in stack.of_type(BUCKET) if text(each, "bucket") == name]
    content = content_of(bucket, stack)
    gb = stack.usage.assets_gb if content.kept_gb else content.monthly_gb
    is_copy = bucket.name.endswith("-copy")
    how = "nothing is stored here before a promotion" if is_copy else f"{gb:,.1f} GB a month"
    yield Line(
        price="transfer.regions",
        quantity=0.0 if is_copy else gb,
        what="replication of files",
        how=how,
        region=region_of(bucket),
    )


PRICED: Mapping[str, Pricer] = {
    BUCKET: _bucket,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
}
