"""The archive's files for a time: how many, how large, and which of them Athena would skip without an error.

Athena skips an object in Deep Archive that isn't restored. S3 knows the class of each object; the days of the lifecycle
don't: S3 leaves small files where they are, and a changed setting moves nothing back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from operations.audit.time_range import TimeRange
from operations.frame.context import Context

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectTypeDef

# CloudWatch Logs accepts events up to two hours ahead of their time; the oldest record's arrival names a file.
EARLY = timedelta(hours=3)
# It accepts events up to 14 days old, and a delivery is retried for 24 hours.
LATE = timedelta(days=15)
HOUR = "%Y/%m/%d/%H"
# Both need a restore before they can be read.
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


@dataclass(frozen=True, kw_only=True)
class Files:
    """What the archive has for the hours of arrival `first` to `last`."""

    first: datetime
    last: datetime
    count: int
    size: int
    # The hours of arrival of the files that can't be read, one for each file.
    unreadable: Sequence[datetime]
    # Files with batches that the delivery couldn't decompress.
    failed: int

    @property
    def readable(self) -> int:
        """Return the number of files that Athena reads."""
        return self.count - len(self.unreadable)


def files_of(context: Context, range_: TimeRange) -> Files:
    """List the files that may contain records of a time."""
    names, now = context.environment.audit_archive, context.clock.now()
    first, last = range_.start - EARLY, min(range_.end + LATE, now)
    end = f"{names.prefix}{last:{HOUR}}/~"
    count = size = 0
    unreadable: list[datetime] = []
    for file in _listed(context, names.prefix, after=f"{names.prefix}{first:{HOUR}}"):
        key = file.get("Key", "")
        if key > end:
            break
        count += 1
        if _is_readable(file, now):
            size += file.get("Size", 0)
        else:
            unreadable.append(_hour(key, names.prefix))
    failed = sum(first <= file.get("LastModified", now) <= last for file in _listed(context, names.failed))
    return Files(first=first, last=last, count=count, size=size, unreadable=unreadable, failed=failed)


def _listed(context: Context, prefix: str, after: str = "") -> Iterator["ObjectTypeDef"]:
    pages = context.aws.s3.get_paginator("list_objects_v2").paginate(
        Bucket=context.environment.audit_archive.bucket,
        Prefix=prefix,
        StartAfter=after,
        OptionalObjectAttributes=["RestoreStatus"],
    )
    for page in pages:
        yield from page.get("Contents", [])


def _is_readable(file: "ObjectTypeDef", now: datetime) -> bool:
    """Return whether an object, or its restored copy, can be read."""
    if file.get("StorageClass") not in ARCHIVED:
        return True
    restored = file.get("RestoreStatus", {})
    expiry = restored.get("RestoreExpiryDate")
    return not restored.get("IsRestoreInProgress") and expiry is not None and expiry > now


def _hour(key: str, prefix: str) -> datetime:
    hour = "/".join(key.removeprefix(prefix).split("/")[:4])
    return datetime.strptime(hour, HOUR).replace(tzinfo=UTC)
