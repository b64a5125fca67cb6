"""`deploy plan` and `up` that die at each of their calls and at each step of Pulumi, or lose the network there.

Whatever stopped them: nothing is deployed that isn't in the approved plan, nothing is done twice, and the same command,
or the one that it names, ends the work.
"""

import contextlib
import copy
from collections.abc import Callable, Iterator

import pytest

from operations.frame.errors import ExitCode
from tests.operations.approving import Approver
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World

# Before and after each change of an `up` with three, while Pulumi has the lock.
POINTS = range(1, 5)
IN_WAYS = pytest.mark.parametrize(
    "in_all_ways", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["kill", "all ways"]
)


@pytest.fixture(scope="module")
def planned() -> Approver:
    """Return a person with a plan of three resources."""
    person = Approver(world=World())
    assert person.plan() is ExitCode.SUCCESS
    return person


def _copy(person: Approver) -> Approver:
    """Return a copy in the same checkout, which no command changes."""
    return copy.deepcopy(person)


def _calls(person: Approver, command: Callable[[Approver], ExitCode]) -> int:
    other = _copy(person)
    assert command(other) is ExitCode.SUCCESS
    return len(other.world.wire.calls)


def _ended(person: Approver) -> None:
    """End the work as a person does, by the commands that are shown, and check that nothing was done twice."""
    person.engine.stop = person.engine.fail = 0
    code = person.deploy()
    if code is ExitCode.REFUSED:
        # `pulumi cancel`, as the message of a locked stack has it.
        person.engine.is_locked = False
        assert person.plan() is ExitCode.SUCCESS
        code = person.deploy()
    assert code is ExitCode.SUCCESS
    assert person.engine.deployed == person.engine.program
    assert person.engine.done == ["jobs", "mail", "files"]


def _disturbed(
    person: Approver, command: Callable[[Approver, Fault], ExitCode], calls: int, *, in_all_ways: bool = False
) -> Iterator[Approver]:
    """Yield a person after a run that died before each call; in all ways: also after it, or lost the network."""
    for at in range(1, calls + 1):
        for error in (Killed, unreachable) if in_all_ways else (Killed,):
            for is_after in (False, True) if in_all_ways else (False,):
                other = _copy(person)
                with contextlib.suppress(Killed):
                    command(other, Fault(at=at, error=error, is_after=is_after))
                yield other


@IN_WAYS
def test_a_killed_plan_is_made_by_the_next_run(*, in_all_ways: bool) -> None:
    person = Approver(world=World())
    calls = _calls(person, lambda other: other.plan())
    for other in _disturbed(person, lambda other, fault: other.plan(fault), calls, in_all_ways=in_all_ways):
        assert len(other.bucket.plans) <= 1
        assert other.plan() is ExitCode.SUCCESS
        assert len(other.bucket.plans) == 1
        assert other.deploy() is ExitCode.SUCCESS


@IN_WAYS
def test_an_up_that_dies_at_a_call_is_ended_by_the_next_commands(planned: Approver, *, in_all_ways: bool) -> None:
    calls = _calls(planned, lambda other: other.deploy())
    for other in _disturbed(planned, lambda other, fault: other.deploy(fault=fault), calls, in_all_ways=in_all_ways):
        _ended(other)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("is_kill", [False, True], ids=["failure", "kill"])
def test_an_up_that_stops_in_pulumi_needs_a_new_approval_once_something_was_changed(
    planned: Approver, point: int, *, is_kill: bool
) -> None:
    other = _copy(planned)
    other.engine.stop, other.engine.fail = (point, 0) if is_kill else (0, point)
    with contextlib.suppress(Killed):
        assert other.deploy() is ExitCode.FAILED
    assert other.engine.done == ["jobs", "mail", "files"][: point - 1]
    other.engine.stop = other.engine.fail = 0
    other.engine.is_locked = False
    if point > 1:
        assert other.deploy() is ExitCode.REFUSED
    _ended(other)


@pytest.mark.thorough
def test_an_up_that_stops_again_and_again_is_ended_by_the_next_commands(planned: Approver) -> None:
    """At two points, each by a failure or a kill, with a new plan in between or without."""
    for first in POINTS:
        for second in POINTS:
            for kills in ((True, True), (True, False), (False, True), (False, False)):
                other = _copy(planned)
                for point, is_kill in zip((first, second), kills, strict=True):
                    other.engine.stop, other.engine.fail = (point, 0) if is_kill else (0, point)
                    with contextlib.suppress(Killed):
                        other.deploy()
                    other.engine.is_locked = False
                    with contextlib.suppress(Killed):
                        other.plan()
                _ended(other)


@pytest.mark.thorough
def test_a_plan_that_dies_between_two_deployments_never_revives_the_old_one(planned: Approver) -> None:
    """Its fingerprint is another one, even if the plan of the same commit is saved in its place."""
    approved = planned.fingerprint()
    for point in POINTS[1:]:
        other = _copy(planned)
        other.engine.fail = point
        assert other.deploy(approved) is ExitCode.FAILED
        other.engine.fail = 0
        calls = _calls(other, lambda each: each.plan())
        for again in _disturbed(other, lambda each, fault: each.plan(fault), calls, in_all_ways=True):
            assert again.deploy(approved) is ExitCode.REFUSED
            _ended(again)
