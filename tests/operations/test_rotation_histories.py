"""Random histories of rotations and releases, killed anywhere and run again.

At every moment each running task, and each one that would start, has a valid password and token; after each finished
rotation only the new value is valid.
"""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from operations.frame.context import Context
from operations.frame.errors import ExitCode
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.test_rotation import COMMANDS, prepared, require_rotated, value

# The numbers of the calls at which the process dies or loses the network, one run after another. A rotation has about
# 110 calls, half of them while it waits.
stops = st.lists(st.tuples(st.integers(min_value=1, max_value=120), st.booleans(), st.booleans()), max_size=3)
waits = st.sampled_from([0, 5, 90, 600, 5 * 86400])
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Rotations(RuleBasedStateMachine):
    """Rotations and releases of both stacks."""

    @initialize()
    def begin(self) -> None:
        self.terminal = prepared()
        self.world = self.terminal.world
        self.number = 0
        # The values of the last finished rotations.
        self.finished = {purpose: value(self.world, purpose) for purpose in COMMANDS}

    @rule(purpose=st.sampled_from(sorted(COMMANDS)), stops=stops, wait=waits)
    def rotate(self, purpose: str, stops: list[tuple[int, bool, bool]], wait: float) -> None:
        command: Callable[[Context], None] = COMMANDS[purpose]
        for at, is_killed, is_after in stops:
            fault = Fault(at=at, error=Killed if is_killed else unreachable, is_after=is_after and not is_killed)
            try:
                if self.terminal.run(command, fault) is ExitCode.SUCCESS:
                    break
            except Killed:
                self.world.clock.sleep(wait)
        else:
            code = self.terminal.run(command)
            if code is ExitCode.REFUSED and self._deploys():
                # The other rotation died while it deployed: this one is refused until that deployment is over.
                self.world.clock.sleep(600)
                code = self.terminal.run(command)
            assert code is ExitCode.SUCCESS
        require_rotated(self.world, purpose, self.finished[purpose])
        self.finished[purpose] = value(self.world, purpose)

    def _deploys(self) -> bool:
        worlds = [each for each in (self.world, self.world.partner) if each]
        return not all(each.ecs.deployments[-1].is_over for each in worlds)

    @rule(purpose=st.sampled_from(sorted(COMMANDS)), at=st.integers(min_value=1, max_value=120), wait=waits)
    def leave_a_rotation(self, purpose: str, at: int, wait: float) -> None:
        """A rotation that is killed and not run again for now: releases and the other one follow."""
        try:
            self.terminal.run(COMMANDS[purpose], Fault(at=at, error=Killed))
        except Killed:
            self.world.clock.sleep(wait)

    @rule(behaviour=st.sampled_from([Behaviour.GOOD, Behaviour.ALARM]))
    def release(self, behaviour: Behaviour) -> None:
        self.number += 1
        version = f"v1.{self.number}.0"
        self.world.push(version, behaviour)
        self.terminal.release(version)

    @rule(days=st.integers(min_value=0, max_value=30))
    def wait(self, days: int) -> None:
        self.world.clock.sleep(days * 86400 + 30)


def test_histories_of_rotations() -> None:
    run_state_machine_as_test(
        Rotations,
        settings=settings(max_examples=12, stateful_step_count=6, deadline=None, derandomize=True, database=None,
                          suppress_health_check=CHECKS),
    )  # fmt: skip


@pytest.mark.thorough
def test_many_histories_of_rotations() -> None:
    run_state_machine_as_test(
        Rotations,
        settings=settings(max_examples=200, stateful_step_count=10, deadline=None, suppress_health_check=CHECKS),
    )
