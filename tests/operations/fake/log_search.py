"""FilterLogEvents: filter patterns for JSON events, in pages of which some are empty."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, cast

from tests.operations.fake.wire import ServiceError

TOKEN = re.compile(r'\s*(&&|\|\||[(){}=]|"[^"]*"|\$[\w.]+)')


@dataclass(kw_only=True)
class LogEvents:
    """The events of all log groups of a region."""

    events: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    groups: set[str] = field(default_factory=lambda: {"/taskflow/audit", "/taskflow/production/trail"})
    # Events on a page; AWS may answer with an empty page first.
    page: int = 2

    def add(self, group: str, at: datetime, event: Mapping[str, Any]) -> None:
        self.events.append((group, int(at.timestamp() * 1000), json.dumps(event)))

    def filter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["logGroupName"] not in self.groups:
            raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
        found = [
            {"timestamp": at, "message": message, "logStreamName": "stream"}
            for group, at, message in self.events
            if group == request["logGroupName"]
            and request["startTime"] <= at <= request["endTime"]
            and matches(request["filterPattern"], json.loads(message))
        ]
        # Several streams: the events are in no order.
        found.reverse()
        start = int(request.get("nextToken", "-1"))
        if start < 0:
            return {"events": [], "nextToken": "0"}
        more = {"nextToken": str(start + self.page)} if start + self.page < len(found) else {}
        return {"events": found[start : start + self.page], **more}


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether an event has the values that a pattern requires: `{ ($.a = "x") && (($.b = "y") || …) }`."""
    tokens = TOKEN.findall(pattern)
    assert "".join(tokens) == re.sub(r'\s(?=(?:[^"]*"[^"]*")*[^"]*$)', "", pattern), pattern
    assert (tokens[0], tokens[-1]) == ("{", "}")
    rest = tokens[1:-1]
    result = _either(rest, event)
    assert not rest, pattern
    return result


def _either(tokens: list[str], event: Mapping[str, Any]) -> bool:
    result = _both(tokens, event)
    while tokens and tokens[0] == "||":
        tokens.pop(0)
        other = _both(tokens, event)
        result = result or other
    return result


def _both(tokens: list[str], event: Mapping[str, Any]) -> bool:
    result = _condition(tokens, event)
    while tokens and tokens[0] == "&&":
        tokens.pop(0)
        other = _condition(tokens, event)
        result = result and other
    return result


def _condition(tokens: list[str], event: Mapping[str, Any]) -> bool:
    if tokens[0] == "(":
        tokens.pop(0)
        result = _either(tokens, event)
        assert tokens.pop(0) == ")"
        return result
    path, equal, value = tokens.pop(0), tokens.pop(0), tokens.pop(0)
    assert equal == "="
    current: object = event
    for name in path.removeprefix("$.").split("."):
        current = cast("Mapping[str, object]", current).get(name) if isinstance(current, Mapping) else None
    return isinstance(current, str) and fnmatchcase(current, value.strip('"'))
