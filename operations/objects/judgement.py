"""What a restore does with each file: the version that was current before a time becomes current again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from operations.objects.versions import History, Version

# S3, CopyObject: up to 5 GB in one operation, which is all that a job can do.
MAX_COPY = 5 * 1024**3
# S3 has to retrieve these before they can be copied.
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
# The clocks of a job and of the bucket needn't agree to the second.
SKEW = timedelta(minutes=1)


class Outcome(StrEnum):
    """What a restore finds of a file."""

    DELETED = "deleted, to restore"
    REPLACED = "overwritten, to restore"
    UNCHANGED = "unchanged"
    DONE = "restored by an earlier run"
    NEW = "created since, left alone"
    OVERWRITTEN = "overwritten since, left alone"
    ARCHIVED = "archived, can't be copied"
    TOO_LARGE = "larger than 5 GiB, can't be copied by a job"


TO_RESTORE = (Outcome.DELETED, Outcome.REPLACED)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The time in which an earlier job of the same restore copied; `end` is None while it runs."""

    start: datetime
    end: datetime | None

    def contains(self, at: datetime) -> bool:
        """Whether S3's time of a version, in whole seconds, is within it."""
        return self.start.replace(microsecond=0) <= at and (self.end is None or at <= self.end + SKEW)


@dataclass(frozen=True, kw_only=True)
class Target:
    """The state to return to: before this time, in whole seconds; `deleted_only`: overwritten files stay."""

    before: datetime
    deleted_only: bool = False


def judge(history: History, target: Target, windows: Sequence[Window]) -> tuple[Outcome, Version | None]:
    """Return what to do with a file, and the version that was current then."""
    latest = history.versions[0]
    old = next((each for each in history.versions if each.at < target.before), None)
    if old is None or old.is_marker:
        # What was created and deleted since is as it was then: absent.
        return (Outcome.UNCHANGED if latest.is_marker else Outcome.NEW), None
    if old is latest:
        return Outcome.UNCHANGED, old
    if _is_done(history, old, windows):
        return Outcome.DONE, old
    if target.deleted_only and not latest.is_marker:
        return Outcome.OVERWRITTEN, old
    return _copied(latest, old), old


def _copied(latest: Version, old: Version) -> Outcome:
    """Return whether a job can copy a version, and what the copy restores."""
    if old.storage_class in ARCHIVED:
        return Outcome.ARCHIVED
    if old.size > MAX_COPY:
        return Outcome.TOO_LARGE
    return Outcome.DELETED if latest.is_marker else Outcome.REPLACED


def _is_done(history: History, old: Version, windows: Sequence[Window]) -> bool:
    """Whether an earlier job of this restore has copied the version; what users did with the copy since is theirs.

    An ETag can't tell: with a KMS key it isn't a digest, and a copy has another one.
    """
    newer = history.versions[: history.versions.index(old)]
    return any(
        not each.is_marker and each.size == old.size and any(window.contains(each.at) for window in windows)
        for each in newer
    )
