"""`taskflow rollback` in the fake world: where it returns to, and that running it again never goes further."""

from datetime import timedelta
from typing import Any

import pytest

from operations.frame.errors import ExitCode
from operations.frame.http import Answer, Https
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.world import World
from tests.operations.support import Healthy, Terminal

VERSIONS = ("v1.0.0", "v1.1.0", "v1.2.0")


@pytest.fixture
def terminal() -> Terminal:
    """A terminal in a world in which three versions were released one after another."""
    terminal = Terminal(world=World())
    for version in VERSIONS:
        terminal.world.push(version)
        assert terminal.release(version) is ExitCode.SUCCESS
    return terminal


def test_it_returns_to_the_release_before(terminal: Terminal) -> None:
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


def test_running_it_again_goes_no_further(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.rollback()
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"
    assert "there is nothing to roll back" in capsys.readouterr().out


def test_it_returns_further_to_a_named_version(terminal: Terminal) -> None:
    terminal.rollback()
    assert terminal.rollback("v1.0.0") is ExitCode.SUCCESS
    assert terminal.rollback("v1.0.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.0.0"


def test_the_release_after_a_rollback_returns_to_what_ran_before_it(terminal: Terminal) -> None:
    """v1.2.0 was rolled back: it is no release to return to from v1.3.0."""
    terminal.rollback()
    terminal.world.push("v1.3.0")
    terminal.release("v1.3.0")
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


@pytest.mark.parametrize("behaviour", [Behaviour.SLOW, Behaviour.GOOD, Behaviour.UNHEALTHY])
def test_a_running_deployment_is_stopped(terminal: Terminal, behaviour: Behaviour) -> None:
    world = terminal.world
    world.push("v1.3.0", behaviour)
    world.ecs.behaviour[f"x{behaviour}"] = behaviour
    definition = world.ecs.running().task_definition
    world.ecs.deploy(world.register("v1.3.0"))
    world.clock.sleep(20)
    assert terminal.rollback() is ExitCode.SUCCESS
    assert "ecs StopServiceDeployment" in world.wire.calls
    assert "ecs UpdateService" not in world.wire.calls
    assert world.ecs.running().task_definition == definition


def test_a_rollback_that_runs_is_only_watched(terminal: Terminal) -> None:
    """ECS's own, or one that another run has asked for."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.ALARM)
    world.ecs.deploy(world.register("v2.0.0"))
    world.clock.sleep(100)
    assert world.ecs.deployments[-1].status == "ROLLBACK_IN_PROGRESS"
    assert terminal.rollback() is ExitCode.SUCCESS
    assert not {"ecs StopServiceDeployment", "ecs UpdateService"} & set(world.wire.calls)
    assert world.running == "v1.2.0"


def test_the_first_release_returns_to_the_placeholder_while_it_is_deployed() -> None:
    terminal = Terminal(world=World())
    terminal.world.push("v1.0.0", Behaviour.SLOW)
    terminal.release("v1.0.0")
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "placeholder"


def test_there_is_nothing_before_the_first_release(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(world=World())
    terminal.world.push("v1.0.0")
    terminal.release("v1.0.0")
    assert terminal.rollback() is ExitCode.REFUSED
    assert "no earlier release" in capsys.readouterr().err
    assert terminal.world.running == "v1.0.0"


def test_a_rollback_by_ecs_is_not_followed_by_another(terminal: Terminal) -> None:
    """The last deployment was itself a rollback: v1.2.0 runs again, and is what is wanted."""
    terminal.world.push("v2.0.0", Behaviour.ALARM)
    assert terminal.release("v2.0.0") is ExitCode.ROLLED_BACK
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.2.0"
    assert terminal.rollback("v1.1.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


def test_a_rollback_that_ecs_rolled_back_is_a_failure(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The old release doesn't start any more: v1.2.0 stays, and the command says so."""
    world = terminal.world
    image = next(each.target.image for each in world.ecs.deployments if world.images["v1.1.0"] in each.target.image)
    world.ecs.behaviour[image] = Behaviour.UNHEALTHY
    assert terminal.rollback() is ExitCode.FAILED
    assert "ECS rolled back v1.1.0" in capsys.readouterr().err
    world.ecs.behaviour[image] = Behaviour.GOOD
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.1.0"


def test_a_task_that_still_runs_the_newer_image_fails_the_rollback(terminal: Terminal) -> None:
    terminal.world.ecs.stale_tasks = timedelta(hours=1)
    assert terminal.rollback() is ExitCode.CHECK_FAILED


@pytest.mark.parametrize("status", ["STOPPED", "ROLLBACK_FAILED"])
def test_after_a_deployment_without_a_result_the_running_release_is_deployed_again(
    terminal: Terminal, status: str
) -> None:
    """Some tasks may be the stopped deployment's own: nothing is skipped, and the service is updated all the same."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    last = world.ecs.deployments[-1]
    last.status, last.finished_at = status, world.clock.now()
    world.ecs.set_definition = (
        last.source.task_definition if last.source and status == "ROLLBACK_FAILED" else (last.target.task_definition)
    )
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.wire.calls.count("ecs UpdateService") == 1
    assert world.running == "v1.2.0"
    # That was the return.
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.2.0"
    assert terminal.release("v2.0.0") is ExitCode.REFUSED


def test_a_deployment_that_is_being_stopped_is_waited_for(terminal: Terminal) -> None:
    """ECS ends it without a rollback."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    last = world.ecs.deployments[-1]
    last.status = "STOP_REQUESTED"
    world.clock.listeners.append(
        lambda: setattr(last, "status", "STOPPED") if last.status == "STOP_REQUESTED" else None
    )
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.2.0"


@pytest.mark.parametrize("to", ["v1.2.0", "v1.0.0"])
def test_a_named_version_during_a_deployment(terminal: Terminal, to: str) -> None:
    """The deployment is stopped, never replaced: a later rollback knows that it was returned from."""
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    assert terminal.rollback(to) is ExitCode.SUCCESS
    assert world.running == to
    assert "STOPPED" not in {each.status for each in world.ecs.deployments}
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == to
    assert terminal.release("v2.0.0") in {ExitCode.REFUSED, ExitCode.ROLLED_BACK}


@pytest.mark.parametrize("status", ["STOPPED", "ROLLBACK_FAILED"])
def test_a_return_without_a_result_is_continued(terminal: Terminal, status: str) -> None:
    """The bad release isn't deployed again, although it is the last one that succeeded."""
    world = terminal.world
    last = world.ecs.deploy(world.ecs.deployments[-2].target.task_definition)
    world.clock.sleep(10)
    last.status, last.finished_at = status, world.clock.now()
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.1.0"


def test_an_undone_rollback_that_was_killed_is_continued(terminal: Terminal) -> None:
    """Not stopped by its own second run, nor by a colleague's."""
    world = terminal.world
    terminal.rollback()
    world.ecs.deploy(
        next(
            each.target.task_definition
            for each in world.ecs.deployments
            if each.target.image.endswith(world.images["v1.2.0"])
        )
    )
    world.clock.sleep(20)
    assert terminal.rollback("v1.2.0") is ExitCode.SUCCESS
    assert not {"ecs StopServiceDeployment", "ecs UpdateService"} & set(world.wire.calls)
    assert world.running == "v1.2.0"
    # It is released again, also in the record: changed settings are no repetition of a bad image.
    world.set_template({"A": "changed"})
    assert terminal.release("v1.2.0") is ExitCode.SUCCESS


def _slow_return(terminal: Terminal) -> None:
    """Begin a return to v1.1.0 that never ends."""
    world = terminal.world
    image = next(each.target.image for each in world.ecs.deployments if world.images["v1.1.0"] in each.target.image)
    world.ecs.behaviour[image] = Behaviour.SLOW
    assert terminal.rollback() is ExitCode.UNFINISHED


def test_a_return_that_hangs_is_left_by_naming_another_version(terminal: Terminal) -> None:
    _slow_return(terminal)
    assert terminal.rollback("v1.0.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.0.0"


def test_a_return_that_is_being_rolled_back_is_waited_for(terminal: Terminal) -> None:
    _slow_return(terminal)
    world = terminal.world
    world.ecs.stop_service_deployment({"serviceDeploymentArn": world.ecs.deployments[-1].arn, "stopType": "ROLLBACK"})
    assert terminal.rollback("v1.0.0") is ExitCode.SUCCESS
    assert world.running == "v1.0.0"


def test_a_wrong_version_stops_nothing(terminal: Terminal) -> None:
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    assert terminal.rollback("v1.0.9") is ExitCode.REFUSED
    assert world.ecs.deployments[-1].status == "IN_PROGRESS"


@pytest.mark.parametrize("change", ["settings", "forced"])
def test_the_same_image_again_does_not_end_the_incident(terminal: Terminal, change: str) -> None:
    """A forced deployment or changed settings after a rollback: the next rollback goes no further."""
    world = terminal.world
    terminal.rollback()
    if change == "forced":
        world.ecs.deploy(world.ecs.running().task_definition)
        world.clock.sleep(300)
    else:
        world.set_template({"A": "changed"})
        assert terminal.release(same_image=True) is ExitCode.SUCCESS
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.1.0"


def test_an_alarm_that_rolls_a_return_back_is_explained(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The errors of the release that is left: the same command works, since ECS ignores an alarm that is on."""
    world = terminal.world
    image = next(each.target.image for each in world.ecs.deployments if world.images["v1.1.0"] in each.target.image)
    world.ecs.behaviour[image] = Behaviour.ALARM
    assert terminal.rollback() is ExitCode.FAILED
    assert "Run the same command again: ECS ignores" in " ".join(capsys.readouterr().err.split())
    world.ecs.behaviour[image] = Behaviour.GOOD
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.1.0"


def test_a_plan_that_is_out_of_date_is_not_carried_out(terminal: Terminal) -> None:
    """A release succeeds while the question waits."""
    world = terminal.world
    world.push("v2.0.0")
    terminal.options = {}

    class Late(Terminal):
        def _ask(self, question: str) -> bool | None:
            self.questions.append(question)
            world.ecs.deploy(world.register("v2.0.0"))
            world.clock.sleep(300)
            return True

    late = Late(world=world, options={})
    assert late.rollback() is ExitCode.REFUSED
    assert world.running == "v2.0.0"


def test_two_deployments_of_one_update_are_one(terminal: Terminal) -> None:
    """ECS may begin a second one ten seconds later, and stop the first."""
    world = terminal.world
    real, done = world.ecs.update_service, False

    def twice(request: Any) -> Any:
        nonlocal done
        answer = real(request)
        if not done:
            done = True
            world.clock.listeners.append(again)
        return answer

    def again() -> None:
        world.clock.listeners.remove(again)
        world.ecs.deploy(world.ecs.set_definition)

    world.wire.handlers = {**world.wire.handlers, "ecs UpdateService": twice}
    assert terminal.rollback() is ExitCode.SUCCESS
    assert "STOPPED" in {each.status for each in world.ecs.deployments}
    assert world.running == "v1.1.0"


def test_a_failed_return_forgets_nothing(terminal: Terminal) -> None:
    world = terminal.world
    assert terminal.rollback() is ExitCode.SUCCESS
    image = next(each.target.image for each in world.ecs.deployments if world.images["v1.0.0"] in each.target.image)
    world.ecs.behaviour[image] = Behaviour.UNHEALTHY
    assert terminal.rollback("v1.0.0") is ExitCode.FAILED
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.1.0"


def test_a_rollback_can_be_undone(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """By on-call, who may not release."""
    terminal.rollback()
    assert terminal.rollback("v1.2.0") is ExitCode.SUCCESS
    assert terminal.world.running == "v1.2.0"
    assert "which was rolled back before" in capsys.readouterr().out


def test_an_old_rollback_is_no_answer_to_a_new_incident(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.rollback()
    terminal.world.clock.sleep(timedelta(days=3).total_seconds())
    assert terminal.rollback() is ExitCode.REFUSED
    assert "has been running since the rollback of 2026-11-02" in capsys.readouterr().err
    assert terminal.world.running == "v1.1.0"


def test_a_deployment_right_after_the_rollback_is_no_success(terminal: Terminal) -> None:
    """A pipeline releases while the rollback ends: the command doesn't report what it didn't do."""
    world = terminal.world
    world.push("v2.0.0")
    definition = world.register("v2.0.0")
    real = world.ecs.describe_service_deployments

    def then_deploy(request: Any) -> Any:
        answer = real(request)
        if answer["serviceDeployments"][0]["status"] == "SUCCESSFUL" and "ecs UpdateService" in world.wire.calls:
            world.ecs.deploy(definition)
        return answer

    world.wire.handlers = {**world.wire.handlers, "ecs DescribeServiceDeployments": then_deploy}
    assert terminal.rollback() is ExitCode.CHECK_FAILED


def test_what_was_rolled_back_stays_known_after_ecs_has_forgotten_it(terminal: Terminal) -> None:
    """Also if the rollback's health check failed."""
    terminal.https = Healthy(status=503)
    assert terminal.rollback() is ExitCode.CHECK_FAILED
    terminal.https = Healthy()
    terminal.world.clock.sleep(timedelta(days=85).total_seconds())
    terminal.world.push("v2.0.0")
    terminal.release("v2.0.0")
    terminal.world.clock.sleep(timedelta(days=10).total_seconds())
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"
    terminal.world.clock.sleep(timedelta(days=100).total_seconds())
    assert terminal.release("v1.2.0") is ExitCode.REFUSED


def test_the_audit_record_says_what_was_done(terminal: Terminal) -> None:
    terminal.rollback()
    event = terminal.world.events()[-1]
    assert event["outcome"] == "success"
    assert (event["from"], event["task_definition"]) == ("taskflow-api-production:3", "taskflow-api-production:2")
    assert event["digest"] == terminal.world.images["v1.1.0"]


def test_nothing_is_deregistered(terminal: Terminal) -> None:
    """Complaint: a rollback deregistered the task definition that ran."""
    terminal.rollback()
    terminal.rollback("v1.0.0")
    assert terminal.world.ecs.deregistered == 0
    assert not {call for call in terminal.world.wire.calls if "Deregister" in call}


def test_a_moved_tag_changes_nothing(terminal: Terminal) -> None:
    """Complaint: the tag was moved before the rollback, and the rollback deployed another image."""
    digest = terminal.world.images["v1.1.0"]
    terminal.world.images["v1.1.0"] = f"sha256:{'f' * 64}"
    assert terminal.rollback() is ExitCode.SUCCESS
    assert digest in terminal.world.ecs.running().image
    assert not {call for call in terminal.world.wire.calls if call.startswith("ecr ")}


def test_the_same_image_with_other_settings_is_no_earlier_release(terminal: Terminal) -> None:
    """Complaint: a forced deployment repeated the image, and the rollback returned to the same one."""
    terminal.world.set_template({"A": "changed"})
    terminal.release(same_image=True)
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


def test_releases_older_than_ecs_remembers_are_in_the_record(terminal: Terminal) -> None:
    terminal.world.clock.sleep(timedelta(days=100).total_seconds())
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"


def test_it_works_without_the_release_record(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.wire.denied = frozenset({"ssm GetParameter", "logs CreateLogStream"})
    assert terminal.rollback() is ExitCode.SUCCESS
    assert terminal.world.running == "v1.1.0"
    warnings = capsys.readouterr().err
    assert "The release record can't be read" in warnings
    assert "The audit event `started` can't be written" in warnings


def test_a_deregistered_revision_is_refused(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    world = terminal.world
    target = next(each.target for each in world.ecs.deployments if world.images["v1.1.0"] in each.target.image)
    world.ecs.definitions[target.task_definition]["status"] = "INACTIVE"
    assert terminal.rollback() is ExitCode.REFUSED
    assert "it was deregistered" in capsys.readouterr().err
    assert world.running == "v1.2.0"


def test_a_deployment_that_succeeds_while_it_is_stopped_is_rolled_back_all_the_same(terminal: Terminal) -> None:
    world = terminal.world
    world.push("v1.3.0")
    world.ecs.deploy(world.register("v1.3.0"))
    world.clock.sleep(20)
    real = world.ecs.stop_service_deployment

    def late(request: object) -> object:
        world.clock.sleep(600)
        return real(request)  # pyright: ignore[reportArgumentType]

    world.wire.handlers = {**world.wire.handlers, "ecs StopServiceDeployment": late}  # pyright: ignore[reportAttributeAccessIssue]
    assert terminal.rollback() is ExitCode.SUCCESS
    assert world.running == "v1.2.0"


def test_an_unknown_version_is_refused_with_those_there_are(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal.rollback("v0.9.0") is ExitCode.REFUSED
    names = ", ".join(f"{version} ({terminal.world.images[version][7:19]})" for version in reversed(VERSIONS))
    assert f"the newest first: {names}." in capsys.readouterr().err


def test_health_is_checked_at_the_end(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.https = Healthy(status=503)
    assert terminal.rollback() is ExitCode.CHECK_FAILED
    assert "https://api.taskflow.app/health doesn't answer 200: status 503" in capsys.readouterr().err


def test_the_recovery_stack_answers_on_its_own_host() -> None:
    asked: list[str] = []

    class Recorded(Https):
        def get(self, host: str, path: str, **_: object) -> Answer:
            asked.append(host + path)
            return Answer(status=200, headers={}, body="")

    from operations.release.api import Api

    terminal = Terminal(world=World(), stack="dr", https=Recorded())
    terminal.run(lambda context: Api(context=context).check_health())
    assert asked == ["standby.taskflow.app/health"]
