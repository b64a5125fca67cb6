"""`taskflow audit query`: its errors, its options and its output."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.audit.queries import EVENT_FIELDS
from operations.audit.criteria import EVENT_TYPES, Criteria
from operations.audit.time_range import time_range
from operations.frame import report
from operations.frame.errors import ExitCode, OperationError
from tests.operations.audit_records import LISTED, STARTED, ago, archive, found, run, write
from tests.operations.fake.wire import Fault, ServiceError, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def terminal(world: World) -> Terminal:
    return Terminal(world=world, options={})


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
