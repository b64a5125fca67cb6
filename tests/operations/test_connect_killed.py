"""`db connect` that is killed, or loses the network, at each of its calls, and histories of a whole day on call.

Whatever stopped the last run, the next one ends well, and after it nothing is left: no task, session, plugin or folder.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from operations.frame.errors import ExitCode
from tests.operations.connecting import HOUR, Person, person
from tests.operations.fake.wire import Fault, Killed, unreachable

# What may happen while psql runs.
QUIET: Sequence[tuple[float, str]] = ()
DROP = ((5.0, "drop"),)


def _prepared(cache: Path, moments: Sequence[tuple[float, str]]) -> Person:
    """Return a person whose tunnel may drop, after a first run that was killed in psql."""
    someone = person(cache)
    for second, event in moments:
        someone.at(second, functools.partial(_happen, someone.machine, event))
    return someone


def _happen(machine: object, event: str) -> None:
    getattr(machine, {"drop": "drop_tunnel"}[event])()


def _calls(cache: Path, moments: Sequence[tuple[float, str]]) -> Sequence[str]:
    undisturbed = _prepared(cache, moments)
    assert undisturbed.connect() is ExitCode.SUCCESS
    return list(undisturbed.world.wire.calls)


def _points(calls: Sequence[str]) -> Iterator[int]:
    """Return the numbers of the calls that differ from the one before: polls in a row are alike."""
    return (number for number, call in enumerate(calls, start=1) if call != (calls[number - 2] if number > 1 else ""))


@pytest.mark.parametrize("moments", [QUIET, DROP], ids=["quiet", "a tunnel that drops"])
def test_a_killed_run_is_cleaned_up_by_the_next(tmp_path: Path, moments: Sequence[tuple[float, str]]) -> None:
    for at in _points(_calls(tmp_path, moments)):
        alice = _prepared(tmp_path, moments)
        with pytest.raises(Killed):
            alice.connect(Fault(at=at, error=Killed))
        assert alice.connect() is ExitCode.SUCCESS, f"killed before call {at}"
        assert alice.machine.left_behind == [], f"killed before call {at}"


def test_a_killed_run_leaves_nothing_after_the_hour(tmp_path: Path) -> None:
    """Without a next run: the plugin ends with the process, the task with its hour, the session with the task."""
    for at in _points(_calls(tmp_path, QUIET)):
        alice = _prepared(tmp_path, QUIET)
        with pytest.raises(Killed):
            alice.connect(Fault(at=at, error=Killed))
        alice.machine.restart()
        alice.world.clock.sleep(HOUR)
        assert [each for each in alice.machine.left_behind if not each.startswith("folder")] == []


@pytest.mark.parametrize("is_after", [False, True], ids=["lost request", "lost answer"])
def test_a_run_that_loses_the_network_closes_what_it_has_opened(tmp_path: Path, is_after: bool) -> None:
    for at in _points(_calls(tmp_path, DROP)):
        alice = _prepared(tmp_path, DROP)
        code = alice.connect(Fault(at=at, error=unreachable, is_after=is_after))
        assert code in {ExitCode.SUCCESS, ExitCode.UNREACHABLE}, f"call {at}"
        call = alice.world.wire.calls[at - 1]
        if call != "ecs StopTask" or is_after:
            assert alice.machine.left_behind == [], f"{call}, call {at}"
        assert alice.connect() is ExitCode.SUCCESS
        assert alice.machine.left_behind == []


def test_control_c_at_any_call_closes_what_was_opened(tmp_path: Path) -> None:
    """While the run closes it skips a step, which the next run does."""
    for at in _points(_calls(tmp_path, DROP)):
        alice = _prepared(tmp_path, DROP)
        code = alice.connect(Fault(at=at, error=KeyboardInterrupt))
        assert code in {ExitCode.INTERRUPTED, ExitCode.SUCCESS}, f"call {at}"
        if alice.world.wire.calls[at - 1] != "ecs StopTask":
            assert alice.machine.left_behind == [], f"call {at}"
        assert alice.connect() is ExitCode.SUCCESS
        assert alice.machine.left_behind == []


class OnCall(RuleBasedStateMachine):
    """A person who connects again and again, while computer, network and tasks fail in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.alice = person(Path(self.folder.name))

    @initialize(seconds=st.integers(0, 60))
    def start(self, seconds: int) -> None:
        self.alice.world.ecs.start_delay = timedelta(seconds=seconds)

    def _run(self, fault: Fault | None = None) -> ExitCode | None:
        try:
            return self.alice.connect(fault)
        except Killed:
            return None
        finally:
            self.alice.machine.moments.clear()

    @rule(
        at=st.integers(1, 55),
        error=st.sampled_from([Killed, unreachable, KeyboardInterrupt]),
        is_after=st.booleans(),
    )
    def fail(self, at: int, error: Callable[[], BaseException], is_after: bool) -> None:
        self._run(Fault(at=at, error=error, is_after=is_after))

    @rule(seconds=st.lists(st.integers(1, 60), max_size=4))
    def connect_while_the_tunnel_drops(self, seconds: list[int]) -> None:
        self.alice.machine.psql_seconds = 90
        for second in sorted(seconds):
            self.alice.at(second, self.alice.machine.drop_tunnel)
        assert self._run() is ExitCode.SUCCESS
        assert self.alice.machine.left_behind == []

    @rule(second=st.integers(1, 60))
    def connect_while_the_task_ends(self, second: int) -> None:
        def end() -> None:
            self.alice.world.ecs.tasks[-1].stops_at = self.alice.world.clock.now()

        self.alice.machine.psql_seconds = 90
        self.alice.at(second, end)
        assert self._run() is ExitCode.FAILED
        assert self.alice.machine.left_behind == []

    @rule(minutes=st.sampled_from([1, 20, 61]))
    def wait(self, minutes: int) -> None:
        self.alice.machine.restart()
        self.alice.world.clock.sleep(minutes * 60)

    @invariant()
    def nothing_outlives_its_hour(self) -> None:
        hour_ago = self.alice.world.clock.now() - timedelta(hours=1)
        tasks = [each for each in self.alice.world.ecs.tasks if each.has_exec]
        assert not [
            each for each in tasks if each.started_at <= hour_ago and each.stops_at > self.alice.world.clock.now()
        ]

    @invariant()
    def at_most_one_task_runs(self) -> None:
        """Each run stops what the one before has left."""
        now = self.alice.world.clock.now()
        assert sum(each.has_exec and each.stops_at > now for each in self.alice.world.ecs.tasks) <= 1

    def teardown(self) -> None:
        self.alice.machine.psql_seconds = 30
        assert self._run() is ExitCode.SUCCESS
        assert self.alice.machine.left_behind == []
        self.folder.cleanup()


def test_histories() -> None:
    run_state_machine_as_test(
        OnCall,
        settings=settings(max_examples=8, stateful_step_count=8, deadline=None, derandomize=True, database=None),
    )


@pytest.mark.thorough
def test_more_histories() -> None:
    run_state_machine_as_test(OnCall, settings=settings(max_examples=300, stateful_step_count=12, deadline=None))
