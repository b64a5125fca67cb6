"""Records that CloudWatch Logs still has, by the document's command: filter-log-events with a JSON pattern."""

from typing import TYPE_CHECKING

from operations.audit.criteria import Criteria
from operations.audit.record import Record
from operations.audit.time_range import TimeRange, milliseconds
from operations.frame.context import Context

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import FilterLogEventsRequestTypeDef

MAX_PAGE = 10_000
# Pages without a line of progress.
QUIET_PAGES = 20


def search_recent(context: Context, criteria: Criteria, range_: TimeRange, limit: int) -> list[Record]:
    """Return the newest records, the newest first, at most `limit`."""
    request: FilterLogEventsRequestTypeDef = {
        "logGroupName": context.environment.audit_log_group_name,
        "startTime": milliseconds(range_.start),
        # The last millisecond: AWS includes the end.
        "endTime": milliseconds(range_.end) - 1,
        "startFromHead": False,
        "limit": min(limit, MAX_PAGE),
    }
    if pattern := criteria.filter_pattern():
        request["filterPattern"] = pattern
    found: list[Record] = []
    pages = 0
    while len(found) < limit:
        page = context.aws.logs.filter_log_events(**request)
        found += [
            Record(
                at=event.get("timestamp", 0),
                id=event.get("eventId", ""),
                stream=event.get("logStreamName", ""),
                message=event.get("message", ""),
                source="cloudwatch",
            )
            for event in page["events"]
        ]
        pages += 1
        if pages % QUIET_PAGES == 0:
            context.step(f"{len(found):,} records in {pages} pages of CloudWatch Logs so far")
        # A page may be empty although more follow: only a missing token is the end.
        if not (token := page.get("nextToken")):
            break
        request["nextToken"] = token
    return found[:limit]
