"""The day by which exemptions and silences are judged."""

from datetime import UTC, date, datetime


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()
