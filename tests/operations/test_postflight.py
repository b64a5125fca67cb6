"""`taskflow postflight` in the fake world: what it compares, when it waits, and whose answers count."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from operations.frame.errors import ExitCode
from tests.operations.checklists import Hosts, Person, started
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.world import World

RECORD = "/taskflow/production/checklist/v1.1.0"


@pytest.fixture
def person() -> Person:
    """A person who has just released v1.1.0, with the same error rate and latency as before."""
    person = started()
    start = person.world.clock.now()
    person.world.metrics = {"rate": [(start, 0.02)], "watched": [(start, 0.18)]}
    person.world.clock.sleep(3600)
    assert person.release("v1.1.0") is ExitCode.SUCCESS
    return person


def test_all_is_well(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    before, deployments = person.world.clock.now(), len(person.world.ecs.deployments)
    assert person.postflight() is ExitCode.SUCCESS
    assert person.asked == ["Key user flows tested", "No customer complaints"]
    output = capsys.readouterr().out
    assert "0.02 %, before 0.02 %" in output
    assert "180 ms, before 180 ms" in output
    assert "17 passed" in output
    assert "complete: 8 items" in output
    # The half hour began with the end of the deployment.
    waited = person.world.clock.now() - before
    assert timedelta(minutes=29) <= waited <= timedelta(minutes=31)
    assert len(person.world.ecs.deployments) == deployments
    assert person.world.events()[-1]["items"]["error-rate"] == "passed"


def test_it_waits_for_what_is_left(person: Person) -> None:
    person.world.clock.sleep(20 * 60)
    before = person.world.clock.now()
    assert person.postflight() is ExitCode.SUCCESS
    assert person.world.clock.now() - before <= timedelta(minutes=11)


def test_it_waits_no_second_time(person: Person) -> None:
    """Also after `release --watch`: what counts is the time since the deployment."""
    person.postflight()
    before = person.world.clock.now()
    person.asked.clear()
    assert person.postflight() is ExitCode.SUCCESS
    assert person.world.clock.now() == before
    assert person.asked == []


def test_the_same_half_hour_is_compared_later(person: Person) -> None:
    """Hours later the rate is another one, which has nothing to do with the release."""
    person.world.clock.sleep(3 * 3600)
    person.world.metrics["rate"].append((person.world.clock.now(), 5.0))
    person.world.clock.sleep(3 * 3600)
    assert person.verdicts(person.postflight)["error-rate"] == ("passed", "0.02 %, before 0.02 %")


@pytest.mark.parametrize(
    ("name", "after", "item", "result"),
    [
        ("rate", 0.9, "error-rate", ("failed", "0.9 %, before 0.02 %")),
        ("watched", 0.4, "latency", ("failed", "400 ms, before 180 ms")),
        ("watched", None, "latency", ("failed", "no data, before 180 ms")),
    ],
)
def test_a_metric_that_is_worse_fails_alone(
    person: Person, name: str, after: float | None, item: str, result: tuple[str, str]
) -> None:
    finished = person.world.ecs.deployments[-1].finished_at
    assert finished
    person.world.metrics[name].append((finished, after))
    found = person.verdicts(person.postflight)
    assert found[item] == result
    assert {key for key, (verdict, _) in found.items() if verdict == "failed"} == {item}


def test_without_any_data_nothing_is_normal(person: Person) -> None:
    person.world.metrics.clear()
    found = person.verdicts(person.postflight)
    assert found["error-rate"] == ("unknown", "can't be checked: CloudWatch has no data for this period")


def test_an_alarm_ends_the_wait(person: Person) -> None:
    begun = person.world.clock.now()
    fires_at = begun + timedelta(minutes=10)

    def fire() -> None:
        if person.world.clock.now() >= fires_at:
            person.world.set_alarm("error-rate", "ALARM")

    person.world.clock.listeners.append(fire)
    found = person.verdicts(person.postflight)
    assert found["error-rate"][0] == "failed"
    assert found["error-rate"][1].startswith("in ALARM; ")
    assert found["latency"][0] == "passed"
    assert person.world.clock.now() - begun < timedelta(minutes=12)


def test_a_dry_run_waits_for_nothing(person: Person) -> None:
    before = person.world.clock.now()
    person.options = {"dry_run": True}
    found = person.verdicts(person.postflight)
    assert found["error-rate"] == ("open", "30 minutes are not over yet")
    assert person.world.clock.now() - before < timedelta(minutes=1)
    assert RECORD not in person.world.parameters


def test_a_failed_smoke_test_is_named(person: Person) -> None:
    person.https = Hosts(broken=frozenset({"api.taskflow.app"}))
    found = person.verdicts(person.postflight)
    assert found["health"] == ("failed", "api.taskflow.app: status 503, not 200")
    assert found["smoke"][0] == "failed"
    assert "3 failed. api.taskflow.app health: /health: status 503, not 200" in found["smoke"][1]


def _stale(world: World) -> None:
    world.ecs.stale_tasks = timedelta(days=1)


def _forgotten_migration(world: World) -> None:
    record = json.loads(world.parameters["/taskflow/production/release"])
    record["migrated"].remove("v1.1.0")
    world.parameters["/taskflow/production/release"] = json.dumps(record)


@pytest.mark.parametrize(
    ("prepare", "item", "detail"),
    [(_stale, "service", "not all tasks run "), (_forgotten_migration, "migrations", "not run")],
)
def test_a_step_that_is_missing_fails_alone(
    person: Person, prepare: Callable[[World], None], item: str, detail: str
) -> None:
    prepare(person.world)
    found = person.verdicts(person.postflight)
    assert found[item][0] == "failed"
    assert found[item][1].startswith(detail)
    assert {key for key, (verdict, _) in found.items() if verdict == "failed"} == {item}


def test_a_version_that_does_not_run_fails_at_once(person: Person) -> None:
    before = person.world.clock.now()
    found = person.verdicts(lambda: person.postflight("v1.0.0"))
    name = f"v1.1.0 ({person.world.images['v1.1.0'][7:19]}) runs"
    for key in ("service", "error-rate", "latency"):
        assert found[key] == ("failed", name)
    assert found["migrations"] == ("passed", "succeeded")
    assert person.world.clock.now() == before


def test_nothing_is_asked_of_a_version_that_does_not_run(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.postflight("v1.0.0", confirmed=["complaints"]) is ExitCode.CHECK_FAILED
    todo = "  • service, error-rate, latency: Name the version that runs, or release v1.0.0 first."
    assert todo in capsys.readouterr().out.splitlines()
    assert person.asked == []
    assert RECORD.replace("v1.1.0", "v1.0.0") not in person.world.parameters


def test_a_release_that_was_rolled_back_fails(person: Person) -> None:
    person.world.push("v2.0.0", Behaviour.ALARM)
    assert person.release("v2.0.0") is ExitCode.ROLLED_BACK
    found = person.verdicts(lambda: person.postflight("v2.0.0"))
    assert found["service"][0] == "failed"
    assert found["error-rate"][0] == "failed"


def test_a_running_deployment_is_not_compared(person: Person) -> None:
    person.world.push("v2.0.0", Behaviour.SLOW)
    assert person.release("v2.0.0") is ExitCode.UNFINISHED
    found = person.verdicts(lambda: person.postflight("v2.0.0"))
    assert found["service"] == ("failed", "its deployment is still running")
    assert found["error-rate"][0] == "failed"


def test_answers_are_for_one_deployment(person: Person) -> None:
    """After a rollback and a second release the users are asked again."""
    assert person.postflight() is ExitCode.SUCCESS
    assert person.rollback() is ExitCode.SUCCESS
    assert person.release("v1.1.0", again=True) is ExitCode.SUCCESS
    person.asked.clear()
    assert person.postflight() is ExitCode.SUCCESS
    assert person.asked == ["Key user flows tested", "No customer complaints"]


def test_answers_before_and_after_the_deployment_share_a_record(person: Person) -> None:
    person.preflight()
    person.postflight()
    recorded = json.loads(person.world.parameters[RECORD])["answers"]
    assert {"window", "user-flows", "complaints"} <= recorded.keys()


def test_a_release_in_an_incident_is_looked_at_with_its_ticket(person: Person) -> None:
    role, _, _ = person.world.principal.rpartition("/")
    person.world.principal = f"{role}/incident-7"
    assert person.postflight() is ExitCode.SUCCESS


@pytest.mark.parametrize(
    ("call", "unknown"),
    [
        ("ecs ListServiceDeployments", {"service", "error-rate", "latency"}),
        ("cloudwatch GetMetricData", {"error-rate", "latency"}),
        ("ecs ListTasks", {"service"}),
    ],
)
def test_a_denied_check_is_no_pass_and_the_others_are_made(person: Person, call: str, unknown: set[str]) -> None:
    person.world.wire.denied = frozenset({call})
    found = person.verdicts(person.postflight)
    assert {key for key, (verdict, _) in found.items() if verdict == "unknown"} == unknown
    assert not [verdict for verdict, _ in found.values() if verdict == "failed"]


def test_the_json_document_has_the_smoke_tests(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    person.options = {"as_json": True}
    person.postflight()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert len(result["checks"]) == 17
    assert result["exitCode"] == 8
    assert result["version"] == "v1.1.0"
