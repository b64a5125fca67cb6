"""The time that a search covers: `24h`, `7d`, `90m`, or a date or a time in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from operations.frame.errors import ExitCode, OperationError

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
# Ten years: more than any record is kept.
MAX_AGO = timedelta(days=3653)
_AGO = re.compile(r"(\d{1,6})([mhd])")


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """From `start` up to, but not including, `end`, in UTC."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{shown(self.start)} to {shown(self.end)} UTC"


def time_range(since: str, until: str | None, now: datetime) -> TimeRange:
    """Return the range of the options `--since` and `--until`; OperationError if it is empty."""
    start = max(time_of("--since", since, now), now - MAX_AGO)
    end = now if until is None else min(time_of("--until", until, now), now)
    if start >= end:
        raise OperationError(
            f"--since {since} is not before {f'--until {until}' if until else 'the present'}",
            code=ExitCode.USAGE,
            advice=f"It is {shown(now)} UTC.",
        )
    return TimeRange(start=start, end=end)


def shown(time: datetime) -> str:
    """Return a time as a person reads it, to the minute."""
    return f"{time:%Y-%m-%d %H:%M}"


def milliseconds(time: datetime) -> int:
    """Return the time as AWS counts it."""
    return round(time.timestamp() * 1000)


def time_of(option: str, text: str, now: datetime) -> datetime:
    """Return the time of an option: an age, a date, or a time, in UTC unless it names a zone."""
    if ago := _AGO.fullmatch(text):
        return now - min(timedelta(**{UNITS[ago[2]]: int(ago[1])}), MAX_AGO)
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise OperationError(
            f"{option} {text} is not a time",
            code=ExitCode.USAGE,
            advice="Use 90m, 24h or 7d, a date such as 2026-03-31, or a time in UTC such as 2026-03-31T14:30.",
        ) from None
