"""`db cutover` in the fake world: the way, what it refuses, and that one instance takes writes."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from operations.frame.errors import ExitCode
from operations.frame.plan import INSTANCE_KIND
from operations.frame.stack_file import change_settings
from settings.load import load_file
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.pulumi import settings_of
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.replacing import FOLLOWER, HOST, OLD, Switcher, step, switcher

RUNS = 3
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@pytest.fixture
def person() -> Switcher:
    return switcher()


def require_cut_over(person: Switcher) -> None:
    """The restored instance serves, was prepared before, and the old one takes no writes."""
    person.note()
    assert person.log[-1][1] == {person.name}
    person.require_one_writer()
    assert person.closed == {OLD}
    assert (person.name, "roles") in person.applied
    successor = load_file(person.folder, "production").rds.successor
    assert successor
    assert (successor.identifier, successor.restored, successor.promoted) == (person.name, True, True)


# The way.


def test_first_it_prepares_and_waits_for_dr(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.cutover() is ExitCode.UNFINISHED
    assert person.engines[0].state == {"adopted": person.name, "serving": OLD}
    assert person.applied == [(person.name, "roles"), (person.name, "login")]
    assert person.log[-1][1] == {OLD}, "production serves as before"
    successor = load_file(person.folder, "dr").rds.successor
    assert successor
    assert successor.source
    assert (successor.identifier, successor.source.instance.rpartition(":")[2]) == (FOLLOWER, person.name)
    output = capsys.readouterr()
    assert "pulumi up --stack dr" in output.err
    assert "Production serves as before" in output.err
    assert "--without-dr" in output.err


def test_then_it_switches(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    person.cutover()
    person.follow()
    assert person.cutover() is ExitCode.SUCCESS
    require_cut_over(person)
    assert person.outage < timedelta(minutes=12)
    assert [each for each in person.applied if each[0] == OLD] == [(OLD, "close"), (OLD, "end")]
    output = capsys.readouterr().out
    assert f"stays in {OLD}" in output
    assert f"✓ The API uses {person.name}" in output
    last = person.world.events()[-1]
    assert (last["action"], last["outcome"], last["ticket"]) == ("db cutover", "success", "incident-7")


def test_without_dr_it_is_one_run(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    require_cut_over(person)
    assert "dr isn't ready, and that is accepted" in capsys.readouterr().out
    assert load_file(person.folder, "dr").rds.successor is None


def test_a_second_run_changes_nothing(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    person.cutover(without_dr=True)
    before = (len(person.engines[0].ups), list(person.applied), len(person.world.ecs.deployments))
    capsys.readouterr()
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    assert (len(person.engines[0].ups), list(person.applied), len(person.world.ecs.deployments)) == before
    assert f"uses {person.name} already" in capsys.readouterr().out


def test_a_deployment_that_an_alarm_rolls_back_is_begun_again(person: Switcher) -> None:
    """Users get errors since the old instance was closed; ECS ignores an alarm that is on at the start."""
    behaviour, image = person.world.ecs.behaviour, person.world.ecs.running().image
    behaviour[image] = Behaviour.ALARM

    def calm() -> None:
        if any(each.status == "ROLLBACK_SUCCESSFUL" for each in person.world.ecs.deployments):
            behaviour[image] = Behaviour.GOOD

    person.world.clock.listeners.append(calm)
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    require_cut_over(person)
    assert [each.status for each in person.world.ecs.deployments][-2:] == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]


def test_the_schema_is_migrated_before_the_tasks_use_it(person: Switcher) -> None:
    """The restored schema may be older than the running release, whose migration the record calls done."""
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    (task,) = [each for each in person.world.ecs.tasks if each.started_by == "cutover"]
    assert task.environment["PGOPTIONS"] == "-c role=taskflow_owner"
    assert task.started_at < person.world.ecs.deployments[-1].created_at
    (container,) = person.world.ecs.definitions[task.definition]["containerDefinitions"]
    assert {"name": HOST, "value": person.world.rds.host(person.name)} in container["environment"]


def test_failed_migrations_say_that_users_get_errors(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    person.world.ecs.migration = (40, 1)
    assert person.cutover(without_dr=True) is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "migrations on" in error
    assert f"Users get errors: {OLD} is closed" in error
    assert f"taskflow db cutover {person.name}" in error
    person.world.ecs.migration = (40, 0)
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    require_cut_over(person)


def test_migrations_that_run_on_are_not_started_again(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    limit = timedelta(minutes=load_file(person.folder, "production").releases.migration_limit)
    person.world.ecs.migration = (2.5 * limit.total_seconds(), 0)
    for _ in range(2):
        assert person.cutover(without_dr=True) is ExitCode.UNFINISHED
        assert "still run after" in capsys.readouterr().err
    assert len([each for each in person.world.ecs.tasks if each.started_by == "cutover"]) == 1
    person.world.ecs.migration = (40, 0)
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    require_cut_over(person)


def test_it_waits_for_the_alarm_that_would_end_the_deployment(person: Switcher) -> None:
    """Users' errors since the closing turn it on; ECS watches no alarm that is on when a deployment starts."""
    alarm = person.world.alarms["taskflow-production-deployment-errors"]

    def fire() -> None:
        closed = [at for at, taking in person.log if not taking]
        if closed and person.world.clock.now() - closed[0] > timedelta(minutes=4):
            alarm["StateValue"] = "ALARM"

    person.world.clock.listeners.append(fire)
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    closed = next(at for at, taking in person.log if not taking)
    assert person.world.ecs.deployments[-1].created_at - closed > timedelta(minutes=4)


def test_an_old_instance_that_is_cut_off_is_left(person: Switcher) -> None:
    """It can't be closed: RDS doesn't answer on it."""
    person.closed.add(OLD)
    assert person.cutover(without_dr=True, old_is_cut_off=True) is ExitCode.SUCCESS
    require_cut_over(person)
    assert not any(instance == OLD for instance, _ in person.applied)


def test_a_settled_deployment_is_what_counts(person: Switcher) -> None:
    """Killed after UpdateService: the service has the new address, and an alarm may still return it."""
    calls = undisturbed().world.wire.calls
    at = len(calls) - calls[::-1].index("ecs UpdateService") + 1
    with contextlib.suppress(Killed):
        person.cutover(Fault(at=at, error=Killed), without_dr=True)
    assert not person.world.ecs.deployments[-1].is_over
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    assert person.world.ecs.deployments[-1].is_over


def test_a_file_that_a_killed_preview_left_is_no_switch(person: Switcher) -> None:
    """The file has `promoted: true`, and Pulumi has not deployed it: everything is checked as before."""
    values: dict[str, object] = {"rds.successor": {"identifier": person.name, "restored": True, "promoted": True}}
    change_settings(person.folder, "production", values)
    assert person.cutover() is ExitCode.UNFINISHED
    assert person.closed == set()
    assert person.log[-1][1] == {OLD}


def test_no_rollback_returns_to_the_old_instance(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    """Revisions from before the cutover have its address."""
    person.world.push("v1.1.0")
    person.release("v1.1.0")
    person.cutover(without_dr=True)
    person.world.clock.sleep(7200)
    assert person.rollback() is ExitCode.REFUSED
    assert "taskflow release v1.0.0 --again" in capsys.readouterr().err
    assert person.release("v1.0.0", again=True) is ExitCode.SUCCESS
    require_cut_over(person)


def test_a_dry_run_changes_nothing(person: Switcher, capsys: pytest.CaptureFixture[str]) -> None:
    person.options = {"dry_run": True}
    before = [(person.folder / f"Pulumi.{stack}.yaml").read_text() for stack in ("production", "dr")]
    assert person.cutover() is ExitCode.SUCCESS
    assert [(person.folder / f"Pulumi.{stack}.yaml").read_text() for stack in ("production", "dr")] == before
    assert (person.engines[0].ups, person.applied) == ([], [])
    assert "then stop, since Pulumi.dr.yaml has no replica" in capsys.readouterr().out


# What it refuses, before anything is changed.


def _differs(name: str, value: object) -> Callable[[Switcher], None]:
    def change(person: Switcher) -> None:
        person.world.rds.find(person.name).values[name] = value

    return change


def _has_another_successor(person: Switcher) -> None:
    values: dict[str, object] = {"rds.successor": {"identifier": "taskflow-recovery-20260101-0000", "restored": True}}
    change_settings(person.folder, "production", values)


def _rotation_is_unfinished(person: Switcher) -> None:
    secret = person.world.secrets.secrets["taskflow/production/database-application"]
    at, labels = secret.labels[-1]
    secret.labels.append((at, {**labels, "AWSPENDING": labels["AWSCURRENT"]}))


def _deployment_runs(person: Switcher) -> None:
    person.world.ecs.behaviour[person.world.ecs.running().image] = Behaviour.SLOW
    person.world.ecs.deploy(person.world.ecs.running().task_definition)


def _is_gone(person: Switcher) -> None:
    del person.world.rds.instances[person.name]


def _plan_changes_the_old_one(person: Switcher) -> None:
    person.engines[0].others = [step("update", INSTANCE_KIND, f"database-{OLD}")]


def _plan_deletes(person: Switcher) -> None:
    person.engines[0].others = [step("delete", "aws:s3/bucket:Bucket", "files")]


REFUSALS: Sequence[tuple[str, Callable[[Switcher], None], str]] = (
    ("the default parameter group", _differs("DBParameterGroups", [{"DBParameterGroupName": "default.postgres15",
     "ParameterApplyStatus": "in-sync"}]), "differs from"),
    ("no deletion protection", _differs("DeletionProtection", False), "differs from"),
    ("no IAM authentication", _differs("IAMDatabaseAuthenticationEnabled", False), "differs from"),
    ("another successor", _has_another_successor, "another successor"),
    ("an unfinished rotation", _rotation_is_unfinished, "taskflow db rotate"),
    ("a deployment", _deployment_runs, "has been running since"),
    ("no instance", _is_gone, "is missing"),
    ("an instance that restarts", _differs("DBInstanceStatus", "rebooting"), "is rebooting"),
    ("a plan that changes the old instance", _plan_changes_the_old_one, f"database-{OLD}"),
    ("a plan that deletes something", _plan_deletes, "delete aws:s3/bucket:Bucket files"),
)  # fmt: skip


@pytest.mark.parametrize(("label", "change", "words"), REFUSALS, ids=[each[0] for each in REFUSALS])
def test_it_refuses_before_anything_is_changed(
    person: Switcher, label: str, change: Callable[[Switcher], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(person)
    before = (person.folder / "Pulumi.production.yaml").read_text()
    assert person.cutover(without_dr=True) in (ExitCode.REFUSED, ExitCode.CHECK_FAILED), label
    assert words in capsys.readouterr().err
    assert (person.engines[0].ups, person.applied) == ([], [])
    assert (person.folder / "Pulumi.production.yaml").read_text() == before


@pytest.mark.parametrize("name", [OLD, "taskflow-recovery", "other-recovery-20261102-1020"])
def test_only_a_restored_instance_takes_over(person: Switcher, name: str) -> None:
    assert person.cutover(name=name) is ExitCode.USAGE


def test_a_plan_that_changes_more_at_the_switch_closes_nothing(person: Switcher) -> None:
    person.cutover()
    person.follow()
    person.applied.clear()
    person.engines[0].meanwhile = functools.partial(_with_others_at_the_switch, person)
    assert person.cutover() is ExitCode.REFUSED
    assert person.closed == set()
    assert person.engines[0].state["serving"] == OLD


def _with_others_at_the_switch(person: Switcher) -> None:
    successor = settings_of(person.folder, "production").rds.successor
    is_switch = successor is not None and successor.promoted
    person.engines[0].others = [step("delete", "aws:s3/bucket:Bucket", "files")] if is_switch else []


@pytest.mark.parametrize(
    ("lag", "changes", "words"),
    [
        (900.0, {}, "900 s behind"),
        (1.0, {"ReadReplicaSourceDBInstanceIdentifier": None}, "it is a primary"),
        (1.0, {"StatusInfos": [{"Normal": False, "Status": "error", "Message": "no WAL"}]}, "no WAL"),
    ],
)
def test_dr_must_replicate_it(
    person: Switcher, lag: float, changes: dict[str, object], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    person.cutover()
    person.follow(lag, **changes)
    assert person.cutover() is ExitCode.UNFINISHED
    assert words in capsys.readouterr().err
    assert person.closed == set()


# Killed.


@functools.cache
def undisturbed() -> Switcher:
    person = switcher()
    assert person.cutover(without_dr=True) is ExitCode.SUCCESS
    return person


def finish(person: Switcher, where: str) -> None:
    """Run the command again until it succeeds, and check the end."""
    codes: list[ExitCode] = []
    while ExitCode.SUCCESS not in codes and len(codes) < RUNS:
        person.cancel()
        codes.append(person.cutover(without_dr=True))
    assert ExitCode.SUCCESS in codes, (where, codes)
    require_cut_over(person)


def is_write(call: str) -> bool:
    return not call.partition(" ")[2].startswith(("Describe", "Get", "List"))


def kill(points: Iterable[int]) -> None:
    calls = undisturbed().world.wire.calls
    for at in points:
        person = switcher()
        with contextlib.suppress(Killed):
            person.cutover(Fault(at=at, error=Killed), without_dr=True)
        finish(person, f"killed before call {at}, {calls[at - 1]}")


def test_killed_after_each_write_it_is_finished_by_the_next_run() -> None:
    calls = undisturbed().world.wire.calls
    kill(at for at in range(2, len(calls) + 1) if is_write(calls[at - 2]))


@pytest.mark.thorough
def test_killed_anywhere_it_is_finished_by_the_next_run() -> None:
    kill(range(1, len(undisturbed().world.wire.calls) + 1))


def test_an_up_that_dies_is_finished_by_the_next_run() -> None:
    for point in range(1, undisturbed().engines[0].points + 1):
        person = switcher()
        person.engines[0].stops = frozenset({point})
        with contextlib.suppress(Killed):
            person.cutover(without_dr=True)
        finish(person, f"Pulumi died at point {point}")


faults = st.one_of(st.none(), st.tuples(st.integers(1, 120), st.sampled_from([Killed, unreachable])))
points = st.one_of(st.none(), st.integers(0, 8))


def _history(runs: Sequence[tuple[tuple[int, Callable[[], BaseException]] | None, int | None, bool]]) -> None:
    """Run the command with faults, with and without dr; one instance takes writes, and in the end it succeeds."""
    person = switcher()
    for fault, point, without_dr in runs:
        person.cancel()
        person.engines[0].stops = frozenset() if point is None else frozenset({person.engines[0].points + point})
        with contextlib.suppress(Killed):
            person.cutover(Fault(at=fault[0], error=fault[1]) if fault else None, without_dr=without_dr)
        person.require_one_writer()
    person.engines[0].stops = frozenset()
    finish(person, "a history")


RUN = st.tuples(faults, points, st.booleans())


@settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(runs=st.lists(RUN, max_size=4))
def test_histories(runs: list[tuple[tuple[int, Callable[[], BaseException]] | None, int | None, bool]]) -> None:
    _history(runs)


@pytest.mark.thorough
@settings(max_examples=200, deadline=None, suppress_health_check=CHECKS)
@given(runs=st.lists(RUN, max_size=6))
def test_many_histories(runs: list[tuple[tuple[int, Callable[[], BaseException]] | None, int | None, bool]]) -> None:
    _history(runs)
