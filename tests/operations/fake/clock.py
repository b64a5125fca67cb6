"""A clock that moves only when a command sleeps, or when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


@dataclass(kw_only=True)
class FakeClock:
    """The time of the fake world; `listeners` are told after each move."""

    time: datetime = START
    listeners: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        for listener in self.listeners:
            listener()
