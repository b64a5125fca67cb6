"""What is left of a person's data in one place, when the last copy there ends, and whether that is in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from operations.data.ends import is_in_time
from operations.data.subject import Subject


class Verdict(StrEnum):
    """What a reading means for the deletion."""

    GONE = "nothing left"
    ENDS = "ends in time"
    STATED = "stated"
    KEPT = "kept by rule"
    CURRENT = "NOT DELETED"
    OVERDUE = "OVERDUE"
    LATE = "TOO LATE"
    ENDLESS = "NO END"


PROBLEMS = frozenset({Verdict.CURRENT, Verdict.OVERDUE, Verdict.LATE, Verdict.ENDLESS})


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose data, and when the application deleted it."""

    subject: Subject
    deleted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Remainder:
    """One place. `found` is the number of copies, None if they can't be told apart by person.

    `ends` is the latest moment at which the last copy can be read, None without an end. `rule` is the reason, from what
    AWS answered at `read_at`. `kept` is the reason for which a copy may stay longer than the limit.
    """

    place: str
    region: str
    found: int | None
    ends: datetime | None
    rule: str
    read_at: datetime
    is_current: bool = False
    is_stated: bool = False
    kept: str = ""
    remedy: str = ""
    command: str = ""

    def verdict(self, deleted_at: datetime) -> Verdict:
        """Return what the reading means."""
        for applies, verdict in (
            (self.is_stated, Verdict.STATED),
            (self.found == 0, Verdict.GONE),
            (self.is_current, Verdict.CURRENT),
            (bool(self.kept) and self.ends is not None and self.ends > self.read_at, Verdict.KEPT),
        ):
            if applies:
                return verdict
        return self._by_time(deleted_at)

    def _by_time(self, deleted_at: datetime) -> Verdict:
        if self.ends is None:
            return Verdict.ENDLESS
        if self.ends <= self.read_at:
            # What can't be counted by person is over by its rule alone.
            return Verdict.GONE if self.found is None else Verdict.OVERDUE
        return Verdict.ENDS if is_in_time(self.ends, deleted_at) else Verdict.LATE

    def days_after(self, deleted_at: datetime) -> int | None:
        """Return the number of calendar days in UTC from the deletion to the end."""
        return None if self.ends is None else ((self.ends - timedelta(microseconds=1)).date() - deleted_at.date()).days

    def document(self, deleted_at: datetime) -> Mapping[str, object]:
        """Return everything that is known, for --json."""
        return {
            "place": self.place,
            "region": self.region,
            "found": self.found,
            "ends": self.ends and self.ends.isoformat(),
            "daysAfter": self.days_after(deleted_at),
            "verdict": self.verdict(deleted_at).name.lower(),
            "rule": self.rule,
            "readAt": self.read_at.isoformat(),
        }
