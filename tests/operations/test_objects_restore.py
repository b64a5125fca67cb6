"""`objects restore`: which versions become current again, what is left alone, how it ends."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from operations.frame.errors import ExitCode
from operations.objects.restore import RestoreOptions, restore
from tests.operations.fake.files import Files
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

PREFIX = "acme/"


class Person:
    """A dba, a bucket with a history, and the time to return to."""

    def __init__(self, stack: str = "production", **options: object) -> None:
        self.world = World(stack=stack, principal="arn:aws:sts::987654321098:assumed-role/taskflow-dba/change-1042")
        self.files: Files = self.world.files
        self.terminal = Terminal(world=self.world, stack=stack, options={"yes": True, **options})
        self.before: datetime = self.world.clock.now()

    def accident(self) -> None:
        """Mark the time before which all was well."""
        self.world.clock.sleep(60)
        self.before = self.world.clock.now()
        self.world.clock.sleep(60)

    def restore(self, fault: Fault | None = None, **options: object) -> ExitCode:
        if "key" not in options:
            options.setdefault("prefix", PREFIX)
        wanted = RestoreOptions(before=self.before.isoformat(), **options)  # pyright: ignore[reportArgumentType]
        return self.terminal.run(lambda context: restore(context, wanted), fault)


@pytest.fixture
def dba() -> Person:
    """Someone who restores a bucket of which, after an accident, everything can be said that may happen to a file."""
    person = Person()
    files = person.files
    for key in ("acme/same", "acme/deleted", "acme/overwritten", "acme/ä b+c/ü.pdf", "other/deleted"):
        files.put(key, f"old {key}")
    files.put("acme/deleted before", "x")
    files.delete("acme/deleted before")
    person.accident()
    for key in ("acme/deleted", "acme/ä b+c/ü.pdf", "other/deleted"):
        files.delete(key)
    files.put("acme/overwritten", "new")
    files.put("acme/new", "new")
    files.put("acme/new and deleted", "new")
    files.delete("acme/new and deleted")
    return person


def test_deleted_and_overwritten_files_are_as_they_were_and_new_ones_stay(dba: Person) -> None:
    assert dba.restore() is ExitCode.SUCCESS
    assert dba.files.state() == {
        "acme/same": "old acme/same",
        "acme/deleted": "old acme/deleted",
        "acme/overwritten": "old acme/overwritten",
        "acme/ä b+c/ü.pdf": "old acme/ä b+c/ü.pdf",
        "acme/new": "new",
    }
    assert dba.files.copies == 3


def test_nothing_is_removed(dba: Person) -> None:
    """Markers and newer versions stay below the copies: a restore can be undone by another one."""
    before = {key: [each.id for each in found] for key, found in dba.files.versions.items()}
    dba.restore()
    for key, ids in before.items():
        assert [each.id for each in dba.files.versions[key]][-len(ids) :] == ids


def test_a_second_run_restores_nothing_twice(dba: Person) -> None:
    dba.restore()
    assert dba.restore() is ExitCode.SUCCESS
    assert dba.files.copies == 3
    assert "s3control CreateJob" not in dba.world.wire.calls


def test_what_users_did_with_a_restored_file_stays(dba: Person) -> None:
    dba.restore()
    dba.world.clock.sleep(600)
    dba.files.put("acme/deleted", "edited")
    dba.files.delete("acme/overwritten")
    assert dba.restore() is ExitCode.SUCCESS
    assert dba.files.state()["acme/deleted"] == "edited"
    assert "acme/overwritten" not in dba.files.state()


def test_another_time_is_another_restore(dba: Person) -> None:
    dba.restore()
    dba.world.clock.sleep(60)
    dba.files.delete("acme/deleted")
    dba.before += timedelta(minutes=30)
    dba.world.clock.sleep(3600)
    assert dba.restore() is ExitCode.SUCCESS


def test_deleted_only_leaves_overwritten_files_alone(dba: Person) -> None:
    assert dba.restore(deleted_only=True) is ExitCode.SUCCESS
    assert dba.files.state()["acme/overwritten"] == "new"
    assert dba.files.state()["acme/deleted"] == "old acme/deleted"


def test_one_file_by_its_key(dba: Person) -> None:
    dba.files.put("acme/deleted2", "x")
    assert dba.restore(key="acme/deleted") is ExitCode.SUCCESS
    assert dba.files.copies == 1
    assert dba.files.state()["acme/deleted"] == "old acme/deleted"
    assert dba.files.state()["acme/overwritten"] == "new"


def test_one_file_among_many_with_the_same_beginning_is_one_page(dba: Person) -> None:
    for number in range(50):
        dba.files.put(f"acme/deleted-{number:02}", "x")
    dba.restore(key="acme/deleted", only_list=True)
    assert dba.world.wire.calls.count("s3 ListObjectVersions") == 1


def test_all_files_by_an_empty_prefix(dba: Person) -> None:
    assert dba.restore(prefix="") is ExitCode.SUCCESS
    assert dba.files.state()["other/deleted"] == "old other/deleted"


def test_the_recovery_stack_restores_its_copy() -> None:
    person = Person(stack="dr")
    person.files.put("acme/a", "old")
    person.accident()
    person.files.delete("acme/a")
    assert person.restore() is ExitCode.SUCCESS
    assert person.files.state() == {"acme/a": "old"}


def test_the_time_itself_is_after() -> None:
    """What was deleted at 10:00:00 is restored by `--before 10:00:00`."""
    person = Person()
    person.files.put("acme/a", "old")
    person.world.clock.sleep(10)
    person.before = person.world.clock.now()
    person.files.delete("acme/a")
    assert person.restore() is ExitCode.SUCCESS
    assert person.files.state() == {"acme/a": "old"}


def test_within_a_second_a_file_counts_rather_than_its_deletion() -> None:
    person = Person()
    person.files.put("acme/a", "old")
    person.files.delete("acme/a")
    person.accident()
    person.files.put("acme/a", "new")
    assert person.restore() is ExitCode.SUCCESS
    assert person.files.state() == {"acme/a": "old"}


def test_a_dry_run_shows_counts_sizes_and_keys_and_changes_nothing(
    dba: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    dba.terminal.options["dry_run"] = True
    assert dba.restore() is ExitCode.SUCCESS
    shown = capsys.readouterr().out
    for text in (
        "3 files (56 bytes) of taskflow-production-files-",
        "acme/deleted",
        "undo what users changed since then in 1 file",
        "created since, left alone",
        "acme/new",
    ):
        assert text in shown
    assert {call.partition(" ")[2] for call in dba.world.wire.calls} <= {
        "GetCallerIdentity", "ListJobs", "ListObjectVersions",
    }  # fmt: skip


def test_a_list_needs_no_ticket(capsys: pytest.CaptureFixture[str]) -> None:
    person = Person()
    person.world.principal = "arn:aws:sts::987654321098:assumed-role/taskflow-dba/alice"
    person.files.put("acme/a", "old")
    person.accident()
    person.files.delete("acme/a")
    assert person.restore(only_list=True) is ExitCode.SUCCESS
    assert "2026-11-02 10:10:00  deleted, to restore  acme/a" in capsys.readouterr().out
    assert person.files.state() == {}


def test_no_key_is_in_an_audit_event_a_job_or_a_parameter(dba: Person) -> None:
    dba.files.denied = {"acme/deleted"}
    dba.restore()
    dba.restore(key="acme/deleted")
    assert dba.world.events()
    recorded = json.dumps(dba.world.events()) + "".join(job.description for job in dba.files.jobs.values())
    assert "acme" not in recorded
    assert "acme" not in "".join(dba.files.manifests)


def test_the_audit_event_has_the_counts(dba: Person) -> None:
    dba.restore()
    started, ended = dba.world.events()
    assert (started["outcome"], ended["outcome"]) == ("started", "success")
    assert (ended["count"], ended["bytes"]) == (3, 56)


def test_a_file_that_the_job_could_not_copy_is_reported_and_copied_by_the_next_run(
    dba: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    dba.files.denied = {"acme/deleted"}
    assert dba.restore() is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "1 of 3 files couldn't be restored" in error
    assert "aws s3 ls --recursive s3://taskflow-production-restores-987654321098/reports/" in error
    dba.files.denied = set()
    assert dba.restore() is ExitCode.SUCCESS
    assert dba.files.copies == 3
    assert dba.files.state()["acme/deleted"] == "old acme/deleted"


def test_the_same_files_after_a_failed_job_are_a_new_job(dba: Person) -> None:
    """S3 answers a repeated request with the old job, which copies nothing more."""
    dba.files.denied = {"acme/deleted"}
    assert dba.restore(key="acme/deleted") is ExitCode.FAILED
    dba.files.denied = set()
    assert dba.restore(key="acme/deleted") is ExitCode.SUCCESS
    assert len(dba.files.jobs) == 2


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ({"storage_class": "GLACIER"}, "1 archived, can't be copied"),
        ({"size": 5 * 1024**3 + 1}, "1 larger than 5 GiB, can't be copied by a job"),
    ],
)
def test_what_a_job_can_not_copy_is_not_tried_and_reported(
    version: dict[str, object], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person()
    person.files.put("acme/a", "old", **version)  # pyright: ignore[reportArgumentType]
    person.files.put("acme/b", "old", size=5 * 1024**3)
    person.accident()
    person.files.delete("acme/a")
    person.files.delete("acme/b")
    assert person.restore() is ExitCode.CHECK_FAILED
    assert text in capsys.readouterr().err
    assert person.files.state() == {"acme/b": "old"}
    assert sum(job.failed for job in person.files.jobs.values()) == 0


def test_a_time_before_the_retention_says_what_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    person = Person()
    person.files.put("acme/a", "old")
    person.before -= timedelta(days=61)
    person.restore()
    shown = " ".join(capsys.readouterr().err.replace("!", "").split())
    assert "is lost for ever" in shown
    person.before += timedelta(days=2)
    person.restore()
    assert "lost" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [{"prefix": None}, {"prefix": "a", "key": "b"}, {"before": "yesterday"}, {"before": "2031-01-01T00:00:00"}],
)
def test_wrong_options_are_usage_errors(options: dict[str, Any]) -> None:
    person = Person()
    complete: dict[str, Any] = {"before": "2026-11-02T10:00:00", "prefix": "a", **options}
    wanted = RestoreOptions(**complete)
    assert person.terminal.run(lambda context: restore(context, wanted)) is ExitCode.USAGE
    assert "s3 ListObjectVersions" not in person.world.wire.calls


def test_many_files_are_several_jobs_of_bounded_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.objects.restore.FILES_PER_JOB", 4)
    person = Person()
    keys = [f"acme/{number}" for number in range(10)]
    for key in keys:
        person.files.put(key, key)
    person.accident()
    for key in keys:
        person.files.delete(key)
    assert person.restore() is ExitCode.SUCCESS
    rows = [list(csv.reader(io.StringIO(body.decode()))) for body in person.files.manifests.values()]
    assert sorted(map(len, rows)) == [2, 4, 4]
    assert sorted(unquote(row[1]) for each in rows for row in each) == keys
    assert person.files.state() == {key: key for key in keys}
