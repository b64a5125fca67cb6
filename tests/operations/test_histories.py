"""Random histories of releases and rollbacks, killed anywhere and run again, against a model in a dozen lines.

The model knows which release runs: a good release goes on top, a bad one changes nothing, a rollback takes one off and
is not repeated. Every release migrates once, whatever was killed.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

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

from operations.frame.errors import ExitCode
from operations.release.one_off import VISIBLE_WITHIN
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import Fault, Killed
from tests.operations.fake.world import World
from tests.operations.support import Terminal

# The numbers of the calls at which the process dies, one run after another. A release has about 50 calls.
deaths = st.lists(st.integers(min_value=1, max_value=60), max_size=2)
behaviours = st.sampled_from([Behaviour.GOOD, Behaviour.GOOD, Behaviour.ALARM, Behaviour.UNHEALTHY])
# Twice the longest is less than the 55 minutes in which a migration's token holds: then a person has to look
# (test_migration.py).
waits = st.sampled_from([0, 30, 600, 1500])
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Histories(RuleBasedStateMachine):
    """Releases and rollbacks of one stack."""

    @initialize()
    def begin(self) -> None:
        self.world = World()
        self.terminal = Terminal(world=self.world)
        self.standing: list[str] = []
        self.rolled_back: list[str] = []
        self.is_back = False
        self.number = 0
        self.given_up_at: datetime | None = None

    def finished(self, command: Callable[[Fault | None], ExitCode], dies_at: list[int], wait: float) -> ExitCode:
        """Run a command until it isn't killed; time passes between the runs."""
        for at in dies_at:
            try:
                return command(Fault(at=at, error=Killed))
            except Killed:
                self.world.clock.sleep(wait)
        return command(None)

    def new_version(self, behaviour: Behaviour) -> str:
        self.number += 1
        version = f"v1.{self.number}.0"
        self.world.push(version, behaviour)
        return version

    @rule(behaviour=behaviours, dies_at=deaths, wait=waits)
    def release(self, behaviour: Behaviour, dies_at: list[int], wait: float) -> None:
        version = self.new_version(behaviour)
        code = self.finished(lambda fault: self.terminal.release(version, fault), dies_at, wait)
        if code is ExitCode.REFUSED:
            # The migration of a release that was given up may still run: the command says to wait for it.
            assert self.given_up_at
            assert self.world.clock.now() - self.given_up_at <= VISIBLE_WITHIN
            self.world.clock.sleep(VISIBLE_WITHIN.total_seconds())
            code = self.terminal.release(version)
        if behaviour is Behaviour.GOOD:
            assert code is ExitCode.SUCCESS
            self.standing.append(version)
            self.is_back = False
        else:
            assert code is ExitCode.ROLLED_BACK
            self.rolled_back.append(version)
            self.is_back = True

    @rule(dies_at=deaths, wait=waits)
    def rollback(self, dies_at: list[int], wait: float) -> None:
        code = self.finished(lambda fault: self.terminal.rollback(fault=fault), dies_at, wait)
        if self.is_back:
            # An hour later a rollback is another incident, which wants a version.
            assert code in {ExitCode.SUCCESS, ExitCode.REFUSED}
        elif len(self.standing) < 2:
            assert code is ExitCode.REFUSED
        else:
            assert code is ExitCode.SUCCESS
            self.rolled_back.append(self.standing.pop())
            self.is_back = True

    @precondition(lambda self: len(self.standing) > 1)
    @rule(data=st.data(), dies_at=deaths, wait=waits)
    def rollback_to(self, data: st.DataObject, dies_at: list[int], wait: float) -> None:
        version = data.draw(st.sampled_from(self.standing))
        code = self.finished(lambda fault: self.terminal.rollback(version, fault), dies_at, wait)
        assert code is ExitCode.SUCCESS
        at = self.standing.index(version) + 1
        self.is_back = self.is_back or at < len(self.standing)
        self.rolled_back += self.standing[at:]
        del self.standing[at:]

    @precondition(lambda self: self.rolled_back)
    @rule(data=st.data())
    def release_what_was_rolled_back(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(self.rolled_back))
        before = len(self.world.ecs.deployments)
        assert self.terminal.release(version) in {ExitCode.ROLLED_BACK, ExitCode.REFUSED}
        assert len(self.world.ecs.deployments) == before

    @precondition(lambda self: self.standing)
    @rule(value=st.integers(), dies_at=deaths, wait=waits)
    def change_settings(self, value: int, dies_at: list[int], wait: float) -> None:
        self.world.set_template({"VALUE": f"{value} {self.number}"})
        before = self.world.ecs.running()
        code = self.finished(lambda fault: self.terminal.release(fault=fault, same_image=True), dies_at, wait)
        assert code is ExitCode.SUCCESS
        assert self.world.ecs.running().image == before.image

    @rule(behaviour=behaviours, at=st.integers(min_value=1, max_value=60), wait=waits)
    def give_up_a_release(self, behaviour: Behaviour, at: int, wait: float) -> None:
        """Kill a release and roll back instead of running it again: nothing but a good release may run then."""
        version = self.new_version(behaviour)
        before = len(self.world.ecs.deployments)
        try:
            self.terminal.release(version, Fault(at=at, error=Killed))
        except Killed:
            self.given_up_at = self.world.clock.now()
            self.world.clock.sleep(wait)
        code = self.terminal.rollback()
        assert code in {ExitCode.SUCCESS, ExitCode.REFUSED}
        is_deployed = any(self.world.images[version] in each.target.image for each in self.world.ecs.deployments)
        if is_deployed and self.world.running == version:
            # The first release of all: there is nothing to return to.
            assert (code, self.standing) == (ExitCode.REFUSED, [])
            self.standing.append(version)
            self.is_back = False
            return
        if is_deployed:
            self.rolled_back.append(version)
        elif len(self.world.ecs.deployments) > before:
            self.rolled_back.append(self.standing.pop())
        self.is_back = self.is_back or len(self.world.ecs.deployments) > before

    @rule(hours=st.integers(min_value=1, max_value=100))
    def wait(self, hours: int) -> None:
        self.world.clock.sleep(hours * 3600)

    @invariant()
    def the_expected_release_runs(self) -> None:
        if hasattr(self, "world"):
            assert self.world.running == (self.standing[-1] if self.standing else "placeholder")
            assert self.world.ecs.deregistered == 0

    @invariant()
    def every_migration_was_started_once(self) -> None:
        if hasattr(self, "world"):
            assert max(Counter(task.started_by for task in self.world.ecs.tasks).values(), default=1) == 1


def test_histories() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(max_examples=30, stateful_step_count=10, deadline=None, derandomize=True, database=None,
                          suppress_health_check=CHECKS),
    )  # fmt: skip


@pytest.mark.thorough
def test_many_histories() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(max_examples=400, stateful_step_count=15, deadline=None, suppress_health_check=CHECKS),
    )
