"""`taskflow data erase-report`: what it reads, what it finds wrong, and the proof that it writes."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from operations.data.remainder import Verdict
from operations.data.subject import Subject
from operations.frame.errors import ExitCode
from tests.operations.estate import COPY, DAY, FILES, KEY, SUBJECT, Estate
from tests.operations.fake.buckets import RULE, Bucket
from tests.operations.fake.copies import Point, Snapshot
from tests.operations.fake.wire import Fault, unreachable

LATEST = 90


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(folder=tmp_path)


def test_with_the_settings_figures_every_copy_ends_within_90_days(
    estate: Estate, capsys: pytest.CaptureFixture[str]
) -> None:
    estate.terminal.options["as_json"] = True
    assert estate.run() is ExitCode.SUCCESS
    places = json.loads(capsys.readouterr().out)["places"]
    ends = {
        (each["place"], each["region"]): each["daysAfter"]
        for each in places
        if each["verdict"] == Verdict.ENDS.name.lower()
    }
    assert max(ends.values()) == LATEST
    assert ends["files: old versions", "us-east-1"] == ends["files' copy: old versions", "us-west-2"] == 60 + 4
    assert ends["automatic backups, taskflow-production", "us-east-1"] == 30 + 2
    kept = {each["place"] for each in places if each["verdict"] == Verdict.KEPT.name.lower()}
    assert kept == {"audit archive", "CloudFront's access logs", "load balancer's access logs"}


@pytest.mark.parametrize("hours", range(0, 24 * 8, 23))
def test_a_weekly_snapshot_from_just_before_a_deletion_ends_in_time(estate: Estate, hours: int) -> None:
    """Whenever in two weeks the deletion is: the snapshot began before it, and AWS Backup takes 8 hours at the end."""
    at = estate.deleted_at - timedelta(hours=hours)
    estate.files().history.clear()
    estate.buckets.buckets[COPY].history.clear()
    assert estate.run(deleted_at=at.isoformat()) is ExitCode.SUCCESS


def test_neither_names_of_files_nor_other_users_are_in_the_proof(
    estate: Estate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert estate.run() is ExitCode.SUCCESS
    output = capsys.readouterr().out + estate.proof
    assert "holiday" not in output
    assert "other.jpg" not in output
    assert "| files: current objects | us-east-1 | 0 |" in estate.proof


def change_rule(estate: Estate, **changes: object) -> None:
    estate.files().rules = [{**RULE, **changes}]


def add_snapshot(estate: Estate, *, kind: str, after: float, original: float | None = None) -> None:
    at = estate.deleted_at
    estate.there.snapshots.append(
        Snapshot(
            name="kept", instance="taskflow-production", kind=kind, created=at + after * DAY,
            original=None if original is None else at + original * DAY,
        )
    )  # fmt: skip


def add_point(estate: Estate, **more: object) -> None:
    estate.there.vaults["Default"].append(Point(created=estate.deleted_at - DAY, **more))  # pyright: ignore[reportArgumentType]


def add_instance(estate: Estate, name: str, **more: object) -> None:
    estate.there.instances.append({"DBInstanceIdentifier": name, "InstanceCreateTime": estate.deleted_at, **more})


def add_export(estate: Estate, *, after: float = -1, bucket: str = "mine") -> None:
    """Export a snapshot to a bucket, of which only `mine` exists."""
    where = {"S3Bucket": bucket, "S3Prefix": "backups", "ExportTaskIdentifier": "once"}
    estate.here.exports.append({**where, "SnapshotTime": estate.deleted_at + after * DAY})
    estate.buckets.buckets["mine"] = Bucket()
    estate.buckets.buckets["mine"].put("backups/once/taskflow/users.parquet", estate.deleted_at)


def add_export_of_data(estate: Estate, subject: str = SUBJECT, stack: str = "dr") -> None:
    """Leave an export that `taskflow data export` has made the day before."""
    digest = Subject(id=subject).digest("taskflow")
    bucket = estate.buckets.buckets[f"taskflow-{stack}-restores-987654321098"]
    bucket.put(f"exports/{digest}/change-1/0123456789abcdef/archive.tar.age", estate.deleted_at - DAY)


PROBLEMS: dict[str, tuple[Callable[[Estate], object], str]] = {
    "object": (lambda e: e.files().put("users/u-7f3a/new", e.deleted_at + DAY), "current objects (us-east-1): 1"),
    "copy": (lambda e: e.buckets.buckets[COPY].history.pop(), "S3 has not replicated their deletion"),
    "no lifecycle": (lambda e: e.files().rules.clear(), "files: old versions (us-east-1): never ends"),
    "disabled": (lambda e: change_rule(e, Status="Disabled"), "files: old versions (us-east-1): never ends"),
    "prefix": (lambda e: change_rule(e, Filter={"Prefix": "public/"}), "files: old versions (us-east-1): never ends"),
    "size": (lambda e: change_rule(e, Filter={"ObjectSizeLessThan": 9}), "files: old versions (us-east-1): never ends"),
    "newest kept": (
        lambda e: change_rule(e, NoncurrentVersionExpiration={"NoncurrentDays": 60, "NewerNoncurrentVersions": 1}),
        "files: old versions (us-east-1): never ends",
    ),
    "long": (
        lambda e: change_rule(e, NoncurrentVersionExpiration={"NoncurrentDays": 87}),
        "files: old versions (us-east-1): ends on",
    ),
    "markers": (lambda e: change_rule(e, Expiration={}), "files: delete markers (us-east-1): never ends"),
    "manual": (lambda e: add_snapshot(e, kind="manual", after=-1), "snapshot kept (us-west-2): never ends"),
    "copied later": (
        lambda e: add_snapshot(e, kind="manual", after=1, original=-1), "snapshot kept (us-west-2): never ends",
    ),
    "of AWS Backup": (lambda e: add_snapshot(e, kind="awsbackup", after=-1), "snapshot kept (us-west-2): never ends"),
    "stopped": (
        lambda e: e.here.instances[0].update(DBInstanceStatus="stopped"),
        "automatic backups, taskflow-production (us-east-1): never ends",
    ),
    "no delete date": (lambda e: add_point(e, days=None), "job-Default-0 (us-west-2): never ends"),
    "expired": (lambda e: add_point(e, status="EXPIRED"), "job-Default-0 (us-west-2): never ends"),
    "a year": (lambda e: add_point(e, days=365), "vault Default (us-west-2): ends on"),
    "restored": (lambda e: add_instance(e, "taskflow-recovery-20261101-0900"), "-0900 (us-west-2): never ends"),
    "replica of a restored one": (
        lambda e: add_instance(e, "x", ReadReplicaSourceDBInstanceIdentifier="taskflow-recovery-1"), "instance x (us",
    ),
    "export": (add_export, "export once of a snapshot (us-east-1): never ends"),
    "Redis": (
        lambda e: e.here.cache.append(("mine", "manual", e.deleted_at - DAY)), "snapshot of Redis mine (us-east-1)",
    ),
    "log group": (lambda e: e.there.groups.update({"/aws/new": None}), "log group /aws/new (us-west-2): never ends"),
    "long logs": (lambda e: e.there.groups.update({"/aws/new": 120}), "log group /aws/new (us-west-2): ends on"),
    "access logs": (
        lambda e: e.buckets.buckets["taskflow-dr-load-balancer-logs-987654321098"].rules.clear(),
        "load balancer's access logs (us-west-2): never ends",
    ),
    "no expiration of exports": (
        lambda e: (
            add_export_of_data(e), e.buckets.buckets["taskflow-dr-restores-987654321098"].rules.clear()
        ), "exports of the data (us-west-2): never ends",
    ),
    "archive": (
        lambda e: e.buckets.buckets["taskflow-dr-audit-archive-987654321098"].rules.clear(),
        "audit archive (us-west-2): never ends",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_copy_that_stays_is_named(estate: Estate, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    change, message = PROBLEMS[name]
    change(estate)
    assert estate.run() is ExitCode.CHECK_FAILED
    assert message in capsys.readouterr().err
    assert "**Not proven.**" in estate.proof
    assert "## To settle" in estate.proof


HARMLESS: dict[str, Callable[[Estate], object]] = {
    "a snapshot of later": lambda e: add_snapshot(e, kind="manual", after=1),
    "a copy of a later one": lambda e: add_snapshot(e, kind="manual", after=2, original=1),
    "a point of later": lambda e: e.there.vaults["Default"].append(Point(created=e.deleted_at + DAY, days=None)),
    "a restore test": lambda e: add_instance(e, "awsbackup-restore-test-1"),
    "a retained backup": lambda e: e.here.automatic.append(("taskflow-old", "retained", 30, e.deleted_at - DAY)),
    "an export that was deleted": lambda e: add_export(e, bucket="gone"),
    "an export of later": lambda e: add_export(e, after=1),
    "another user": lambda e: e.files().put("users/u-7f3a1/new", e.deleted_at),
    "a file outside": lambda e: e.files().put("shared/u-7f3a/new", e.deleted_at),
    "an export of the data": add_export_of_data,
    "an export of another user": lambda e: add_export_of_data(e, "u-1"),
    "an upload": lambda e: e.files().uploads.append((KEY, e.deleted_at - DAY)),
    "a later snapshot of Redis": lambda e: e.here.cache.append(("mine", "manual", e.deleted_at + DAY)),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_has_no_older_data_or_ends_by_itself_is_no_problem(estate: Estate, name: str) -> None:
    HARMLESS[name](estate)
    assert estate.run() is ExitCode.SUCCESS


def test_after_the_last_end_nothing_is_left(estate: Estate, capsys: pytest.CaptureFixture[str]) -> None:
    estate.world.clock.sleep(92 * DAY.total_seconds())
    for copies in (estate.here, estate.there):
        copies.cache.clear()
        copies.automatic.clear()
    assert estate.run() is ExitCode.SUCCESS
    assert "No copy is left, apart from what is kept by rule" in capsys.readouterr().out
    assert "**No copy is left**" in estate.proof


def test_an_export_is_counted_and_ends_by_the_rule(estate: Estate) -> None:
    add_export_of_data(estate)
    add_export_of_data(estate, "u-1")
    assert estate.run() is ExitCode.SUCCESS
    (row,) = (line for line in estate.proof.splitlines() if line.startswith("| exports of the data | us-west-2"))
    # Written the day before: 30 days and 1, twice rounded up to midnight, and twice 4 days for S3.
    assert "| 1 | 2026-12-09 00:00:00 | 39 |" in row, row


def test_what_should_be_gone_and_is_not_is_overdue(estate: Estate, capsys: pytest.CaptureFixture[str]) -> None:
    for version in estate.files().history:
        version.late = 60 * DAY
    estate.world.clock.sleep(70 * DAY.total_seconds())
    assert estate.run() is ExitCode.CHECK_FAILED
    assert "files: old versions (us-east-1): 2 should have ended by" in capsys.readouterr().err


def test_the_same_readings_become_the_same_text(estate: Estate, tmp_path: Path) -> None:
    assert estate.run() is ExitCode.SUCCESS
    first = estate.proof
    assert estate.run() is ExitCode.SUCCESS
    assert estate.proof == first
    assert [each.name for each in tmp_path.iterdir()] == ["proof.md"]


def calls(tmp_path: Path) -> list[str]:
    estate = Estate(folder=tmp_path)
    estate.run()
    return estate.world.wire.calls


def test_it_only_reads(tmp_path: Path) -> None:
    names = {name.partition(" ")[2] for name in calls(tmp_path)}
    assert all(name.startswith(("Describe", "List", "Get")) for name in names)


def test_a_place_that_cannot_be_read_ends_it_without_a_proof(tmp_path: Path) -> None:
    """Denied in either region, whichever operation it is; or unreachable, in the middle of it."""
    names = calls(tmp_path)
    (tmp_path / "proof.md").unlink()
    for name in sorted(set(names) - {"sts GetCallerIdentity"}):
        estate = Estate(folder=tmp_path)
        estate.world.wire.denied = frozenset({name})
        assert estate.run() is ExitCode.DENIED
    estate = Estate(folder=tmp_path)
    assert estate.run(Fault(at=len(names), error=unreachable)) is ExitCode.UNREACHABLE
    assert not (tmp_path / "proof.md").exists()


@pytest.mark.parametrize("subject", ["", "a b", "u/1", "../u", "a@b.example", "u'1", "-x", "x" * 65, "u.1", "ü"])
def test_a_subject_is_an_id(estate: Estate, subject: str) -> None:
    assert estate.run(subject=subject) is ExitCode.USAGE
    assert not estate.world.wire.calls


@pytest.mark.parametrize("time", ["2027-01-01", "yesterday", "2026-13-01"])
def test_the_deletion_has_a_time_in_the_past(estate: Estate, time: str) -> None:
    assert estate.run(deleted_at=time) is ExitCode.USAGE


def test_dr_reads_the_same_places(estate: Estate) -> None:
    assert estate.run() is ExitCode.SUCCESS
    first = sorted(estate.proof.splitlines())
    estate.terminal.stack = "dr"
    assert estate.run(output=estate.folder / "dr.md") is ExitCode.SUCCESS
    assert sorted((estate.folder / "dr.md").read_text().splitlines()) == first


def test_the_default_name_has_id_and_day(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(estate.folder)
    assert estate.run(output=None) is ExitCode.SUCCESS
    assert [each.name for each in estate.folder.iterdir()] == [f"erase-report-{SUBJECT}-2026-11-02.md"]


def test_the_buckets_are_those_of_the_components(estate: Estate) -> None:
    assert {FILES, COPY} <= set(estate.buckets.buckets)
