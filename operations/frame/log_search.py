"""Search of a log group by CloudWatch Logs' filter patterns."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.frame.aws import Aws

# A pattern's value is in double quotes, without any inside (CloudWatch Logs, filter pattern syntax for JSON).
QUOTE = '"'


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """A JSON event of a log group."""

    at: datetime
    fields: Mapping[str, Any]


def equals(path: str, value: str) -> str:
    """Return the condition that a field, such as `$.ticket`, has a value."""
    if QUOTE in value:
        raise ValueError(value)
    return f"({path} = {QUOTE}{value}{QUOTE})"


def search(aws: Aws, log_group: str, pattern: str, *, since: datetime, until: datetime) -> Iterator[LogEvent]:
    """Return the JSON events that match a pattern, in AWS's order.

    FilterLogEvents may answer with an empty page and a token for the next one: the token alone says that there is more.
    """
    more: dict[str, Any] = {}
    while True:
        answer = aws.logs.filter_log_events(
            logGroupName=log_group,
            filterPattern=pattern,
            startTime=int(since.timestamp() * 1000),
            endTime=int(until.timestamp() * 1000),
            **more,
        )
        for event in answer["events"]:
            at = datetime.fromtimestamp(event.get("timestamp", 0) / 1000, UTC)
            yield LogEvent(at=at, fields=json.loads(event.get("message", "{}")))
        if not answer.get("nextToken"):
            return
        more = {"nextToken": answer.get("nextToken")}
