"""`taskflow audit query`: what it finds in CloudWatch Logs and in the archive, and that it names what it can't read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.frame.errors import ExitCode
from tests.operations.audit_records import BOUNDARY, LISTED, STARTED, ago, archive, found, ids, run, write
from tests.operations.fake.world import World
from tests.operations.support import Terminal


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def terminal(world: World) -> Terminal:
    return Terminal(world=world, options={})


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
