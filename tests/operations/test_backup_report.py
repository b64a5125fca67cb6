"""`taskflow backup report`: the evidence of restore tests, and what is no evidence."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from operations.backup.report import report
from operations.frame.errors import ExitCode
from tests.operations.fake.world import World
from tests.operations.support import Terminal

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def found(world: World, stack: str = "production", **options: Any) -> tuple[ExitCode, dict[str, Any]]:
    """Run the command; return its exit code and the values of its JSON document."""
    values: dict[str, Any] = {}

    def run(context: Any) -> None:
        try:
            report(context, **options)
        finally:
            values.update(context.report.values)

    code = Terminal(world=world, stack=stack, options={"as_json": True}).run(run)
    return code, json.loads(json.dumps(values, default=str))


def test_a_validated_test_is_the_evidence() -> None:
    world = World()
    code, values = found(world)
    assert code is ExitCode.SUCCESS
    assert (values["problem"], values["missing"], values["failures"]) == ("", [], [])
    assert [test["id"] for test in values["restoreTests"]] == [f"restore-{week}" for week in range(4)]
    assert len(values["backups"]) == len(values["copies"]) == 4
    assert not [call for call in world.wire.calls if call.split()[1].startswith(("Put", "Start", "Delete"))]


def _last(**changed: Any) -> Callable[[World], None]:
    """Change the newest restore test."""
    return lambda world: world.backup_jobs.restore_jobs[0].update(changed)


def _all(**changed: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        for job in world.backup_jobs.restore_jobs:
            job.update(changed)

    return change


def _without(*names: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        for name in names:
            del world.backup_jobs.restore_jobs[0][name]

    return change


def _drop_newest(world: World) -> None:
    del world.backup_jobs.restore_jobs[0]
    world.clock.sleep(3 * 86_400)


PROBLEMS: dict[str, tuple[Callable[[World], None], str]] = {
    "failed": (_last(Status="FAILED", StatusMessage="No subnets"), "failed: No subnets"),
    "aborted without a message": (_last(Status="ABORTED"), "failed: ABORTED"),
    "running": (_last(Status="RUNNING"), "isn't complete yet: running"),
    "wrong data": (
        _last(ValidationStatus="FAILED", ValidationStatusMessage="the application's query isn't true"),
        "failed its validation: the application's query isn't true",
    ),
    "timed out": (_last(ValidationStatus="TIMED_OUT"), "wasn't validated: TIMED_OUT"),
    "not validated": (_without("ValidationStatus", "ValidationStatusMessage"), "wasn't validated"),
    "late": (_drop_newest, "is 10 days old, limit 8 days"),
    "none": (lambda world: world.backup_jobs.restore_jobs.clear(), "There is no restore test since"),
    "of another plan": (
        _all(CreatedBy={"RestoreTestingPlanArn": "arn:aws:backup:us-east-1:987654321098:restore-testing-plan:a-1"}),
        "There is no restore test since",
    ),
    "by a person": (_all(CreatedBy={}), "There is no restore test since"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_test_that_proves_nothing_is_a_failed_check(name: str) -> None:
    change, problem = PROBLEMS[name]
    world = World()
    change(world)
    code, values = found(world)
    assert code is ExitCode.CHECK_FAILED
    assert problem in values["problem"]


def test_a_new_database_needs_no_test_yet() -> None:
    world = World()
    world.backup_jobs.restore_jobs.clear()
    world.backup_jobs.backup_jobs.clear()
    world.backup_jobs.copy_jobs.clear()
    world.rds.primary.values["InstanceCreateTime"] = world.clock.now() - 3 * DAY
    code, values = found(world)
    assert code is ExitCode.SUCCESS
    assert values["missing"] == []


def test_a_week_without_a_result_is_named() -> None:
    """Failures of other weeks don't hide it, and a failed job is no result."""
    world = World()
    world.backup_jobs.backup_jobs[1].update(State="EXPIRED", StatusMessage="start window")
    del world.backup_jobs.copy_jobs[2]
    world.backup_jobs.restore_jobs[3].update(ValidationStatus="FAILED")
    code, values = found(world)
    assert code is ExitCode.SUCCESS, "the last test is a proof"
    assert [gap.partition(": ")[2] for gap in values["missing"]] == [
        "no weekly snapshot", "no copy", "no validated restore test",
    ]  # fmt: skip
    assert values["failures"] == ["back-1"]


def test_the_days_limit_what_is_listed() -> None:
    world = World()
    _, values = found(world, days=8)
    assert len(values["restoreTests"]) == 2
    assert values["missing"] == []


def test_a_replica_has_no_restore_tests(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(stack="dr")
    assert Terminal(world=world, stack="dr").run(report) is ExitCode.SUCCESS
    assert "is a replica" in capsys.readouterr().out
    assert world.wire.calls == ["sts GetCallerIdentity"]


def test_the_file_has_the_result_the_tables_and_the_ids(tmp_path: Path) -> None:
    world = World()
    _last(ValidationStatus="FAILED", ValidationStatusMessage="a | b")(world)
    file = tmp_path / "backups.md"
    assert Terminal(world=world).run(partial(report, output=file)) is ExitCode.CHECK_FAILED
    text = file.read_text()
    assert "**Result.** The last restore test" in text
    assert "a \\| b" in text
    assert "- restore restore-0\n" in text
    # The same page again is the same file; another one doesn't replace it.
    assert Terminal(world=world).run(partial(report, output=file)) is ExitCode.CHECK_FAILED
    assert sorted(tmp_path.iterdir()) == [file]


def test_denied_lists_end_the_command() -> None:
    """A list that can't be read is no evidence, not an empty one."""
    world = World()
    world.wire.denied = frozenset({"backup ListRestoreJobs"})
    assert Terminal(world=world).run(report) is ExitCode.DENIED
