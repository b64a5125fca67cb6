"""Commands that are killed at each of their calls, or lose the network there, and are run again.

Whatever stopped the first run, the second one ends where an undisturbed run ends: the same release runs, its migration
was started once, and the service was deployed once. To die after a call is to die before the next one.
"""

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from operations.frame.errors import ExitCode
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal

Command = Callable[[Terminal, Fault | None], ExitCode]
WRITES = ("Update", "Register", "Run", "Stop", "Put", "Create")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A command in a prepared world: how it ends, and which release runs then."""

    name: str
    prepare: Callable[[World, Terminal], None]
    command: Command
    code: ExitCode
    running: str
    # What a second run says of a failure that the first one has reported, or would have.
    again: frozenset[ExitCode]
    migrations: int
    deployments: int

    def __str__(self) -> str:
        return self.name

    def world(self) -> tuple[World, Terminal]:
        """Return a copy of the prepared world."""
        terminal = copy.deepcopy(_prepared(self))
        return terminal.world, terminal

    def prepared(self) -> Terminal:
        """Return a world with two releases, prepared."""
        world = World()
        terminal = Terminal(world=world)
        for version in ("v1.0.0", "v1.1.0"):
            world.push(version)
            assert terminal.release(version) is ExitCode.SUCCESS
        self.prepare(world, terminal)
        world.ecs.tasks.clear()
        return terminal


@functools.cache
def _prepared(scenario: Scenario) -> Terminal:
    return scenario.prepared()


def _push(behaviour: Behaviour = Behaviour.GOOD, exit_code: int = 0) -> Callable[[World, Terminal], None]:
    def prepare(world: World, _terminal: Terminal) -> None:
        world.push("v2.0.0", behaviour)
        world.ecs.migration = (40, exit_code)

    return prepare


def _deploying(world: World, terminal: Terminal) -> None:
    """Begin a slow release and leave it."""
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED


def _changed_settings(world: World, _terminal: Terminal) -> None:
    world.set_template({"A": "changed"})


def _release(terminal: Terminal, fault: Fault | None) -> ExitCode:
    return terminal.release("v2.0.0", fault)


def _rollback(terminal: Terminal, fault: Fault | None) -> ExitCode:
    return terminal.rollback(fault=fault)


SUCCESS = frozenset({ExitCode.SUCCESS})
SCENARIOS = (
    Scenario(
        name="a good release", prepare=_push(), command=_release, code=ExitCode.SUCCESS, running="v2.0.0",
        again=SUCCESS, migrations=1, deployments=1,
    ),
    Scenario(
        name="a bad release", prepare=_push(Behaviour.ALARM), command=_release, code=ExitCode.ROLLED_BACK,
        running="v1.1.0", again=frozenset({ExitCode.ROLLED_BACK}), migrations=1, deployments=1,
    ),
    Scenario(
        name="a failing migration", prepare=_push(exit_code=1), command=_release, code=ExitCode.FAILED,
        running="v1.1.0", again=frozenset({ExitCode.FAILED, ExitCode.REFUSED}), migrations=1, deployments=0,
    ),
    Scenario(
        name="changed settings", prepare=_changed_settings,
        command=lambda terminal, fault: terminal.release(fault=fault, same_image=True), code=ExitCode.SUCCESS,
        running="v1.1.0", again=SUCCESS, migrations=0, deployments=1,
    ),
    Scenario(
        name="a rollback", prepare=_push(), command=_rollback, code=ExitCode.SUCCESS, running="v1.0.0",
        again=SUCCESS, migrations=0, deployments=1,
    ),
    Scenario(
        name="a rollback during a deployment", prepare=_deploying, command=_rollback, code=ExitCode.SUCCESS,
        running="v1.1.0", again=SUCCESS, migrations=0, deployments=0,
    ),
    Scenario(
        name="a rollback to a version", prepare=_push(),
        command=lambda terminal, fault: terminal.rollback("v1.0.0", fault), code=ExitCode.SUCCESS, running="v1.0.0",
        again=SUCCESS, migrations=0, deployments=1,
    ),
)  # fmt: skip


def calls_of(scenario: Scenario) -> Sequence[str]:
    """Return the calls of an undisturbed run, and check how it ends."""
    world, terminal = scenario.world()
    before = len(world.ecs.deployments)
    assert scenario.command(terminal, None) is scenario.code
    calls = list(world.wire.calls)
    _check(scenario, world, before)
    return calls


def points(calls: Sequence[str]) -> Iterator[int]:
    """Return the numbers of the calls that differ from the one before: polls in a row are alike."""
    return (number for number, call in enumerate(calls, start=1) if call != (calls[number - 2] if number > 1 else ""))


def _check(scenario: Scenario, world: World, before: int) -> None:
    assert world.running == scenario.running
    assert len(world.ecs.tasks) == scenario.migrations
    assert len(world.ecs.deployments) - before == scenario.deployments
    assert world.ecs.deregistered == 0


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_killed_command_is_finished_by_the_next_run(scenario: Scenario) -> None:
    for at in points(calls_of(scenario)):
        world, terminal = scenario.world()
        before = len(world.ecs.deployments)
        with pytest.raises(Killed):
            scenario.command(terminal, Fault(at=at, error=Killed))
        code = scenario.command(terminal, None)
        assert code in scenario.again, f"killed before call {at}"
        _check(scenario, world, before)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_command_that_was_killed_long_ago_is_finished_by_the_next_run(scenario: Scenario) -> None:
    """ECS has ended by itself what was begun, and the old tasks are gone."""
    for at in points(calls_of(scenario)):
        world, terminal = scenario.world()
        before = len(world.ecs.deployments)
        with pytest.raises(Killed):
            scenario.command(terminal, Fault(at=at, error=Killed))
        world.clock.sleep(900)
        assert scenario.command(terminal, None) in scenario.again, f"killed before call {at}"
        _check(scenario, world, before)


@pytest.mark.thorough
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_command_that_dies_twice_is_finished_by_the_third_run(scenario: Scenario) -> None:
    calls = calls_of(scenario)
    for first in points(calls):
        for second in points(calls):
            world, terminal = scenario.world()
            before = len(world.ecs.deployments)
            with pytest.raises(Killed):
                scenario.command(terminal, Fault(at=first, error=Killed))
            try:
                scenario.command(terminal, Fault(at=second, error=Killed))
            except Killed:
                assert scenario.command(terminal, None) in scenario.again
            _check(scenario, world, before)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_command_that_loses_the_network_says_so_and_is_finished_by_the_next_run(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost request and, for a write, a lost answer."""
    for at, call in ((at, call) for at, call in enumerate(calls_of(scenario), start=1) if _is_write(call)):
        for is_after in (False, True):
            world, terminal = scenario.world()
            before = len(world.ecs.deployments)
            capsys.readouterr()
            code = scenario.command(terminal, Fault(at=at, error=unreachable, is_after=is_after))
            assert code in {ExitCode.UNREACHABLE, scenario.code}, call
            if code is ExitCode.UNREACHABLE:
                assert "AWS is unreachable in us-east-1" in capsys.readouterr().err
                code = scenario.command(terminal, None)
            assert code in scenario.again, f"{call} {'carried out' if is_after else 'lost'}"
            _check(scenario, world, before)


def _is_write(call: str) -> bool:
    return call.partition(" ")[2].startswith(WRITES)
