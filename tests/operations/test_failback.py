"""`taskflow dr failback` in the fake world: the way, what it refuses, and its way back."""

import contextlib
from collections.abc import Callable

import pytest

from operations.dr.plan import standby_of
from operations.dr.stacks import stacks_of
from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from operations.frame.pulumi import Step
from operations.frame.stack_file import change_settings
from settings.load import load_file
from tests.operations.deploying import TICKET
from tests.operations.fake.wire import Fault, Killed
from tests.operations.recovering import REGION
from tests.operations.returning import DR, DR_REPLICA, FIRST, SECOND, Returner, returner, step


@pytest.fixture
def person() -> Returner:
    return returner()


def events(person: Returner) -> list[dict[str, object]]:
    return [each for each in person.recovery.events() if each["action"] == "dr failback"]


# The way.


def test_a_failback_returns_users_without_loss(person: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()
    output = capsys.readouterr().out
    assert "✓ Production serves users, and dr stands by" in output
    assert "outage, since dr stopped" in output
    first, last = events(person)
    assert (first["outcome"], last["outcome"]) == ("started", "success")
    assert (last["loss_seconds"], last["ticket"]) == (0, TICKET)
    assert 0 < int(str(last["outage_seconds"])) < 30 * 60
    assert person.world.wire.unanswered == []


def test_the_stack_files_say_what_is_deployed(person: Returner) -> None:
    person.failback()
    production, recovery = (load_file(person.folder, each) for each in ("production", "dr"))
    assert (production.rds.serving_identifier(), recovery.rds.serving_identifier()) == (SECOND, DR_REPLICA)
    assert (production.rds.serves_writes(), recovery.rds.serves_writes()) == (True, False)
    assert (recovery.service.min_count, recovery.load_balancer.origin_takes_traffic) == (2, False)


def test_dr_is_ready_again(person: Returner) -> None:
    """The next promotion takes the new replica, by the setting of the successor."""
    person.failback()
    standby = person.run_with(lambda context: standby_of(stacks_of(context)))
    assert (standby.name, standby.setting, standby.is_promoted) == (DR_REPLICA, "rds.successor.promoted", False)


def test_a_second_run_changes_nothing(person: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    person.failback()
    writes = len(events(person))
    assert person.failback() is ExitCode.SUCCESS
    assert "Production serves users already" in capsys.readouterr().out
    assert len(events(person)) == writes


def test_production_runs_what_dr_runs(person: Returner) -> None:
    """A release during the recovery was made in dr; its migration isn't run again."""
    for world in (person.world, person.recovery):
        world.push("v1.1.0")
    person.stack = "dr"
    assert person.release("v1.1.0") is ExitCode.SUCCESS
    person.stack = "production"
    person.world.clock.sleep(600)
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()
    running = [world.ecs.running().image for world in (person.world, person.recovery)]
    assert running[0].partition("@")[2] == running[1].partition("@")[2] == person.world.images["v1.1.0"]


def test_preparing_stops_nothing(person: Returner) -> None:
    """Users notice nothing before the announced window; the second run goes on from there."""
    assert person.failback(prepare=True) is ExitCode.SUCCESS
    assert person.recovery.written() == {DR}
    assert "ReadReplicaSourceDBInstanceIdentifier" in person.world.rds.find(SECOND).values
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()


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


@pytest.mark.parametrize("make", [image_missing, production_runs, latch_off, files_failed, release_runs])
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


# What goes wrong later.


def test_an_instance_that_does_not_catch_up_returns_users_to_dr(
    person: Returner, capsys: pytest.CaptureFixture[str]
) -> None:
    assert person.failback(prepare=True) is ExitCode.SUCCESS
    person.writes.stuck_at = person.world.clock.now()
    assert person.failback() is ExitCode.FAILED
    assert "dr's tasks were started again" in capsys.readouterr().err
    assert person.recovery.written() == {DR}
    assert (person.recovery.scaling.minimum, person.recovery.ecs.desired) == (4, 4)
    assert not any(person.recovery.scaling.suspended.values())
    person.writes.stuck_at = None
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()


def test_a_lost_region_during_the_switch_is_left_by_the_undo(person: Returner) -> None:
    """dr is stopped and us-east-1 is lost again: nothing of it is asked."""
    stop_after_closing(person)
    person.world.wire.lost = frozenset({REGION})
    assert person.undo_failback() is ExitCode.SUCCESS
    assert person.recovery.written() == {DR}
    person.require_one_writer()


def stop_after_closing(person: Returner) -> None:
    """Kill a run when dr is stopped, before the promotion is asked for."""
    other = returner()
    assert other.failback() is ExitCode.SUCCESS
    at = other.world.wire.calls.index("application-autoscaling RegisterScalableTarget")
    with contextlib.suppress(Killed):
        person.failback(Fault(at=at + 3, error=Killed))
    person.cancel()
    assert person.recovery.ecs.desired == 0


def test_after_the_promotion_there_is_no_way_back(person: Returner, capsys: pytest.CaptureFixture[str]) -> None:
    person.world.balancer.unhealthy = 4
    assert person.failback() is ExitCode.UNFINISHED
    assert "Users get errors: dr is stopped" in capsys.readouterr().err
    assert person.status() is ExitCode.CHECK_FAILED
    assert "a failback is under way" in capsys.readouterr().out
    assert person.undo_failback() is ExitCode.REFUSED
    assert person.promote(Mode.GRACEFUL) is ExitCode.REFUSED
    assert person.fence() is ExitCode.REFUSED
    person.world.balancer.unhealthy = 0
    assert person.failback() is ExitCode.SUCCESS
    person.require_returned()


def test_the_first_instance_keeps_its_rows(person: Returner) -> None:
    """What production wrote last, and dr lacked, is compared later."""
    person.failback()
    assert person.world.rds.find(FIRST).status == "available"
