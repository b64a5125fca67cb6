"""`db connect` with a real psql, and a real server with TLS."""

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import psycopg
import pytest
import trustme

from operations.database.login import Database, Login
from operations.database.system import SystemMachine
from operations.frame.aws import Aws
from operations.frame.errors import ExitCode
from tests.operations.computer import FORWARD, HOST, Computer, free_port, in_terminal, installed
from tests.operations.server import INSTALLED, Server, Tls, running


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return installed(tmp_path)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA) -> Iterator[Server]:
    if not (INSTALLED / "psql").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    certificate = authority.issue_cert(HOST)
    pem = certificate.private_key_and_cert_chain_pem.bytes()
    with running(INSTALLED, Tls(port=free_port(), key_and_certificate=pem)) as server:
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
    psql = in_terminal(command, terminal, env=variables)
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
