"""The scripts of the database task, by a real shell, psql and PostgreSQL; a stand-in for the AWS CLI reads a file."""

import base64
import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.database.sql import roles_sql, scram_verifier
from operations.database.task import RUN_SQL, TRY_LOGIN
from tests.operations.server import Server, binaries, running

PROGRAMS = [folder for folder in binaries() if (folder / "psql").exists()]
pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(not PROGRAMS, reason="there is no psql"),
]
PASSWORD, LOGIN = "aPassword4711", "taskflow_app_a"
CLI = """#!/bin/sh
[ "$1 $2" = "secretsmanager get-secret-value" ] || exit 252
exec cat "$SECRETS/$6"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(PROGRAMS[0]) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the AWS CLI's stand-in, and the secret's versions."""
    (tmp_path / "aws").write_text(CLI)
    (tmp_path / "aws").chmod(0o755)
    (tmp_path / "v2").write_text(json.dumps({"username": LOGIN, "password": PASSWORD}))
    return tmp_path


def run(script: str, server: Server, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the container does, with the variables of the task definition and of its start."""
    environment = {
        "PATH": f"{folder}:{PROGRAMS[0]}:{os.environ['PATH']}",
        "PGHOST": str(server.folder), "READER_HOST": str(server.folder),
        "PGDATABASE": "taskflow",
        "PGUSER": "taskflow_admin", "PGPASSWORD": "unused", "APPLICATION_SECRET_ARN": "arn:aws:secretsmanager:…",
        "SECRETS": str(folder), **variables,
    }  # fmt: skip
    return subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)


def packed(sql: str) -> str:
    return base64.b64encode(gzip.compress(sql.encode())).decode()


def bootstrapped(server: Server, folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    settings = {"login": LOGIN, "verifier": scram_verifier(PASSWORD), **changed}
    return run(RUN_SQL, server, folder, SQL=packed(roles_sql(**settings)))


def test_the_roles_are_created_and_the_login_is_tried(server: Server, folder: Path) -> None:
    for _ in range(2):
        result = bootstrapped(server, folder)
        assert (result.returncode, result.stdout) == (0, ""), result.stderr
    result = run(TRY_LOGIN, server, folder, VERSION="v2")
    assert result.returncode == 0, result.stderr
    assert f"taskflow_app | {LOGIN}" in " ".join(result.stdout.split())
    assert PASSWORD not in result.stdout + result.stderr
    assert PASSWORD not in server.log


def test_a_wrong_password_is_noticed(server: Server, folder: Path) -> None:
    assert bootstrapped(server, folder).returncode == 0
    (folder / "v2").write_text(json.dumps({"username": LOGIN, "password": "another"}))
    result = run(TRY_LOGIN, server, folder, VERSION="v2")
    assert result.returncode == 2
    assert "password authentication failed" in result.stderr


def test_a_reader_that_refuses_the_login_is_noticed(server: Server, folder: Path) -> None:
    """A replica that doesn't know the new password yet."""
    assert bootstrapped(server, folder).returncode == 0
    assert run(TRY_LOGIN, server, folder, VERSION="v2", READER_HOST=str(folder)).returncode == 2


def test_a_missing_version_is_noticed(server: Server, folder: Path) -> None:
    """Without the pending version the master user's login, which is in the environment, must not be tried instead."""
    assert run(TRY_LOGIN, server, folder, VERSION="v1").returncode == 4


def test_a_secret_of_another_form_is_noticed(server: Server, folder: Path) -> None:
    (folder / "v2").write_text(json.dumps({"user": LOGIN}))
    assert run(TRY_LOGIN, server, folder, VERSION="v2").returncode != 0


def test_a_missing_pgaudit_is_an_error_that_changes_nothing(server: Server, folder: Path) -> None:
    """On RDS pgaudit is available; the test's server has none."""
    assert bootstrapped(server, folder).returncode == 0
    other = "aPassword4712"
    result = bootstrapped(server, folder, audit="required", verifier=scram_verifier(other))
    assert result.returncode == 3
    assert "pgaudit is not available" in result.stderr
    assert run(TRY_LOGIN, server, folder, VERSION="v2").returncode == 0, "the first password is still valid"


@pytest.mark.parametrize(
    "sql",
    ["", "not base64!", base64.b64encode(b"not gzip").decode(), packed("SELECT 1")[:20]],
    ids=["empty", "not base64", "not gzip", "cut"],
)
def test_broken_sql_is_an_error(server: Server, folder: Path, sql: str) -> None:
    """psql reads an empty input without an error."""
    assert run(RUN_SQL, server, folder, SQL=sql).returncode != 0
