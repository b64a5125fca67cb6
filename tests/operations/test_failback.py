"""`taskflow dr failback` in the fake world: the way, what it refuses, and its way back."""

import contextlib
import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest

from operations.dr.plan import standby_of
from operations.dr.stacks import stacks_of
from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from operations.frame.http import Answer
from operations.frame.pulumi import Step
from operations.frame.stack_file import change_settings
from sandbox.__main__ import PROJECT
from settings.load import load_file
from tests.operations.deploying import TICKET
from tests.operations.fake.wire import Fault, Killed
from tests.operations.recovering import REGION, Regions
from tests.operations.returning import DR, DR_REPLICA, FIRST, SECOND, Returner, prepared, returner, step


@pytest.fixture
def person() -> Returner:
    return returner()


@pytest.fixture
def ready() -> Returner:
    return prepared()


def events(person: Returner) -> list[dict[str, object]]:
    return [each for each in person.recovery.events() if each["action"] == "dr failback"]


# The way.


def test_the_first_run_prepares_and_stops_nothing(person: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    """Users notice nothing before the window that is announced."""
    assert person.failback() is ExitCode.SUCCESS
    assert "dr serves users as before" in capsys.readouterr().out
    assert person.recovery.written() == {DR}
    assert "ReadReplicaSourceDBInstanceIdentifier" in person.world.rds.find(SECOND).values
    assert load_file(person.folder, "production").rds.serving_identifier() == FIRST


def test_a_failback_returns_users_without_loss(ready: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    person = ready
    before = len(events(person))
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()
    output = capsys.readouterr().out
    assert "✓ Production serves users, and dr stands by" in output
    assert "outage, since dr stopped" in output
    first, last = events(person)[before:]
    assert (first["outcome"], last["outcome"]) == ("started", "success")
    assert (last["loss_seconds"], last["ticket"]) == (0, TICKET)
    assert 0 < int(str(last["outage_seconds"])) < 30 * 60
    assert person.world.wire.unanswered == []


def test_the_stack_files_say_what_is_deployed(ready: Returner) -> None:
    ready.failback()
    production, recovery = (load_file(ready.folder, each) for each in ("production", "dr"))
    assert (production.rds.serving_identifier(), recovery.rds.serving_identifier()) == (SECOND, DR_REPLICA)
    assert (production.rds.serves_writes(), recovery.rds.serves_writes()) == (True, False)
    assert (recovery.service.min_count, recovery.load_balancer.origin_takes_traffic) == (2, False)


def test_dr_is_ready_again(ready: Returner) -> None:
    """The next promotion takes the new replica, by the setting of the successor."""
    ready.failback()
    standby = ready.run_with(lambda context: standby_of(stacks_of(context)))
    assert (standby.name, standby.setting, standby.is_promoted) == (DR_REPLICA, "rds.successor.promoted", False)


def test_a_second_run_changes_nothing(ready: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    ready.failback()
    writes = len(events(ready))
    assert ready.failback() is ExitCode.SUCCESS
    assert "Production serves users already" in capsys.readouterr().out
    assert len(events(ready)) == writes


def test_production_runs_what_dr_runs(person: Returner) -> None:
    """A release during the recovery was made in dr; its migration isn't run again."""
    for world in (person.world, person.recovery):
        world.push("v1.1.0")
    person.stack = "dr"
    assert person.release("v1.1.0") is ExitCode.SUCCESS
    person.stack = "production"
    person.world.clock.sleep(600)
    assert person.come_back() is ExitCode.SUCCESS
    person.require_returned()
    running = [world.ecs.running().image for world in (person.world, person.recovery)]
    assert running[0].partition("@")[2] == running[1].partition("@")[2] == person.world.images["v1.1.0"]


# What it refuses.


def image_missing(person: Returner) -> str:
    person.recovery.push("v1.1.0")
    person.stack = "dr"
    assert person.release("v1.1.0") is ExitCode.SUCCESS
    person.stack = "production"
    return "us-east-1 has no image"


def production_runs(person: Returner) -> str:
    person.world.scaling.maximum = 4
    person.world.ecs.scale(4)
    return "4 tasks of production run"


def latch_off(person: Returner) -> str:
    person.recovery.turn_latch(on=False)
    return "users aren't sent to dr"


def files_failed(person: Returner) -> str:
    person.recovery.gauges["operationsFailedReplication"] = lambda _: 1.0
    return "add --files-checked"


def release_runs(person: Returner) -> str:
    person.recovery.push("v1.1.0")
    person.recovery.ecs.deploy(person.recovery.ecs.running().task_definition)
    return "a deployment has been running"


REASONS = [image_missing, production_runs, latch_off, files_failed, release_runs]


@pytest.mark.parametrize("make", REASONS[:2])
def test_before_the_switch_it_is_looked_up_again(
    ready: Returner, make: Callable[[Returner], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Days may lie between the two runs."""
    words = make(ready)
    assert ready.failback() is ExitCode.REFUSED
    assert words in capsys.readouterr().err
    assert ready.recovery.ecs.desired == 4


@pytest.mark.parametrize("make", REASONS)
def test_what_would_make_it_fail_is_reported_before_anything_is_changed(
    person: Returner, make: Callable[[Returner], str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = make(person)
    assert person.failback() is ExitCode.REFUSED
    assert words in capsys.readouterr().err
    require_unchanged(person)


def require_unchanged(person: Returner) -> None:
    assert SECOND not in person.world.rds.instances
    assert person.both.production.ups == []
    assert person.record().failback is None
    assert events(person) == []


def test_files_that_were_copied_by_hand_are_stated(person: Returner) -> None:
    files_failed(person)
    assert person.failback(files_checked=True) is ExitCode.SUCCESS


@pytest.mark.parametrize("stack", ["production", "dr"])
def test_a_plan_with_other_changes_is_refused(person: Returner, stack: str) -> None:
    other: Step = step(stack, "delete", "aws:s3/bucket:Bucket", "files")
    person.both.of(stack).others = [other]
    assert person.failback() is ExitCode.REFUSED
    require_unchanged(person)


def test_another_successor_is_refused(person: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    successor = {"identifier": "taskflow-recovery-20260115-0930", "restored": True}
    change_settings(person.folder, "production", {"rds.successor": successor})
    assert person.failback() is ExitCode.REFUSED
    assert "another successor" in capsys.readouterr().err


def test_without_an_approval_nothing_is_changed(person: Returner) -> None:
    assert person.failback(by="") is ExitCode.REFUSED
    require_unchanged(person)


def test_a_dry_run_changes_nothing(person: Returner) -> None:
    person.options = {"dry_run": True}
    assert person.failback() is ExitCode.SUCCESS
    require_unchanged(person)


def test_a_promoted_successor_is_moved_up_first(ready: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    """A second failback, before the instances of the first one are retired."""
    assert ready.failback() is ExitCode.SUCCESS
    ready.world.clock.sleep(600)
    change_settings(
        ready.folder, "dr", {"rds.successor.promoted": True, "service.minCount": 4, "service.desiredCount": 4}
    )
    assert ready.failback() is ExitCode.REFUSED
    assert "docs/runbooks/dr-failback.md, Finish" in capsys.readouterr().err


# What goes wrong later.


def test_a_running_backup_stops_nothing(ready: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    """RDS would refuse the promotion, and users would wait for the backup's end."""
    ready.world.rds.start_backup(SECOND, timedelta(hours=3))
    assert ready.failback() is not ExitCode.SUCCESS
    assert "dr serves as before" in capsys.readouterr().err
    assert ready.recovery.written() == {DR}


def test_a_previewed_promotion_is_taken_back(ready: Returner) -> None:
    """A run that was killed while it previewed leaves the setting in the file."""
    change_settings(ready.folder, "production", {"rds.successor.promoted": True})
    assert ready.failback() is ExitCode.SUCCESS
    ready.require_returned()


def test_the_undo_needs_no_successor_in_the_file(ready: Returner) -> None:
    """Another person's file may be older."""
    stop_after_closing(ready)
    shutil.copy(PROJECT / "Pulumi.production.yaml", ready.folder)
    assert ready.undo_failback() is ExitCode.SUCCESS
    assert ready.recovery.written() == {DR}


def test_production_that_was_scaled_meanwhile_keeps_its_tasks(ready: Returner) -> None:
    """And a release that repaired it: a second run starts nothing again."""
    ready.https = Unmoved(world=ready.world)
    assert ready.failback() is ExitCode.CHECK_FAILED
    ready.world.ecs.scale(9)
    ready.https = Regions(world=ready.world)
    deployments = len(ready.world.ecs.deployments)
    assert ready.failback() is ExitCode.SUCCESS
    assert (ready.world.ecs.desired, len(ready.world.ecs.deployments)) == (9, deployments)


class Unmoved(Regions):
    """The origin's name stays in dr."""

    def get(self, host: str, path: str, **_: object) -> Answer:
        label = "standby" if host.startswith("origin") else host.partition(".")[0]
        return super().get(f"{label}.taskflow.app", path)


def test_an_instance_that_does_not_catch_up_returns_users_to_dr(
    ready: Returner, capsys: pytest.CaptureFixture[str]
) -> None:
    ready.writes.stuck_at = ready.world.clock.now()
    assert ready.failback() is ExitCode.FAILED
    assert "dr's tasks were started again" in capsys.readouterr().err
    assert ready.recovery.written() == {DR}
    assert (ready.recovery.scaling.minimum, ready.recovery.ecs.desired) == (4, 4)
    assert not any(ready.recovery.scaling.suspended.values())
    ready.writes.stuck_at = None
    assert ready.failback() is ExitCode.SUCCESS
    ready.require_returned()


def test_a_lost_region_during_the_switch_is_left_by_the_undo(ready: Returner) -> None:
    """dr is stopped and us-east-1 is lost again: nothing of it is asked."""
    stop_after_closing(ready)
    ready.world.wire.lost = frozenset({REGION})
    assert ready.undo_failback() is ExitCode.SUCCESS
    assert ready.recovery.written() == {DR}
    ready.require_one_writer()


def stop_after_closing(person: Returner) -> None:
    """Kill a run when dr is stopped, before the promotion is asked for."""
    other = prepared()
    assert other.failback() is ExitCode.SUCCESS
    at = other.world.wire.calls.index("application-autoscaling RegisterScalableTarget")
    with contextlib.suppress(Killed):
        person.failback(Fault(at=at + 3, error=Killed))
    person.cancel()
    assert person.recovery.ecs.desired == 0


def test_after_the_promotion_there_is_no_way_back(ready: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    ready.world.balancer.unhealthy = 4
    assert ready.failback() is ExitCode.UNFINISHED
    assert "Users get errors: dr is stopped" in capsys.readouterr().err
    assert ready.status() is ExitCode.CHECK_FAILED
    assert "a failback is under way" in capsys.readouterr().out
    assert ready.undo_failback() is ExitCode.REFUSED
    assert ready.promote(Mode.GRACEFUL) is ExitCode.REFUSED
    assert ready.fence() is ExitCode.REFUSED
    ready.world.balancer.unhealthy = 0
    assert ready.failback() is ExitCode.SUCCESS
    ready.require_returned()


def test_the_first_instance_keeps_its_rows(ready: Returner) -> None:
    """What production wrote last, and dr lacked, is compared later."""
    ready.failback()
    assert ready.world.rds.find(FIRST).status == "available"
