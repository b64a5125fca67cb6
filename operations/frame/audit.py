"""Audit events of commands: who, with which ticket, what, and how it ended. Section: Audit Logging.

They go to the application's audit log group, which is archived. docs/audit-records.md describes the fields.
"""

import contextlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operations.frame.aws import Aws
from operations.frame.clock import Clock

EVENT_TYPE = "operation"


@dataclass(kw_only=True)
class AuditLog:
    """Writes the events of one run. Each run has a log stream of its own, named by day and run."""

    aws: Aws
    clock: Clock
    log_group: str
    action: str
    principal: str
    ticket: str | None
    run: str = field(default_factory=lambda: str(uuid.uuid4()))
    _stream: str | None = None

    def write(self, outcome: str, details: Mapping[str, Any]) -> None:
        """Write one event; the first one creates the stream."""
        now = self.clock.now()
        if self._stream is None:
            self._stream = self._create(now)
        event = {
            "event_type": EVENT_TYPE,
            "action": self.action,
            "outcome": outcome,
            # Fields of every record; a command has no user of the application.
            "user_id": None,
            "source_ip": None,
            "request_id": self.run,
            "principal": self.principal,
            "ticket": self.ticket,
            **details,
        }
        self.aws.logs.put_log_events(
            logGroupName=self.log_group,
            logStreamName=self._stream,
            logEvents=[{"timestamp": int(now.timestamp() * 1000), "message": json.dumps(event)}],
        )

    def _create(self, now: datetime) -> str:
        stream = f"operations/{now:%Y-%m-%d}/{self.run}"
        # A repeated request, after a lost answer, finds the stream.
        with contextlib.suppress(self.aws.logs.exceptions.ResourceAlreadyExistsException):
            self.aws.logs.create_log_stream(logGroupName=self.log_group, logStreamName=stream)
        return stream
