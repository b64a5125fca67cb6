"""`taskflow release` in the fake world: what it does, once, and what it says when something goes wrong."""

import copy
from datetime import timedelta

import pytest

from operations.frame.errors import ExitCode
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal

RECORD = "/taskflow/production/release"


def test_the_revision_is_the_template_with_the_image_by_digest(terminal: Terminal) -> None:
    terminal.release("v1.1.0")
    world = terminal.world
    definition = world.ecs.definitions[world.ecs.running().task_definition]
    (container,) = definition["containerDefinitions"]
    assert container["image"].endswith(f"taskflow-api@{world.images['v1.1.0']}")
    assert "command" not in container
    assert {each["name"] for each in container["environment"]} == {"A", "B", "C"}
    assert definition["family"] == "taskflow-api-production"
    assert {"key": "Application", "value": "taskflow"} in world.ecs.tags[definition["taskDefinitionArn"]]


def test_a_release_that_runs_is_left_alone(terminal: Terminal) -> None:
    terminal.release("v1.1.0")
    deployments = len(terminal.world.ecs.deployments)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert len(terminal.world.ecs.deployments) == deployments
    assert "ecs UpdateService" not in terminal.world.wire.calls
    assert not {call for call in terminal.world.wire.calls if call.startswith("logs ")}


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (Behaviour.ALARM, "alarm taskflow-production-deployment-errors"),
        (Behaviour.UNHEALTHY, "3 tasks failed to start or to become healthy; Task failed container health checks"),
    ],
)
def test_success_is_not_reported_after_ecs_rolled_back(
    terminal: Terminal, behaviour: Behaviour, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Complaint: the deployment tool was green, and the old version was running."""
    terminal.world.push("v2.0.0", behaviour)
    assert terminal.release("v2.0.0") is ExitCode.ROLLED_BACK
    assert terminal.world.running == "v1.0.0"
    error = capsys.readouterr().err
    assert f"ECS rolled back v2.0.0 ({terminal.world.images['v2.0.0'][7:19]}): {cause}" in error
    assert f"v1.0.0 ({terminal.world.images['v1.0.0'][7:19]}) is running" in error
    assert terminal.world.events()[-1]["outcome"] == "rolled_back"


def test_a_bad_image_is_not_deployed_again(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Complaint: a forced deployment repeated the bad image."""
    terminal.world.push("v2.0.0", Behaviour.ALARM)
    terminal.release("v2.0.0")
    deployments = len(terminal.world.ecs.deployments)
    assert terminal.release("v2.0.0") is ExitCode.ROLLED_BACK
    # Also after another release, when the rollback isn't the last deployment.
    terminal.release("v1.1.0")
    assert terminal.release("v2.0.0") is ExitCode.REFUSED
    assert "v2.0.0" in capsys.readouterr().err
    assert len(terminal.world.ecs.deployments) == deployments + 1
    assert terminal.release("v2.0.0", again=True) is ExitCode.ROLLED_BACK
    assert len(terminal.world.ecs.deployments) == deployments + 2


def test_a_release_that_a_person_rolled_back_is_not_deployed_again(terminal: Terminal) -> None:
    terminal.release("v1.1.0")
    terminal.rollback()
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert terminal.release("v1.1.0", again=True) is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"
    assert terminal.world.migrations == ["release/v1-0-0", "release/v1-1-0"]


def test_a_task_that_still_runs_another_image_fails_the_release(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """ECS calls the deployment successful, and one task of the old release doesn't go away."""
    terminal.world.ecs.stale_tasks = timedelta(hours=1)
    assert terminal.release("v1.1.0") is ExitCode.CHECK_FAILED
    assert f"Not all tasks run {terminal.world.images['v1.1.0'][7:19]}: " in capsys.readouterr().err
    terminal.world.clock.sleep(3600)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


def test_an_old_task_may_take_minutes_to_stop(terminal: Terminal) -> None:
    terminal.world.ecs.stale_tasks = timedelta(minutes=3)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


def test_a_bad_image_that_is_tried_again_is_tried_once(terminal: Terminal) -> None:
    """A run with --again dies while ECS rolls the image back; the next run reports that instead of a third try."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.ALARM)
    terminal.release("v2.0.0")
    before = len(world.ecs.deployments)
    other = copy.deepcopy(terminal)
    other.release("v2.0.0", again=True)
    at = other.world.wire.calls.index("ecs UpdateService") + 8
    with pytest.raises(Killed):
        terminal.release("v2.0.0", Fault(at=at, error=Killed), again=True)
    world.clock.sleep(600)
    assert terminal.release("v2.0.0", again=True) is ExitCode.ROLLED_BACK
    assert len(world.ecs.deployments) == before + 1


def test_a_long_deployment_is_watched_longer_than_ten_minutes(terminal: Terminal) -> None:
    """Complaint: botocore's waiter gave up after ten minutes, and the pipeline took it for a failure."""
    terminal.world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    terminal.world.ecs.behaviour[terminal.world.ecs.deployments[-1].target.image] = Behaviour.GOOD
    deployments = len(terminal.world.ecs.deployments)
    assert terminal.release("v2.0.0") is ExitCode.SUCCESS
    assert len(terminal.world.ecs.deployments) == deployments


def test_a_lost_network_during_the_deployment_is_tolerated(terminal: Terminal) -> None:
    world = terminal.world
    real, lost = world.ecs.describe_service_deployments, iter([True, True, False, True])

    def sometimes(request: object) -> object:
        if "ecs UpdateService" in world.wire.calls and next(lost, False):
            raise unreachable()
        return real(request)  # pyright: ignore[reportArgumentType]

    world.wire.handlers = {**world.wire.handlers, "ecs DescribeServiceDeployments": sometimes}  # pyright: ignore[reportAttributeAccessIssue]
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


def test_another_deployment_is_not_replaced(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    terminal.release("v2.0.0")
    assert terminal.release("v1.1.0") is ExitCode.REFUSED
    assert "A deployment of v2.0.0" in capsys.readouterr().err
    assert world.ecs.deployments[-1].status == "IN_PROGRESS"


def test_a_deployment_that_is_listed_late_is_found(terminal: Terminal) -> None:
    terminal.world.ecs.listing_delay = timedelta(seconds=20)
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


def test_the_same_image_gets_changed_settings(terminal: Terminal) -> None:
    world = terminal.world
    assert terminal.release(same_image=True) is ExitCode.SUCCESS
    before = world.ecs.running()
    world.set_template({"A": "1", "B": "changed"})
    assert terminal.release(same_image=True) is ExitCode.SUCCESS
    after = world.ecs.running()
    assert (after.image, after.task_definition) != (before.image, before.task_definition)
    assert after.image == before.image
    assert world.migrations == ["release/v1-0-0"]


def test_the_same_image_is_that_of_the_running_release(terminal: Terminal) -> None:
    """Not that of a deployment which hasn't succeeded."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    assert terminal.release(same_image=True) is ExitCode.REFUSED
    last = world.ecs.deployments[-1]
    last.status, last.finished_at = "STOPPED", world.clock.now()
    assert terminal.release(same_image=True) is ExitCode.REFUSED
    assert "ecs UpdateService" not in world.wire.calls


def test_the_same_image_needs_a_release() -> None:
    terminal = Terminal(world=World())
    assert terminal.release(same_image=True) is ExitCode.REFUSED


def test_an_image_other_than_the_build_is_refused(terminal: Terminal) -> None:
    assert terminal.release("v1.1.0", digest=f"sha256:{0:064}") is ExitCode.REFUSED
    assert terminal.release("v1.1.0", digest=terminal.world.images["v1.1.0"]) is ExitCode.SUCCESS


@pytest.mark.parametrize("version", ["1.1.0", "latest", "v1", "v1.1.0 "])
def test_only_a_version_is_released(terminal: Terminal, version: str) -> None:
    assert terminal.release(version) is ExitCode.USAGE


def test_a_missing_image_is_an_error(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.release("v9.9.9") is ExitCode.REFUSED
    assert "taskflow-api in us-east-1 has no image v9.9.9" in capsys.readouterr().err


def test_an_alarm_that_ecs_will_ignore_is_named(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.set_alarm("deployment-errors", "ALARM")
    terminal.release("v1.1.0")
    assert "alarm taskflow-production-deployment-errors is in ALARM, so ECS won't use it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "after", "code"),
    [
        ("rate", 0.02, ExitCode.SUCCESS),
        ("rate", 0.9, ExitCode.CHECK_FAILED),
        ("watched", 0.19, ExitCode.SUCCESS),
        ("watched", 0.4, ExitCode.CHECK_FAILED),
        # No request reaches a task any more.
        ("watched", None, ExitCode.CHECK_FAILED),
    ],
)
def test_watching_compares_with_the_time_before(
    terminal: Terminal, name: str, after: float | None, code: ExitCode
) -> None:
    """Error rate in percent, latency in seconds; before the release they are 0.02 % and 180 ms.

    They change with the first new task, in the middle of the deployment; a second run compares with the same time.
    """
    world = terminal.world
    start = world.clock.now()
    world.metrics = {"rate": [(start, 0.02)], "watched": [(start, 0.18)]}
    world.clock.sleep(3600)
    world.metrics[name].append((world.clock.now() + timedelta(minutes=2), after))
    assert terminal.release("v1.1.0", watch=True) is code
    assert terminal.release("v1.1.0", watch=True) is code


def test_an_alarm_that_was_on_before_is_no_sign_of_the_release(terminal: Terminal) -> None:
    """A hotfix during an outage, which release-rolled-back.md wants watched."""
    terminal.world.set_alarm("error-rate", "ALARM")
    assert terminal.release("v1.1.0", watch=True) is ExitCode.SUCCESS


def test_an_alarm_ends_the_watch(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    fires_at = terminal.world.clock.now() + timedelta(minutes=10)

    def fire() -> None:
        if terminal.world.clock.now() >= fires_at:
            terminal.world.set_alarm("error-rate", "ALARM")

    terminal.world.clock.listeners.append(fire)
    assert terminal.release("v1.1.0", watch=True) is ExitCode.CHECK_FAILED
    assert "Alarm taskflow-production-error-rate fires after the release" in capsys.readouterr().err
