"""`taskflow audit query`: the audit records of a time, from CloudWatch Logs and from the archive.

Section: Audit Logging (query audit logs). Read-only: it needs no ticket. An incomplete answer is an error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from operations.audit.archive import search_archive
from operations.audit.criteria import Criteria
from operations.audit.files import Files, files_of
from operations.audit.recent import search_recent
from operations.audit.record import Record
from operations.audit.time_range import TimeRange, shown, time_range
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

MAX_LIMIT = 10_000
# CloudWatch Logs hides a record as soon as its retention ends, so the archive is asked a day before.
MARGIN = timedelta(days=1)
PAGE = "docs/runbooks/audit-query.md"


@dataclass(frozen=True, kw_only=True)
class QueryOptions:
    """The options as a person enters them."""

    event: str | None = None
    user: str | None = None
    ticket: str | None = None
    outcome: str | None = None
    since: str = "24h"
    until: str | None = None
    limit: int = 100


@dataclass(kw_only=True)
class Answer:
    """What was found, the newest first; one record more than the limit means that there are more."""

    range: TimeRange
    limit: int
    found: list[Record] = field(default_factory=list[Record])
    # The archive before this time wasn't searched: the limit was reached.
    not_searched: datetime | None = None
    files: Files | None = None

    @property
    def records(self) -> Sequence[Record]:
        """Return the newest records up to the limit, the oldest first."""
        return self.found[: self.limit][::-1]

    @property
    def has_more(self) -> bool:
        """Return whether older records match."""
        return len(self.found) > self.limit


def query(context: Context, options: QueryOptions) -> None:
    """Search and print; OperationError if records may be missing."""
    if not 1 <= options.limit <= MAX_LIMIT:
        raise OperationError(f"--limit {options.limit} is not between 1 and {MAX_LIMIT}", code=ExitCode.USAGE)
    now = context.clock.now()
    criteria = Criteria(event=options.event, user=options.user, ticket=options.ticket, outcome=options.outcome)
    range_ = time_range(options.since, options.until, now)
    context.caller()
    context.report.line(f"Audit records of {context.environment.name}, {range_}", "bold")
    answer, boundary = Answer(range=range_, limit=options.limit), first_searchable(context, now)
    try:
        _search(context, criteria, answer, boundary)
    except BaseException:
        if answer.found:
            _show(context, criteria, answer)
            context.report.warning(f"Only records since {shown(boundary)} UTC: the archive could not be searched.")
        raise
    missing = list(_missing(answer))
    _show(context, criteria, answer, is_complete=not missing)
    if missing:
        raise _incomplete(missing)


def complete_answer(context: Context, criteria: Criteria, range_: TimeRange, limit: int) -> Answer:
    """Return every record of a time; OperationError if one can't be read, or if there are more than the limit."""
    answer = Answer(range=range_, limit=limit)
    _search(context, criteria, answer, first_searchable(context, context.clock.now()))
    if missing := list(_missing(answer)):
        raise _incomplete(missing)
    if answer.has_more:
        raise OperationError(f"There are more than {limit:,} audit records", advice="Name a shorter time.")
    return answer


def _incomplete(missing: Sequence[str]) -> OperationError:
    return OperationError(
        f"The answer is incomplete. Not read: {'; '.join(missing)}",
        advice=f"{PAGE} shows how to restore and read them. Then run the same command again.",
    )


def first_searchable(context: Context, now: datetime) -> datetime:
    """Return the time from which on CloudWatch Logs has every record."""
    since = now - timedelta(days=context.settings.audit.log_retention) + MARGIN
    return since.replace(minute=0, second=0, microsecond=0)


def _search(context: Context, criteria: Criteria, answer: Answer, boundary: datetime) -> None:
    """Search each record's only place: from the boundary on CloudWatch Logs, before it the archive."""
    range_, wanted = answer.range, answer.limit + 1
    if range_.end > boundary:
        recent = TimeRange(start=max(range_.start, boundary), end=range_.end)
        answer.found += search_recent(context, criteria, recent, wanted)
    if range_.start >= boundary:
        return
    old = TimeRange(start=range_.start, end=min(range_.end, boundary))
    if len(answer.found) >= wanted:
        answer.not_searched = old.end
        return
    files = answer.files = files_of(context, old)
    if files.readable:
        context.step(f"Searching {_counted(files.readable, 'file')} of the archive, {_size(files.size)}")
        answer.found += search_archive(context, criteria, old, files, wanted - len(answer.found))


def _show(context: Context, criteria: Criteria, answer: Answer, *, is_complete: bool = False) -> None:
    records, files = answer.records, answer.files
    context.report.values |= {
        "from": answer.range.start.isoformat(),
        "until": answer.range.end.isoformat(),
        "filters": dict(criteria.fields()),
        "records": [record.document() for record in records],
        "more": answer.has_more,
        "complete": is_complete,
        "archive": None if files is None else {
            "files": files.count,
            "bytesRead": files.size,
            "unreadableFiles": len(files.unreadable),
            "undeliveredFiles": files.failed,
        },
    }  # fmt: skip
    if not records:
        where = "" if is_complete else " in what could be read"
        context.report.line(f"No records match{where}." if any(criteria.fields()) else f"No records{where}.")
        return
    if not context.report.as_json:
        _table(context, records, has_event=criteria.event is None)
    if answer.has_more:
        # To the next second, so that none is missed; those of the last second appear twice.
        until = f"{records[0].time + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"
        context.report.line(f"The newest {_counted(len(records), 'record')}; older ones match too.")
        context.report.line(f"Continue with --until {until}, or raise --limit.")
    else:
        context.report.line(f"{_counted(len(records), 'record')}.")
    if answer.not_searched:
        context.report.line(f"The archive, before {shown(answer.not_searched)} UTC, was not searched.")


def _table(context: Context, records: Sequence[Record], *, has_event: bool) -> None:
    """Print a table; a day has a row of its own, so that the columns fit a terminal."""
    rows: list[tuple[str, ...]] = []
    day = None
    first = 0 if has_event else 1
    for record in records:
        if record.time.date() != day:
            day = record.time.date()
            rows.append((f"{day}",))
        rows.append((f"{record.time:%H:%M:%S}", *record.cells()[first:]))
    columns = ("UTC", "event", "action", "outcome", "who: what")
    context.report.table((columns[0], *columns[1 + first :]), rows)


def _missing(answer: Answer) -> Iterator[str]:
    """Yield what wasn't read although it may hold records of the time."""
    files = answer.files
    if files and files.unreadable:
        yield (
            f"{len(files.unreadable):,} of {_counted(files.count, 'file')}, which arrived between "
            f"{shown(min(files.unreadable))} and {shown(max(files.unreadable) + timedelta(hours=1))} UTC, "
            "in Deep Archive"
        )
    if files and files.failed:
        yield f"{_counted(files.failed, 'file')} below records/failed/, not decompressed at the delivery"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(size: int) -> str:
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1024:.1f} KiB"
