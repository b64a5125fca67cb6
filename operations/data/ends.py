"""When AWS has removed the last copy: the latest moment that its rules allow, from the moment of the deletion.

Each function returns an upper bound: the copy may be gone earlier, never later. Where AWS names no limit, the
allowance is written here, and a copy that is still there after it is reported as overdue.
"""

from datetime import datetime, time, timedelta

# The document's Right to deletion, with its 90 days of backups and logs: calendar days in UTC.
LIMIT_DAYS = 90

# S3 removes an expired version asynchronously, and names no limit ("there might be a delay"). settings/storage.py lets
# old versions live 85 days at most, which leaves a day for the rounding and these.
S3_REMOVAL = timedelta(days=4)
# AWS Backup deletes within 8 hours after the end of a recovery point's life (AWS Backup, Deleting backups).
BACKUP_REMOVAL = timedelta(hours=8)
# RDS and ElastiCache delete automatic snapshots in their daily cycle: a day until the next one, and one to spare.
DAILY_REMOVAL = timedelta(days=2)
# The longest validation window of AWS Backup's restore tests is 168 hours.
RESTORE_TEST = timedelta(hours=168)


def last_day(deleted_at: datetime) -> datetime:
    """Return the end of the last day on which a copy may exist."""
    return datetime.combine((deleted_at + timedelta(days=LIMIT_DAYS + 1)).date(), time(), deleted_at.tzinfo)


def is_in_time(end: datetime, deleted_at: datetime) -> bool:
    """Whether a copy that ends then ends within the limit."""
    return end <= last_day(deleted_at)


def expired_at(since: datetime, days: int) -> datetime:
    """Return when a rule of S3 takes effect: S3 rounds up to the next midnight in UTC."""
    return datetime.combine((since + timedelta(days=days + 1)).date(), time(), since.tzinfo)


def removed_at(since: datetime, days: int) -> datetime:
    """Return when S3 has removed what a rule expires: an old version, or the parts of an incomplete upload."""
    return expired_at(since, days) + S3_REMOVAL


def marker_removed_at(since: datetime, noncurrent_days: int) -> datetime:
    """Return when S3 has removed a delete marker: once no version is behind it, as if it expired on the same day."""
    return removed_at(removed_at(since, noncurrent_days), 0)


def expiring_removed_at(written: datetime, days: int, noncurrent_days: int) -> datetime:
    """Return when S3 has removed an object that expires by age: it becomes an old version first."""
    return removed_at(removed_at(written, days), noncurrent_days)


def daily_removed_at(newest: datetime, days: int) -> datetime:
    """Return when the last automatic snapshot that has the data is gone, from RDS or ElastiCache."""
    return newest + timedelta(days=days) + DAILY_REMOVAL


def expires_at(last: datetime, days: float) -> datetime:
    """Return when log events and messages can no longer be read: both services hide them once their time is over."""
    return last + timedelta(days=days)
