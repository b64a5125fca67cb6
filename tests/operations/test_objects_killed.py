"""`objects restore` that is killed, or loses the network, at each of its calls; and histories of a bucket.

Whatever stopped a run, the next one ends where an undisturbed run ends, and each file was copied once.
"""

import copy
import functools
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from operations.frame.errors import ExitCode
from operations.objects.restore import RestoreOptions, restore
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal

KEYS = tuple(f"acme/{name}" for name in ("a", "b c", "d+e", "f"))
OLD = {key: f"old {key}" for key in KEYS}


@functools.cache
def _prepared() -> Terminal:
    """Return a terminal in a world in which all files were deleted or overwritten at 10:11."""
    world = World()
    for key in KEYS:
        world.files.put(key, OLD[key])
    world.clock.sleep(60)
    for key in KEYS[1:]:
        world.files.delete(key)
    world.files.put(KEYS[0], "new")
    world.clock.sleep(60)
    return Terminal(world=world)


def _terminal(hidden: float = 0) -> Terminal:
    terminal = copy.deepcopy(_prepared())
    terminal.world.files.hidden = timedelta(seconds=hidden)
    return terminal


def _restore(terminal: Terminal, fault: Fault | None = None) -> ExitCode:
    options = RestoreOptions(before="2026-11-02T10:11:00", prefix="acme/")
    return terminal.run(lambda context: restore(context, options), fault)


def _calls() -> Sequence[str]:
    terminal = _terminal()
    assert _restore(terminal) is ExitCode.SUCCESS
    calls = list(terminal.world.wire.calls)
    _check(terminal)
    return calls


def _points(calls: Sequence[str]) -> Iterator[int]:
    return (number for number, call in enumerate(calls, start=1) if call != (calls[number - 2] if number > 1 else ""))


def _check(terminal: Terminal) -> None:
    assert terminal.world.files.state() == OLD
    assert terminal.world.files.copies == len(KEYS)
    assert len(terminal.world.files.jobs) == 1


@pytest.mark.parametrize(
    ("hidden", "pause"),
    [(0, 1), (10, 0), (0, 3600)],
    ids=["at once", "before S3 lists a new job", "an hour later"],
)
def test_a_killed_run_is_finished_by_the_next(hidden: float, pause: float) -> None:
    for at in _points(_calls()):
        terminal = _terminal(hidden)
        with pytest.raises(Killed):
            _restore(terminal, Fault(at=at, error=Killed))
        terminal.world.clock.sleep(pause)
        assert _restore(terminal) is ExitCode.SUCCESS, f"killed before call {at}"
        _check(terminal)


@pytest.mark.parametrize("is_after", [False, True], ids=["lost request", "lost answer"])
def test_a_run_that_loses_the_network_is_finished_by_the_next(
    is_after: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = _calls()
    for at in _points(calls):
        call, terminal = calls[at - 1], _terminal()
        capsys.readouterr()
        code = _restore(terminal, Fault(at=at, error=unreachable, is_after=is_after))
        assert code in {ExitCode.UNREACHABLE, ExitCode.SUCCESS}, call
        if code is ExitCode.UNREACHABLE:
            assert "AWS is unreachable in us-east-1" in capsys.readouterr().err
            assert _restore(terminal) is ExitCode.SUCCESS, f"call {at}: {call}"
        _check(terminal)


class Bucket(RuleBasedStateMachine):
    """Users write and delete files; at any time someone restores them to an earlier one, and may be killed."""

    keys = st.sampled_from(("acme/a", "acme/b", "acme/b/c", "acme/ü &", "acme2", "other"))

    @initialize()
    def begin(self) -> None:
        self.world = World()
        self.terminal = Terminal(world=self.world)
        self.number = 0
        # What an earlier restore with the same options has restored.
        self.done = set[tuple[RestoreOptions, str]]()
        # The state before each second in which something happened.
        self.states: list[tuple[str, dict[str, str]]] = []
        self.model: dict[str, str] = {}
        self._pass()

    def _pass(self) -> None:
        """Let a time pass in which all jobs end, and remember the state before now."""
        self.world.clock.sleep(120)
        self.states.append((self.world.clock.now().isoformat(), dict(self.model)))

    @rule(key=keys, size=st.integers(1, 2))
    def put(self, key: str, size: int) -> None:
        self.number += 1
        self.model[key] = f"{self.number}" * size
        self.world.files.put(key, self.model[key])
        self._pass()

    @rule(key=keys)
    def delete(self, key: str) -> None:
        self.model.pop(key, None)
        self.world.files.delete(key)
        self._pass()

    @rule(
        data=st.data(),
        prefix=st.sampled_from(("acme/", "acme", "acme/b", "")),
        deleted_only=st.booleans(),
        killed_at=st.none() | st.integers(2, 40),
    )
    def restore(self, data: st.DataObject, prefix: str, deleted_only: bool, killed_at: int | None) -> None:
        before, then = data.draw(st.sampled_from(self.states))
        options = RestoreOptions(before=before, prefix=prefix, deleted_only=deleted_only)

        def run(fault: Fault | None = None) -> ExitCode:
            return self.terminal.run(lambda context: restore(context, options), fault)

        wanted = dict(self.model)
        for key, content in then.items():
            is_due = key.startswith(prefix) and not (deleted_only and key in self.model)
            if is_due and not self._is_done(options, key):
                wanted[key] = content
        self._mark(options, then)
        if killed_at:
            try:
                run(Fault(at=killed_at, error=Killed))
            except Killed:
                self.world.clock.sleep(30)
        assert run() is ExitCode.SUCCESS
        self.model = wanted
        assert self.world.files.state() == wanted
        copies = self.world.files.copies
        assert run() is ExitCode.SUCCESS
        assert self.world.files.copies == copies
        self._pass()

    def _is_done(self, options: RestoreOptions, key: str) -> bool:
        """Whether this very restore was made before: then later changes are the users'."""
        return (options, key) in self.done

    def _mark(self, options: RestoreOptions, then: dict[str, str]) -> None:
        current = self.world.files.versions
        for key in then:
            newest = current[key][0]
            is_due = key.startswith(options.prefix or "") and not (options.deleted_only and newest.content is not None)
            old = next(each for each in current[key] if each.at.isoformat() < options.before)
            if is_due and newest is not old:
                self.done.add((options, key))

    @invariant()
    def nothing_was_deleted_for_ever(self) -> None:
        if "world" in self.__dict__:
            assert sum(map(len, self.world.files.versions.values())) == self.world.files.ids


def test_every_history_of_a_bucket_is_restored() -> None:
    run_state_machine_as_test(Bucket, settings=settings(max_examples=10, stateful_step_count=10, deadline=None))


@pytest.mark.thorough
def test_many_histories_of_a_bucket_are_restored() -> None:
    run_state_machine_as_test(Bucket, settings=settings(max_examples=200, stateful_step_count=30, deadline=None))
