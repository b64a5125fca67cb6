"""Promotions that are killed at a call, or lose the network there, and `up`s that die; then run again.

Whatever stopped the first run, the next one ends where an undisturbed one ends, the database is promoted once, and the
two regions never take writes at once.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence

import pytest

from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.recovering import Recoverer, recoverer
from tests.operations.test_dr_promote import require_taken_over

WRITES = ("Update", "Register", "Put", "Create")
MODES = (Mode.GRACEFUL, Mode.ACCEPT_LOSS)
# A promotion takes a second of the processor: `make test` has the graceful one, which has all steps.
SOME = (Mode.GRACEFUL, pytest.param(Mode.ACCEPT_LOSS, marks=pytest.mark.thorough))
# An `up` that was killed leaves a lock, which a person removes: so one run more may be needed.
RUNS = 3


def prepared(mode: Mode) -> Recoverer:
    """Return a person before a promotion; without us-east-1 if it is to be lost."""
    person = recoverer()
    if mode is Mode.ACCEPT_LOSS:
        person.world.clock.sleep(120)
        person.lose()
    return person


@functools.cache
def calls_of(mode: Mode) -> Sequence[str]:
    """Return the calls of an undisturbed run."""
    person = prepared(mode)
    assert person.promote(mode) is ExitCode.SUCCESS
    return tuple(person.world.wire.calls)


@functools.cache
def points_of(mode: Mode) -> int:
    """Return at how many points Pulumi could die in an undisturbed run."""
    person = prepared(mode)
    assert person.promote(mode) is ExitCode.SUCCESS
    return person.fake_pulumi.points


def writes(calls: Sequence[str]) -> Iterator[int]:
    """Return the numbers of the calls after those that change something."""
    found = (number + 1 for number, call in enumerate(calls, start=1) if _is_write(call))
    return (number for number in found if number <= len(calls))


def changed(calls: Sequence[str]) -> Iterator[int]:
    """Return the numbers of the calls that differ from the one before: polls in a row are alike."""
    return (number for number, call in enumerate(calls, start=1) if number == 1 or call != calls[number - 2])


def _is_write(call: str) -> bool:
    return call.partition(" ")[2].startswith(WRITES)


def finish(person: Recoverer, mode: Mode, where: str) -> None:
    """Run the command again until it succeeds, and check the end."""
    codes: list[ExitCode] = []
    while ExitCode.SUCCESS not in codes and len(codes) < RUNS:
        person.cancel()
        codes.append(person.promote(mode))
    assert ExitCode.SUCCESS in codes, (where, codes)
    require_taken_over(person)
    assert person.writes.both == [], where
    assert person.world.wire.unanswered == []


def kill(mode: Mode, points: Iterator[int]) -> None:
    for at in points:
        person = prepared(mode)
        with contextlib.suppress(Killed):
            person.promote(mode, Fault(at=at, error=Killed))
        finish(person, mode, f"killed before call {at}, {calls_of(mode)[at - 1]}")


@pytest.mark.parametrize("mode", SOME)
def test_a_promotion_that_is_killed_after_a_write_is_finished_by_the_next_run(mode: Mode) -> None:
    kill(mode, writes(calls_of(mode)))


@pytest.mark.thorough
@pytest.mark.parametrize("mode", MODES)
def test_a_promotion_that_is_killed_anywhere_is_finished_by_the_next_run(mode: Mode) -> None:
    kill(mode, changed(calls_of(mode)))


@pytest.mark.parametrize("mode", SOME)
def test_an_up_that_dies_is_finished_by_the_next_run(mode: Mode) -> None:
    """In the middle too: the database is being promoted, or is promoted, and Pulumi's state doesn't know it."""
    for point in range(1, points_of(mode) + 1):
        person = prepared(mode)
        person.fake_pulumi.stops = frozenset({point})
        with pytest.raises(Killed):
            person.promote(mode)
        finish(person, mode, f"Pulumi died at point {point}")


@pytest.mark.thorough
def test_an_up_that_fails_is_finished_by_the_next_run() -> None:
    for point in range(1, points_of(Mode.GRACEFUL) + 1):
        person = prepared(Mode.GRACEFUL)
        person.fake_pulumi.fails = frozenset({point})
        person.promote(Mode.GRACEFUL)
        finish(person, Mode.GRACEFUL, f"the up failed at point {point}")


@pytest.mark.thorough
@pytest.mark.parametrize("mode", MODES)
def test_a_promotion_that_loses_the_network_is_finished_by_the_next_run(mode: Mode) -> None:
    """A lost request, and a lost answer to one that AWS has carried out."""
    for at in (at for at, call in enumerate(calls_of(mode), start=1) if _is_write(call)):
        for is_after in (False, True):
            person = prepared(mode)
            code = person.promote(mode, Fault(at=at, error=unreachable, is_after=is_after))
            assert code in {ExitCode.SUCCESS, ExitCode.UNREACHABLE}, calls_of(mode)[at - 1]
            finish(person, mode, f"{calls_of(mode)[at - 1]} {'carried out' if is_after else 'lost'}")


def undone(person: Recoverer) -> bool:
    """Whether production was returned, or dr has taken over or is about to."""
    code = person.undo()
    assert code in {ExitCode.SUCCESS, ExitCode.REFUSED}, code
    return code is ExitCode.SUCCESS


def _return_or_finish(person: Recoverer, where: str) -> None:
    """After a promotion that stopped somewhere, a person returns production; only one region writes, in the end too."""
    if undone(person):
        assert person.world.ecs.desired == 4
        assert not person.recovery.rds.is_primary
    person.world.clock.sleep(3600)
    assert person.writes.both == [], where


def test_production_that_is_returned_after_a_stop_never_writes_beside_dr() -> None:
    """The dangerous one: an `up` that died has asked RDS for the promotion, which doesn't show yet."""
    for point in range(1, points_of(Mode.GRACEFUL) + 1):
        person = prepared(Mode.GRACEFUL)
        person.fake_pulumi.stops = frozenset({point})
        with pytest.raises(Killed):
            person.promote(Mode.GRACEFUL)
        _return_or_finish(person, f"Pulumi died at point {point}")


@pytest.mark.parametrize("command", ["fence", "undo"])
def test_a_fence_that_is_killed_is_finished_by_the_next_run(command: str) -> None:
    def run(person: Recoverer, fault: Fault | None = None) -> ExitCode:
        return person.fence(fault) if command == "fence" else person.undo(fault)

    def begin() -> Recoverer:
        person = recoverer()
        if command == "undo":
            assert person.fence() is ExitCode.SUCCESS
        return person

    first = begin()
    assert run(first) is ExitCode.SUCCESS
    for at in changed(tuple(first.world.wire.calls)):
        person = begin()
        with contextlib.suppress(Killed):
            run(person, Fault(at=at, error=Killed))
        code = run(person)
        # The record of a return that had ended is gone.
        assert code is ExitCode.SUCCESS or (command == "undo" and code is ExitCode.REFUSED), at
        wanted = (0, 0, 0) if command == "fence" else (4, 2, 20)
        assert (person.world.ecs.desired, person.world.scaling.minimum, person.world.scaling.maximum) == wanted, at
