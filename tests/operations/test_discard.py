"""`taskflow db discard`: a restored instance goes, its last state stays; nothing else can be named."""

import pytest

from operations.frame.errors import ExitCode
from tests.operations.restores import TICKET, TIME, Administrator, administrator

NAME = "taskflow-recovery-20261102-1020"


@pytest.fixture
def dba() -> Administrator:
    dba = administrator()
    assert dba.restore(TIME) is ExitCode.SUCCESS
    return dba


def test_it_keeps_the_last_state_and_says_until_when(dba: Administrator, capsys: pytest.CaptureFixture[str]) -> None:
    assert dba.discard() is ExitCode.SUCCESS
    assert NAME not in dba.rds.instances
    assert dba.rds.snapshots[f"{NAME}-final"]["SnapshotType"] == "manual"
    assert [each for each in dba.rds.kept_backups if each.values["DBInstanceIdentifier"] == NAME] == []
    output = capsys.readouterr().out
    assert f"aws rds delete-db-snapshot --db-snapshot-identifier {NAME}-final" in output
    assert "delete it by 2027-01-31 at the latest" in output


def test_without_a_snapshot_nothing_is_kept(dba: Administrator) -> None:
    assert dba.discard(with_snapshot=False) is ExitCode.SUCCESS
    assert NAME not in dba.rds.instances
    assert f"{NAME}-final" not in dba.rds.snapshots


def test_what_is_gone_is_no_error(dba: Administrator, capsys: pytest.CaptureFixture[str]) -> None:
    assert dba.discard() is ExitCode.SUCCESS
    capsys.readouterr()
    assert dba.discard(NAME) is ExitCode.SUCCESS
    assert f"{NAME} doesn't exist" in capsys.readouterr().out
    assert "rds DeleteDBInstance" not in dba.world.wire.calls


@pytest.mark.parametrize(
    "name", ["taskflow-production", "taskflow-production-replica-1", "taskflow-recovery", "taskflow-recovery-2026", "x"]
)
def test_no_other_instance_can_be_named(dba: Administrator, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dba.discard(name) is ExitCode.REFUSED
    assert "is not the name of a restored instance" in capsys.readouterr().err
    assert not {call for call in dba.world.wire.calls if call.startswith("rds ")}


def test_an_instance_whose_address_the_api_has_is_refused(
    dba: Administrator, capsys: pytest.CaptureFixture[str]
) -> None:
    dba.world.set_template({"DATABASE_HOST": dba.rds.host(NAME)})
    dba.world.ecs.deploy(dba.world.ecs.find(f"{dba.world.ecs.service}-template"))
    dba.world.clock.sleep(600)
    assert dba.discard() is ExitCode.REFUSED
    assert f"{NAME} serves: the API's tasks have its address" in capsys.readouterr().err
    assert NAME in dba.rds.instances


def test_an_instance_with_a_replica_is_refused(dba: Administrator, capsys: pytest.CaptureFixture[str]) -> None:
    dba.rds.instances[NAME].values["ReadReplicaDBInstanceIdentifiers"] = [f"{NAME}-replica-1"]
    assert dba.discard() is ExitCode.REFUSED
    assert f"{NAME} serves: it has the replica" in capsys.readouterr().err


def test_a_backup_ends_first(dba: Administrator) -> None:
    """RDS takes a last snapshot of an available instance only."""
    dba.rds.start_backup(NAME)
    assert dba.discard() is ExitCode.SUCCESS
    assert f"{NAME}-final" in dba.rds.snapshots


def test_a_failed_instance_goes_without_a_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    dba.rds.creation_ends = "incompatible-restore"
    assert dba.restore(TIME) is ExitCode.FAILED
    assert dba.discard() is ExitCode.REFUSED
    assert f"taskflow db discard {NAME} --no-snapshot --ticket {TICKET}" in capsys.readouterr().err
    assert dba.discard(with_snapshot=False) is ExitCode.SUCCESS
    assert NAME not in dba.rds.instances


def test_a_dry_run_deletes_nothing(dba: Administrator) -> None:
    dba.terminal.options["dry_run"] = True
    assert dba.discard() is ExitCode.SUCCESS
    assert dba.rds.find(NAME).status == "available"
