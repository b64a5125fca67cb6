"""Failbacks that are killed at a call, or lose the network there, and `up`s that die; then run again.

Whatever stopped the first run, the next one ends where an undisturbed one ends, and at no moment do two instances take
writes, nor an old one after the new one.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from operations.frame.errors import ExitCode
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.returning import DR_REPLICA, Returner, prepared, returner
from tests.operations.test_dr_killed import changed, writes

# An `up` that was killed leaves a lock, which a person removes: so runs more may be needed.
RUNS = 5


@functools.cache
def undisturbed() -> Returner:
    person = prepared()
    assert person.failback() is ExitCode.SUCCESS
    return person


def calls() -> Sequence[str]:
    return tuple(undisturbed().world.wire.calls)


def finish(person: Returner, where: str) -> None:
    """Run the command again until users are returned, and check the end."""
    codes: list[ExitCode] = []
    while not (ExitCode.SUCCESS in codes and person.record().failback is None) and len(codes) < RUNS:
        person.cancel()
        codes.append(person.failback())
        if codes[-1] is ExitCode.REFUSED:
            # Production was stopped by a fence after the failback had ended.
            person.undo()
    assert ExitCode.SUCCESS in codes, (where, codes)
    person.require_returned()
    assert person.world.wire.unanswered == [], where


def kill(points: Iterable[int]) -> None:
    for at in points:
        person = prepared()
        with contextlib.suppress(Killed):
            person.failback(Fault(at=at, error=Killed))
        person.require_one_writer()
        finish(person, f"killed before call {at}, {calls()[at - 1]}")


@pytest.mark.thorough
def test_killed_after_a_write_it_is_finished_by_the_next_run() -> None:
    kill(writes(calls()))


@pytest.mark.thorough
def test_a_preparation_that_is_killed_is_finished_by_the_next_run() -> None:
    first = returner()
    assert first.failback() is ExitCode.SUCCESS
    for at in changed(tuple(first.world.wire.calls)):
        person = returner()
        with contextlib.suppress(Killed):
            person.failback(Fault(at=at, error=Killed))
        finish(person, f"killed before call {at} of the first run")


@pytest.mark.thorough
def test_killed_anywhere_it_is_finished_by_the_next_run() -> None:
    kill(changed(calls()))


def test_killed_at_a_few_writes_it_is_finished_by_the_next_run() -> None:
    """`make test` has every eighth."""
    kill(list(writes(calls()))[::8])


@pytest.mark.thorough
@pytest.mark.parametrize("number", [0, 1], ids=["production", "dr"])
@pytest.mark.parametrize("what", ["stops", "fails"])
def test_an_up_that_ends_is_finished_by_the_next_run(number: int, what: str) -> None:
    """In the middle too: the database is being promoted, or is promoted, and Pulumi's state doesn't know it."""
    first = prepared().engines[number].points
    for point in range(first + 1, undisturbed().engines[number].points + 1):
        person = prepared()
        setattr(person.engines[number], what, frozenset({point}))
        with contextlib.suppress(Killed):
            person.failback()
        person.require_one_writer()
        finish(person, f"{what} at point {point}")


@pytest.mark.thorough
def test_a_failback_that_loses_the_network_is_finished_by_the_next_run() -> None:
    """A lost request, and a lost answer to one that AWS has carried out."""
    for at in writes(calls()):
        for is_after in (False, True):
            person = prepared()
            person.failback(Fault(at=at - 1, error=unreachable, is_after=is_after))
            finish(person, f"{calls()[at - 2]} {'carried out' if is_after else 'lost'}")


def test_users_who_are_returned_to_dr_never_write_beside_production() -> None:
    """The undo after a run that was killed at a write: dr serves, or production's new instance may be promoted."""
    undo_after(list(writes(calls()))[::8])


@pytest.mark.thorough
def test_users_who_are_returned_to_dr_after_any_write_never_write_beside_production() -> None:
    undo_after(writes(calls()))


def undo_after(points: Iterable[int]) -> None:
    for at in points:
        person = prepared()
        with contextlib.suppress(Killed):
            person.failback(Fault(at=at, error=Killed))
        person.cancel()
        code = person.undo_failback()
        assert code in {ExitCode.SUCCESS, ExitCode.REFUSED}, calls()[at - 1]
        person.world.clock.sleep(3600)
        person.require_one_writer()
        finish(person, f"undone after call {at}, {calls()[at - 1]}")


# A call's number and what happens there; the stack and the point at which its Pulumi dies; which command.
Run: TypeAlias = tuple[tuple[int, Callable[[], BaseException]] | None, tuple[int, int] | None, str]
faults = st.one_of(st.none(), st.tuples(st.integers(1, 400), st.sampled_from([Killed, unreachable])))
points = st.one_of(st.none(), st.tuples(st.integers(0, 1), st.integers(1, 12)))
commands = st.sampled_from(["failback", "failback", "undo", "fence", "load", "wait"])


def history(runs: Sequence[Run]) -> None:
    """Run commands with faults; one instance takes writes at a time, and in the end it succeeds."""
    person = returner()
    for fault, point, command in runs:
        person.cancel()
        if point:
            engine = person.engines[point[0]]
            engine.stops = frozenset({engine.points + point[1]})
        chosen = Fault(at=fault[0], error=fault[1]) if fault else None
        with contextlib.suppress(Killed):
            _run(person, command, chosen)
        for each in person.engines:
            each.stops = frozenset()
        person.require_one_writer()
    finish(person, str(runs))


def _run(person: Returner, command: str, fault: Fault | None) -> None:
    match command:
        case "failback":
            person.failback(fault)
        case "undo":
            person.undo_failback(fault)
        case "fence":
            person.fence(fault)
        case "load":
            person.world.scaling.react()
            # A dr that stands by again has no users, whose load would scale it.
            if person.recovery.hosts() != {DR_REPLICA}:
                person.recovery.scaling.react()
            person.writes.note()
        case _:
            person.world.clock.sleep(900)


CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
histories = st.lists(st.tuples(faults, points, commands), min_size=1, max_size=5)


@pytest.mark.thorough
@given(histories)
@example([(None, None, "failback"), (None, None, "failback"), (None, None, "load")])
@settings(max_examples=150, deadline=None, suppress_health_check=CHECKS)
def test_many_histories(runs: Sequence[Run]) -> None:
    history(runs)
