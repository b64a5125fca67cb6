"""The migration of a release in the fake world: awaited, started once, and never guessed at."""

import json
from datetime import timedelta
from typing import Any

import pytest

from operations.frame.errors import ExitCode
from tests.operations.fake.world import World
from tests.operations.support import Terminal, killed_at

RECORD = "/taskflow/production/release"


def test_a_release_migrates_deploys_and_verifies(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"
    assert terminal.world.migrations == ["release/v1-0-0", "release/v1-1-0"]
    assert terminal.world.ecs.tasks[-1].command == ["npm", "run", "migrate"]
    # The API's login may not change the schema: a migration acts as its owner (decision 0037).
    assert terminal.world.ecs.tasks[-1].environment == {"PGOPTIONS": "-c role=taskflow_owner"}
    # The migration runs the release's own revision, before the deployment.
    assert terminal.world.ecs.tasks[-1].definition == terminal.world.ecs.running().task_definition
    output = capsys.readouterr().out
    assert "✓ v1.1.0" in output
    assert (
        output.splitlines()[-1]
        == f"Next: taskflow release v1.1.0 --stack dr --digest {terminal.world.images['v1.1.0']}"
    )


def test_a_quick_migration_is_seen(terminal: Terminal) -> None:
    """Complaint: a migration so quick that it was never seen running was waited for until the end of the limit."""
    terminal.world.ecs.migration = (0, 0)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


@pytest.mark.parametrize("exit_code", [1, 137, None])
def test_a_failed_migration_ends_the_release(
    terminal: Terminal, exit_code: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Complaint: the deployment didn't wait for the migration, or took a missing exit code for success."""
    terminal.world.ecs.migration = (40, exit_code)
    assert terminal.release("v1.1.0") is ExitCode.FAILED
    assert terminal.world.running == "v1.0.0"
    output = capsys.readouterr()
    assert f"failed: {'no exit code' if exit_code is None else f'exit code {exit_code}'}" in output.err
    assert "error: deadlock detected" in output.out
    assert f"api/api/{terminal.world.ecs.tasks[-1].arn.rpartition('/')[2]}" in output.out


def test_a_failed_migration_is_started_again_only_on_request(terminal: Terminal) -> None:
    """Complaint: a migration ran twice."""
    terminal.world.ecs.migration = (40, 1)
    terminal.release("v1.1.0")
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert terminal.world.migrations.count("release/v1-1-0") == 1
    terminal.world.ecs.migration = (40, 0)
    assert terminal.release("v1.1.0", retry_migration=True) is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 2
    assert len({token for token, (_, _, task) in terminal.world.ecs.tokens.items() if "1-1" in task.started_by}) == 2


def test_a_migration_that_runs_is_waited_for_by_the_next_run(terminal: Terminal) -> None:
    """A migration may take hours: the command gives up waiting, the task goes on, the next run finds it."""
    terminal.world.ecs.migration = (2 * 3600, 0)
    assert terminal.release("v1.1.0") is ExitCode.UNFINISHED
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_a_migration_that_ecs_has_forgotten_is_not_started_again(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.world.ecs.migration = (2 * 3600, 0)
    assert terminal.release("v1.1.0") is ExitCode.UNFINISHED
    terminal.world.clock.sleep(timedelta(days=1).total_seconds())
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert "ECS no longer knows whether the migration of v1.1.0 succeeded" in capsys.readouterr().err
    assert terminal.release("v1.1.0", retry_migration=True) is ExitCode.UNFINISHED


def test_a_migration_that_may_have_been_started_yesterday_is_not_started_again(terminal: Terminal) -> None:
    """The process died between RunTask and the record, and the client token has expired since."""
    _forget_the_task(terminal)
    terminal.world.clock.sleep(timedelta(hours=25).total_seconds())
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_the_record_is_written_before_the_migration_is_started(terminal: Terminal) -> None:
    killed_at(terminal, "v1.1.0", "ecs RunTask")
    (release, _) = json.loads(terminal.world.parameters[RECORD])["releases"]
    assert (release["version"], release["migration"]["attempt"]) == ("v1.1.0", 1)
    assert terminal.world.migrations == ["release/v1-0-0"]


def test_two_people_who_run_the_same_release_share_its_migration(terminal: Terminal) -> None:
    """The second one has read the record before the first one wrote it."""
    before = terminal.world.parameters[RECORD]
    killed_at(terminal, "v1.1.0", "ecs DescribeTasks")
    terminal.world.parameters[RECORD] = before
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_a_version_is_not_migrated_again_days_later(terminal: Terminal) -> None:
    terminal.release("v1.1.0")
    terminal.world.clock.sleep(timedelta(days=3).total_seconds())
    terminal.rollback()
    assert terminal.release("v1.1.0", again=True) is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_a_migration_that_may_have_been_started_two_hours_ago_is_not_started_again(terminal: Terminal) -> None:
    """The client token ends an hour after the task, not after 24 hours."""
    _forget_the_task(terminal)
    terminal.world.clock.sleep(2 * 3600)
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_a_long_migration_is_found_after_its_token_has_expired(terminal: Terminal) -> None:
    terminal.world.ecs.migration = (5 * 3600, 0)
    _forget_the_task(terminal)
    terminal.world.clock.sleep(4.5 * 3600)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def _forget_the_task(terminal: Terminal) -> None:
    """Kill a release between RunTask and the record."""
    killed_at(terminal, "v1.1.0", "ecs DescribeTasks")
    record = json.loads(terminal.world.parameters[RECORD])
    record["releases"][0]["migration"] |= {"state": "starting", "task": ""}
    terminal.world.parameters[RECORD] = json.dumps(record)


def test_a_migration_that_another_run_started_with_other_parameters_is_adopted(terminal: Terminal) -> None:
    """ECS names its task in the conflict."""
    _forget_the_task(terminal)
    record = json.loads(terminal.world.parameters[RECORD])
    record["releases"][0]["migration"]["revision"] = terminal.world.ecs.running().task_definition
    terminal.world.parameters[RECORD] = json.dumps(record)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.migrations.count("release/v1-1-0") == 1


def test_a_task_that_is_shown_late_is_waited_for(terminal: Terminal) -> None:
    """The first run died before RunTask; the second one asks ten minutes later, and DescribeTasks lags."""
    killed_at(terminal, "v1.1.0", "ecs RunTask")
    world = terminal.world
    world.clock.sleep(600)
    real, lag = world.ecs.describe_tasks, iter([True, True])

    def late(request: Any) -> Any:
        return (
            {"tasks": [], "failures": []} if "ecs RunTask" in world.wire.calls and next(lag, False) else real(request)
        )

    world.wire.handlers = {**world.wire.handlers, "ecs DescribeTasks": late}
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


def test_a_release_does_not_replace_what_was_deployed_during_its_migration(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hotfix is released while the migration of v1.1.0 runs for half an hour."""
    world = terminal.world
    world.push("v1.0.1")
    world.ecs.migration = (1800, 0)
    hotfix = Terminal(world=world)
    real, done = world.ecs.describe_tasks, False

    def with_hotfix(request: Any) -> Any:
        nonlocal done
        if "ecs RunTask" in world.wire.calls and not done and world.clock.now() > world.ecs.tasks[-1].started_at:
            done = True
            calls = list(world.wire.calls)
            world.ecs.deploy(world.register("v1.0.1"))
            world.clock.sleep(300)
            world.wire.calls[:] = calls
        return real(request)

    world.wire.handlers = {**world.wire.handlers, "ecs DescribeTasks": with_hotfix}
    assert terminal.release("v1.1.0") is ExitCode.FAILED
    assert "The service was changed during the migration" in capsys.readouterr().err
    assert world.running == "v1.0.1"
    assert hotfix.release("v1.1.0") is ExitCode.SUCCESS
    assert world.migrations.count("release/v1-1-0") == 1


def test_another_release_waits_for_a_running_migration(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.push("v1.2.0")
    terminal.world.ecs.migration = (2 * 3600, 0)
    assert terminal.release("v1.1.0") is ExitCode.UNFINISHED
    assert terminal.release("v1.2.0") is ExitCode.REFUSED
    assert "The migration of v1.1.0 is running" in capsys.readouterr().err


def test_another_release_waits_for_a_migration_whose_run_was_killed(terminal: Terminal) -> None:
    """The record says that it was being started, and doesn't know its task."""
    terminal.world.push("v1.2.0")
    terminal.world.ecs.migration = (2 * 3600, 0)
    _forget_the_task(terminal)
    assert terminal.release("v1.2.0") is ExitCode.REFUSED
    terminal.world.clock.sleep(1800)
    assert terminal.release("v1.2.0") is ExitCode.REFUSED


def test_a_replica_is_not_migrated() -> None:
    """dr's database receives the schema from production, also for the time after its promotion."""
    world = World(stack="dr")
    world.push("v1.0.0")
    terminal = Terminal(world=world, stack="dr")
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    assert world.running == "v1.0.0"
    assert world.migrations == []
    assert json.loads(world.parameters["/taskflow/dr/release"])["migrated"] == ["v1.0.0"]


def test_a_task_that_ecs_could_not_start_is_no_migration(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """RunTask answers failures with HTTP 200."""
    terminal.world.ecs.task_failure = "Capacity is unavailable at this time"
    assert terminal.release("v1.1.0") is ExitCode.FAILED
    assert "didn't start the migration: Capacity is unavailable" in capsys.readouterr().err
    terminal.world.ecs.task_failure = ""
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
