"""`taskflow db restore`: what it asks for, what it notices, what it refuses."""

import json
from typing import Any

import pytest

from components.data.postgres import EXPORTS as DEPLOYED_EXPORTS
from operations.frame.errors import ExitCode
from operations.recovery.blueprint import blueprint_of
from operations.recovery.properties import EXPORTS, PROPERTIES, compare, modification, restore_request
from tests.operations.fake.rds_state import key_of, parameter_group, security_groups, subnet_group
from tests.operations.restores import TICKET, TIME, WEEKLY, Administrator, administrator

NAME = "taskflow-recovery-20261102-1020"
# By property: what AWS makes of it although the request asks for another value.
WRONG: dict[str, dict[str, Any]] = {
    "engine version": {"EngineVersion": "14.20"},
    "lifecycle support": {"EngineLifecycleSupport": "open-source-rds-extended-support"},
    "class": {"DBInstanceClass": "db.t4g.medium"},
    "storage, GiB": {"AllocatedStorage": 100},
    "storage type": {"StorageType": "gp2"},
    "storage ceiling, GiB": {"MaxAllocatedStorage": 300},
    "encryption key": {"KmsKeyId": key_of("us-east-1", "other")},
    "security groups": {"VpcSecurityGroups": security_groups("sg-0default")},
    "subnet group": {"DBSubnetGroup": subnet_group("default", "vpc-0default")},
    "parameter group": {"DBParameterGroups": parameter_group("default.postgres15")},
    "parameters": {"DBParameterGroups": parameter_group("database-primary", "pending-reboot")},
    "multi-AZ": {"MultiAZ": False},
    "public access": {"PubliclyAccessible": True},
    "port": {"Endpoint": {"Address": "elsewhere", "Port": 5433}},
    "deletion protection": {"DeletionProtection": False},
    "IAM authentication": {"IAMDatabaseAuthenticationEnabled": False},
    "log exports": {"EnabledCloudwatchLogsExports": ["upgrade"]},
    "certificate authority": {"CACertificateIdentifier": "rds-ca-ecc384-g1"},
    "tags to snapshots": {"CopyTagsToSnapshot": False},
    "minor upgrades": {"AutoMinorVersionUpgrade": False},
    "backups, days": {"BackupRetentionPeriod": 1},
    "backup window": {"PreferredBackupWindow": "10:00-10:30"},
    "maintenance window": {"PreferredMaintenanceWindow": "mon:01:00-mon:01:30"},
    "monitoring, seconds": {"MonitoringInterval": 0},
    "monitoring role": {"MonitoringRoleArn": "arn:aws:iam::987654321098:role/another"},
    "Performance Insights": {"PerformanceInsightsEnabled": False},
    "Insights' key": {"PerformanceInsightsKMSKeyId": key_of("us-east-1", "other")},
    "insights mode": {"DatabaseInsightsMode": "advanced"},
    "tags": {"TagList": [{"Key": "Ticket", "Value": TICKET}]},
}


def test_the_logs_are_those_of_the_stack() -> None:
    assert EXPORTS == DEPLOYED_EXPORTS


@pytest.mark.parametrize("title", [each.title for each in PROPERTIES])
def test_a_wrong_property_is_noticed(title: str) -> None:
    """Each of the table is noticed on an instance that has it wrong, and no other one with it."""
    dba = administrator()
    own = dba.terminal.run_with(blueprint_of)
    right = dba.rds.primary.values
    assert [each.of.title for each in compare(right, own) if not each.is_equal] == []
    found = compare({**right, **WRONG[title]}, own)
    beside = {"parameter group"} if title == "parameters" else set[str]()
    assert {each.of.title for each in found if not each.is_equal} - beside == {title}


@pytest.mark.parametrize("title", ["security groups", "parameter group", "deletion protection", "IAM authentication"])
def test_what_aws_forces_on_the_instance_is_noticed(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The default VPC's group, the default parameters, no protection, no IAM log-in: although they were asked for."""
    dba = administrator()
    dba.rds.forced = WRONG[title]
    assert dba.restore(TIME) is ExitCode.CHECK_FAILED
    error = capsys.readouterr().err
    assert f"{NAME} differs from taskflow-production in 1 property" in error
    assert f"  {title}: " in error
    assert f"taskflow db discard {NAME} --ticket {TICKET}" in error
    assert dba.world.events()[-1]["outcome"] == "failure"


def test_everything_that_a_restore_takes_is_asked_for() -> None:
    """AWS's defaults differ from production in most properties: without the request they would stay."""
    dba = administrator()
    own = dba.terminal.run_with(blueprint_of)
    asked = restore_request(own)
    assert asked["PubliclyAccessible"] is False
    assert asked["VpcSecurityGroupIds"] == ["sg-0production"]
    assert asked["DeletionProtection"] is asked["EnableIAMDatabaseAuthentication"] is asked["MultiAZ"] is True
    assert {each.modify or each.restore or each.title for each in PROPERTIES} >= {
        "MonitoringInterval", "EnablePerformanceInsights", "BackupRetentionPeriod", "PreferredMaintenanceWindow",
        "AutoMinorVersionUpgrade", "MaxAllocatedStorage", "CACertificateIdentifier",
    }  # fmt: skip
    assert modification(compare(dba.rds.primary.values, own)) == {}


def test_a_point_in_time_comes_up_like_production(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    assert dba.restore(TIME) is ExitCode.SUCCESS
    instance = dba.rds.find(NAME)
    assert instance.data_of == f"taskflow-production at {TIME}"
    assert dba.world.wire.calls.count("rds ModifyDBInstance") == 1
    tags = {each["Key"]: each["Value"] for each in instance.values["TagList"]}
    assert (tags["Ticket"], tags["RestoredFrom"], tags["Environment"]) == (TICKET, instance.data_of, "production")
    output = capsys.readouterr().out
    for command in (f"db connect --instance {NAME}", f"db cutover {NAME}", f"db discard {NAME}"):
        assert f"taskflow {command} --ticket {TICKET}" in output
    assert [event["outcome"] for event in dba.world.events()] == ["started", "success"]


def test_its_logs_end_and_have_the_key_of_the_databases() -> None:
    """RDS would create the log groups without a retention and a key of the stack."""
    dba = administrator()
    assert dba.restore(TIME) is ExitCode.SUCCESS
    groups = dba.world.log_groups.groups
    for export in EXPORTS:
        found, like = (groups[f"/aws/rds/instance/{name}/{export}"] for name in (NAME, "taskflow-production"))
        assert {**found, "logGroupName": ""} == {**like, "logGroupName": ""}


def test_the_result_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator(as_json=True)
    assert dba.restore(TIME) is ExitCode.SUCCESS
    document = json.loads(capsys.readouterr().out)
    assert (document["instance"], document["source"]) == (NAME, f"taskflow-production at {TIME}")
    assert [each["property"] for each in document["comparison"]] == [each.title for each in PROPERTIES]
    assert all(each["isEqual"] for each in document["comparison"])


def test_a_dry_run_restores_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator(dry_run=True)
    assert dba.restore(TIME) is ExitCode.SUCCESS
    assert dba.rds.restored == []
    assert f"restore taskflow-production at {TIME} to {NAME}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wish", "restored"),
    [
        ({"snapshot": WEEKLY}, "awsbackup:job-"),
        ({"snapshot": "taskflow-prod-weekly-20261101"}, "awsbackup:job-"),
        ({"snapshot": "2026-10-31"}, "rds:taskflow-production-2026-10-31-02-00"),
        ({"snapshot": "2026-11-02-02-00"}, "rds:taskflow-production-2026-11-02-02-00"),
        ({"to": "30m"}, "taskflow-production at 2026-11-02T09:50:00Z"),
        ({"to": "30m ago"}, "taskflow-production at 2026-11-02T09:50:00Z"),
        ({"to": "latest"}, "taskflow-production at 2026-11-02T10:16:00Z"),
        ({"to": "2026-11-02T10:30+01:00"}, "taskflow-production at 2026-11-02T09:30:00Z"),
    ],
)
def test_times_and_snapshots_are_found(wish: dict[str, Any], restored: str) -> None:
    """AWS Backup chooses its names, so a day finds the weekly snapshot, which is preferred to the daily one."""
    dba = administrator()
    assert dba.restore(wish.get("to"), wish.get("snapshot")) is ExitCode.SUCCESS
    (name,) = dba.rds.restored
    assert dba.rds.instances[name].data_of.startswith(restored)


@pytest.mark.parametrize(
    ("wish", "code", "line"),
    [
        ({}, ExitCode.USAGE, "A restore is made of a time or of a snapshot"),
        ({"to": TIME, "snapshot": WEEKLY}, ExitCode.USAGE, "A restore is made of a time or of a snapshot"),
        ({"to": "yesterday"}, ExitCode.USAGE, "--to yesterday is not a time"),
        ({"to": "1m"}, ExitCode.REFUSED, "taskflow-production (active): 2026-10-03 10:16 to 2026-11-02 10:16 UTC"),
        ({"to": "31d"}, ExitCode.REFUSED, "No backup reaches 2026-10-02 10:20:00 UTC"),
        ({"snapshot": "2026-01-01"}, ExitCode.REFUSED, "us-east-1 has no snapshot 2026-01-01 of taskflow-production"),
        ({"snapshot": "2026-13-41"}, ExitCode.REFUSED, "us-east-1 has no snapshot 2026-13-41"),
        ({"snapshot": "awsbackup:"}, ExitCode.REFUSED, "us-east-1 has no snapshot awsbackup:"),
    ],
)
def test_what_cannot_be_restored_is_refused_with_what_can(
    wish: dict[str, Any], code: ExitCode, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dba = administrator()
    assert dba.restore(wish.get("to"), wish.get("snapshot")) is code
    assert line in capsys.readouterr().err
    assert dba.rds.restored == []


def test_a_second_run_finds_the_first_ones_instance() -> None:
    dba = administrator()
    assert dba.restore(TIME) is ExitCode.SUCCESS
    dba.world.clock.sleep(3600)
    assert dba.restore(TIME) is ExitCode.SUCCESS
    assert dba.rds.restored == [NAME]


def test_another_time_is_another_restore() -> None:
    dba = administrator()
    assert dba.restore(TIME) is ExitCode.SUCCESS
    assert dba.restore("2026-11-02T08:00:00Z") is ExitCode.SUCCESS
    assert len(set(dba.rds.restored)) == 2


def test_the_repetition_of_an_age_is_refused_with_the_time_to_continue(capsys: pytest.CaptureFixture[str]) -> None:
    """`30m` is another time a minute later: a second run would restore once more."""
    dba = administrator()
    assert dba.restore("30m") is ExitCode.SUCCESS
    assert dba.restore("30m") is ExitCode.REFUSED
    assert f"taskflow db restore --to 2026-11-02T09:50:00Z --ticket {TICKET}" in capsys.readouterr().err
    assert dba.rds.restored == [NAME]


def test_a_restored_snapshot_is_no_repetition_of_an_age() -> None:
    dba = administrator()
    assert dba.restore(snapshot=WEEKLY) is ExitCode.SUCCESS
    assert dba.restore("30m") is ExitCode.SUCCESS
    assert len(set(dba.rds.restored)) == 2


def test_a_snapshot_under_another_key_is_copied_and_the_copy_deleted() -> None:
    dba = administrator()
    name = next(name for name, each in dba.rds.snapshots.items() if each["SnapshotType"] == "awsbackup")
    dba.rds.snapshots[name]["KmsKeyId"] = key_of("us-east-1", "other")
    before = set(dba.rds.snapshots)
    assert dba.restore(snapshot=name) is ExitCode.SUCCESS
    assert dba.rds.find(NAME).values["KmsKeyId"] == key_of("us-east-1")
    assert dba.rds.find(NAME).data_of == name
    assert set(dba.rds.snapshots) == before


def test_a_copy_that_fails_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator("dr")
    dba.rds.copy_ends = "failed"
    assert dba.restore(snapshot="2026-10-25") is ExitCode.FAILED
    assert f"aws rds delete-db-snapshot --db-snapshot-identifier {NAME}-copy" in capsys.readouterr().err
    assert dba.rds.restored == []


@pytest.mark.parametrize("state", ["incompatible-restore", "failed", "storage-full"])
def test_a_creation_that_fails_ends_the_command(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    dba.rds.creation_ends = state
    assert dba.restore(TIME) is ExitCode.FAILED
    error = capsys.readouterr().err
    assert f"{NAME} is {state}" in error
    assert f"taskflow db discard {NAME} --no-snapshot" in error


def test_a_backup_that_begins_before_the_correction_is_waited_for() -> None:
    """RDS refuses to modify an instance while a backup of it runs."""
    dba = administrator()
    modify = dba.world.wire.handlers["rds ModifyDBInstance"]
    refused: list[object] = []

    def busy(request: Any) -> Any:
        if not refused:
            refused.append(request)
            dba.rds.start_backup(NAME)
        return modify(request)

    dba.world.wire.handlers = {**dba.world.wire.handlers, "rds ModifyDBInstance": busy}
    assert dba.restore(TIME) is ExitCode.SUCCESS
    assert len(refused) == 1


def test_a_creation_that_never_ends_is_unfinished(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    dba.rds.creation *= 1000
    assert dba.restore(TIME) is ExitCode.UNFINISHED
    assert f"taskflow db restore --to {TIME} --ticket {TICKET}" in capsys.readouterr().err


# The database is gone.


def _deleted(dba: Administrator, *names: str) -> None:
    for name in names:
        dba.rds.instances[name].values["DeletionProtection"] = False
        request = {"DBInstanceIdentifier": name, "SkipFinalSnapshot": True, "DeleteAutomatedBackups": False}
        dba.rds.delete_db_instance(request)
    dba.world.clock.sleep(600)


def test_a_deleted_database_is_restored_from_its_retained_backup(capsys: pytest.CaptureFixture[str]) -> None:
    """Its groups are read from the replica; the primary's parameter group is found by its tags."""
    dba = administrator()
    _deleted(dba, "taskflow-production")
    assert dba.restore(TIME) is ExitCode.SUCCESS
    (name,) = dba.rds.restored
    values = dba.rds.find(name).values
    assert values["DBParameterGroups"][0]["DBParameterGroupName"].startswith("database-primary-")
    assert values["DBSubnetGroup"]["DBSubnetGroupName"].startswith("database-")
    assert "its groups are read from taskflow-production-replica-1" in capsys.readouterr().err


def test_without_any_instance_the_command_says_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    dba = administrator()
    _deleted(dba, "taskflow-production", "taskflow-production-replica-1")
    assert dba.restore(TIME) is ExitCode.REFUSED
    assert "us-east-1 has no other instance of taskflow-production" in capsys.readouterr().err


# The recovery region.


def test_dr_restores_from_the_replicated_backups(capsys: pytest.CaptureFixture[str]) -> None:
    """They have the key of the copies, and RDS takes no other one."""
    dba = administrator("dr")
    assert dba.restore(TIME) is ExitCode.SUCCESS
    (name,) = dba.rds.restored
    instance = dba.rds.find(name)
    assert instance.data_of == f"taskflow-production at {TIME}"
    assert instance.values["KmsKeyId"] == key_of("us-west-2", "copies")
    assert instance.values["VpcSecurityGroups"] == security_groups("sg-0dr")
    output = " ".join(capsys.readouterr().out.split())
    assert "the storage keeps the key of the backups" in output
    assert f"taskflow db cutover {name} --stack dr --ticket {TICKET}" in output


def test_dr_restores_a_copied_snapshot_under_its_own_key() -> None:
    dba = administrator("dr")
    before = set(dba.rds.snapshots)
    assert dba.restore(snapshot="2026-10-25") is ExitCode.SUCCESS
    (name,) = dba.rds.restored
    assert dba.rds.find(name).values["KmsKeyId"] == key_of("us-west-2")
    assert set(dba.rds.snapshots) == before
    assert dba.world.rds.restored == []
