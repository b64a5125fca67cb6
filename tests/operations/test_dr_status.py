"""`taskflow dr status` in the fake world: each thing that a promotion needs, and what it knows without us-east-1."""

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from operations.frame.stack_file import change_settings
from tests.operations.fake.rds_state import parameter_group
from tests.operations.fake.world import World
from tests.operations.recovering import Recoverer, recoverer

MIB = 2**20


@pytest.fixture
def person() -> Recoverer:
    return recoverer()


def verdicts(person: Recoverer) -> Mapping[str, tuple[str, str]]:
    """Run it with --json; return verdict and detail by check."""
    person.options = {**person.options, "as_json": True}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = person.status()
    result: Mapping[str, Any] = json.loads(output.getvalue())
    assert result["exitCode"] == code
    assert result["ready"] is (code is ExitCode.SUCCESS)
    return {each["check"]: (each["verdict"], each["detail"]) for each in result["checks"]}


def test_a_ready_region(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.status() is ExitCode.SUCCESS
    assert "✓ dr is ready" in capsys.readouterr().out
    found = verdicts(person)
    assert {check for check, (verdict, _) in found.items() if verdict != "passed"} == {"files-back"}, found
    assert found["files-back"] == ("not needed", "dr stores none before a promotion")
    assert found["tasks"][1] == "2 of 2 healthy"
    assert found["latch"][1] == "off: users are sent to production"


def test_it_changes_nothing_and_needs_no_ticket(person: Recoverer) -> None:
    person.world.principal = person.recovery.principal = "arn:aws:sts::987654321098:assumed-role/taskflow-on-call/alice"
    assert person.status() is ExitCode.SUCCESS
    calls = {call.partition(" ")[2] for call in person.world.wire.calls}
    assert all(call.startswith(("Describe", "Get", "List")) for call in calls), calls


def backup_runs(world: World) -> None:
    world.rds.start_backup("taskflow-dr")


def replication_broken(world: World) -> None:
    status = {"StatusType": "read replication", "Normal": False, "Status": "error", "Message": "slot is lost"}
    world.rds.primary.values["StatusInfos"] = [status]


def parameters_pending(world: World) -> None:
    world.rds.primary.values["DBParameterGroups"] = parameter_group("database-primary", "pending-reboot")


def placeholder_runs(world: World) -> None:
    world.ecs.deploy(world.ecs.find(f"{world.ecs.service}-template"))
    world.clock.sleep(300)


def image_missing(world: World) -> None:
    world.images.clear()


def task_unhealthy(world: World) -> None:
    world.balancer.unhealthy = 1


def scaling_suspended(world: World) -> None:
    world.scaling.suspended["DynamicScalingOutSuspended"] = True


def secret_missing(world: World) -> None:
    world.secrets.missing.add("taskflow/production/database-application")


def certificate_expired(world: World) -> None:
    world.certificates.ends["origin.taskflow.app"] = world.clock.now() - timedelta(days=1)


def copies_old(world: World) -> None:
    world.rds.kept_backups[0].delay = timedelta(hours=3)


def snapshots_old(world: World) -> None:
    world.backups.recovery_points = [(world.clock.now() - timedelta(days=9), "COMPLETED")]


def alarm_fires(world: World) -> None:
    world.set_alarm("error-rate", "ALARM")


@pytest.mark.parametrize(
    ("check", "prepare", "detail"),
    [
        ("backup", backup_runs, "a backup runs: RDS refuses the promotion until it has ended"),
        ("instance", replication_broken, "taskflow-dr doesn't replicate: error: slot is lost"),
        ("parameters", parameters_pending, "database-primary waits for a restart"),
        ("release", placeholder_runs, "the placeholder runs"),
        ("image", image_missing, "us-west-2 has no image"),
        ("tasks", task_unhealthy, "1 of 2 healthy"),
        ("capacity", scaling_suspended, "scaling is suspended"),
        ("secrets", secret_missing, "taskflow/production/database-application-a1B2c3 is missing"),
        ("certificate", certificate_expired, "origin.taskflow.app expired on"),
        ("daily-backups", copies_old, "copy is 3 h old"),
        ("weekly-snapshots", snapshots_old, "copy is 9 days old"),
        ("alarms", alarm_fires, "1 in ALARM: taskflow-dr-error-rate"),
    ],
)
def test_what_is_missing_in_the_recovery_region(
    person: Recoverer, check: str, prepare: Callable[[World], None], detail: str
) -> None:
    prepare(person.recovery)
    verdict, found = verdicts(person)[check]
    assert verdict == "failed"
    assert found.startswith(detail)


def other_release(person: Recoverer) -> None:
    person.world.push("v1.1.0")
    person.world.ecs.deploy(person.world.register("v1.1.0"))
    person.world.clock.sleep(300)


def replication_failed(person: Recoverer) -> None:
    person.world.gauges["operationsFailedReplication"] = lambda _: 2.0


def test_what_is_pending_is_published_in_the_region_of_the_destination(person: Recoverer) -> None:
    """Failures are published in the source's. Both metrics have the same dimensions in the two regions."""
    for world, operations, size in ((person.world, 7.0, 70.0), (person.recovery, 3.0, 2.0 * MIB)):
        world.gauges["operationsPendingReplication"] = lambda _, operations=operations: operations
        world.gauges["bytesPendingReplication"] = lambda _, size=size: size
    person.recovery.gauges["operationsFailedReplication"] = lambda _: 9.0
    assert verdicts(person)["files"] == ("passed", "3 operations, 2.0 MiB pending, none failed within 30 min")


def secrets_behind(person: Recoverer) -> None:
    person.world.secrets.replicas["us-west-2"] = "Failed"


def replica_behind(person: Recoverer) -> None:
    person.writes.stuck_at = person.world.clock.now()
    person.world.clock.sleep(900)


@pytest.mark.parametrize(
    ("check", "prepare", "detail"),
    [
        ("same-release", other_release, "production runs taskflow-api-production:"),
        ("secrets-in-sync", secrets_behind, "taskflow/production/database-application: Failed"),
        ("files", replication_failed, "60 operations failed within 30 min"),
        ("lag", replica_behind, "859 s since the last write that dr has, of 10:33:41 UTC; 12 MiB unsent"),
    ],
)  # fmt: skip
def test_what_is_missing_by_production(
    person: Recoverer, check: str, prepare: Callable[[Recoverer], None], detail: str
) -> None:
    prepare(person)
    verdict, found = verdicts(person)[check]
    assert verdict == "failed"
    assert found.startswith(detail)


def test_the_lag_of_an_idle_primary_is_no_lag(person: Recoverer) -> None:
    """Without a heartbeat the time since the last transaction grows, but production has nothing that dr lacks."""
    person.recovery.gauges["replicaLag"] = lambda _: 900.0
    verdict, detail = verdicts(person)["lag"]
    assert verdict == "passed"
    assert detail.endswith("production is idle: nothing is unsent")
    person.world.gauges["oldestReplicationSlotLag"] = lambda _: 40.0 * MIB
    verdict, detail = verdicts(person)["lag"]
    assert verdict == "failed"
    assert detail.endswith("40 MiB unsent")


def test_after_a_promotion_the_way_back_of_files_is_checked(person: Recoverer) -> None:
    """Failures are known without us-east-1, what is pending isn't."""
    assert person.promote(Mode.GRACEFUL) is ExitCode.SUCCESS
    person.world.gauges["operationsPendingReplication"] = lambda _: 12.0
    person.world.gauges["bytesPendingReplication"] = lambda _: 3.0 * MIB
    assert verdicts(person)["files-back"] == ("passed", "12 operations, 3.0 MiB pending, none failed within 30 min")
    person.lose()
    assert verdicts(person)["files-back"][0] == "unknown"
    person.recovery.gauges["operationsFailedReplication"] = lambda _: 1.0
    assert verdicts(person)["files-back"] == ("failed", "30 operations failed within 30 min")


def test_without_us_east_1_it_says_what_it_does_not_know(person: Recoverer, capsys: pytest.CaptureFixture[str]) -> None:
    """It asks the lost region once, then leaves it."""
    person.lose()
    person.world.clock.sleep(1800)
    found = verdicts(person)
    unknown = {check for check, (verdict, _) in found.items() if verdict == "unknown"}
    assert unknown == {"lag", "same-release", "secrets-in-sync", "production-certificates", "files"}
    assert len(person.world.wire.unanswered) == 1
    person.options.pop("as_json")
    capsys.readouterr()
    assert person.status() is ExitCode.SUCCESS
    output = capsys.readouterr()
    assert "us-east-1 doesn't answer. Not known: lag, same-release" in output.err
    assert "✓ dr is ready" in output.out


def test_the_alarm_on_the_lag_does_not_make_dr_unready(person: Recoverer) -> None:
    """It fires because production is lost, which is when dr must be ready."""
    person.recovery.set_alarm("replica-lag-taskflow-dr", "ALARM")
    verdict, detail = verdicts(person)["alarms"]
    assert verdict == "passed"
    assert detail.endswith("in ALARM only that on the lag")
    person.recovery.set_alarm("error-rate", "ALARM")
    assert verdicts(person)["alarms"] == ("failed", "1 in ALARM: taskflow-dr-error-rate")


def test_a_stack_file_that_would_promote_is_a_danger(person: Recoverer) -> None:
    change_settings(person.folder, "dr", {"rds.promoted": True, "service.minCount": 4, "service.desiredCount": 4})
    assert verdicts(person)["stack-file"][1].endswith("the next `pulumi up` promotes it")
