"""`taskflow data export`: what it gathers, what it refuses, and that it goes on wherever it stopped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.data.export_task import MAX_BYTES, NOT_INCLUDED
from operations.data.subject import Subject
from operations.frame.errors import ExitCode
from tests.operations.audit_records import ago, archive, write
from tests.operations.exporting import OTHER, QUERIES, RECIPIENT, SUBJECT, Exporter
from tests.operations.fake.exports import audit_lines
from tests.operations.fake.wire import Fault, Killed, unreachable


@pytest.fixture
def exporter(tmp_path: Path) -> Exporter:
    return Exporter(folder=tmp_path)


def test_rows_files_and_records_are_gathered_for_the_recipient(
    exporter: Exporter, capsys: pytest.CaptureFixture[str]
) -> None:
    """Audit records from both places, none of another user's; the task has the options, and no command."""
    archive(exporter.world, ago(days=200), "old")
    write(exporter.world, ago(days=2), "new")
    write(exporter.world, ago(days=1), "another", user_id="u-7f3a1")
    assert exporter.run() is ExitCode.SUCCESS
    assert exporter.output.read_bytes() == exporter.exports.archives()[0]
    assert exporter.output.stat().st_mode & 0o777 == 0o600
    assert exporter.left == {"export.tar.age"}
    assert [each["record"]["request_id"] for each in audit_lines(exporter.exports)] == ["old", "new"]
    inputs = exporter.exports.inputs()
    assert inputs["queries.sql"] == QUERIES
    contents = json.loads(inputs["contents.json"])
    assert contents["files"] == {"count": 3, "bytes": 3000}
    assert contents["audit.jsonl"]["records"] == 2
    assert contents["recipient"] == RECIPIENT
    (task,) = exporter.world.ecs.tasks
    digest = Subject(id=SUBJECT).digest("taskflow")
    assert task.environment["SUBJECT"] == SUBJECT
    assert task.environment["EXPORT"].startswith(f"{digest}/change-1042/")
    assert task.started_by == f"export/{task.environment['EXPORT']}"
    assert len(task.started_by) <= 128
    output = capsys.readouterr().out
    assert all(text in output for text in ("12 rows", "3 files", "2 records", *NOT_INCLUDED))
    assert "age --decrypt --identity KEY-FILE export.tar.age | tar --extract" in output
    assert "holiday" not in output


def test_json_says_what_is_in_it(exporter: Exporter, capsys: pytest.CaptureFixture[str]) -> None:
    exporter.terminal.options["as_json"] = True
    assert exporter.run() is ExitCode.SUCCESS
    document = json.loads(capsys.readouterr().out)
    assert {name: document[name] for name in ("subject", "rows", "records", "files", "file", "bytes")} == {
        "subject": SUBJECT, "rows": 12, "records": 0, "files": 3, "file": str(exporter.output),
        "bytes": exporter.output.stat().st_size,
    }  # fmt: skip
    assert document["contents"]["audit.jsonl"]["records"] == 0


def test_audit_events_name_the_person_by_a_hash(exporter: Exporter) -> None:
    assert exporter.run() is ExitCode.SUCCESS
    started, ended = exporter.world.events()
    assert (started["outcome"], ended["outcome"]) == ("started", "success")
    assert started["target"] == f"export of the data of {Subject(id=SUBJECT).digest('taskflow')}"
    assert (started["count"], started["bytes"], started["recipient"]) == (3, 3000, RECIPIENT)
    assert SUBJECT not in json.dumps([started, ended])


def test_a_person_without_files_and_rows_gets_an_archive_and_a_warning(
    exporter: Exporter, capsys: pytest.CaptureFixture[str]
) -> None:
    exporter.exports.files.clear()
    exporter.exports.rows = 0
    assert exporter.run() is ExitCode.SUCCESS
    assert "The queries found no rows: is the id right?" in capsys.readouterr().err
    assert exporter.output.exists()


def test_files_that_change_meanwhile_are_a_warning(exporter: Exporter, capsys: pytest.CaptureFixture[str]) -> None:
    exporter.terminal.options["yes"] = False
    exporter.terminal.answer = True
    exporter.terminal.meanwhile = lambda: exporter.exports.files.update({f"users/{SUBJECT}/d": 1})
    assert exporter.run() is ExitCode.SUCCESS
    assert "The archive has 4 files, and there are 3 now" in " ".join(capsys.readouterr().err.split())


def test_a_dry_run_changes_nothing(exporter: Exporter) -> None:
    exporter.terminal.options["dry_run"] = True
    assert exporter.run() is ExitCode.SUCCESS
    assert not exporter.exports.objects
    assert not exporter.world.ecs.tasks
    assert not exporter.left


# What it refuses, and how it fails.


@pytest.mark.parametrize("subject", ["", "a b", "u/1", "../u", "a@b.example", "u'1", "-x", "x" * 65, "ü"])
def test_a_subject_is_an_id(exporter: Exporter, subject: str) -> None:
    assert exporter.run(subject=subject) is ExitCode.USAGE
    assert not exporter.world.wire.calls


@pytest.mark.parametrize(
    "recipient", ["", "age1", RECIPIENT[:-1], f"{RECIPIENT}q", RECIPIENT.upper(), f"age1{'b' * 58}", "ssh-ed25519 AAAA"]
)
def test_a_recipient_is_a_public_key(exporter: Exporter, recipient: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exporter.run(recipient=recipient) is ExitCode.USAGE
    assert "is not a public key of age" in " ".join(capsys.readouterr().err.split())
    assert not exporter.world.wire.calls


@pytest.mark.parametrize("content", [None, b"", b" \n", b"SELECT \xff", b"a\0b", b"-" * 100_001])
def test_queries_are_a_text_of_some_size(exporter: Exporter, content: bytes | None) -> None:
    path = exporter.folder / "queries.sql"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert exporter.run() is ExitCode.USAGE
    assert not exporter.world.wire.calls


def test_an_existing_file_is_kept(exporter: Exporter, capsys: pytest.CaptureFixture[str]) -> None:
    exporter.output.write_text("mine")
    assert exporter.run() is ExitCode.REFUSED
    assert "exists, and is kept" in " ".join(capsys.readouterr().err.split())
    assert exporter.output.read_text() == "mine"
    assert not exporter.world.ecs.tasks
    # Also one that is created while the task runs, and one beside an archive.
    exporter.output.unlink()
    exporter.terminal.options["yes"] = False
    exporter.terminal.answer = True
    exporter.terminal.meanwhile = lambda: exporter.output.write_text("mine")
    for _ in range(2):
        assert exporter.run() is ExitCode.REFUSED
        assert exporter.output.read_text() == "mine"
        assert exporter.left == {"export.tar.age"}
    assert exporter.exports.made == 1


def test_too_many_files_for_the_disk_are_refused(exporter: Exporter) -> None:
    exporter.exports.files[f"users/{SUBJECT}/video"] = MAX_BYTES
    assert exporter.run() is ExitCode.REFUSED
    assert not exporter.exports.objects


def test_a_folder_that_is_not_there_is_an_error_in_one_line(
    exporter: Exporter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exporter.run(output=exporter.folder / "none" / "a") is ExitCode.FAILED
    assert "can't be written: No such file or directory" in " ".join(capsys.readouterr().err.split())
    assert exporter.run() is ExitCode.SUCCESS
    assert exporter.exports.made == 1


def test_a_task_that_fails_leaves_its_log_and_no_file(exporter: Exporter, capsys: pytest.CaptureFixture[str]) -> None:
    exporter.exports.exit_code = 1
    assert exporter.run() is ExitCode.FAILED
    captured = capsys.readouterr()
    assert "The data export failed: exit code 1" in captured.err
    assert "The last lines of /taskflow/production/sessions data-export/data-export/" in captured.out
    assert not exporter.left
    exporter.exports.exit_code = 0
    assert exporter.run() is ExitCode.SUCCESS
    assert len(exporter.world.ecs.tasks) == 2


def test_a_task_that_ends_without_an_archive_has_failed(exporter: Exporter) -> None:
    exporter.world.ecs.programs["taskflow-production-data-export"] = lambda _: (60, 0)
    assert exporter.run() is ExitCode.FAILED
    assert not exporter.left


def test_a_task_that_does_not_start_is_an_error(exporter: Exporter, capsys: pytest.CaptureFixture[str]) -> None:
    exporter.world.ecs.task_failure = "Capacity is unavailable at this time"
    assert exporter.run() is ExitCode.FAILED
    assert "ECS didn't start the data export: Capacity is unavailable" in capsys.readouterr().err


def test_audit_records_that_cannot_be_read_are_an_error_before_the_task(
    exporter: Exporter, capsys: pytest.CaptureFixture[str]
) -> None:
    key = archive(exporter.world, ago(days=400), "old")
    exporter.world.archive.files[key].storage_class = "DEEP_ARCHIVE"
    assert exporter.run() is ExitCode.FAILED
    assert "The answer is incomplete" in capsys.readouterr().err
    assert not exporter.world.ecs.tasks
    assert exporter.run(since="365d") is ExitCode.SUCCESS


def test_a_download_that_breaks_leaves_no_file(exporter: Exporter) -> None:
    exporter.exports.cut = 700
    assert exporter.run() in {ExitCode.UNREACHABLE, ExitCode.FAILED}
    assert not exporter.left
    exporter.exports.cut = None
    assert exporter.run() is ExitCode.SUCCESS
    assert exporter.exports.made == 1


# Run again.


def test_the_same_options_find_the_archive_and_others_make_another(exporter: Exporter) -> None:
    assert exporter.run() is ExitCode.SUCCESS
    exporter.world.clock.sleep(7200)
    assert exporter.run() is ExitCode.SUCCESS, "the file is this archive"
    assert exporter.run(output=exporter.folder / "again") is ExitCode.SUCCESS
    assert (exporter.folder / "again").read_bytes() == exporter.output.read_bytes()
    assert exporter.exports.made == 1
    others: list[dict[str, Any]] = [{"recipient": OTHER}, {"since": "90d"}, {"subject": "u-1"}]
    for number, changed in enumerate(others, start=2):
        assert exporter.run(output=exporter.folder / str(number), **changed) is ExitCode.SUCCESS
        assert exporter.exports.made == number
    (exporter.folder / "queries.sql").write_text(f"{QUERIES}{QUERIES}")
    assert exporter.run(output=exporter.folder / "queries") is ExitCode.SUCCESS
    assert exporter.exports.made == 5


def _interrupted(exporter: Exporter, tmp_path: Path, fault: Callable[[int], Fault], pause: float) -> None:
    """Interrupt a run at each of its calls that differs from the one before; the next one ends it."""
    write(exporter.world, ago(days=2), "new")
    undisturbed = exporter.copy(_folder(tmp_path, 0))
    assert undisturbed.run() is ExitCode.SUCCESS
    calls = list(undisturbed.world.wire.calls)
    points = [at for at, call in enumerate(calls, start=1) if at == 1 or call != calls[at - 2]]
    for at in points:
        again = exporter.copy(_folder(tmp_path, at))
        try:
            code = again.run(fault(at))
        except Killed:
            code = None
        where = f"call {at}, {calls[at - 1]}"
        assert code in {None, ExitCode.UNREACHABLE, ExitCode.SUCCESS}, where
        assert again.left <= {"export.tar.age"}, where
        if code is not ExitCode.SUCCESS:
            again.world.clock.sleep(pause)
            assert again.run() is ExitCode.SUCCESS, where
        assert again.exports.made == len(again.world.ecs.tasks) == 1, where
        assert again.output.read_bytes() == again.exports.archives()[0], where
        assert again.left == {"export.tar.age"}, where


def _folder(tmp_path: Path, number: int) -> Path:
    folder = tmp_path / str(number)
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "pause",
    [pytest.param(1, id="at once"), pytest.param(600, id="once the task has ended", marks=pytest.mark.thorough)],
)
def test_a_killed_run_is_finished_by_the_next(exporter: Exporter, tmp_path: Path, pause: float) -> None:
    _interrupted(exporter, tmp_path, lambda at: Fault(at=at, error=Killed), pause)


@pytest.mark.parametrize(
    "is_after",
    [pytest.param(False, id="lost request", marks=pytest.mark.thorough), pytest.param(True, id="lost answer")],
)
def test_a_run_that_loses_the_network_is_finished_by_the_next(
    exporter: Exporter, tmp_path: Path, is_after: bool
) -> None:
    _interrupted(exporter, tmp_path, lambda at: Fault(at=at, error=unreachable, is_after=is_after), 1)


@pytest.mark.parametrize("stack", ["production", "dr"])
def test_it_reads_the_files_that_the_stack_uses(tmp_path: Path, stack: str) -> None:
    exporter = Exporter(folder=tmp_path, stack=stack)
    if stack == "dr":
        exporter.world.wire.others["us-west-2"] = exporter.world.wire.handlers
    assert exporter.run() is ExitCode.SUCCESS
    assert json.loads(exporter.exports.inputs()["contents.json"])["files"]["count"] == 3
