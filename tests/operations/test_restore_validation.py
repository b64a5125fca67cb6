"""The validation of restore tests, by a real shell, psql and PostgreSQL; a stand-in for the AWS CLI records calls."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.database.sql import roles_sql
from sandbox.__main__ import PROJECT
from tests.operations.server import Server, binaries, running

PROGRAMS = [folder for folder in binaries() if (folder / "psql").exists()]
pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(not PROGRAMS, reason="there is no psql"),
]
SCRIPT, SQL = ((PROJECT / f"components/access/restore_validation.{kind}").read_text() for kind in ("sh", "sql"))
# It answers as the CLI does, and records the results that are reported.
CLI = """#!/bin/sh
case "$1 $2" in
"rds describe-db-instances") [ -n "$HOST" ] && echo "$HOST" ;;
"rds generate-db-auth-token") echo token ;;
"backup put-restore-validation-result") printf '%s|%s\\n' "$6" "$8" >> "$RESULTS" ;;
"backup list-restore-jobs") echo "$VALIDATED" ;;
*) exit 252 ;;
esac
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(PROGRAMS[0]) as server:
        with server.connect("taskflow_admin") as connection:
            connection.execute(roles_sql().encode())
        yield server


def run(server: Server, folder: Path, **changed: str) -> tuple[int, list[str]]:
    """Run the script as the container does; return its exit code and the reported results."""
    (folder / "aws").write_text(CLI)
    (folder / "aws").chmod(0o755)
    results = folder / "results"
    results.write_text("")
    environment = {
        "PATH": f"{folder}:{PROGRAMS[0]}:{os.environ['PATH']}",
        "PGUSER": "taskflow_readonly",
        "PGPORT": str(server.port),
        "PGDATABASE": "taskflow",
        "HOST": str(server.folder),
        "RESULTS": str(results),
        "VALIDATION_SQL": SQL,
        "RESTORE_JOB_ID": "job-1",
        "INSTANCE_ARN": "arn:aws:rds:us-east-1:987654321098:db:awsbackup-restore-test-1",
        "PLAN_ARN": "arn:plan",
        "ATTEMPTS": "2",
        "PAUSE": "0",
        "DATABASES": "1",
        **changed,
    }
    result = subprocess.run(["sh", "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    return result.returncode, results.read_text().splitlines()


def test_an_empty_database_is_read_and_summarized(server: Server, tmp_path: Path) -> None:
    code, results = run(server, tmp_path)
    assert code == 0
    (result,) = results
    assert result.startswith("SUCCESSFUL|0 tables, ")


def test_each_table_is_read_and_the_application_asked(server: Server, tmp_path: Path) -> None:
    with server.connect("taskflow_admin") as connection:
        connection.execute("SET ROLE taskflow_owner")
        connection.execute('CREATE TABLE IF NOT EXISTS "Odd name" AS SELECT 1 AS id')
    code, results = run(server, tmp_path, APPLICATION_QUERY='SELECT count(*) = 1 FROM "Odd name"')
    assert code == 0
    assert results[0].startswith("SUCCESSFUL|1 tables, ")
    assert results[0].endswith("; the application's query is true")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"HOST": ""}, "RDS doesn't describe the restored database"),
        ({"HOST": "/nowhere"}, "the validation failed: psql: error: connection to server"),
        ({"PGUSER": "nobody_at_all"}, "the validation failed: psql: error: connection to server"),
        ({"VALIDATION_SQL": "SELECT 1/0"}, "the validation failed: psql:/tmp/query.sql:1: ERROR:  division by zero"),
        ({"VALIDATION_SQL": "-- nothing"}, "the validation has no result"),
        ({"APPLICATION_QUERY": "SELECT false"}, "the application's query isn't true ("),
        ({"APPLICATION_QUERY": "SELECT NULL"}, "the application's query isn't true ("),
        ({"APPLICATION_QUERY": "SELECT * FROM none"}, "the application's query failed: psql:/tmp/query.sql:1: ERROR:"),
    ],
)
def test_what_fails_is_reported_and_an_exit_code(
    changed: dict[str, str], message: str, server: Server, tmp_path: Path
) -> None:
    code, results = run(server, tmp_path, **changed)
    assert code == 1
    (result,) = results
    assert result.startswith(f"FAILED|{message}")


def test_it_can_write_nothing(server: Server, tmp_path: Path) -> None:
    code, results = run(server, tmp_path, APPLICATION_QUERY="CREATE TABLE a (id int)")
    assert code == 1
    assert "read-only transaction" in results[0]


@pytest.mark.parametrize(("validated", "code"), [("1", 0), ("2", 0), ("0", 1)])
def test_without_a_job_it_checks_that_one_was_validated(
    validated: str, code: int, server: Server, tmp_path: Path
) -> None:
    assert run(server, tmp_path, RESTORE_JOB_ID="", VALIDATED=validated) == (code, [])
