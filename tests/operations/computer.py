"""Real processes for `db connect`: programs in PATH that stand for psql and AWS's plugin, and the command itself."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.__main__ import PROJECT
from tests.operations.fake.rds_state import host_of

HOST = host_of("taskflow-production")
# Signals, and what they get, are written to a file; `quit` ends psql.
PROGRAM = """#!{python} -S
import os, signal, sys, time
if "--version" in sys.argv:
    sys.exit(print("{version}"))
name = "{folder}/{name}"
def note(number, _frame):
    with open(name + ".signals", "a") as file:
        file.write(signal.Signals(number).name + chr(10))
signal.signal(signal.SIGINT, note)
{body}
with open(name + ".new", "w") as file:
    file.write(str(os.getpid()))
os.rename(name + ".new", name + ".pid")
while not os.path.exists(name + ".quit"):
    time.sleep(0.05)
"""
LISTEN = """
import json, socket
listener = socket.create_server(("127.0.0.1", int(json.loads(sys.argv[5])["Parameters"]["localPortNumber"][0])))
"""
FORWARD = """
import json, socket, threading
listener = socket.create_server(("127.0.0.1", int(json.loads(sys.argv[5])["Parameters"]["localPortNumber"][0])))
def copy(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
def serve():
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", {port}))
        for pair in ((client, server), (server, client)):
            threading.Thread(target=copy, args=pair, daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def in_terminal(command: Sequence[str | Path], terminal: int, **options: Any) -> subprocess.Popen[str]:
    """Start a program whose controlling terminal is this one, and close it here."""
    # No other thread runs while the process is started.
    process = subprocess.Popen(command, preexec_fn=lambda: os.login_tty(terminal), text=True, **options)  # noqa: PLW1509
    os.close(terminal)
    return process


@dataclass(kw_only=True)
class Computer:
    """A folder of programs in PATH, and the command in a terminal."""

    folder: Path
    port: int

    def install(self, name: str, version: str, body: str = "") -> None:
        file = self.folder / "bin" / name
        text = PROGRAM.format(python=sys.executable, version=version, folder=self.folder, name=name, body=body)
        file.write_text(text)
        file.chmod(0o755)

    def start(self, *arguments: str, terminal: int | None = None, path: str = "") -> subprocess.Popen[str]:
        """Start the command: in a terminal, or with its output in a pipe."""
        variables = {**os.environ, "PATH": f"{self.folder / 'bin'}:{path}:{os.environ['PATH']}"}
        command = [sys.executable, "-m", "tests.operations.connect_process", str(self.folder), str(self.port)]
        if terminal is not None:
            return in_terminal([*command, *arguments], terminal, cwd=PROJECT, env=variables)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([*command, *arguments], cwd=PROJECT, env=variables, text=True, **pipes)

    def process_id(self, name: str) -> int:
        """Return the id of a program, once it is ready."""
        file = self.folder / f"{name}.pid"
        until(file.exists, f"{name} didn't start")
        return int(file.read_text())

    def signals_of(self, name: str) -> str:
        file = self.folder / f"{name}.signals"
        return file.read_text() if file.exists() else ""

    @property
    def runs(self) -> Sequence[Path]:
        return list((self.folder / "runs").iterdir())

    @property
    def left(self) -> Mapping[str, object]:
        return json.loads((self.folder / "left.json").read_text())


def installed(folder: Path) -> Computer:
    """Return a computer with both programs, in an empty folder."""
    for name in ("bin", "runs"):
        (folder / name).mkdir()
    computer = Computer(folder=folder, port=free_port())
    computer.install("psql", "psql (PostgreSQL) 15.18")
    computer.install("session-manager-plugin", "1.2.896.0", LISTEN)
    return computer
