"""What a search selects, as a filter pattern of CloudWatch Logs and as conditions of SQL.

Values reach AWS only after they match a pattern without quotes, wildcards and spaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from operations.frame.context import TICKET
from operations.frame.errors import ExitCode, OperationError

# As in components/audit/queries.py, which the commands may not import: it needs the SDK.
EVENT_TYPES = ("authentication", "data_access", "configuration_change", "error", "operation")
_USER, _OUTCOME = re.compile(r"[A-Za-z0-9._:-]{1,128}"), re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Values that fields of a record must have; None: any."""

    event: str | None = None
    user: str | None = None
    ticket: str | None = None
    outcome: str | None = None

    def __post_init__(self) -> None:
        if self.event is not None and self.event not in EVENT_TYPES:
            raise OperationError(
                f"--event {self.event} is not an event type",
                code=ExitCode.USAGE,
                advice=f"Event types: {', '.join(EVENT_TYPES)}.",
            )
        for option, value, pattern, form in (
            ("--user", self.user, _USER, "the user's id in the database: letters, digits and . _ : -"),
            ("--of-ticket", self.ticket, TICKET, "incident-… or change-…"),
            ("--outcome", self.outcome, _OUTCOME, "a word such as success, failure or denied"),
        ):
            if value is not None and not pattern.fullmatch(value):
                raise OperationError(f"{option} {value} is invalid", code=ExitCode.USAGE, advice=f"It is {form}.")

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield each field of a record with the value that it must have."""
        for name, value in (
            ("event_type", self.event),
            ("user_id", self.user),
            ("ticket", self.ticket),
            ("outcome", self.outcome),
        ):
            if value is not None:
                yield name, value

    def filter_pattern(self) -> str | None:
        """Return the filter pattern; None selects every record."""
        conditions = [f'$.{name} = "{value}"' for name, value in self.fields()]
        if len(conditions) > 1:
            conditions = [f"({condition})" for condition in conditions]
        return f"{{ {' && '.join(conditions)} }}" if conditions else None
