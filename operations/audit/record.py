"""One audit record, and its row in a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, cast

Source = Literal["cloudwatch", "archive"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """A log event: its time in milliseconds, its id, its log stream and its line."""

    at: int
    id: str
    stream: str
    message: str
    source: Source

    @property
    def time(self) -> datetime:
        """Return its time in UTC."""
        return datetime.fromtimestamp(self.at / 1000, UTC)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """Return the record's fields; none if the line isn't a JSON object."""
        try:
            value = json.loads(self.message)
        except ValueError:
            return {}
        return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

    def document(self) -> Mapping[str, Any]:
        """Return everything that is known of it, for --json."""
        content = {"record": self.fields} if self.fields else {"message": self.message}
        return {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "logStream": self.stream,
            "source": self.source,
            **content,
        }

    def cells(self) -> tuple[str, str, str, str]:
        """Return event, action, outcome, and who did what."""
        if not self.fields:
            return "(not JSON)", "", "", printable(self.message[:200])
        event, action, outcome = (self._text(name) for name in ("event_type", "action", "outcome"))
        return event, action, outcome, ": ".join(part for part in (self._who(), self._what()) if part)

    def _who(self) -> str:
        """Return the user, for a command role and session, without either the address."""
        session = "/".join(self._text("principal").split("/")[1:])
        return self._text("user_id") or session or self._text("source_ip")

    def _what(self) -> str:
        count = self._text("count")
        names = ("resource_type", "resource_id", "setting", "method", "error_code", "status", "target", "reason")
        parts = [self._text(name) for name in names]
        return " ".join(part for part in (*parts, f"({count})" if count else "") if part)

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        return "" if value is None else printable(str(value))


def printable(text: str) -> str:
    """Return text without control characters, which could change what a terminal shows."""
    return "".join(character if character.isprintable() else "·" for character in text)
