"""`taskflow audit query`: what it finds in CloudWatch Logs and in the archive, and that it names what it can't read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.audit.queries import EVENT_FIELDS
from operations.audit.criteria import EVENT_TYPES, Criteria
from operations.audit.query import QueryOptions, query
from operations.audit.time_range import time_range
from operations.frame import report
from operations.frame.errors import ExitCode, OperationError
from tests.operations.fake.clock import START
from tests.operations.fake.log_events import LogEvent
from tests.operations.fake.wire import Fault, ServiceError, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal

# CloudWatch Logs is asked from here on: 89 days before START and the ten minutes of a world's beginning.
BOUNDARY = datetime(2026, 8, 5, 10, tzinfo=UTC)
LISTED, STARTED = "s3 ListObjectsV2", "athena StartQueryExecution"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def terminal(world: World) -> Terminal:
    return Terminal(world=world, options={})


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


# What is searched.


def test_a_record_that_a_command_wrote_is_found_again(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    world.push("v1.0.0")
    assert Terminal(world=world).release("v1.0.0") is ExitCode.SUCCESS
    world.clock.sleep(1)
    code, document = found(terminal, capsys, event="operation", ticket="change-1042")
    assert code is ExitCode.SUCCESS
    assert [each["record"] for each in document["records"]] == world.events()
    assert {each["record"]["outcome"] for each in document["records"]} == {"started", "success"}


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, None),
        ({"event": "data_access"}, '{ $.event_type = "data_access" }'),
        ({"user": "u-7f3a"}, '{ $.user_id = "u-7f3a" }'),
        ({"ticket": "incident-7"}, '{ $.ticket = "incident-7" }'),
        (
            {"event": "error", "user": "u-1", "outcome": "denied"},
            '{ ($.event_type = "error") && ($.user_id = "u-1") && ($.outcome = "denied") }',
        ),
    ],
)
def test_the_filter_is_the_documents_pattern(world: World, options: dict[str, Any], pattern: str | None) -> None:
    assert run(Terminal(world=world, options={}), **options) is ExitCode.SUCCESS
    (request,) = [request for name, request in world.wire.requests if name == "logs FilterLogEvents"]
    assert request.get("filterPattern") == pattern


@pytest.mark.parametrize("place", ["cloudwatch", "archive"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["a", "b", "c", "d"]),
        ({"event": "error"}, ["b"]),
        ({"user": "u-1"}, ["c"]),
        ({"ticket": "change-7"}, ["d"]),
        ({"outcome": "denied", "event": "data_access"}, ["a"]),
        ({"outcome": "denied", "event": "error"}, []),
    ],
)
def test_each_filter_selects_the_same_records_in_both_places(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str],
    place: str, options: dict[str, Any], expected: list[str],
) -> None:  # fmt: skip
    put = write if place == "cloudwatch" else archive
    day = 1 if place == "cloudwatch" else 120
    put(world, ago(days=day, hours=4), "a", outcome="denied")
    put(world, ago(days=day, hours=3), "b", event_type="error")
    put(world, ago(days=day, hours=2), "c", user_id="u-1")
    put(world, ago(days=day, hours=1), "d", event_type="operation", user_id=None, ticket="change-7")
    code, document = found(terminal, capsys, since=f"{day + 1}d", until=f"{day}d", **options)
    assert code is ExitCode.SUCCESS
    assert ids(document) == expected, "the oldest first"
    assert {each["source"] for each in document["records"]} <= {place}


def test_a_time_over_both_places_has_neither_gaps_nor_duplicates(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every record is in both places, in the archive twice; CloudWatch Logs hides those after 90 days."""
    times = [BOUNDARY - timedelta(days=20) + timedelta(hours=6 * number) for number in range(160)]
    exactly = [BOUNDARY - timedelta(milliseconds=1), BOUNDARY, BOUNDARY + timedelta(milliseconds=1)]
    events = [write(world, at, f"r{number}") for number, at in enumerate([*times, *exactly])]
    for event in events:
        arrived = datetime.fromtimestamp(event.timestamp / 1000, UTC) + timedelta(minutes=5)
        world.archive.deliver([event], arrived)
        world.archive.deliver([event], arrived + timedelta(hours=2))
    code, document = found(terminal, capsys, since="120d", limit=1000)
    assert code is ExitCode.SUCCESS
    assert sorted(ids(document)) == sorted(f"r{number}" for number in range(len(events)))
    moments = [each["time"] for each in document["records"]]
    assert moments == sorted(moments), "the newest last"
    boundary = BOUNDARY.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for each in document["records"]:
        assert each["source"] == ("archive" if each["time"] < boundary else "cloudwatch"), each["time"]


def test_the_archive_is_not_asked_for_what_cloudwatch_logs_has(world: World, terminal: Terminal) -> None:
    assert run(terminal, since="88d") is ExitCode.SUCCESS
    assert world.wire.calls == ["sts GetCallerIdentity", "logs FilterLogEvents"]
    assert run(terminal, since="120d", until="100d") is ExitCode.SUCCESS
    assert world.wire.calls == ["sts GetCallerIdentity", LISTED, LISTED], "it has no files, so Athena isn't asked"


@pytest.mark.parametrize("after", [timedelta(days=14, hours=23), timedelta(hours=-2)])
def test_a_record_that_arrived_late_or_early_is_found(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], after: timedelta
) -> None:
    """CloudWatch Logs accepts events of the last 14 days and of the next two hours; a delivery is retried for a day."""
    archive(world, ago(days=120), "late", after=after)
    code, document = found(terminal, capsys, since="120d", until=f"{120 * 24 - 1}h")
    assert (code, ids(document)) == (ExitCode.SUCCESS, ["late"])


def test_other_log_groups_of_the_archive_are_left_out(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    event = write(world, ago(days=120), "statement")
    world.archive.deliver([event], ago(days=120), "/aws/rds/instance/taskflow-production/postgresql")
    _, document = found(terminal, capsys, since="121d", until="119d")
    assert ids(document) == []


def test_dr_searches_its_own_region_and_archive(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(stack="dr")
    archive(world, ago(days=120), "old")
    write(world, ago(days=1), "new")
    _, document = found(Terminal(world=world, stack="dr", options={}), capsys, since="121d")
    assert ids(document) == ["old", "new"]
    assert '"taskflow_dr_audit"."records"' in world.archive.statements[0]


@pytest.mark.parametrize(("place", "day"), [("cloudwatch", "2026-10-01"), ("archive", "2026-03-31")])
def test_the_start_is_included_and_the_end_is_not(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], place: str, day: str
) -> None:
    start, end = (datetime.fromisoformat(f"{day}T{hour}:00").replace(tzinfo=UTC) for hour in (10, 11))
    put = write if place == "cloudwatch" else archive
    for moment, name in ((start, "start"), (end, "end")):
        put(world, moment - timedelta(milliseconds=1), f"before {name}")
        put(world, moment, name)
    _, document = found(terminal, capsys, since=f"{day}T10:00", until=f"{day}T11:00")
    assert ids(document) == ["start", "before end"]


# Pages and limits.


@pytest.mark.parametrize("window", [1, 7, 10_000])
def test_pages_without_records_are_not_the_end(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], window: int
) -> None:
    world.audit_log.window = window
    write(world, ago(hours=20), "first", event_type="error")
    for minute in range(100):
        write(world, ago(minutes=minute + 60))
    write(world, ago(minutes=1), "last", event_type="error")
    _, document = found(terminal, capsys, event="error")
    assert ids(document) == ["first", "last"]
    assert not document["more"]


def test_the_limit_keeps_the_newest_and_names_the_rest(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(150):
        write(world, ago(minutes=150 - number), f"r{number}")
    assert run(terminal) is ExitCode.SUCCESS
    out = capsys.readouterr().out
    assert "The newest 100 records; older ones match too." in out
    until = out.partition("--until ")[2].partition(",")[0]
    _, document = found(terminal, capsys)
    assert (ids(document), document["more"]) == ([f"r{number}" for number in range(50, 150)], True)
    _, document = found(terminal, capsys, until=until)
    assert (ids(document), document["more"]) == ([f"r{number}" for number in range(51)], False)


def test_more_than_a_page_of_each_service(world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    world.archive.page = 10
    for number in range(25):
        moment = ago(days=120, hours=number)
        events = [write(world, moment, f"old{number}-{each}") for each in range(100)]
        world.archive.deliver(events, moment)
    for number in range(2000):
        write(world, ago(minutes=number + 1))
    _, document = found(terminal, capsys, since="130d", limit=10_000)
    assert (len(ids(document)), document["more"], document["complete"]) == (4500, False, True)
    assert world.wire.calls.count("athena GetQueryResults") == 3
    assert world.wire.calls.count(LISTED) == 4, "three pages of records, one of failed batches"


def test_the_archive_is_left_out_when_the_limit_is_reached(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(11):
        write(world, ago(minutes=number + 1))
    archive(world, ago(days=120))
    assert run(terminal, since="130d", limit=10) is ExitCode.SUCCESS
    assert "The archive, before 2026-08-05 10:00 UTC, was not searched." in capsys.readouterr().out
    assert LISTED not in world.wire.calls


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_the_limit_has_limits(terminal: Terminal, limit: int) -> None:
    assert run(terminal, limit=limit) is ExitCode.USAGE


# What can't be read.


def test_files_in_deep_archive_are_named(world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    key = archive(world, ago(days=400), "deep")
    archive(world, ago(days=399), "small")
    world.archive.files[key].storage_class = "DEEP_ARCHIVE"
    assert run(terminal, since="401d", until="398d") is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "The answer is incomplete. Not read: 1 of 2 files, which arrived between 2025-09-28 10:00" in error
    assert "2025-09-28 11:00 UTC, in Deep Archive" in error
    assert "docs/runbooks/audit-query.md" in error
    code, document = found(terminal, capsys, since="401d", until="398d")
    assert (code, ids(document), document["complete"]) == (ExitCode.FAILED, ["small"], False)
    assert document["archive"]["unreadableFiles"] == 1


def test_a_restored_file_is_read(world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    file = world.archive.files[archive(world, ago(days=400), "deep")]
    file.storage_class, file.is_restoring = "DEEP_ARCHIVE", True
    options: dict[str, Any] = {"since": "401d", "until": "399d"}
    assert found(terminal, capsys, **options)[0] is ExitCode.FAILED, "the restore is in progress"
    assert STARTED not in world.wire.calls, "nothing can be read"
    file.is_restoring, file.restored_until = False, world.clock.now() + timedelta(days=7)
    code, document = found(terminal, capsys, **options)
    assert (code, ids(document)) == (ExitCode.SUCCESS, ["deep"])
    world.clock.sleep(8 * 86_400)
    assert found(terminal, capsys, since="410d", until="405d")[0] is ExitCode.FAILED, "the copy has expired"


def test_no_records_in_an_incomplete_answer_is_not_no_records(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    world.archive.files[archive(world, ago(days=400))].storage_class = "DEEP_ARCHIVE"
    assert run(terminal, since="401d", until="399d", event="error") is ExitCode.FAILED
    assert "No records match in what could be read." in capsys.readouterr().out


def test_batches_that_were_not_decompressed_are_named(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    file = world.archive.files.pop(archive(world, ago(days=120)))
    world.archive.files["records/failed/decompression-failed/2026/07/05/10/batch.json.gz"] = file
    assert run(terminal, since="121d", until="119d") is ExitCode.FAILED
    assert "Not read: 1 file below records/failed/, not decompressed at the delivery" in capsys.readouterr().err
    assert run(terminal, since="100d") is ExitCode.SUCCESS, "another time isn't affected"


def test_an_empty_result_has_a_line(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(terminal) is ExitCode.SUCCESS
    assert "No records." in capsys.readouterr().out
    assert run(terminal, event="error") is ExitCode.SUCCESS
    assert "No records match." in capsys.readouterr().out


# Errors.


def test_a_role_without_the_archive_gets_the_recent_records(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    write(world, ago(hours=1), "new")
    world.wire.denied = frozenset({LISTED})
    assert run(terminal, since="120d") is ExitCode.DENIED
    captured = capsys.readouterr()
    assert "u-7f3a" in captured.out
    assert "Only records since 2026-08-05 10:00 UTC: the archive could not be searched." in captured.err
    assert "✗ AWS denied ListObjectsV2: Access Denied (AccessDenied)" in captured.err


@pytest.mark.parametrize(
    ("call", "since", "code", "line"),
    [
        ("logs FilterLogEvents", "24h", ExitCode.DENIED, "✗ AWS denied FilterLogEvents"),
        (STARTED, "130d", ExitCode.DENIED, "✗ AWS denied StartQueryExecution"),
    ],
)
def test_a_denied_call_is_one_line(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str],
    call: str, since: str, code: ExitCode, line: str,
) -> None:  # fmt: skip
    archive(world, ago(days=120))
    world.wire.denied = frozenset({call})
    assert run(terminal, since=since) is code
    captured = capsys.readouterr()
    assert line in captured.err
    assert "No records" not in captured.out


@pytest.mark.parametrize("call", [2, 3, 4, 5, 6, 7])
def test_a_lost_network_is_one_line(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], call: int
) -> None:
    """At every call; while Athena works, the command asks again."""
    archive(world, ago(days=120), "old")
    assert run(terminal, since="130d", fault=Fault(at=call, error=unreachable)) in {
        ExitCode.UNREACHABLE, ExitCode.SUCCESS
    }  # fmt: skip
    captured = capsys.readouterr()
    assert ("AWS is unreachable in us-east-1" in captured.err) != ("u-7f3a" in captured.out)


def test_throttling_is_one_line(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ServiceError("TooManyRequestsException", "Rate exceeded")

    archive(world, ago(days=120))
    monkeypatch.setitem(world.wire.handlers, STARTED, throttled)  # pyright: ignore[reportArgumentType]
    assert run(terminal, since="130d") is ExitCode.UNREACHABLE
    assert "Rate exceeded (TooManyRequestsException)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "reason", "code", "line"),
    [
        ("FAILED", "HIVE_CURSOR_ERROR: Row is not a valid JSON Object", ExitCode.FAILED, "HIVE_CURSOR_ERROR"),
        ("FAILED", "Access Denied (Service: Amazon S3; Status Code: 403)", ExitCode.DENIED, "may read the archive"),
        ("CANCELLED", "Bytes scanned limit was exceeded", ExitCode.FAILED, "Search a shorter time"),
        ("CANCELLED", "", ExitCode.FAILED, "the query is cancelled"),
    ],
)
def test_a_query_that_athena_ends_is_explained(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str],
    state: str, reason: str, code: ExitCode, line: str,
) -> None:  # fmt: skip
    archive(world, ago(days=120))
    world.archive.states, world.archive.reason = ["RUNNING", state], reason
    assert run(terminal, since="130d") is code
    assert line in capsys.readouterr().err
    assert not world.archive.stopped, "it has ended"


def test_a_query_without_an_end_is_stopped(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    archive(world, ago(days=120))
    world.archive.states = ["RUNNING"]
    assert run(terminal, since="130d") is ExitCode.UNFINISHED
    assert "Athena has not finished after 32 minutes" in capsys.readouterr().err
    assert len(world.archive.stopped) == 1


def test_control_c_stops_the_query(world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    archive(world, ago(days=120))
    write(world, ago(hours=1))
    calls = ["sts GetCallerIdentity", "logs FilterLogEvents", LISTED, LISTED, STARTED, "athena GetQueryExecution"]
    assert run(terminal, since="130d", fault=Fault(at=len(calls), error=KeyboardInterrupt)) is ExitCode.INTERRUPTED
    assert world.wire.calls == [*calls, "athena StopQueryExecution"]
    captured = capsys.readouterr()
    assert "u-7f3a" in captured.out, "what was found"
    assert "Interrupted" in captured.err


def test_another_account_is_refused(world: World, terminal: Terminal) -> None:
    world.account = "111111111111"
    assert run(terminal) is ExitCode.REFUSED
    assert world.wire.calls == ["sts GetCallerIdentity"]


# Options.


@pytest.mark.parametrize(
    "options",
    [
        {"event": "login"},
        {"event": 'error" || $.user_id = "u-1'},
        {"user": "u'1"},
        {"user": 'u"1'},
        {"user": "u-*"},
        {"user": "u 1"},
        {"user": "alice@example.com"},
        {"user": ""},
        {"ticket": "1042"},
        {"ticket": "change-1' OR '1'='1"},
        {"outcome": "denied' OR '1'='1"},
        {"outcome": "Denied"},
    ],
)
def test_a_value_that_could_change_the_query_is_rejected(
    world: World, terminal: Terminal, options: dict[str, Any]
) -> None:
    assert run(terminal, since="130d", **options) is ExitCode.USAGE
    assert world.wire.calls == []


def test_values_reach_athena_as_parameters(world: World, terminal: Terminal) -> None:
    archive(world, ago(days=120))
    assert run(terminal, since="130d", user="007") is ExitCode.SUCCESS
    (request,) = [request for name, request in world.wire.requests if name == STARTED]
    assert request["ExecutionParameters"] == ["'/taskflow/audit'", "'007'"], "texts, not numbers"
    assert "007" not in request["QueryString"]


def test_the_event_types_are_those_of_the_saved_queries() -> None:
    assert set(EVENT_TYPES) == set(EVENT_FIELDS)
    assert Criteria(event="operation").filter_pattern() == '{ $.event_type = "operation" }'


NOW = datetime(2026, 11, 2, 10, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        ("24h", None, datetime(2026, 11, 1, 10, 30, 15, tzinfo=UTC), NOW),
        ("90m", None, datetime(2026, 11, 2, 9, 0, 15, tzinfo=UTC), NOW),
        ("7d", "6d", datetime(2026, 10, 26, 10, 30, 15, tzinfo=UTC), datetime(2026, 10, 27, 10, 30, 15, tzinfo=UTC)),
        ("2026-03-31", "2026-04-01", datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-03-31T14:30", "2027-01-01", datetime(2026, 3, 31, 14, 30, tzinfo=UTC), NOW),
        ("2026-03-31T14:30Z", None, datetime(2026, 3, 31, 14, 30, tzinfo=UTC), NOW),
        ("2026-03-31T14:30+02:00", None, datetime(2026, 3, 31, 12, 30, tzinfo=UTC), NOW),
        ("999999d", None, NOW - timedelta(days=3653), NOW),
        ("0001-01-01", None, NOW - timedelta(days=3653), NOW),
    ],
)
def test_times(since: str, until: str | None, start: datetime, end: datetime) -> None:
    range_ = time_range(since, until, NOW)
    assert (range_.start, range_.end) == (start, end)


@pytest.mark.parametrize(
    ("since", "until"),
    [("24", None), ("yesterday", None), ("-1d", None), ("1w", None), ("2027-01-01", None), ("1h", "2h"), ("", None)],
)
def test_a_wrong_time_is_a_usage_error(since: str, until: str | None) -> None:
    with pytest.raises(OperationError) as raised:
        time_range(since, until, NOW)
    assert raised.value.code is ExitCode.USAGE


# Output.


def test_the_table_fits_a_terminal(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "PLAIN_WIDTH", 80)
    write(world, ago(hours=30), event_type="configuration_change", action="password_change", outcome="interrupted",
          resource_type="workspace", resource_id="w-0b11", setting="sso.required")  # fmt: skip
    write(world, ago(hours=1), resource_type="project", resource_id="p-19c2", count=240)
    write(world, ago(minutes=5), event_type="operation", action="release", user_id=None, source_ip=None,
          principal="arn:aws:sts::987654321098:assumed-role/taskflow-devops/change-1042",
          target="release v1.5.0 (0351e58a8e16)")  # fmt: skip
    assert run(terminal, since="3d") is ExitCode.SUCCESS
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines())
    words = " ".join(out.split())
    assert "2026-11-01" in words
    assert "09:10:00 data_access read success u-7f3a: project" in words
    assert "taskflow-devops" in out
    assert "3 records." in out


def test_a_record_cannot_control_the_terminal(
    world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    write(world, ago(hours=1), action="\x1b[2Jread", user_id="u-1\nfake row")
    world.audit_log.put("task-1", int(ago(hours=1).timestamp() * 1000), "Traceback\x1b]0;title\x07")
    assert run(terminal) is ExitCode.SUCCESS
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "·[2Jread" in out
    assert "(not JSON)" in out


def test_json_has_every_field(world: World, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    write(world, ago(hours=1), "r1", resource_type="project", count=3)
    world.audit_log.put("task-2", int(ago(minutes=30).timestamp() * 1000), "not JSON")
    code, document = found(terminal, capsys, since="2h")
    assert (code, document["outcome"], document["complete"]) == (ExitCode.SUCCESS, "success", True)
    assert document["filters"] == {}
    first, second = document["records"]
    assert first == {
        "time": "2026-11-02T09:10:00.000Z",
        "logStream": "task-1",
        "source": "cloudwatch",
        "record": {
            "event_type": "data_access", "action": "read", "outcome": "success", "user_id": "u-7f3a",
            "source_ip": "198.51.100.7", "request_id": "r1", "resource_type": "project", "count": 3,
        },
    }  # fmt: skip
    assert second["message"] == "not JSON"
