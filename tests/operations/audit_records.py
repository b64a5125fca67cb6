"""Records in both of their places, and runs of `taskflow audit query`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.audit.query import QueryOptions, query
from operations.frame.errors import ExitCode
from tests.operations.fake.clock import START
from tests.operations.fake.log_events import LogEvent
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

# CloudWatch Logs is asked from here on: 89 days before START and the ten minutes of a world's beginning.
BOUNDARY = datetime(2026, 8, 5, 10, tzinfo=UTC)
LISTED, STARTED = "s3 ListObjectsV2", "athena StartQueryExecution"


def run(terminal: Terminal, fault: Fault | None = None, **options: Any) -> ExitCode:
    return terminal.run(lambda context: query(context, QueryOptions(**options)), fault)


def found(terminal: Terminal, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[ExitCode, dict[str, Any]]:
    """Run with --json; return the exit code and the document."""
    terminal.options["as_json"] = True
    capsys.readouterr()
    code = run(terminal, **options)
    return code, json.loads(capsys.readouterr().out)


def ids(document: Mapping[str, Any]) -> list[str]:
    return [each["record"]["request_id"] for each in document["records"]]


def write(world: World, at: datetime, request: str = "r", **fields: object) -> LogEvent:
    """Write a record of the application, as CloudWatch Logs gets it."""
    record = {"event_type": "data_access", "action": "read", "outcome": "success", "user_id": "u-7f3a"}
    line = json.dumps({**record, "source_ip": "198.51.100.7", "request_id": request, **fields})
    return world.audit_log.put("task-1", int(at.timestamp() * 1000), line)


def archive(
    world: World, at: datetime, request: str = "r", *, after: timedelta = timedelta(0), **fields: object
) -> str:
    """Write a record and deliver it to the archive; return the file's key. `after` is how late it arrives."""
    event = write(world, at, request, **fields)
    world.audit_log.events.remove(event)
    return world.archive.deliver([event], at + after)


def ago(**time: float) -> datetime:
    return START + timedelta(minutes=10) - timedelta(**time)
