"""Records that only the archive has, by Athena. components/audit/archive_search.py creates its table and workgroup."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from operations.audit.criteria import Criteria
from operations.audit.files import HOUR, Files
from operations.audit.record import Record
from operations.audit.time_range import TimeRange, milliseconds
from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.sql import literal

if TYPE_CHECKING:
    from types_boto3_athena.type_defs import RowTypeDef

# Athena stops a query after 30 minutes.
TIME_LIMIT, INTERVAL = timedelta(minutes=32), 2.0
MAX_PAGE = 1000
COLUMNS = ("event_time", "event_id", "logstream", "message")


def search_archive(context: Context, criteria: Criteria, range_: TimeRange, files: Files, limit: int) -> list[Record]:
    """Return the newest records, the newest first, at most `limit`."""
    names = context.environment.audit_archive
    sql, parameters = statement(context, criteria, range_, files, limit)
    query = context.aws.athena.start_query_execution(
        QueryString=sql,
        ExecutionParameters=parameters,
        QueryExecutionContext={"Database": names.database},
        WorkGroup=names.workgroup,
    )["QueryExecutionId"]
    try:
        failure = _failure(context, query)
    except BaseException:
        # A query that nothing waits for would go on, and cost.
        with contextlib.suppress(BotoCoreError, ClientError):
            context.aws.athena.stop_query_execution(QueryExecutionId=query)
        raise
    if failure is not None:
        raise _explained(failure)
    return [_record(row) for row in _rows(context, query)]


def statement(
    context: Context, criteria: Criteria, range_: TimeRange, files: Files, limit: int
) -> tuple[str, list[str]]:
    """Return the SQL and its execution parameters.

    The partitions are constants, so that Athena knows them before it reads. DISTINCT: a subscription and a delivery
    stream may deliver twice.
    """
    names = context.environment.audit_archive
    fields = list(criteria.fields())
    conditions = [
        f"datehour BETWEEN '{files.first:{HOUR}}' AND '{files.last:{HOUR}}'",
        # CloudWatch Logs tests a new subscription with a CONTROL_MESSAGE.
        "messagetype = 'DATA_MESSAGE'",
        "loggroup = ?",
        f"event_time >= {milliseconds(range_.start)}",
        f"event_time < {milliseconds(range_.end)}",
        *(f"json_extract_scalar(message, '$.{name}') = ?" for name, _ in fields),
    ]
    sql = "\n".join(
        (
            f"SELECT DISTINCT {', '.join(COLUMNS)}",
            f'FROM "{names.database}"."{names.table}"',
            "CROSS JOIN UNNEST(logevents) AS entry (event_id, event_time, message)",
            f"WHERE {' AND '.join(conditions)}",
            "ORDER BY event_time DESC, event_id DESC",
            f"LIMIT {limit}",
        )
    )
    values = [context.environment.audit_log_group_name, *(value for _, value in fields)]
    # Athena reads execution parameters as expressions, so that a number would be one.
    return sql, [literal(value) for value in values]


def _failure(context: Context, query: str) -> str | None:
    """Wait for a query; return why it failed, None if it succeeded."""
    progress = Progress(context=context)

    def ended() -> tuple[str, str] | None:
        execution = context.aws.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        status = execution.get("Status", {})
        found = status.get("State", "")
        if found in {"QUEUED", "RUNNING"}:
            progress.show(f"Athena: query {query} is {found.lower()}")
            return None
        return found, status.get("StateChangeReason", f"the query is {found.lower()}")

    result = poll(context.clock, ended, limit=TIME_LIMIT, interval=INTERVAL)
    if result is None:
        raise OperationError(
            f"Athena has not finished after {TIME_LIMIT.seconds // 60} minutes",
            code=ExitCode.UNFINISHED,
            advice="The query is stopped. Search a shorter time.",
        )
    state, reason = result
    return None if state == "SUCCEEDED" else reason


def _explained(reason: str) -> OperationError:
    text = " ".join(reason.split())
    if "bytes scanned limit" in text.lower():
        return OperationError(
            f"Athena stopped the query: {text}",
            advice="The workgroup limits what a query may read. Search a shorter time, one part after another.",
        )
    is_denied = "denied" in text.lower() or "not authorized" in text.lower()
    return OperationError(
        f"Athena can't search the archive: {text}",
        code=ExitCode.DENIED if is_denied else ExitCode.FAILED,
        advice="docs/runbooks/audit-query.md names the roles that may read the archive." if is_denied else "",
    )


def _rows(context: Context, query: str) -> Iterator["RowTypeDef"]:
    pages = context.aws.athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=query, PaginationConfig={"PageSize": MAX_PAGE}
    )
    is_header = True
    for page in pages:
        for row in page["ResultSet"].get("Rows", []):
            # The first row of the first page is the names of the columns.
            if not is_header:
                yield row
            is_header = False


def _record(row: "RowTypeDef") -> Record:
    values: Sequence[str] = [cell.get("VarCharValue", "") for cell in row.get("Data", [])]
    at, id_, stream, message = values
    return Record(at=int(at), id=id_, stream=stream, message=message, source="archive")
