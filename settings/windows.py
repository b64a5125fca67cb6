"""Time windows in AWS's form (UTC): daily `02:00-03:00`, weekly `sun:04:00-sun:05:00`.

Two windows are compared over the minutes of one week, which wraps around.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, StringConstraints

from settings.values import Allowed, reject_if

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY

_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = f"(?:{'|'.join(DAYS)})"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A span of minutes of the week; `length` may reach beyond the week's end."""

    start: int
    length: int

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two share a minute."""
        return (other.start - self.start) % WEEK < self.length or (self.start - other.start) % WEEK < other.length


def spans(window: str) -> Sequence[Span]:
    """Return the spans of a window: one of a weekly window, seven of a daily one."""
    start, end = window.split("-")
    if start.count(":") == 2:
        first = minute_of_week(start)
        return (Span(start=first, length=(minute_of_week(end) - first) % WEEK),)
    first = _minutes(start)
    return tuple(Span(start=day * DAY + first, length=(_minutes(end) - first) % DAY) for day in range(7))


def minute_of_week(moment: str) -> int:
    """Return the minute of a moment such as `sun:07:00`, counted from Monday 00:00."""
    day, _, time = moment.partition(":")
    return DAYS.index(day) * DAY + _minutes(time)


def weekly_cron(moment: str) -> str:
    """Return the cron expression of AWS for a moment of every week, such as `cron(0 7 ? * SUN *)`."""
    day, hour, minute = moment.split(":")
    return f"cron({int(minute)} {int(hour)} ? * {day.upper()} *)"


def overlap(window: str, others: Sequence[Span]) -> bool:
    """Return whether a window and any of some spans share a minute."""
    return any(a.overlaps(b) for a in spans(window) for b in others)


def widened(window: str, *, before: int = 0, after: int = 0) -> Sequence[Span]:
    """Return a window's spans with minutes added at their ends."""
    return tuple(Span(start=s.start - before, length=s.length + before + after) for s in spans(window))


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _at_least(minutes: int) -> AfterValidator:
    """Require a window of at least so many minutes, and less than a day, as AWS does."""

    def hint(window: str) -> str | None:
        length = spans(window)[0].length
        if minutes <= length < DAY:
            return None
        return f"it has {length} minutes" if length else "it ends where it starts"

    return reject_if(hint)


def _allowed_daily(minutes: int) -> Allowed:
    return Allowed(f"hh:mm-hh:mm in UTC, at least {minutes} minutes, such as 02:00-03:00")


def _allowed_weekly(minutes: int) -> Allowed:
    return Allowed(
        f"ddd:hh:mm-ddd:hh:mm in UTC, at least {minutes} minutes and less than a day, such as sun:04:00-sun:05:00"
    )


_DAILY = StringConstraints(pattern=f"^{_TIME}-{_TIME}$")
_WEEKLY = StringConstraints(pattern=f"^{_DAY}:{_TIME}-{_DAY}:{_TIME}$")
# Windows of at least half an hour (RDS) or an hour (ElastiCache).
DailyHalfHour: TypeAlias = Annotated[str, _DAILY, _at_least(30), _allowed_daily(30)]
DailyHour: TypeAlias = Annotated[str, _DAILY, _at_least(60), _allowed_daily(60)]
WeeklyHalfHour: TypeAlias = Annotated[str, _WEEKLY, _at_least(30), _allowed_weekly(30)]
WeeklyHour: TypeAlias = Annotated[str, _WEEKLY, _at_least(60), _allowed_weekly(60)]
Moment: TypeAlias = Annotated[
    str, StringConstraints(pattern=f"^{_DAY}:{_TIME}$"), Allowed("ddd:hh:mm in UTC, such as sun:07:00")
]
