"""Random histories of promotions and fences: killed anywhere, the network lost, us-east-1 gone and back.

At no moment do both regions take writes, but for one case, which no setting of dr can prevent: production was lost when
dr was promoted, has returned, and isn't fenced yet. Then `dr status` says so, and `dr fence` ends it.
"""

import contextlib
from collections.abc import Callable
from typing import TypeAlias

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.recovering import Recoverer, recoverer

# A promotion has about 250 calls, half of them while it waits, and about 15 points of Pulumi.
calls = st.integers(min_value=1, max_value=250)
points = st.one_of(st.none(), st.integers(min_value=0, max_value=12))
waits = st.sampled_from([0, 5, 30, 120, 900, 5400])
# A call's number, and what happens there.
Point: TypeAlias = tuple[int, Callable[[], BaseException]]


def _point(at: int, is_killed: bool) -> Point | None:
    return at, Killed if is_killed else unreachable


faults = st.one_of(st.none(), st.builds(_point, calls, st.booleans()))
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Recoveries(RuleBasedStateMachine):
    """One incident, until dr serves."""

    @initialize()
    def begin(self) -> None:
        self.person: Recoverer = recoverer()
        # The overlaps that are explained: us-east-1 came back beside a promoted dr.
        self.explained = 0

    def _run(self, command: Callable[[Fault | None], ExitCode], fault: Point | None) -> None:
        self.person.cancel()
        chosen = Fault(at=fault[0], error=fault[1]) if fault else None
        with contextlib.suppress(Killed):
            command(chosen)

    @rule(mode=st.sampled_from(list(Mode)), fault=faults, point=points)
    def promote(self, mode: Mode, fault: Point | None, point: int | None) -> None:
        pulumi = self.person.fake_pulumi
        pulumi.stops = frozenset() if point is None else frozenset({pulumi.points + point})
        self._run(lambda chosen: self.person.promote(mode, chosen), fault)
        pulumi.stops = frozenset()

    @rule(fault=faults)
    def fence(self, fault: Point | None) -> None:
        self._run(self.person.fence, fault)

    @rule(fault=faults)
    def undo(self, fault: Point | None) -> None:
        self._run(self.person.undo, fault)

    @precondition(lambda self: not self.person.writes.is_lost)
    @rule()
    def lose(self) -> None:
        self.person.lose()

    @precondition(lambda self: self.person.writes.is_lost)
    @rule()
    def return_(self) -> None:
        person = self.person
        # Promoted, or about to be: RDS carries out what an `up` that died has asked for.
        is_beside = person.recovery.rds.is_primary or bool(person.recovery.rds.primary.changes)
        person.restore()
        if is_beside and person.world.ecs.has_tasks:
            if person.recovery.rds.is_primary:
                assert person.status() is ExitCode.CHECK_FAILED
            assert person.fence() is ExitCode.SUCCESS
            self.explained = len(person.writes.both)
            assert not person.world.ecs.has_tasks

    @rule(seconds=waits)
    def wait(self, seconds: int) -> None:
        self.person.world.clock.sleep(seconds)

    @rule()
    def load(self) -> None:
        self.person.world.scaling.react()
        self.person.writes.note()

    @invariant()
    def one_region_takes_writes(self) -> None:
        assert len(self.person.writes.both) == self.explained

    def teardown(self) -> None:
        """In the end dr can take over, whatever happened."""
        if not hasattr(self, "person"):
            return
        person = self.person
        mode = Mode.ACCEPT_LOSS if person.writes.is_lost else Mode.GRACEFUL
        codes: list[ExitCode] = []
        while ExitCode.SUCCESS not in codes and len(codes) < 4:
            person.cancel()
            codes.append(person.promote(mode))
            person.world.clock.sleep(600)
        assert ExitCode.SUCCESS in codes, codes
        assert len(person.writes.both) == self.explained


def test_histories_of_recoveries() -> None:
    run_state_machine_as_test(
        Recoveries,
        settings=settings(max_examples=8, stateful_step_count=5, deadline=None, derandomize=True, database=None,
                          suppress_health_check=CHECKS),
    )  # fmt: skip


@pytest.mark.thorough
def test_many_histories_of_recoveries() -> None:
    run_state_machine_as_test(
        Recoveries,
        settings=settings(max_examples=200, stateful_step_count=8, deadline=None, suppress_health_check=CHECKS),
    )
