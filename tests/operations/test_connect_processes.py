"""`db connect` with real processes: Control-C, signals, a kill, and a real psql on a real server with TLS."""

import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.database.system import GUARD, SystemMachine
from operations.frame.errors import ExitCode
from tests.operations.computer import Computer, free_port, installed, until


def _is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text() if Path("/proc").exists() else ""
        os.kill(process, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    # A zombie has ended.
    return status.rpartition(")")[2].split()[:1] != ["Z"]


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return installed(tmp_path)


@dataclass(kw_only=True)
class InTerminal:
    """The command in a terminal, with psql and the plugin running."""

    command: subprocess.Popen[str]
    keyboard: int
    psql: int
    plugin: int


@pytest.fixture
def session(computer: Computer) -> Iterator[InTerminal]:
    keyboard, terminal = pty.openpty()
    command = computer.start(terminal=terminal)
    try:
        plugin, psql = computer.process_id("session-manager-plugin"), computer.process_id("psql")
        yield InTerminal(command=command, keyboard=keyboard, psql=psql, plugin=plugin)
    finally:
        if command.poll() is None:
            command.kill()
        command.wait()


def _has_ended(session: InTerminal) -> bool:
    return not _is_running(session.psql) and not _is_running(session.plugin)


def test_control_c_cancels_the_query_and_ends_neither_command_nor_tunnel(
    computer: Computer, session: InTerminal
) -> None:
    for number in (1, 2):
        os.write(session.keyboard, b"\x03")
        until(lambda number=number: computer.signals_of("psql") == "SIGINT\n" * number, "psql got no Control-C")
    assert session.command.poll() is None
    assert _is_running(session.plugin)
    assert computer.signals_of("session-manager-plugin") == ""
    (computer.folder / "psql.quit").touch()
    assert session.command.wait(timeout=60) == ExitCode.SUCCESS
    assert _has_ended(session)
    assert computer.left == {"tasks": [], "sessions": [], "outcomes": ["started", "success"]}
    assert computer.runs == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda each: each.name)
def test_a_signal_to_the_command_closes_everything(
    computer: Computer, session: InTerminal, number: signal.Signals
) -> None:
    session.command.send_signal(number)
    assert session.command.wait(timeout=60) == ExitCode.INTERRUPTED
    assert _has_ended(session)
    assert computer.left == {"tasks": [], "sessions": [], "outcomes": ["started", "interrupted"]}
    assert computer.runs == []


def test_a_closed_terminal_closes_everything(computer: Computer, session: InTerminal) -> None:
    """The window is closed, or the connection to the jump host is lost: every write to the terminal fails."""
    os.close(session.keyboard)
    session.command.wait(timeout=60)
    assert _has_ended(session)
    left = computer.left
    assert (left["tasks"], left["sessions"], computer.runs) == ([], [], [])


def test_a_killed_command_takes_the_plugin_with_it(computer: Computer, session: InTerminal) -> None:
    """Its task and its folder are left, for the next run."""
    (folder,) = computer.runs
    machine = SystemMachine(temporary=computer.folder / "runs")
    run = folder.name.rpartition("-")[2]
    machine.sweep()
    assert (machine.is_alive(run), folder.exists()) == (True, True)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "pgpass").stat().st_mode & 0o777 == 0o600
    session.command.kill()
    session.command.wait(timeout=60)
    until(lambda: not _is_running(session.plugin), "the plugin outlives the command")
    assert machine.is_free(computer.port)
    assert not machine.is_alive(run)
    machine.sweep()
    assert computer.runs == []
    os.kill(session.psql, signal.SIGKILL)


def test_another_users_folder_isnt_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = SystemMachine(temporary=tmp_path)
    folder = machine.folder("a")
    assert machine.is_alive("a")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    machine.sweep()
    assert folder.path.exists()
    assert not machine.is_alive("a"), "of this user"


def test_the_guard_returns_the_programs_exit_code() -> None:
    result = subprocess.run(["/bin/sh", "-c", GUARD, "guard", "sh", "-c", "exit 7"], stdin=subprocess.PIPE, check=False)
    assert result.returncode in {7, 143}, "or the end of its input came first"
    with subprocess.Popen(["/bin/sh", "-c", GUARD, "guard", "sh", "-c", "exit 7"], stdin=subprocess.PIPE) as process:
        assert process.wait(timeout=20) == 7


def test_a_used_port_is_seen_and_a_closed_connection_isnt_in_the_way(tmp_path: Path) -> None:
    machine, port = SystemMachine(temporary=tmp_path), free_port()
    assert machine.is_free(port)
    with socket.create_server(("127.0.0.1", port)) as listener:
        assert not machine.is_free(port)
        assert machine.accepts(port)
        listener.accept()[0].close()
    assert machine.is_free(port)
    assert not machine.accepts(port)
