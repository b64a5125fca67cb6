"""Windows of time, as AWS takes them (UTC): every day `02:00-03:00`, or once a week `sun:04:00-sun:05:00`.

Two windows are compared over the minutes of one week, which begins again where it ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from settings.values import Text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY

_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = f"(?:{'|'.join(DAYS)})"


@dataclass(frozen=True, kw_only=True)
class Span:
    """From one minute of the week to another; `length` may lead beyond the week's end."""

    start: int
    length: int

    def meets(self, other: "Span") -> bool:
        """Whether the two share a minute."""
        return (other.start - self.start) % WEEK < self.length or (self.start - other.start) % WEEK < other.length


def spans(window: str) -> Sequence[Span]:
    """Give the spans of a window's text: one of a weekly window, seven of a daily one."""
    start, end = window.split("-")
    if start.count(":") == 2:
        begun = minute_of_week(start)
        return (Span(start=begun, length=(minute_of_week(end) - begun) % WEEK),)
    begun = _minutes(start)
    return tuple(Span(start=day * DAY + begun, length=(_minutes(end) - begun) % DAY) for day in range(7))


def minute_of_week(moment: str) -> int:
    """Give the minute of a moment such as `sun:07:00`, counted from the beginning of Monday."""
    day, _, time = moment.partition(":")
    return DAYS.index(day) * DAY + _minutes(time)


def meet(first: str, second: Sequence[Span]) -> bool:
    """Whether a window's text and some spans share a minute."""
    return any(a.meets(b) for a in spans(first) for b in second)


def widened(window: str, *, before: int = 0, after: int = 0) -> Sequence[Span]:
    """Give a window's spans with minutes added at their ends."""
    return tuple(Span(start=s.start - before, length=s.length + before + after) for s in spans(window))


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _length(least: int, most: int) -> Callable[[str], str | None]:
    def complaint(window: str) -> str | None:
        length = spans(window)[0].length
        if least <= length <= most:
            return None
        return f"it has {length} minutes" if length else "it ends where it begins"

    return complaint


def daily(least: int) -> Text:
    """Give the kind of a daily window of at least so many minutes."""
    return Text(
        name="daily window",
        allowed=f"hh:mm-hh:mm in UTC, of at least {least} minutes, such as 02:00-03:00",
        pattern=f"{_TIME}-{_TIME}",
        complaint=_length(least, DAY - 1),
    )


def weekly(least: int) -> Text:
    """Give the kind of a weekly window of at least so many minutes, and less than a day, as AWS has it."""
    return Text(
        name="weekly window",
        allowed=f"ddd:hh:mm-ddd:hh:mm in UTC, of at least {least} minutes and less than a day, "
        "such as sun:04:00-sun:05:00",
        pattern=f"{_DAY}:{_TIME}-{_DAY}:{_TIME}",
        complaint=_length(least, DAY - 1),
    )


Moment: TypeAlias = Annotated[
    str,
    Text(
        name="moment of the week",
        allowed="ddd:hh:mm in UTC, such as sun:07:00",
        pattern=f"{_DAY}:{_TIME}",
    ),
]
