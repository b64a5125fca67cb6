"""The task that gathers a person's data, by a real shell, psql, PostgreSQL and tar.

Stand-ins: of the AWS CLI, which copies from and to folders, and of age, which encrypts by another implementation of it.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyrage
import pytest

from components.shared.environment import RestoreNames
from operations.data.export_task import ARCHIVE
from operations.database.sql import roles_sql
from sandbox.__main__ import PROJECT
from tests.operations.server import Server, binaries, running

PROGRAMS = [folder for folder in binaries() if (folder / "psql").exists()]
pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(not PROGRAMS, reason="there is no psql"),
]
SCRIPT = (PROJECT / "components/access/data_export.sh").read_text()
# `s3://` is the folder $S3. As the CLI does with --quiet, it says nothing; FAILS is the source or target that fails.
CLI = """#!/bin/sh
path() { case "$1" in s3://*) echo "$S3/${1#s3://}" ;; *) echo "$1" ;; esac; }
case "$1 $2" in
"rds generate-db-auth-token") echo token; exit ;;
"s3 cp") shift 2 ;;
*) exit 252 ;;
esac
[ "$1" = --quiet ] || exit 252
shift
recursive=
[ "$1" = --recursive ] && { recursive=/.; shift; }
from=$(path "$1") to=$(path "$2")
case "$from $to" in *"${FAILS:-nothing}"*) exit 1 ;; esac
if [ -n "$recursive" ] && [ ! -d "$from" ]; then exit 0; fi
cp -r "$from$recursive" "$to" || exit 1
[ "${3:-}" = --metadata ] && echo "$4" > "$to.metadata"
exit 0
"""
AGE = f"""#!{sys.executable}
import sys, pyrage
option, recipient, output, target = sys.argv[1:]
assert (option, output) == ("--recipient", "--output")
if recipient.endswith("invalid"):
    sys.exit(1)
with open(target, "wb") as file:
    pyrage.encrypt_io(sys.stdin.buffer, file, [pyrage.x25519.Recipient.from_str(recipient)])
"""
# The package has no types.
age = cast("Any", pyrage)
IDENTITY = age.x25519.Identity.generate()
PATH = "0123/change-1/4567"
QUERIES = """\
SELECT to_jsonb(u) FROM users AS u WHERE u.id = current_setting('export.subject');
SELECT to_jsonb(t) FROM tasks AS t WHERE t.owner = current_setting('export.subject') ORDER BY t.id;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(PROGRAMS[0]) as server:
        with server.connect("taskflow_admin") as connection:
            connection.execute(roles_sql().encode())
            for statement in (
                "SET ROLE taskflow_owner",
                "CREATE TABLE users AS SELECT * FROM (VALUES ('u-1', E'Zoë\\n\\\\'), ('u-2', 'Other')) AS v (id, name)",
                "CREATE TABLE tasks AS SELECT n AS id, 'u-' || n % 2 + 1 AS owner FROM generate_series(1, 6) AS n",
            ):
                connection.execute(statement.encode())
        yield server


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run of the script left."""

    code: int
    log: str
    archive: Path

    def contents(self) -> Mapping[str, bytes]:
        """Decrypt the archive; return its files by name."""
        plain: bytes = age.decrypt(self.archive.read_bytes(), [IDENTITY])
        with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
            found = {each.name: tar.extractfile(each) for each in tar.getmembers() if each.isfile()}
            return {name: file.read() for name, file in found.items() if file}


def run(server: Server, folder: Path, queries: str = QUERIES, **changed: str) -> Run:
    """Run the script as the container does."""
    for name, text in (("aws", CLI), ("age", AGE)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    disk, inputs = folder / "disk", folder / "s3/restores/exports" / PATH / "input"
    disk.mkdir()
    inputs.mkdir(parents=True)
    for name, text in (("contents.json", "{}"), ("queries.sql", queries), ("audit.jsonl", "{}\n{}\n")):
        (inputs / name).write_text(text)
    environment = {
        "PATH": f"{folder}:{PROGRAMS[0]}:{os.environ['PATH']}",
        "S3": str(folder / "s3"),
        "FOLDER": str(disk),
        "FILES": "s3://files",
        "EXPORTS": "s3://restores/exports",
        "EXPORT": PATH,
        "SUBJECT": "u-1",
        "RECIPIENT": str(IDENTITY.to_public()),
        "PGHOST": str(server.folder),
        "PGPORT": str(server.port),
        "PGDATABASE": "taskflow",
        "PGUSER": "taskflow_readonly",
        "PGOPTIONS": "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read",
        **changed,
    }
    result = subprocess.run(["sh", "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    archive = inputs.parent / "archive.tar.age"
    return Run(code=result.returncode, log=result.stdout + result.stderr, archive=archive)


def add_files(folder: Path) -> None:
    for name, content in (("u-1/a b.txt", "mine"), ("u-1/c/ü.txt", "mine too"), ("u-12/d", "another's")):
        path = folder / "s3/files/users" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_the_archive_has_rows_files_and_records_of_one_person(server: Server, tmp_path: Path) -> None:
    add_files(tmp_path)
    result = run(server, tmp_path)
    assert result.code == 0, result.log
    contents = dict(result.contents())
    rows = [json.loads(line) for line in contents.pop("export/database.jsonl").splitlines()]
    assert rows == [{"id": "u-1", "name": "Zoë\n\\"}, *({"id": n, "owner": "u-1"} for n in (2, 4, 6))]
    assert contents == {
        "export/audit.jsonl": b"{}\n{}\n",
        "export/contents.json": b"{}",
        "export/queries.sql": QUERIES.encode(),
        "export/files/a b.txt": b"mine",
        "export/files/c/ü.txt": b"mine too",
    }
    metadata = Path(f"{result.archive}.metadata").read_text().strip()
    assert metadata == "rows=4,records=2,files=2"


def test_a_person_without_files_and_rows_has_an_archive(server: Server, tmp_path: Path) -> None:
    result = run(server, tmp_path, SUBJECT="u-9")
    assert result.code == 0, result.log
    assert result.contents()["export/database.jsonl"] == b""


def test_nobody_else_can_open_it_and_the_log_has_counts_only(server: Server, tmp_path: Path) -> None:
    add_files(tmp_path)
    result = run(server, tmp_path)
    with pytest.raises(age.DecryptError):
        age.decrypt(result.archive.read_bytes(), [age.x25519.Identity.generate()])
    size = result.archive.stat().st_size
    assert result.log.splitlines() == ["4 rows, 2 audit records", "2 files", f"stored: {size} bytes"]
    left = [each.name for each in (tmp_path / "disk").rglob("*") if each.is_file()]
    assert left == ["archive"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"queries": "SELECT 'secret'::int"}, "ERROR:  22P02"),
        ({"queries": "CREATE TABLE a (id int)"}, "ERROR:  25006"),
        ({"queries": "SET default_transaction_read_only = off; COMMIT; DELETE FROM users"}, "ERROR:  42501"),
        ({"queries": "\\! echo secret"}, "ERROR:  42601"),
        ({"queries": "SELECT 1;\n\\! echo secret"}, "ERROR:  42601"),
        ({"PGHOST": "/nowhere"}, "the queries failed"),
        ({"FAILS": "audit.jsonl"}, "audit.jsonl can't be read"),
        ({"FAILS": "users"}, "not every file can be read"),
        ({"RECIPIENT": "invalid"}, "the archive can't be encrypted"),
        ({"FAILS": "archive.tar.age"}, "the archive can't be stored"),
    ],
)
def test_whatever_fails_there_is_no_archive(
    server: Server, tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    """Neither a value nor the name of a file is in the log; a login that reads writes nothing, whatever it sets."""
    add_files(tmp_path)
    result = run(server, tmp_path, **changed)
    assert result.code == 1
    assert message in result.log
    assert not {"secret", "a b.txt"} & set(result.log.split())
    assert not result.archive.exists()


def test_a_tar_that_breaks_stores_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tar").write_text("#!/bin/sh\necho half\nexit 2\n")
    (tmp_path / "tar").chmod(0o755)
    result = run(server, tmp_path)
    assert result.code == 1
    assert "the archive can't be written" in result.log
    assert not result.archive.exists()


def test_command_and_component_name_the_same_objects() -> None:
    """The component is read as text: importing AWS's SDK takes seconds."""
    assert f'ARCHIVE = "{ARCHIVE}"' in (PROJECT / "components/service/task_roles.py").read_text()
    assert f"/{ARCHIVE}" in SCRIPT
    assert RestoreNames(bucket="").exports == "exports/"
