"""`db rotate` and `cache rotate`: at every moment each task that runs or starts has a valid password and token."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from operations.database.bootstrap import bootstrap
from operations.database.rotate import rotate_database
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.rotation.cache import rotate_cache
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.wire import Fault, Killed, ServiceError, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal

A, B = "taskflow_app_a", "taskflow_app_b"
DATABASE, CACHE = "database-application", "cache-auth"
COMMANDS: dict[str, Callable[[Context], None]] = {DATABASE: rotate_database, CACHE: rotate_cache}


@dataclass(frozen=True)
class SkewedClock:
    """A clock that is ahead of AWS's, or behind."""

    clock: FakeClock
    ahead: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def prepared() -> Terminal:
    """Return a terminal in a world in which v1.0.0 runs in both stacks."""
    world = World()
    other = world.add_recovery_stack()
    for each in (world, other):
        each.push("v1.0.0")
    terminal = Terminal(world=world)
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    assert Terminal(world=world, stack="dr").release("v1.0.0") is ExitCode.SUCCESS
    world.clock.sleep(3600)
    world.clock.listeners.append(world.require_valid_credentials)
    return terminal


@pytest.fixture
def terminal() -> Terminal:
    return prepared()


def value(world: World, purpose: str) -> dict[str, str]:
    """Return the current value of a secret."""
    return world.secrets.secrets[f"taskflow/production/{purpose}"].current_at(world.clock.now())


def labels(world: World, purpose: str) -> dict[str, str]:
    return world.secrets.secrets[f"taskflow/production/{purpose}"].labels_at(world.clock.now())


def require_rotated(world: World, purpose: str, old: dict[str, str]) -> None:
    """Require that a rotation is finished: one new value is valid, the old one isn't, and no label is left."""
    new = value(world, purpose)
    assert new != old
    assert "AWSPENDING" not in labels(world, purpose)
    if purpose == DATABASE:
        assert all(password == new for password in world.passwords_in_use())
        assert world.logins.verifiers.keys() == {new["username"]}
        assert world.logins.accepts(new)
    else:
        assert world.cache.tokens == [new["authToken"]]
        assert set(world.tokens_in_use()) == {new["authToken"]}


@pytest.mark.parametrize("purpose", [DATABASE, CACHE])
def test_a_rotation_replaces_the_value_everywhere(terminal: Terminal, purpose: str) -> None:
    world, old = terminal.world, value(terminal.world, purpose)
    assert terminal.run(COMMANDS[purpose]) is ExitCode.SUCCESS
    require_rotated(world, purpose, old)
    assert len(world.ecs.deployments) == 3, "the placeholder, the release, the rotation"
    event = world.events()[-1]
    assert (event["action"], event["outcome"]) == ("db rotate" if purpose == DATABASE else "cache rotate", "success")
    secrets = {"password", "authToken"}
    texts = [text for each in (old, value(world, purpose)) for name, text in each.items() if name in secrets]
    assert not [text for text in texts if text in str(world.events())]


def test_the_database_rotation_deploys_the_recovery_stack_before_it_removes_the_old_password(
    terminal: Terminal,
) -> None:
    world = terminal.world
    assert world.partner
    before = len(world.partner.ecs.deployments)
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    assert len(world.partner.ecs.deployments) == before + 1
    assert world.logins.applied == [f"set {B}", f"retire {A}"]


def test_two_rotations_alternate(terminal: Terminal) -> None:
    for login in (B, A, B):
        assert terminal.run(rotate_database) is ExitCode.SUCCESS
        assert value(terminal.world, DATABASE)["username"] == login
        assert terminal.world.logins.verifiers.keys() == {login}


def test_a_token_is_added_once_and_then_left_alone(terminal: Terminal) -> None:
    assert terminal.run(rotate_cache) is ExitCode.SUCCESS
    assert terminal.world.cache.requests == ["ROTATE", "SET"]


@pytest.mark.parametrize(
    ("purpose", "error", "hidden"),
    [
        (DATABASE, Killed, 0),
        pytest.param(DATABASE, unreachable, 0, marks=pytest.mark.thorough),
        (CACHE, Killed, 0),
        (CACHE, Killed, 30),
        pytest.param(CACHE, unreachable, 30, marks=pytest.mark.thorough),
    ],
)
def test_a_rotation_that_stops_at_any_call_is_finished_by_the_next_run(
    purpose: str, error: Callable[[], BaseException], hidden: float
) -> None:
    """To die after a call is to die before the next one; an answer may be lost. `hidden`: the cache shows it late."""
    first = prepared()
    first.world.cache.hidden = timedelta(seconds=hidden)
    whole = copy.deepcopy(first)
    assert whole.run(COMMANDS[purpose]) is ExitCode.SUCCESS
    calls = whole.world.wire.calls
    # Of the equal calls of a wait the first one.
    for at in [at for at in range(1, len(calls) + 1) if at == 1 or calls[at - 1] != calls[at - 2]]:
        for is_after in (False,) if error is Killed else (False, True):
            terminal = copy.deepcopy(first)
            world, old = terminal.world, value(terminal.world, purpose)
            try:
                terminal.run(COMMANDS[purpose], Fault(at=at, error=error, is_after=is_after))
            except Killed:
                world.clock.sleep(5)
            assert terminal.run(COMMANDS[purpose]) is ExitCode.SUCCESS, (at, is_after)
            require_rotated(world, purpose, old)
            if purpose == CACHE:
                stored = world.secrets.secrets["taskflow/production/cache-auth"].values
                assert world.cache.requests.count("ROTATE") == len(stored) - 1, "once for each new token"


def test_a_rotation_is_resumed_days_later(terminal: Terminal) -> None:
    whole = copy.deepcopy(terminal)
    whole.run(rotate_database)
    at = whole.world.wire.calls.index("secretsmanager UpdateSecretVersionStage") + 1
    old = value(terminal.world, DATABASE)
    with pytest.raises(Killed):
        terminal.run(rotate_database, Fault(at=at, error=Killed, is_after=True))
    terminal.world.clock.sleep(5 * 86400)
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    require_rotated(terminal.world, DATABASE, old)


def test_a_rolled_back_deployment_leaves_both_values_valid(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    world, old = terminal.world, value(terminal.world, DATABASE)
    image = world.ecs.running().image
    world.ecs.behaviour[image] = Behaviour.ALARM
    assert terminal.run(rotate_database) is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "alarm taskflow-production-deployment-errors" in error
    assert "The old value remains valid. Run the same command again once the cause is gone." in error
    assert world.logins.verifiers.keys() == {A, B}
    world.ecs.behaviour[image] = Behaviour.GOOD
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    require_rotated(world, DATABASE, old)


def test_a_password_that_does_not_log_in_never_becomes_current(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    world, old = terminal.world, value(terminal.world, DATABASE)
    world.logins.failure_of_login = 2
    assert terminal.run(rotate_database) is ExitCode.FAILED
    assert value(world, DATABASE) == old
    assert f"Login of {B} in us-east-1 failed: exit code 2" in capsys.readouterr().err
    world.logins.failure_of_login = 0
    assert terminal.run(rotate_database) is ExitCode.SUCCESS


def test_a_session_of_the_old_login_keeps_its_password(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """A forgotten client, such as a long report."""
    world = terminal.world
    world.logins.sessions = lambda: {A}
    assert terminal.run(rotate_database) is ExitCode.FAILED
    output = capsys.readouterr()
    assert f"Removal of the password of {A} failed: exit code 3" in output.err
    assert "The last lines of /taskflow/production/sessions" in output.out
    assert world.logins.verifiers.keys() == {A, B}
    world.logins.sessions = set
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    assert world.logins.verifiers.keys() == {B}


def test_a_silent_recovery_region_keeps_the_old_password(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    world = terminal.world
    assert world.partner
    world.partner.secrets.delay = world.logins.delays["taskflow-dr-database"] = timedelta(hours=2)
    assert terminal.run(rotate_database) is ExitCode.UNFINISHED
    error = capsys.readouterr().err
    assert "The login isn't valid in taskflow-dr yet" in error
    assert "still has the old value in us-west-2" in error
    assert world.logins.verifiers.keys() == {A, B}
    world.clock.sleep(7200)
    assert terminal.run(rotate_database) is ExitCode.SUCCESS


def test_a_deployment_of_the_recovery_stack_before_the_replication_does_not_count(terminal: Terminal) -> None:
    """Its tasks read the old password after production's had the new one."""
    world, old = terminal.world, value(terminal.world, DATABASE)
    assert world.partner
    world.partner.secrets.delay = timedelta(hours=2)
    assert terminal.run(rotate_database) is ExitCode.UNFINISHED
    world.push("v1.1.0")
    world.partner.push("v1.1.0")
    assert Terminal(world=world, stack="dr").release("v1.1.0") is ExitCode.SUCCESS
    world.clock.sleep(7200)
    world.partner.secrets.delay = timedelta(seconds=8)
    before = len(world.partner.ecs.deployments)
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    assert len(world.partner.ecs.deployments) == before + 1
    require_rotated(world, DATABASE, old)


def test_a_rotation_that_ended_while_the_question_was_open_is_left_alone(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its login would get another password, which no task has."""
    world, old = terminal.world, value(terminal.world, DATABASE)
    other = Terminal(world=world)
    terminal.options, terminal.answer = {}, True
    terminal.meanwhile = lambda: other.run(rotate_database)
    assert terminal.run(rotate_database) is ExitCode.REFUSED
    assert "Another run has changed the secret" in capsys.readouterr().err
    world.clock.sleep(60)
    require_rotated(world, DATABASE, old)


@pytest.mark.parametrize("purpose", [DATABASE, CACHE])
def test_a_bad_release_is_not_deployed_again_by_a_continued_rotation(terminal: Terminal, purpose: str) -> None:
    world, old = terminal.world, value(terminal.world, purpose)
    whole = copy.deepcopy(terminal)
    whole.run(COMMANDS[purpose])
    at = whole.world.wire.calls.index("ecs UpdateService") + 1
    with pytest.raises(Killed):
        terminal.run(COMMANDS[purpose], Fault(at=at, error=Killed))
    world.push("v1.1.0", Behaviour.ALARM)
    assert terminal.release("v1.1.0") is ExitCode.ROLLED_BACK
    bad = world.images["v1.1.0"]
    assert terminal.run(COMMANDS[purpose]) is ExitCode.SUCCESS
    assert sum(bad in each.target.image for each in world.ecs.deployments) == 1
    require_rotated(world, purpose, old)


@pytest.mark.parametrize("seconds", [-300, 300])
@pytest.mark.parametrize("purpose", [DATABASE, CACHE])
def test_a_wrong_clock_of_the_computer_changes_nothing(terminal: Terminal, purpose: str, seconds: int) -> None:
    world, old = terminal.world, value(terminal.world, purpose)
    terminal.clock = SkewedClock(world.clock, timedelta(seconds=seconds))
    assert terminal.run(COMMANDS[purpose]) is ExitCode.SUCCESS
    assert len(world.ecs.deployments) == 3
    require_rotated(world, purpose, old)


def test_a_rotation_waits_for_no_release(terminal: Terminal) -> None:
    terminal.world.push("v1.1.0", Behaviour.SLOW)
    assert terminal.release("v1.1.0") is ExitCode.UNFINISHED
    assert terminal.run(rotate_database) is ExitCode.REFUSED
    assert "AWSPENDING" not in labels(terminal.world, DATABASE)


def test_the_recovery_stack_does_not_rotate_the_primarys_password(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Terminal(world=terminal.world, stack="dr")
    assert other.run(rotate_database) is ExitCode.REFUSED
    assert "Run the command in production" in capsys.readouterr().err


def test_a_secret_with_another_user_is_refused(terminal: Terminal) -> None:
    terminal.world.secrets.add(
        "taskflow/production/database-application", {"username": "taskflow_admin", "password": "x"}
    )
    assert terminal.run(rotate_database) is ExitCode.REFUSED
    assert terminal.run(bootstrap) is ExitCode.REFUSED


def test_a_dry_run_shows_the_steps(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.options = {"dry_run": True}
    assert terminal.run(rotate_database) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert f"set the password of {B} and try it; {A} remains valid" in output
    assert "deploy the running image again in production, dr" in output
    assert terminal.world.logins.applied == []


def test_a_failed_change_of_the_cache_is_reported(terminal: Terminal) -> None:
    def failing(_request: object) -> dict[str, object]:
        raise ServiceError("InvalidParameterValue", "AuthToken is invalid")

    handlers = {**terminal.world.wire.handlers, "elasticache ModifyReplicationGroup": failing}
    before, terminal.world.wire.handlers = terminal.world.wire.handlers, handlers
    assert terminal.run(rotate_cache) is ExitCode.FAILED
    terminal.world.wire.handlers = before
    assert terminal.run(rotate_cache) is ExitCode.SUCCESS


def test_the_bootstrap_creates_the_roles_and_tries_the_login(terminal: Terminal) -> None:
    world = terminal.world
    world.logins.verifiers.clear()
    world.clock.listeners.remove(world.require_valid_credentials)
    for _ in range(2):
        assert terminal.run(bootstrap) is ExitCode.SUCCESS
        assert world.logins.verifiers.keys() == {A}
        assert world.logins.accepts(value(world, DATABASE))


def test_a_failed_bootstrap_shows_its_log(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.logins.failure = 3
    assert terminal.run(bootstrap) is ExitCode.FAILED
    output = capsys.readouterr()
    assert "Roles failed: exit code 3" in output.err
    assert "The last lines of /taskflow/production/sessions database/database/" in output.out
