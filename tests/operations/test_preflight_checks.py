"""The checks of `taskflow preflight` against the fake world: each condition fails its item, and no other."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from operations.frame.errors import ExitCode
from tests.operations.checklists import STAGING_ACCOUNT, Person, staging_world, started
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import ServiceError
from tests.operations.fake.world import World

RECORD = "/taskflow/production/checklist/v1.1.0"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def person() -> Person:
    return started()


# Checks.


def _scan(status: str, counts: dict[str, int] | None) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        world.scans.results[world.images["v1.1.0"]] = (status, counts)

    return prepare


def _backups(**changes: object) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        for name, value in changes.items():
            setattr(world.backups, name, value)

    return prepare


def _old(world: World, kind: str, age: timedelta, status: str = "available") -> None:
    taken = [(world.clock.now() - age, status)]
    if kind == "automated":
        world.rds.set_snapshots(kind, taken)
    else:
        world.backups.recovery_points = taken


def _logs(age: timedelta | None) -> Callable[[World], None]:
    return lambda world: setattr(world.rds, "log_age", age)


def _alarm(name: str) -> Callable[[World], None]:
    return lambda world: world.set_alarm(name, "ALARM")


def _composite(world: World) -> None:
    world.set_alarm("outage-sev1", "ALARM", AlarmRule="ALARM(taskflow-production-error-rate)")


def _no_scan(world: World) -> None:
    world.scans.results[world.images["v1.1.0"]] = None


def _unfinished(world: World) -> None:
    world.push("v1.2.0", Behaviour.SLOW)
    world.ecs.deploy(world.register("v1.2.0"))


def _begun(world: World) -> None:
    record = json.loads(world.parameters["/taskflow/production/release"])
    (release,) = record["releases"]
    release["state"] = "started"
    world.parameters["/taskflow/production/release"] = json.dumps(record)


def _image_gone(world: World) -> None:
    del world.images["v1.0.0"]


FAILURES: dict[str, tuple[Callable[[World], None], str, str]] = {
    "severe findings": (_scan("COMPLETE", {"CRITICAL": 1}), "security-scan", "1 critical findings"),
    "a scan in progress": (_scan("IN_PROGRESS", None), "security-scan", "the scan is in progress"),
    "no scan": (_no_scan, "security-scan", "there is no scan result"),
    "a deployment alarm": (_alarm("deployment-errors"), "alarms", "in ALARM: taskflow-production-deployment-errors"),
    "another alarm": (_alarm("cpu"), "alarms", "in ALARM: taskflow-production-cpu"),
    "a composite alarm": (_composite, "alarms", "in ALARM: taskflow-production-outage-sev1"),
    "no deployment alarm": (
        lambda world: world.alarms.__delitem__("taskflow-production-deployment-latency"), "alarms",
        "no deployment alarm taskflow-production-deployment-latency",
    ),
    "a deployment": (_unfinished, "deployments", "a deployment has been running since 10:12 UTC"),
    "a release": (_begun, "deployments", "the release of v1.0.0 is unfinished, begun 2026-11-02 10:10"),
    "no way back": (_image_gone, "rollback-plan", "the registry lacks its image"),
    "logs": (_logs(timedelta(minutes=16)), "point-in-time", "restorable time is 16 min old, limit 15 min"),
    "no logs": (_logs(None), "point-in-time", "there is no restorable time"),
    "daily backup": (
        lambda world: _old(world, "automated", timedelta(hours=27)), "daily-backup",
        "automated backup is 27 h old, limit 26 h",
    ),
    "daily backup in creation": (
        lambda world: _old(world, "automated", HOUR, "creating"), "daily-backup", "there is no automated backup",
    ),
    "weekly snapshot": (
        lambda world: _old(world, "recovery_points", 9 * DAY, "COMPLETED"), "weekly-snapshot",
        "weekly snapshot is 9 days old, limit 8 days",
    ),
    "partial weekly snapshot": (
        lambda world: _old(world, "recovery_points", DAY, "PARTIAL"), "weekly-snapshot", "there is no weekly snapshot",
    ),
    "one shard of Redis": (
        lambda world: _backups(cache=[([world.clock.now()], "available")])(world), "cache-snapshot",
        "there is no snapshot",
    ),
    "an old shard of Redis": (
        lambda world: _backups(
            cache=[([world.clock.now(), world.clock.now() - timedelta(hours=27)], "available")]
        )(world),
        "cache-snapshot", "snapshot is 27 h old, limit 26 h",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_condition_fails_its_item_alone(name: str) -> None:
    prepare, key, detail = FAILURES[name]
    person = started(prepare)
    person.preflight()
    found = person.verdicts(person.preflight)
    assert found[key][0] == "failed"
    assert detail in found[key][1]
    # What runs is unknown while a deployment does.
    beside = {"rollback-plan"} if name == "a deployment" else set[str]()
    assert {each for each, (verdict, _) in found.items() if verdict != "passed"} - beside == {key}


def test_the_newest_backup_counts_whatever_page_it_is_on(person: Person) -> None:
    """The fake lists two a page, the oldest first."""
    found = person.verdicts(person.preflight)
    assert found["daily-backup"][1] == "automated backup is 8 h old, limit 26 h"
    assert found["weekly-snapshot"][1] == "weekly snapshot is 24 h old, limit 8 days"
    assert found["cache-snapshot"][1] == "snapshot is 5 h old, limit 26 h"


def test_a_young_database_has_no_weekly_snapshot_yet() -> None:
    def young(world: World) -> None:
        world.backups.recovery_points.clear()
        world.rds.primary.values["InstanceCreateTime"] = world.clock.now() - 3 * DAY

    person = started(young)
    assert person.verdicts(person.preflight)["weekly-snapshot"][0] == "passed"


def test_the_images_of_an_index_are_scanned(person: Person) -> None:
    """docker buildx pushes an index, with an attestation that ECR can't scan."""
    world = person.world
    platform, attestation = f"sha256:{1:064}", f"sha256:{2:064}"
    world.scans.indexes[world.images["v1.1.0"]] = {platform: "linux", attestation: "unknown"}
    world.scans.results[attestation] = ("UNSUPPORTED_IMAGE", None)
    assert person.verdicts(person.preflight)["security-scan"][0] == "passed"
    world.scans.results[platform] = ("COMPLETE", {"HIGH": 2})
    assert person.verdicts(person.preflight)["security-scan"] == ("failed", "2 high findings")


def test_the_first_release_needs_no_way_back() -> None:
    world = World()
    world.push("v1.1.0")
    person = Person(world=world)
    found = person.verdicts(person.preflight)
    assert found["rollback-plan"] == ("passed", "first release: ECS returns to the placeholder if it fails")


def test_a_return_to_an_earlier_release_names_the_version_to_go_back_to(person: Person) -> None:
    person.release("v1.1.0")
    found = person.verdicts(lambda: person.preflight(version="v1.0.0"))
    assert found["rollback-plan"][1].startswith("`taskflow rollback --to v1.1.0` returns to v1.1.0")


def test_for_the_running_version_the_release_before_is_the_way_back(person: Person) -> None:
    person.release("v1.1.0")
    found = person.verdicts(person.preflight)
    assert found["rollback-plan"][1].startswith("`taskflow rollback` returns to v1.0.0")


def test_the_recovery_stack_has_no_backups_of_its_replica() -> None:
    world = World(stack="dr")
    world.push("v1.1.0")
    person = Person(world=world, stack="dr")
    found = person.verdicts(person.preflight)
    for key in ("point-in-time", "daily-backup", "weekly-snapshot"):
        assert found[key] == ("not needed", "a replica: its source has the backups")
    assert found["cache-snapshot"][0] == "passed"
    assert not {call for call in world.wire.calls if call.startswith(("rds ", "backup "))}


CALLS = {
    "security-scan": "ecr DescribeImageScanFindings",
    "alarms": "cloudwatch DescribeAlarms",
    "daily-backup": "rds DescribeDBSnapshots",
    "point-in-time": "rds DescribeDBInstances",
    "weekly-snapshot": "backup ListRecoveryPointsByBackupVault",
    "cache-snapshot": "elasticache DescribeSnapshots",
}


@pytest.mark.parametrize("key", CALLS)
def test_a_denied_check_is_no_pass_and_the_others_are_made(person: Person, key: str) -> None:
    person.preflight()
    person.world.wire.denied = frozenset({CALLS[key]})
    found = person.verdicts(person.preflight)
    assert found[key][0] == "unknown"
    assert found[key][1].startswith("can't be checked: AWS denied ")
    assert {each for each, (verdict, _) in found.items() if verdict != "passed"} == {key}


def test_an_unreachable_service_is_no_pass(person: Person) -> None:
    def failing(_request: object) -> dict[str, object]:
        raise ServiceError("ServiceUnavailableException", "try again", 503)

    handlers = person.world.wire.handlers
    person.world.wire.handlers = {**handlers, "backup ListRecoveryPointsByBackupVault": failing}
    found = person.verdicts(person.preflight)
    assert found["weekly-snapshot"] == (
        "unknown", "can't be checked: AWS is unreachable in us-east-1: try again (ServiceUnavailableException)",
    )  # fmt: skip
    assert found["daily-backup"][0] == "passed"


def test_without_the_registry_nothing_is_asked_and_the_other_checks_are_made(person: Person) -> None:
    """On-call may not read the registry: which image the answers are for is unknown."""
    person.world.wire.denied = frozenset({"ecr DescribeImages"})
    found = person.verdicts(person.preflight)
    assert {key for key, (verdict, _) in found.items() if verdict == "unknown"} == {"security-scan", "rollback-plan"}
    assert found["alarms"][0] == "passed"
    assert person.preflight(confirmed=["window"]) is ExitCode.CHECK_FAILED
    assert person.asked == []
    assert RECORD not in person.world.parameters


def test_a_dry_run_without_the_record_shows_the_checks(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    person.options = {"dry_run": True}
    person.world.wire.denied = frozenset({"ssm GetParameter"})
    assert person.preflight() is ExitCode.CHECK_FAILED
    output = capsys.readouterr()
    assert "The recorded answers can't be read: AWS denied GetParameter" in output.err
    assert "Alarms quiet" in output.out


# Staging.


def _staged(person: Person, version: str = "v1.1.0", hours: float = 25) -> World:
    person.staging = staging_world(version, hours)
    # Both accounts have the same time.
    person.world.clock.sleep((person.staging.clock.now() - person.world.clock.now()).total_seconds())
    person.world.take_backups()
    person.staging.wire.restart()
    return person.staging


def test_staging_with_the_same_image_for_a_day_is_verified(person: Person) -> None:
    _staged(person)
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    assert found["staging"] == ("passed", "the same image has been in staging for 24 h")
    person.preflight(staging_profile="staging")
    assert "Staging verification complete (24+ hours)" not in person.asked


def test_staging_for_less_than_a_day_is_not_verified(person: Person) -> None:
    _staged(person, hours=20)
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    assert found["staging"] == ("failed", "in staging for 19 h, not 24 h")


def test_another_image_in_staging_is_not_verified(person: Person) -> None:
    _staged(person, "v1.0.0")
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    images = person.world.images
    assert found["staging"] == ("failed", f"staging runs {images['v1.0.0'][7:19]}, not {images['v1.1.0'][7:19]}")


def test_other_settings_of_the_same_image_keep_it_verified(person: Person) -> None:
    world = _staged(person)
    world.ecs.deploy(world.register("v1.1.0"))
    world.clock.sleep(3600)
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    assert found["staging"][0] == "passed"


def test_another_image_in_between_begins_the_day_anew(person: Person) -> None:
    world = _staged(person)
    world.push("v1.2.0")
    for version in ("v1.2.0", "v1.1.0"):
        world.ecs.deploy(world.register(version))
        world.clock.sleep(3600)
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    assert found["staging"][0] == "failed"


def test_a_profile_of_another_account_is_no_staging(person: Person) -> None:
    world = _staged(person)
    world.account = "999999999999"
    found = person.verdicts(lambda: person.preflight(staging_profile="staging"))
    assert found["staging"] == (
        "unknown",
        f"can't be checked: the profile staging is for the account 999999999999; staging is in {STAGING_ACCOUNT}",
    )


def test_staging_needs_a_profile(person: Person) -> None:
    _staged(person)
    assert person.verdicts(person.preflight)["staging"][0] == "unknown"
    assert person.preflight(confirmed=["staging"]) is ExitCode.USAGE
