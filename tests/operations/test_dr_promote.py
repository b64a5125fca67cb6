"""`taskflow dr promote` and `fence` in the fake world: the way, what it refuses, what it measures."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from operations.frame.pulumi import Step
from operations.frame.stack_file import change_settings
from operations.incident.incident import Declaration, start
from settings.load import load_file
from tests.operations.deploying import DEVOPS, TICKET
from tests.operations.fake.pulumi import PREFIX
from tests.operations.fake.wire import clients
from tests.operations.recovering import REGION, Recoverer, declare, recoverer
from tests.operations.test_dr_status import (
    backup_runs,
    certificate_expired,
    image_missing,
    placeholder_runs,
    replication_broken,
    scaling_suspended,
    secret_missing,
    task_unhealthy,
)

GRACEFUL, ACCEPT_LOSS = Mode.GRACEFUL, Mode.ACCEPT_LOSS
MIB = 2**20


@pytest.fixture
def person() -> Recoverer:
    return recoverer()


def require_taken_over(person: Recoverer) -> None:
    """dr serves: a primary, four healthy tasks, the latch, the file; it was promoted once."""
    recovery = person.recovery
    assert recovery.rds.is_primary
    assert recovery.rds.primary.values["MultiAZ"]
    assert (recovery.balancer.healthy, recovery.scaling.minimum) == (4, 4)
    assert recovery.latched_at is not None
    settings = load_file(person.folder, "dr")
    assert (settings.rds.promoted, settings.service.min_count, settings.load_balancer.origin_takes_traffic) == (
        True, 4, True,
    )  # fmt: skip


def events(person: Recoverer) -> list[dict[str, object]]:
    return [each for each in person.recovery.events() if each["action"].startswith("dr ")]


# The way.


def test_a_graceful_promotion_loses_nothing(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    before = person.world.clock.now()
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS
    require_taken_over(person)
    assert person.writes.both == []
    promotion = person.record().promotion
    assert promotion
    assert promotion.replayed_to
    assert promotion.replayed_to > person.writes.last_of_production > before
    output = capsys.readouterr().out
    assert "✓ dr serves users" in output
    assert "lost writes" in output
    first, last = events(person)
    assert (first["outcome"], last["outcome"]) == ("started", "success")
    assert (last["mode"], last["loss_seconds"], last["ticket"]) == ("graceful", 0, TICKET)
    assert 0 < int(str(last["outage_seconds"])) < 30 * 60


def test_production_stays_stopped(person: Recoverer) -> None:
    """Neither a policy under load nor a later change of the target raises it: the maximum is 0 too."""
    person.promote(GRACEFUL)
    scaling = person.world.scaling
    scaling.react()
    scaling.adjust()
    scaling.suspended["DynamicScalingOutSuspended"] = False
    scaling.react()
    person.world.clock.sleep(3600)
    assert (person.world.ecs.desired, scaling.minimum, scaling.maximum) == (0, 0, 0)
    assert person.writes.both == []


def test_it_waits_for_the_last_write_on_an_idle_primary(person: Recoverer) -> None:
    """After the stop nothing commits but RDS, every five minutes: only its next transaction shows that dr has all."""
    person.promote(GRACEFUL)
    fence, promotion = person.record().fence, person.record().promotion
    assert fence
    assert fence.stopped_at
    assert promotion
    assert promotion.replayed_to
    assert promotion.replayed_to > fence.stopped_at


def test_an_ungraceful_promotion_asks_nothing_of_us_east_1(
    person: Recoverer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the region nor a global control plane: no call is refused, because none is made."""
    person.world.clock.sleep(120)
    person.lose()
    person.world.clock.sleep(600)
    assert person.promote(ACCEPT_LOSS) is ExitCode.SUCCESS
    assert person.world.wire.unanswered == []
    require_taken_over(person)
    assert person.writes.both == []
    output = capsys.readouterr().out
    assert "lose what production wrote after" in output
    assert "taskflow dr fence --stack dr --ticket incident-7" in output
    last = events(person)[-1]
    assert last["mode"] == "accept-loss"
    assert isinstance(last["loss_seconds"], int)


def test_the_loss_does_not_depend_on_when_the_incident_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    """dr's own alarm on the lag comes minutes after production is lost, and people later: neither loses a write."""
    person = recoverer()
    person.world.clock.sleep(900)
    person.lose()
    lost_at = person.world.clock.now()
    person.world.clock.sleep(1800)
    person.world.principal = person.recovery.principal = DEVOPS.replace(TICKET, "incident-8")
    person.world.wire.restart()
    declare(person, "incident-8")
    assert person.promote(ACCEPT_LOSS) is ExitCode.SUCCESS
    last, promotion = events(person)[-1], person.record().promotion
    assert promotion
    assert promotion.serving_at
    assert last["loss_seconds"] == person.writes.delay.seconds
    outage = int((promotion.serving_at - lost_at).total_seconds())
    assert outage <= int(str(last["outage_seconds"])) <= outage + 60
    output = capsys.readouterr().out
    assert "Up to 30 min 59 s are lost if production went on without its replica until the first alarm." in output


def test_the_callers_identity_is_asked_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The global endpoint of STS, which older configurations choose, is in us-east-1."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    clients.cache_clear()
    assert clients("us-west-2").sts.meta.endpoint_url == "https://sts.us-west-2.amazonaws.com"
    clients.cache_clear()


def test_a_second_run_changes_nothing(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.promote(GRACEFUL)
    ups = len(person.fake_pulumi.ups)
    capsys.readouterr()
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS
    assert "dr serves users already" in capsys.readouterr().out
    assert len(person.fake_pulumi.ups) == ups


def test_the_latch_comes_after_database_and_tasks(person: Recoverer) -> None:
    person.promote(GRACEFUL)
    first, second = person.fake_pulumi.ups
    assert (first["promoted"], first["minimum"], first["latch"]) == (True, 4, False)
    assert (second["promoted"], second["minimum"], second["latch"]) == (True, 4, True)


def test_the_approval_is_recorded_and_asked_for_once(person: Recoverer) -> None:
    person.fake_pulumi.fails = frozenset({2})
    assert person.promote(GRACEFUL) is ExitCode.FAILED
    assert person.promote(GRACEFUL, by="") is ExitCode.SUCCESS
    assert "Bob Lee" not in json.dumps(person.recovery.events()), "no names in audit events"


# What it refuses, before anything is changed.


@pytest.mark.parametrize(
    "prepare",
    [
        backup_runs,
        replication_broken,
        placeholder_runs,
        image_missing,
        task_unhealthy,
        scaling_suspended,
        secret_missing,
        certificate_expired,
    ],
)
@pytest.mark.parametrize("mode", [GRACEFUL, ACCEPT_LOSS])
def test_it_refuses_what_would_fail(person: Recoverer, mode: Mode, prepare: Callable[..., None]) -> None:
    if mode is ACCEPT_LOSS:
        person.lose()
    prepare(person.recovery)
    before = (person.folder / "Pulumi.dr.yaml").read_text()
    assert person.promote(mode) is ExitCode.REFUSED
    require_untouched(person, before)


def require_untouched(person: Recoverer, file: str) -> None:
    assert (person.folder / "Pulumi.dr.yaml").read_text() == file
    assert (person.world.ecs.desired, person.world.scaling.maximum) == (4, 20)
    assert person.fake_pulumi.ups == []
    assert "/taskflow/dr/recovery" not in person.recovery.parameters
    assert events(person) == []


def test_all_reasons_are_named_at_once(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    for prepare in (backup_runs, secret_missing, certificate_expired):
        prepare(person.recovery)
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    output = capsys.readouterr().err
    assert all(f"  {check}: " in output for check in ("backup", "secrets", "certificate")), output


def test_the_way_must_be_named(person: Recoverer) -> None:
    assert person.promote(None) is ExitCode.USAGE


def test_it_requires_an_incident_of_dr_and_an_approval(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.promote(GRACEFUL, by="") is ExitCode.REFUSED
    name = f"/taskflow/dr/incident/{TICKET}"
    person.recovery.parameters.pop(name)
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    assert f"--stack dr --ticket {TICKET}" in capsys.readouterr().err


def test_production_that_answers_is_not_lost(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise both regions would take writes until the latch moves users."""
    assert person.promote(ACCEPT_LOSS) is ExitCode.REFUSED
    assert "it answers /health" in capsys.readouterr().err
    assert person.fence() is ExitCode.SUCCESS
    assert person.promote(ACCEPT_LOSS) is ExitCode.SUCCESS
    assert person.writes.both == []


def test_a_lost_region_refuses_the_graceful_way(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.lose()
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    assert "us-east-1 doesn't answer, and --graceful needs it" in capsys.readouterr().err


def test_a_replica_that_is_behind_refuses_the_graceful_way(person: Recoverer) -> None:
    person.writes.stuck_at = person.world.clock.now()
    person.world.clock.sleep(900)
    before = (person.folder / "Pulumi.dr.yaml").read_text()
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    require_untouched(person, before)


@pytest.mark.parametrize(
    "step",
    [
        Step(operation="update", urn=f"{PREFIX}aws:iam/role:Role::roles-task"),
        Step(operation="replace", urn=f"{PREFIX}aws:rds/instance:Instance::database-taskflow-dr"),
        Step(operation="delete", urn=f"{PREFIX}aws:lb/listenerRule:ListenerRule::origin-secret"),
    ],
    ids=str,
)
def test_a_plan_with_other_changes_is_refused(person: Recoverer, step: Step) -> None:
    """The file or the program isn't what was deployed: the `up` would need IAM, or replace the database."""
    person.fake_pulumi.others = [step]
    before = (person.folder / "Pulumi.dr.yaml").read_text()
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    require_untouched(person, before)


def test_a_dry_run_changes_nothing(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.options = {"dry_run": True}
    before = (person.folder / "Pulumi.dr.yaml").read_text()
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS
    require_untouched(person, before)
    assert "taskflow:rds.promoted: false → true" in capsys.readouterr().out


# What goes wrong on the way.


def test_a_lag_that_never_ends_returns_production(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.writes.stuck_at = person.world.clock.now()
    before = (person.folder / "Pulumi.dr.yaml").read_text()
    assert person.promote(GRACEFUL) is ExitCode.FAILED
    assert "production's tasks were started again" in capsys.readouterr().err
    assert (person.world.ecs.desired, person.world.scaling.minimum, person.world.scaling.maximum) == (4, 2, 20)
    assert not any(person.world.scaling.suspended.values())
    assert not person.recovery.rds.is_primary
    assert (person.folder / "Pulumi.dr.yaml").read_text() == before
    person.writes.stuck_at = None
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS
    assert person.writes.both == []


def test_a_backup_that_begins_meanwhile_fails_the_up(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    """It has begun between the look-up and the `up`. Production stays stopped, and the next run continues."""
    person.fake_pulumi.meanwhile = lambda: person.recovery.rds.start_backup("taskflow-dr", timedelta(minutes=40))
    assert person.promote(GRACEFUL) is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "No user is sent to dr" in error
    assert "taskflow dr fence --undo" in error
    person.fake_pulumi.meanwhile = lambda: None
    person.world.clock.sleep(3600)
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS
    assert person.writes.both == []


def test_a_lock_is_named_with_its_command(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.fake_pulumi.is_locked = True
    assert person.promote(GRACEFUL) is ExitCode.REFUSED
    assert "pulumi cancel --stack dr" in capsys.readouterr().err
    person.cancel()
    assert person.promote(GRACEFUL) is ExitCode.SUCCESS


# Production's return.


def test_us_east_1_that_returns_writes_until_it_is_fenced(
    person: Recoverer, capsys: pytest.CaptureFixture[str]
) -> None:
    """No setting in us-west-2 prevents it: status says so, and `dr fence` ends it."""
    person.lose()
    person.world.clock.sleep(600)
    assert person.promote(ACCEPT_LOSS) is ExitCode.SUCCESS
    person.restore()
    assert len(person.writes.both) == 1
    assert person.status() is ExitCode.CHECK_FAILED
    assert "BOTH: 4 tasks of production write to the old database" in capsys.readouterr().out
    assert person.fence() is ExitCode.SUCCESS
    person.world.clock.sleep(3600)
    person.world.scaling.react()
    assert person.writes.log[-1][1:] == (frozenset(), {"taskflow-dr"})
    capsys.readouterr()
    person.status()
    assert "no task of production runs" in capsys.readouterr().out


def test_an_unfenced_production_is_not_forgotten(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.lose()
    person.world.clock.sleep(600)
    person.promote(ACCEPT_LOSS)
    assert person.status() is ExitCode.CHECK_FAILED
    assert "dr has taken over, but these checks failed: fence" in capsys.readouterr().err


def test_an_incident_of_a_standby_leads_to_its_promotion(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.lose()
    assert _start_in_dr(person) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert "taskflow dr promote --stack dr --ticket incident-7" in output
    assert "taskflow rollback" not in output
    person.promote(ACCEPT_LOSS)
    capsys.readouterr()
    assert _start_in_dr(person) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert "taskflow rollback --stack dr --ticket incident-7" in output
    assert "taskflow dr promote" not in output


def _start_in_dr(person: Recoverer) -> ExitCode:
    return person.run(lambda context: start(context.of_stack("dr"), Declaration()))


def test_a_fence_is_undone_while_dr_is_a_replica(person: Recoverer) -> None:
    assert person.fence() is ExitCode.SUCCESS
    assert person.undo() is ExitCode.SUCCESS
    assert (person.world.ecs.desired, person.world.scaling.minimum, person.world.scaling.maximum) == (4, 2, 20)
    assert person.undo() is ExitCode.REFUSED


def test_a_fence_is_not_undone_beside_a_primary(person: Recoverer) -> None:
    person.promote(GRACEFUL)
    assert person.undo() is ExitCode.REFUSED
    assert person.world.ecs.desired == 0
    assert person.writes.both == []


def test_undo_returns_the_stack_file(person: Recoverer) -> None:
    """An `up` that was killed before it did anything left the file with `promoted: true`."""
    before = load_file(person.folder, "dr")
    person.fake_pulumi.fails = frozenset({2})
    assert person.promote(GRACEFUL) is ExitCode.FAILED
    assert load_file(person.folder, "dr").rds.promoted
    assert person.undo() is ExitCode.SUCCESS
    assert load_file(person.folder, "dr") == before


def test_undo_waits_for_a_promotion_that_does_not_show_yet(person: Recoverer) -> None:
    """RDS shows the request of an `up` that was killed some seconds later."""
    person.fence()
    change_settings(person.folder, "dr", {"rds.promoted": True, "service.minCount": 4, "service.desiredCount": 4})
    person.recovery.rds.promote_read_replica({"DBInstanceIdentifier": "taskflow-dr"})
    assert person.undo() is ExitCode.REFUSED
    assert person.world.ecs.desired == 0


def test_the_region_of_an_error_is_named(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    person.lose()
    assert person.fence() is ExitCode.UNREACHABLE
    assert f"AWS is unreachable in {REGION}" in capsys.readouterr().err


# The time after a fail-back.


def test_a_primary_without_users_is_not_sent_users(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    """What a fail-back leaves in dr is a primary with old rows; its latch is off."""
    person.promote(GRACEFUL)
    person.recovery.turn_latch(on=False)
    assert person.promote(ACCEPT_LOSS) is ExitCode.REFUSED
    assert "its rows may be old" in capsys.readouterr().err
    assert person.recovery.latched_at is None


def test_a_second_promotion_knows_nothing_of_the_first(person: Recoverer) -> None:
    """dr has a replica again, and production runs: what the record says of the last time is over."""
    person.promote(GRACEFUL)
    first = person.record()
    other = recoverer()
    other.recovery.parameters["/taskflow/dr/recovery"] = first.model_dump_json(exclude_defaults=True)
    other.lose()
    other.world.clock.sleep(600)
    assert other.promote(ACCEPT_LOSS) is ExitCode.SUCCESS
    assert other.record().fence is None
    assert other.status() is ExitCode.CHECK_FAILED, "production isn't fenced this time"
