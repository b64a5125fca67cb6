"""Restores and deletions that are killed at each call, or lose the network there, and are run again.

Whatever stopped a run, running it again ends with one instance for the ticket and the source, like production's, and
with no copy of a snapshot left; the database itself is as it was.
"""

import copy
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from operations.frame.errors import ExitCode
from operations.recovery.blueprint import blueprint_of
from operations.recovery.properties import compare
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.restores import TIME, Administrator, administrator
from tests.operations.test_killed import points

WEEK_AGO = "2026-10-25"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A command in a prepared world, and what there is in the end."""

    name: str
    stack: str
    command: Callable[[Administrator, Fault | None], ExitCode]
    is_discard: bool = False

    def __str__(self) -> str:
        return self.name


def _point(dba: Administrator, fault: Fault | None) -> ExitCode:
    return dba.restore(TIME, fault=fault)


def _copy(dba: Administrator, fault: Fault | None) -> ExitCode:
    return dba.restore(snapshot=WEEK_AGO, fault=fault)


def _discard(dba: Administrator, fault: Fault | None) -> ExitCode:
    return dba.discard("taskflow-recovery-20261102-1020", fault)


SCENARIOS = (
    Scenario(name="a point in time", stack="production", command=_point),
    Scenario(name="a snapshot under another key", stack="dr", command=_copy),
    Scenario(name="a deletion", stack="production", command=_discard, is_discard=True),
)


@functools.cache
def _prepared(scenario: Scenario) -> Administrator:
    dba = administrator(scenario.stack)
    dba.rds.creation = dba.rds.modification = timedelta(minutes=1)
    if scenario.is_discard:
        assert dba.restore(TIME) is ExitCode.SUCCESS
    return dba


def fresh(scenario: Scenario) -> Administrator:
    return copy.deepcopy(_prepared(scenario))


def check(dba: Administrator, *, is_discard: bool = False) -> None:
    """Require what an undisturbed run leaves."""
    assert len(dba.rds.restored) == 1
    assert [name for name in dba.rds.snapshots if name.endswith("-copy")] == []
    (name,) = dba.rds.restored
    if is_discard:
        assert name not in dba.rds.instances
        assert f"{name}-final" in dba.rds.snapshots
    else:
        values = dba.rds.find(name).values
        own = dba.terminal.run_with(blueprint_of)
        wrong = [each.of.title for each in compare(values, own) if not each.is_equal]
        assert wrong == [], wrong
    assert dba.rds.primary.values["DeletionProtection"] is True
    assert dba.rds.primary.status == "available"


def calls_of(scenario: Scenario) -> Sequence[str]:
    dba = fresh(scenario)
    assert scenario.command(dba, None) is ExitCode.SUCCESS
    calls = list(dba.world.wire.calls)
    check(dba, is_discard=scenario.is_discard)
    return calls


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
@pytest.mark.parametrize("pause", [0, pytest.param(900, marks=pytest.mark.thorough)])
def test_a_killed_command_is_finished_by_the_next_run(scenario: Scenario, pause: int) -> None:
    """At once, while what was begun is hardly visible, and later, when AWS has ended it by itself."""
    for at in points(calls_of(scenario)):
        dba = fresh(scenario)
        with pytest.raises(Killed):
            scenario.command(dba, Fault(at=at, error=Killed))
        dba.world.clock.sleep(pause)
        assert scenario.command(dba, None) is ExitCode.SUCCESS, f"killed before call {at}"
        check(dba, is_discard=scenario.is_discard)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_lost_network_says_so_and_the_next_run_finishes(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost request, or a lost answer; a poll tolerates both."""
    calls = calls_of(scenario)
    for at in points(calls):
        for is_after in (False, True):
            dba = fresh(scenario)
            capsys.readouterr()
            code = scenario.command(dba, Fault(at=at, error=unreachable, is_after=is_after))
            assert code in {ExitCode.UNREACHABLE, ExitCode.SUCCESS}, calls[at - 1]
            if code is ExitCode.UNREACHABLE:
                assert "AWS is unreachable in" in capsys.readouterr().err
                assert scenario.command(dba, None) is ExitCode.SUCCESS, calls[at - 1]
            check(dba, is_discard=scenario.is_discard)


class Restores(RuleBasedStateMachine):
    """Runs that die or lose the network anywhere, while the database is backed up and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = SCENARIOS[0]
        self.dba = fresh(self.scenario)
        self.is_done = False

    def _fault(self, at: int, kind: str) -> Fault:
        return Fault(at=at, error=Killed if kind == "killed" else unreachable, is_after=kind == "answer lost")

    @precondition(lambda self: not self.is_done)
    @rule(at=st.integers(1, 40), kind=st.sampled_from(["killed", "request lost", "answer lost"]))
    def run(self, at: int, kind: str) -> None:
        try:
            code = self.dba.restore(TIME, fault=self._fault(at, kind))
        except Killed:
            return
        assert code in {ExitCode.SUCCESS, ExitCode.UNREACHABLE}
        self.is_done = code is ExitCode.SUCCESS

    @rule(seconds=st.sampled_from([1, 15, 60, 600]))
    def wait(self, seconds: int) -> None:
        self.dba.world.clock.sleep(seconds)

    @rule()
    def back_up(self) -> None:
        for name in self.dba.rds.restored:
            if self.dba.rds.find(name).status == "available":
                self.dba.rds.start_backup(name, timedelta(minutes=2))

    @invariant()
    def one_instance_at_most(self) -> None:
        assert len(self.dba.rds.restored) <= 1
        assert self.dba.rds.primary.values["DeletionProtection"] is True

    def teardown(self) -> None:
        assert self.dba.restore(TIME) is ExitCode.SUCCESS
        check(self.dba)


def test_a_restore_ends_well_whatever_happens_to_its_runs() -> None:
    run_state_machine_as_test(
        Restores,
        settings=settings(max_examples=20, stateful_step_count=8, deadline=None, derandomize=True, database=None),
    )


@pytest.mark.thorough
def test_a_restore_ends_well_in_many_histories() -> None:
    run_state_machine_as_test(Restores, settings=settings(max_examples=200, stateful_step_count=15, deadline=None))
