"""Commands of incidents that are killed at each of their calls, or lose the network there, and are run again.

Whatever stopped the first run, the record afterwards has each entry once, and the document is written.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.emergency.emergency import Access
from operations.emergency.emergency import end as emergency_end
from operations.emergency.emergency import start as emergency_start
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.incident.incident import Declaration, end, note, start
from operations.incident.record import Kind, incident_store
from operations.incident.severity import Severity
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal
from tests.operations.test_emergency import ALICE, ROLE, TICKET, FakeProcesses, called


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A command: what is run before it, and which entries and documents there are in the end."""

    name: str
    command: Callable[[Context], None]
    before: Sequence[Callable[[Context], None]]
    entries: Mapping[Kind, int]
    document: str = ""
    # Entries of which a second run may add another one: the role was assumed twice.
    may_repeat: frozenset[Kind] = frozenset()

    def __str__(self) -> str:
        return self.name

    def terminal(self) -> Terminal:
        """Return a prepared terminal."""
        terminal = Terminal(world=World(principal=ALICE), options={"yes": True, "ticket": TICKET})
        for command in self.before:
            assert terminal.run(command) is ExitCode.SUCCESS
            terminal.world.clock.sleep(60)
        called(terminal.world, "UpdateService", is_change=True, role=ROLE)
        return terminal


def _declare(context: Context) -> None:
    start(context, Declaration(severity=Severity.SEV1, title="API is down"))


def _raise(context: Context) -> None:
    start(context, Declaration(severity=Severity.SEV2))


def _access(context: Context) -> None:
    emergency_start(context, Access(approved_by="Bob Lee"), FakeProcesses())


DECLARED = {Kind.DECLARED: 1}
SCENARIOS = (
    Scenario(name="a declaration", command=_declare, before=(), entries=DECLARED),
    Scenario(name="a severity", command=_raise, before=(_declare,), entries=DECLARED | {Kind.SEVERITY: 1}),
    Scenario(
        name="a note", command=lambda context: note(context, "I have it"), before=(_declare,),
        entries=DECLARED | {Kind.NOTE: 1},
    ),
    Scenario(
        name="an end", command=lambda context: end(context, None), before=(_declare,),
        entries=DECLARED | {Kind.ENDED: 1}, document=f"{TICKET}.md",
    ),
    Scenario(
        name="emergency access", command=_access, before=(_declare,),
        entries=DECLARED | {Kind.APPROVED: 1, Kind.ACCESS: 1, Kind.LEFT: 1},
        may_repeat=frozenset({Kind.ACCESS, Kind.LEFT}),
    ),
    Scenario(
        name="a review", command=lambda context: emergency_end(context, None), before=(_declare, _access),
        entries=DECLARED | {Kind.APPROVED: 1, Kind.ACCESS: 1, Kind.LEFT: 1, Kind.REVIEWED: 1},
        document=f"{TICKET}-emergency.md",
    ),
)  # fmt: skip


def _calls(scenario: Scenario, folder: Path) -> Sequence[str]:
    terminal = _fresh(scenario, folder)
    assert terminal.run(scenario.command) is ExitCode.SUCCESS
    calls = list(terminal.world.wire.calls)
    _check(scenario, terminal)
    return calls


def _fresh(scenario: Scenario, folder: Path) -> Terminal:
    """Return a prepared terminal in an empty folder."""
    folder.mkdir()
    os.chdir(folder)
    return scenario.terminal()


def _check(scenario: Scenario, terminal: Terminal, at: str = "") -> None:
    incident = terminal.run_with(lambda context: incident_store(context).require(TICKET))
    counts = Counter(each.kind for each in incident.timeline)
    assert counts.keys() == scenario.entries.keys(), at
    for kind, count in scenario.entries.items():
        assert counts[kind] == count or (kind in scenario.may_repeat and counts[kind] == count + 1), f"{at}: {kind}"
    names = {path.name for path in Path().iterdir()}
    assert names == ({scenario.document} if scenario.document else set()), at


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_killed_command_is_finished_by_the_next_run(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    calls = _calls(scenario, tmp_path / "undisturbed")
    for at, call in enumerate(calls, start=1):
        terminal = _fresh(scenario, tmp_path / str(at))
        with pytest.raises(Killed):
            terminal.run(scenario.command, Fault(at=at, error=Killed))
        assert terminal.run(scenario.command) is ExitCode.SUCCESS, call
        _check(scenario, terminal, f"killed before {at}, {call}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_lost_answer_is_found_by_the_next_run(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network fails at each call, before AWS has received it or after."""
    monkeypatch.chdir(tmp_path)
    for at, call in enumerate(_calls(scenario, tmp_path / "undisturbed"), start=1):
        for is_after in (False, True):
            terminal = _fresh(scenario, tmp_path / f"{at}-{is_after}")
            code = terminal.run(scenario.command, Fault(at=at, error=unreachable, is_after=is_after))
            assert code in {ExitCode.SUCCESS, ExitCode.UNREACHABLE}, call
            if code is ExitCode.UNREACHABLE:
                assert terminal.run(scenario.command) is ExitCode.SUCCESS, call
                _check(scenario, terminal, f"{call} {'carried out' if is_after else 'lost'}")
