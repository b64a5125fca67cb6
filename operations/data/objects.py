"""Objects below the person's prefix: current ones, old versions, delete markers, incomplete uploads.

Their names, which people choose, are neither printed nor kept: only counts and times.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from botocore.exceptions import ClientError

from operations.data.ends import expiring_removed_at, marker_removed_at, removed_at
from operations.data.lifecycle import Lifecycle, lifecycle_of
from operations.data.remainder import Question, Remainder
from operations.frame.aws import error_code
from operations.frame.context import Context

# CloudFront delivers most log files within an hour, and all within 24 (CloudFront, Standard logging).
LOG_DELIVERY = timedelta(days=1)
_REMOVES = "S3 removes them within 4 more days"


@dataclass(frozen=True, kw_only=True)
class _Version:
    """A version or a delete marker of an object, with the time at which its successor was written."""

    is_marker: bool
    is_latest: bool
    written: datetime
    replaced: datetime | None


def files(context: Context, question: Question, bucket: str, *, is_copy: bool = False) -> Iterator[Remainder]:
    """Read what a bucket has below the person's prefix. `is_copy`: it is the replica in the other region."""
    prefix, now = question.subject.prefix, context.clock.now()
    rules = lifecycle_of(context.aws.s3, bucket, prefix)
    versions = list(_versions(context, bucket, prefix))
    old = [each for each in versions if not each.is_latest]
    markers = [each for each in versions if each.is_latest and each.is_marker]
    uploads = list(_uploads(context, bucket, prefix))
    what = "files' copy" if is_copy else "files"
    common = Remainder(place="", region=context.environment.region, found=0, ends=None, rule="", read_at=now)
    yield replace(
        common,
        place=f"{what}: current objects",
        found=len(versions) - len(old) - len(markers),
        rule="deleted by the application",
        is_current=True,
        # Each bucket is replicated to the other one: the application deletes in the one that it uses.
        remedy="S3 has not replicated their deletion, or the application has not deleted them",
    )
    days = rules.noncurrent_days
    no_rule = f"Add a rule for old versions to the lifecycle of {bucket} (storage.bucket.oldVersions), by `pulumi up`"
    yield replace(
        common,
        place=f"{what}: old versions",
        found=len(old),
        ends=_latest((each.replaced for each in old), days, removed_at, now),
        rule=f"lifecycle: {_days(days)} after the deletion or replacement; {_REMOVES}",
        remedy=no_rule,
    )
    yield replace(
        common,
        place=f"{what}: delete markers",
        found=len(markers),
        ends=_latest(
            (each.written for each in markers), days if rules.removes_markers else None, marker_removed_at, now
        ),
        rule=f"lifecycle: removed after the last version; {_REMOVES}",
        remedy=no_rule,
    )
    yield replace(
        common,
        place=f"{what}: incomplete uploads",
        found=len(uploads),
        ends=_latest(uploads, rules.upload_days, removed_at, now),
        rule=f"lifecycle: {_days(rules.upload_days)} after the start; {_REMOVES}",
        remedy=f"Add a rule for incomplete uploads to the lifecycle of {bucket}, by `pulumi up`",
    )


def exports(context: Context, question: Question) -> Remainder:
    """Read what is left of the person's exports: they expire, and none has to be deleted."""
    names, now = context.environment.file_restores, context.clock.now()
    prefix = f"{names.exports}{question.subject.digest(context.environment.application)}/"
    rules = lifecycle_of(context.aws.s3, names.bucket, prefix)
    versions = [each for each in _versions(context, names.bucket, prefix) if not each.is_marker]
    expiry, days = rules.expiration_days, rules.noncurrent_days
    ends = None
    if expiry is not None and days is not None:
        ends = max(
            (
                removed_at(each.replaced, days) if each.replaced else expiring_removed_at(each.written, expiry, days)
                for each in versions
            ),
            default=now,
        )
    return Remainder(
        place="exports of the data",
        region=context.environment.region,
        found=len(versions),
        ends=ends,
        rule=f"lifecycle: {rules.words()}; S3 removes them within 4 more days each time",
        read_at=now,
        remedy=f"Add an expiration to the lifecycle of {names.bucket}, by `pulumi up`",
    )


def access_logs(context: Context, question: Question, bucket: str, what: str) -> Remainder:
    """Read when the last access log of the deletion's day ends. They can't be searched by person."""
    rules = lifecycle_of(context.aws.s3, bucket, "")
    return Remainder(
        place=what,
        region=context.environment.region,
        found=None,
        ends=_age_end(rules, question.deleted_at + LOG_DELIVERY),
        rule=f"lifecycle: {rules.words()}; S3 removes them within 4 more days each time",
        read_at=context.clock.now(),
        remedy=f"Add an expiration to the lifecycle of {bucket}, by `pulumi up`",
        # Decision 0044: 90 days as every log, and then S3's removal, in two steps.
        kept="Requests by network address, path and time, which can't be searched by person. They are kept for the 90 "
        "days of every log, and S3 takes some days more to remove them.",
    )


def archive(context: Context, question: Question) -> Remainder:
    """Read the lock of the audit archive."""
    bucket = context.environment.audit_archive.bucket
    lock = context.aws.s3.get_object_lock_configuration(Bucket=bucket).get("ObjectLockConfiguration", {})
    default = lock.get("Rule", {}).get("DefaultRetention", {})
    days = default.get("Days") or 365 * default.get("Years", 0)
    rules = lifecycle_of(context.aws.s3, bucket, context.environment.audit_archive.prefix)
    return Remainder(
        place="audit archive",
        region=context.environment.region,
        found=None,
        # The lock keeps a record, the lifecycle ends it.
        ends=_age_end(rules, question.deleted_at),
        rule=f"object lock: {days:,} days; lifecycle: {rules.words()}",
        read_at=context.clock.now(),
        kept="Records of who did what are kept for seven years (Data retention) and locked. They name people by the id "
        "in the database, which means nothing once its row is deleted; no names, addresses or contents.",
        remedy=f"Add an expiration to the lifecycle of {bucket} (audit.archive.retention): decision 0022 shows how",
    )


def versions_below(context: Context, bucket: str, prefix: str) -> int:
    """Return the number of versions below a prefix, 0 without the bucket."""
    try:
        return sum(not each.is_marker for each in _versions(context, bucket, prefix))
    except ClientError as error:
        if error_code(error) == "NoSuchBucket":
            return 0
        raise


def _age_end(rules: Lifecycle, written: datetime) -> datetime | None:
    if rules.expiration_days is None or rules.noncurrent_days is None:
        return None
    return expiring_removed_at(written, rules.expiration_days, rules.noncurrent_days)


def _latest(
    times: Iterable[datetime | None],
    days: int | None,
    end: Callable[[datetime, int], datetime],
    now: datetime,
) -> datetime | None:
    """Return the latest end; None without a rule. A version whose successor isn't known was replaced by now."""
    return None if days is None else max((end(each or now, days) for each in times), default=now)


def _versions(context: Context, bucket: str, prefix: str) -> Iterator[_Version]:
    """Yield the versions below a prefix. A version becomes an old one when its successor, of either kind, is written.

    S3 answers versions and delete markers as two lists, so they are ordered here.
    """
    by_key: dict[str, list[tuple[datetime, bool, bool]]] = defaultdict(list)
    for page in context.aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for kind, is_marker in (("Versions", False), ("DeleteMarkers", True)):
            listed: Sequence[Mapping[str, Any]] = cast("Any", page).get(kind, [])
            for each in listed:
                by_key[each["Key"]].append((each["LastModified"], each["IsLatest"], is_marker))
    for versions in by_key.values():
        successor = None
        # The latest first: two versions may have been written within a second.
        for written, is_latest, is_marker in sorted(versions, key=lambda each: (each[1], each[0]), reverse=True):
            yield _Version(is_marker=is_marker, is_latest=is_latest, written=written, replaced=successor)
            successor = written


def _uploads(context: Context, bucket: str, prefix: str) -> Iterator[datetime]:
    for page in context.aws.s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
        for upload in page.get("Uploads", []):
            if "Initiated" in upload:
                yield upload["Initiated"]


def _days(days: int | None) -> str:
    return "no rule" if days is None else f"{days} days"
