"""The log group of the audit records: events with times, and FilterLogEvents with its traps.

A page looks at a number of events, matching or not, so that pages may be empty while others follow; events are hidden
once their retention is over.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.wire import ServiceError

RETENTION = timedelta(days=90)
_CONDITION = r'\$\.(\w+) = "([A-Za-z0-9._:-]*)"'
_PATTERNS = re.compile(rf"\{{ (?:{_CONDITION}|\({_CONDITION}\)(?: && \({_CONDITION}\))+) \}}")


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One event of a log group."""

    timestamp: int
    id: str
    stream: str
    message: str


@dataclass(kw_only=True)
class LogEvents:
    """The events of one log group. `window` is the number of events that a page looks at."""

    clock: FakeClock
    events: list[LogEvent] = field(default_factory=list[LogEvent])
    window: int = 10_000

    def put(self, stream: str, timestamp: int, message: str) -> LogEvent:
        """Add an event; its id is the one that subscriptions and searches show."""
        event = LogEvent(timestamp=timestamp, id=f"{len(self.events):056d}", stream=stream, message=message)
        self.events.append(event)
        return event

    def filter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer FilterLogEvents."""
        first = max(request["startTime"], _milliseconds(self.clock, RETENTION))
        candidates = [event for event in self.events if first <= event.timestamp <= request["endTime"]]
        candidates.sort(key=lambda event: (event.timestamp, event.id), reverse=not request.get("startFromHead", True))
        start = offset = int(request.get("nextToken", "0"))
        page: list[LogEvent] = []
        while offset < len(candidates) and len(page) < request.get("limit", 10_000):
            page += [each for each in candidates[offset : offset + 1] if matches(request.get("filterPattern"), each)]
            offset += 1
            if offset % self.window == 0:
                break
        # AWS gives a token also at the end of a full page after which nothing follows.
        token = {"nextToken": str(offset)} if offset < len(candidates) or offset - start == self.window else {}
        return {"events": [_shown(event) for event in page], "searchedLogStreams": [], **token}


def matches(pattern: str | None, event: LogEvent) -> bool:
    """Evaluate a filter pattern of the forms that the commands send; ValueError for any other."""
    if pattern is None:
        return True
    if not _PATTERNS.fullmatch(pattern):
        raise ServiceError("InvalidParameterException", f"Invalid filter pattern: {pattern}")
    try:
        record = json.loads(event.message)
    except ValueError:
        return False
    return all(record.get(name) == value for name, value in re.findall(_CONDITION, pattern))


def _shown(event: LogEvent) -> Mapping[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.timestamp,
        "eventId": event.id,
    }


def _milliseconds(clock: FakeClock, ago: timedelta) -> int:
    return int((clock.now() - ago).timestamp() * 1000)
