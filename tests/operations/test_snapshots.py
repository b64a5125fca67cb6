"""`taskflow db snapshots`: every kind of both regions, and a missing or late one is an error."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from operations.frame.errors import ExitCode
from operations.recovery.source import Wish, source_of
from tests.operations.fake.wire import ServiceError
from tests.operations.restores import Administrator, administrator

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def _set(kind: str, age: timedelta, region: str = "us-east-1", status: str = "available") -> Callable[..., None]:
    def prepare(dba: Administrator) -> None:
        assert dba.world.partner
        rds = dba.world.rds if region == "us-east-1" else dba.world.partner.rds
        rds.set_snapshots(kind, [(dba.world.clock.now() - age, status)])

    return prepare


def _logs(dba: Administrator) -> None:
    dba.world.rds.log_age = HOUR


def _replication_stopped(dba: Administrator) -> None:
    assert dba.world.partner
    (backup,) = dba.world.partner.rds.kept_backups
    backup.delay = 3 * HOUR


def _not_replicated(dba: Administrator) -> None:
    assert dba.world.partner
    dba.world.partner.rds.kept_backups.clear()


LATE: dict[str, tuple[Callable[[Administrator], None], str]] = {
    "logs": (_logs, "point in time in us-east-1: the newest is 60 min old, limit 15 min"),
    "daily": (_set("automated", 27 * HOUR), "daily in us-east-1: the newest is 27 h old, limit 26 h"),
    "daily being taken": (_set("automated", HOUR, status="creating"), "daily in us-east-1: missing"),
    "weekly": (_set("awsbackup", 9 * DAY), "weekly in us-east-1: the newest is 9 days old, limit 8 days"),
    "copied": (
        _set("awsbackup", 10 * DAY, "us-west-2"),
        "copied in us-west-2: the newest is 10 days old, limit 9 days",
    ),
    "replicated": (_replication_stopped, "replicated in us-west-2: the newest is 3 h old, limit 60 min"),
    "not replicated": (_not_replicated, "replicated in us-west-2: missing"),
}


def test_all_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    assert dba.snapshots() is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert "5 of 5 backups of the schedule are there and fresh" in output
    assert all(len(line) <= 80 for line in output.splitlines() if "  " in line)


@pytest.mark.parametrize("name", LATE)
def test_a_missing_or_late_one_is_an_error(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    prepare, line = LATE[name]
    dba = administrator()
    prepare(dba)
    assert dba.snapshots() is ExitCode.CHECK_FAILED
    error = capsys.readouterr().err
    assert "1 of 5 backups of the schedule are missing or late" in error
    assert line in error


def test_what_is_read_is_shown_if_the_other_region_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()

    def unavailable(_request: object) -> Mapping[str, object]:
        raise ServiceError("ServiceUnavailable", "try again", 503)

    others = dba.world.wire.others
    others["us-west-2"] = {**others["us-west-2"], "rds DescribeDBSnapshots": unavailable}
    assert dba.snapshots() is ExitCode.CHECK_FAILED
    output = capsys.readouterr()
    assert "us-west-2 can't be read: AWS is unreachable in us-west-2" in output.err
    assert "missing" not in output.err
    assert " job-" in output.out


def test_a_young_database_lacks_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Its first weekly snapshot is due within a week."""
    dba = administrator()
    dba.rds.primary.values["InstanceCreateTime"] = dba.world.clock.now() - 3 * DAY
    _set("awsbackup", 0 * DAY, status="creating")(dba)
    dba.snapshots()
    assert "weekly" not in capsys.readouterr().err


def test_each_name_shown_is_taken_by_restore(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator(as_json=True)
    assert dba.snapshots() is ExitCode.SUCCESS
    output = capsys.readouterr()
    listed = [each for each in json.loads(output.out)["backups"] if each["region"] == "us-east-1"]
    shown = [
        line[3:].split("  ")[0].strip() for line in output.err.splitlines() if "-02-00 " in line or " job-" in line
    ]
    assert len(shown) == 6
    for name in shown:
        source = dba.terminal.run_with(lambda context, name=name: source_of(context, Wish(snapshot=name)))
        assert source.title in {each["name"] for each in listed}


def test_the_key_of_each_is_compared_with_the_stacks(capsys: pytest.CaptureFixture[str]) -> None:
    """Copies in the recovery region have another key: a restore there copies them first."""
    dba = administrator(as_json=True)
    dba.snapshots()
    backups = json.loads(capsys.readouterr().out)["backups"]
    keys = {(each["kind"], each["region"]): each["key"] for each in backups}
    assert keys["weekly", "us-east-1"] == keys["daily", "us-east-1"] == "own"
    assert keys["copied", "us-west-2"] == keys["replicated", "us-west-2"] == "other"


def test_dr_shows_its_own_region_and_requires_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """While its instance is a replica, its source has the schedule."""
    dba = administrator("dr")
    assert dba.snapshots() is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert "copyjob-" in output
    assert "us-east-1" not in output


def test_it_needs_no_ticket_and_changes_nothing() -> None:
    dba = administrator()
    dba.world.principal = "arn:aws:sts::987654321098:assumed-role/AWSReservedSSO_Read_0123456789abcdef/alice"
    assert dba.snapshots() is ExitCode.SUCCESS
    assert {call.split()[1] for call in dba.world.wire.calls} == {
        "GetCallerIdentity", "DescribeDBInstances", "DescribeDBSnapshots", "DescribeDBInstanceAutomatedBackups",
    }  # fmt: skip
