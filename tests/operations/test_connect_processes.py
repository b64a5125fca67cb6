"""`db connect` with real processes: Control-C, signals, a kill, and a real psql on a real server with TLS."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
import trustme

from operations.database.login import Database, Login
from operations.database.system import GUARD, SystemMachine
from operations.frame.aws import Aws
from operations.frame.errors import ExitCode
from sandbox.__main__ import PROJECT
from tests.operations.fake.instances import Instances
from tests.operations.server import INSTALLED, Server, Tls, running

HOST = Instances().host()
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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _in_terminal(command: Sequence[str | Path], terminal: int, **options: Any) -> subprocess.Popen[str]:
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
            return _in_terminal([*command, *arguments], terminal, cwd=PROJECT, env=variables)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([*command, *arguments], cwd=PROJECT, env=variables, text=True, **pipes)

    def process_id(self, name: str) -> int:
        """Return the id of a program, once it is ready."""
        file = self.folder / f"{name}.pid"
        _until(file.exists, f"{name} didn't start")
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
    for name in ("bin", "runs"):
        (tmp_path / name).mkdir()
    computer = Computer(folder=tmp_path, port=_free_port())
    computer.install("psql", "psql (PostgreSQL) 15.18")
    computer.install("session-manager-plugin", "1.2.896.0", LISTEN)
    return computer


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
        _until(lambda number=number: computer.signals_of("psql") == "SIGINT\n" * number, "psql got no Control-C")
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
    _until(lambda: not _is_running(session.plugin), "the plugin outlives the command")
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
    machine, port = SystemMachine(temporary=tmp_path), _free_port()
    assert machine.is_free(port)
    with socket.create_server(("127.0.0.1", port)) as listener:
        assert not machine.is_free(port)
        assert machine.accepts(port)
        listener.accept()[0].close()
    assert machine.is_free(port)
    assert not machine.accepts(port)


# With a real psql and a real server.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA) -> Iterator[Server]:
    if not (INSTALLED / "psql").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    certificate = authority.issue_cert(HOST)
    pem = certificate.private_key_and_cert_chain_pem.bytes()
    with running(INSTALLED, Tls(port=_free_port(), key_and_certificate=pem)) as server:
        with server.connect("postgres") as connection:
            connection.execute("CREATE ROLE taskflow_readonly LOGIN")
        yield server


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs tokens: texts of a token's length, with its colons."""

    token: str

    @property
    def rds(self) -> "Signer":
        return self

    def generate_db_auth_token(self, host: str, port: int, user: str) -> str:
        assert (host, port, user) == (HOST, 5432, "taskflow_readonly")
        return self.token


def _token(server: Server, name: str) -> Aws:
    """Let the server accept a new token, and only that."""
    token = f"{HOST}:5432/?Action=connect&name={name}\\&X-Amz-Security-Token=" + "a%2F" * 400
    with server.connect("postgres") as connection:
        verifier = connection.pgconn.encrypt_password(token.encode(), b"taskflow_readonly", b"scram-sha-256").decode()
        connection.execute(f"ALTER ROLE taskflow_readonly PASSWORD '{verifier}'".encode())
    return cast("Aws", Signer(token=token))


@pytest.fixture
def login(server: Server, authority: trustme.CA, tmp_path: Path) -> Login:
    certificates = tmp_path / "authority.pem"
    certificates.write_bytes(authority.cert_pem.bytes())
    database = Database(identifier="taskflow-production", host=HOST, port=5432, status="available")
    return Login(
        aws=_token(server, "first"), database=database, user="taskflow_readonly", name="taskflow", port=server.port,
        certificates=certificates, ticket="incident-7", folder=SystemMachine(temporary=tmp_path).folder("a"),
    )  # fmt: skip


def _psql(login: Login, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    variables = {**login.variables({"PATH": os.environ["PATH"], "PGPASSWORD": "mine"}), **changes}
    return subprocess.run(
        [INSTALLED / "psql", "-XAt", *arguments], env=variables, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_psql_verifies_the_databases_name_through_a_local_port(login: Login) -> None:
    login.renew()
    query = "SELECT current_user, ssl, application_name FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl"
    assert _psql(login, "-c", query).stdout == "taskflow_readonly|t|incident-7\n"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"PGHOST": "taskflow-production.evil.example"}, "does not match host name"),
        ({"PGHOST": "localhost"}, "does not match host name"),
        ({"PGSSLROOTCERT": "/nonexistent"}, "root certificate file"),
    ],
)
def test_psql_refuses_another_server(login: Login, changes: Mapping[str, str], error: str) -> None:
    login.renew()
    result = _psql(login, "-c", "SELECT 1", **changes)
    assert result.returncode == 2
    assert error in result.stderr


def test_psql_refuses_another_authority(login: Login, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    login.renew()
    assert "certificate verify failed" in _psql(login, "-c", "SELECT 1", PGSSLROOTCERT=str(other)).stderr


def test_libpq_verifies_the_name_and_connects_to_the_address(server: Server, login: Login) -> None:
    """The same with the libpq of a Python program."""
    login.renew()

    def connect(host: str) -> psycopg.Connection:
        return psycopg.connect(
            host=host, hostaddr="127.0.0.1", port=server.port, user="taskflow_readonly", dbname="taskflow",
            sslmode="verify-full", sslrootcert=str(login.certificates), passfile=str(login.folder.path / "pgpass"),
        )  # fmt: skip

    connect(HOST).close()
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        connect("other.example")


def test_psql_connects_again_with_the_token_that_was_renewed(server: Server, login: Login) -> None:
    """The connection is lost after its token has expired: psql's own attempt fails, the message's works."""
    login.renew()
    keyboard, terminal = pty.openpty()
    variables = {**login.variables({"PATH": os.environ["PATH"], "TERM": "dumb"}), "PAGER": "cat"}
    command = [INSTALLED / "psql", "-XAt", "--no-readline"]
    psql = _in_terminal(command, terminal, env=variables)
    try:
        seen = _Screen(keyboard=keyboard)
        seen.enter("SELECT 'o' || 'ne';", "one")
        replace(login, aws=_token(server, "second")).renew()
        with server.connect("postgres") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'taskflow_readonly'"
            )
        seen.enter("SELECT 2;", "Attempting reset: Failed.")
        seen.enter("\\c dbname=taskflow", "You are now connected")
        seen.enter("SELECT 't' || 'wo';", "two")
        seen.enter("\\q", "")
        assert psql.wait(timeout=20) == 0
    finally:
        psql.kill()
        psql.wait()
        os.close(keyboard)


@dataclass(kw_only=True)
class _Screen:
    """What a program writes to a terminal."""

    keyboard: int
    text: str = ""

    def enter(self, line: str, answer: str, seconds: float = 20) -> None:
        """Enter a line, and wait for a part of the answer."""
        os.write(self.keyboard, f"{line}\n".encode())
        deadline, start = time.monotonic() + seconds, len(self.text)
        while answer not in self.text[start:]:
            ready, _, _ = select.select([self.keyboard], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {answer!r} in {self.text[start:]!r}"
            self.text += os.read(self.keyboard, 4096).decode()


def test_the_command_as_a_whole_with_a_real_psql(server: Server, authority: trustme.CA, computer: Computer) -> None:
    """Standard output is psql's alone, and its exit code counts. The token of the fake AWS can't be the password."""
    with server.connect("postgres") as connection:
        connection.execute("ALTER ROLE taskflow_readonly PASSWORD NULL")
    hba = server.folder / "data" / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text(before.replace("127.0.0.1/32 scram-sha-256", "127.0.0.1/32 trust"))
    (computer.folder / "bin" / "psql").unlink()
    (computer.folder / "authority.pem").write_bytes(authority.cert_pem.bytes())
    computer.install("session-manager-plugin", "1.2.896.0", FORWARD.format(port=server.port))
    try:
        with server.connect("postgres") as connection:
            connection.execute("SELECT pg_reload_conf()")
        command = computer.start("-XAtc", "SELECT current_user || inet_server_port()", path=str(INSTALLED))
        output, errors = command.communicate(timeout=60)
        assert (command.returncode, output) == (ExitCode.SUCCESS, f"taskflow_readonly{server.port}\n"), errors
        assert "Closed: the tunnel and the access task" in errors
        assert computer.left["tasks"] == []
        command = computer.start("-XAtc", "SELECT 1/0", path=str(INSTALLED))
        output, errors = command.communicate(timeout=60)
        assert (command.returncode, output) == (ExitCode.FAILED, "")
        assert "psql ended with exit code 1" in errors
    finally:
        hba.write_text(before)
    assert shutil.which("psql", path=str(INSTALLED))
