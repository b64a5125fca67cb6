"""`taskflow backup status`: the five rows of the Backup Schedule, each of which can fail."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from operations.backup.status import SCHEDULE, status
from operations.frame.errors import ExitCode
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.world import World
from tests.operations.support import Terminal

DAY = timedelta(days=1)
FILES, ASSETS = (f"taskflow-production-{name}-{ACCOUNT}" for name in ("files", "assets"))
ROWS = ("rds-automated", "rds-snapshot", "redis-snapshot", "s3-data", "cloudwatch-logs")


def healthy() -> World:
    """Return production with thirty daily backups, and the copies in the recovery region."""
    world = World()
    now = world.clock.now()
    world.rds.set_snapshots("automated", [(now - timedelta(hours=8) - DAY * day, "available") for day in range(30)])
    recovery = world.add_recovery_stack()
    recovery.backup_jobs.copies["taskflow-production"] = [(now - timedelta(hours=20), "COMPLETED")]
    return world


def found(world: World, stack: str = "production") -> tuple[ExitCode, dict[str, Any]]:
    """Run the command with --json; return its exit code and the rows by key."""
    terminal = Terminal(world=world, stack=stack, options={"as_json": True})
    rows: dict[str, Any] = {}

    def run(context: Any) -> None:
        try:
            status(context)
        finally:
            rows.update({row["row"]: row for row in json.loads(json.dumps(context.report.values))["rows"]})

    return terminal.run(run), rows


def details(row: dict[str, Any], verdict: str) -> list[str]:
    return [finding["detail"] for finding in row["findings"] if finding["verdict"] == verdict]


def test_the_rows_are_the_documents() -> None:
    assert tuple(each.key for each in SCHEDULE) == ROWS
    assert [(each.data, each.required) for each in SCHEDULE] == [
        ("RDS Automated", "daily, 30 days"),
        ("RDS Snapshot", "weekly, 90 days"),
        ("Redis Snapshot", "daily, 7 days"),
        ("S3 Data", "continuous, versioned"),
        ("CloudWatch Logs", "continuous, 90 days"),
    ]


def test_a_schedule_that_is_met_is_a_success() -> None:
    world = healthy()
    code, rows = found(world)
    assert {key: row["verdict"] for key, row in rows.items()} == dict.fromkeys(ROWS, "passed")
    assert code is ExitCode.SUCCESS
    assert not [call for call in world.wire.calls if call.split()[1].startswith(("Put", "Delete", "Modify", "Create"))]


Change = Callable[[World], object]


def _set(name: str, value: object) -> Change:
    return lambda world: setattr(world.backup_jobs, name, value)


def _copies(world: World, *points: tuple[timedelta, str]) -> None:
    now, recovery = world.clock.now(), world.partner
    assert recovery
    recovery.backup_jobs.copies["taskflow-production"] = [(now - age, state) for age, state in points]


def _no_log_groups(world: World) -> None:
    world.backup_jobs.log_groups.clear()
    world.log_groups.groups.clear()


FAILURES: dict[str, tuple[Change, str, str]] = {
    "an old daily backup": (
        lambda world: world.rds.set_snapshots("automated", [(world.clock.now() - 2 * DAY, "available")]),
        "rds-automated", "automated backup is 2 days old, limit 26 h",
    ),
    "no transaction logs": (
        lambda world: setattr(world.rds, "log_age", None), "rds-automated", "there is no restorable time",
    ),
    "few daily backups": (
        lambda world: world.rds.set_snapshots(
            "automated", [(world.clock.now() - timedelta(hours=8) - DAY * day, "available") for day in range(5)]
        ),
        "rds-automated", "restorable to the last 4 days only, not 30 days",
    ),
    "a short retention": (
        lambda world: world.rds.primary.values.update(BackupRetentionPeriod=7),
        "rds-automated", "kept for 7 days, not 30",
    ),
    "an old snapshot": (
        lambda world: setattr(world.backups, "recovery_points", [(world.clock.now() - 9 * DAY, "COMPLETED")]),
        "rds-snapshot", "weekly snapshot is 9 days old, limit 8 days",
    ),
    "a short life": (_set("kept", 30), "rds-snapshot", "kept for 30 days, not 90"),
    "a life without an end": (_set("kept", None), "rds-snapshot", "the newest one is kept without an end"),
    "no copy": (_copies, "rds-snapshot", "there is no copy in us-west-2"),
    "an old copy": (
        lambda world: _copies(world, (10 * DAY, "COMPLETED"), (DAY, "PARTIAL")),
        "rds-snapshot", "copy in us-west-2 is 10 days old, limit 9 days",
    ),
    "half a Redis snapshot": (
        lambda world: setattr(world.backups, "cache", [([world.clock.now()], "available")]),
        "redis-snapshot", "there is no snapshot",
    ),
    "Redis snapshots for a day": (
        lambda world: setattr(world.cache, "snapshot_days", 1), "redis-snapshot", "kept for 1 days, not 7",
    ),
    "suspended versions": (
        lambda world: world.backup_jobs.versioning.update({ASSETS: "Suspended"}), "s3-data", f"no versions: {ASSETS}",
    ),
    "a disabled replication": (
        lambda world: world.backup_jobs.rules.update({FILES: "Disabled"}), "s3-data", f"{FILES} isn't replicated",
    ),
    "a backlog": (
        lambda world: world.metrics.update(pending=[(world.clock.now() - 2 * DAY, 20_000.0)]),
        "s3-data", f"{FILES}: 20,000 objects wait; {ASSETS}: 20,000 objects wait",
    ),
    "a log group without an end": (
        lambda world: world.backup_jobs.log_groups.update({"/aws/rds/instance/taskflow-production-2/upgrade": None}),
        "cloudwatch-logs", "1 of 13 log groups: /aws/rds/instance/taskflow-production-2/upgrade: no end",
    ),
    "logs for a month": (
        lambda world: world.backup_jobs.log_groups.update({"RDSOSMetrics": 30}),
        "cloudwatch-logs", "1 of 12 log groups: RDSOSMetrics: 30 days",
    ),
    "no log groups": (_no_log_groups, "cloudwatch-logs", "there is no log group of this stack"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_what_is_missing_fails_its_row_and_no_other(name: str) -> None:
    change, key, detail = FAILURES[name]
    world = healthy()
    change(world)
    code, rows = found(world)
    assert code is ExitCode.CHECK_FAILED
    assert {key for key, row in rows.items() if row["verdict"] != "passed"} == {key}
    assert detail in details(rows[key], "failed")


def test_what_cant_be_read_is_no_pass() -> None:
    """A bucket without a replication is an error of S3, and a denied call says nothing of the backups."""
    world = healthy()
    world.backup_jobs.rules[FILES] = None
    world.wire.denied = frozenset({"elasticache DescribeSnapshots"})
    code, rows = found(world)
    assert code is ExitCode.CHECK_FAILED
    assert {key: row["verdict"] for key, row in rows.items()} == {
        **dict.fromkeys(ROWS, "passed"), "s3-data": "unknown", "redis-snapshot": "unknown",
    }  # fmt: skip


def test_the_recovery_stack_has_no_backups_of_its_replica() -> None:
    world = World(stack="dr")
    code, rows = found(world, "dr")
    assert {key: row["verdict"] for key, row in rows.items()} == {
        "rds-automated": "not needed",
        "rds-snapshot": "not needed",
        "redis-snapshot": "passed",
        "s3-data": "passed",
        "cloudwatch-logs": "passed",
    }
    assert code is ExitCode.SUCCESS
    assert not {call for call in world.wire.calls if call.startswith(("rds ", "backup "))}


def test_another_account_is_refused() -> None:
    world = healthy()
    world.account = "111122223333"
    assert Terminal(world=world).run(status) is ExitCode.REFUSED


def test_the_table_names_data_requirement_and_finding(capsys: pytest.CaptureFixture[str]) -> None:
    world = healthy()
    _copies(world)
    assert Terminal(world=world).run(status) is ExitCode.CHECK_FAILED
    output = capsys.readouterr()
    lines = [line.split("  ") for line in output.out.splitlines()]
    assert any("RDS Snapshot" in line and "weekly, 90 days" in line for line in map("  ".join, lines))
    assert "✗" in output.out
    assert "The Backup Schedule of taskflow-production isn't met: RDS Snapshot" in output.err
