"""`db fence` and `db bootstrap --instance`: the replaced instance closes, and its successor is prepared."""

import base64
import copy
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from operations.database.bootstrap import bootstrap
from operations.database.fence import CLOSE_LOGINS, END_SESSIONS, fence
from operations.database.login import find_database
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from settings.rds import Source, Successor
from tests.operations.fake.one_off import Task
from tests.operations.fake.wire import Fault, Killed
from tests.operations.fake.world import World
from tests.operations.support import Terminal

OLD, RESTORED = "taskflow-production", "taskflow-recovery-20261129-0910"
SOURCE = Source.model_validate({"instance": "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr", "maxConnections": 800})


@dataclass(kw_only=True)
class Replaced(Terminal):
    """A terminal whose stack file has a successor, in an account with both instances."""

    successor: Successor | None = field(
        default_factory=lambda: Successor(identifier=RESTORED, restored=True, promoted=False)
    )
    # What the database task did, by the host that it connected to: "" is the one of its definition.
    applied: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def __post_init__(self) -> None:
        self.world.ecs.programs["taskflow-production-database"] = self._database_task

    def _context(self, stack: str) -> Context:
        context = super()._context(stack)
        rds = context.settings.rds.model_copy(update={"successor": self.successor})
        return replace(context, settings=context.settings.model_copy(update={"rds": rds}))

    def _database_task(self, task: Task) -> tuple[float, int | None]:
        sql = (
            gzip.decompress(base64.b64decode(task.environment.get("SQL", ""))).decode()
            if "SQL" in task.environment
            else ""
        )
        names = {CLOSE_LOGINS: "close", END_SESSIONS: "end"}
        host = task.environment.get("PGHOST", "")
        assert task.environment.get("READER_HOST", "") == host
        self.applied.append((host.partition(".")[0], names.get(sql, "roles" if sql else "login")))
        if self.world.logins.failure is not None or sql not in names:
            return self.world.logins.run(task)
        return 20, 0


@pytest.fixture
def terminal() -> Replaced:
    world = World()
    world.push("v1.0.0")
    world.rds.add(RESTORED)
    terminal = Replaced(world=world)
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    return terminal


def test_the_old_instance_is_closed_and_then_its_sessions_end(
    terminal: Replaced, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sessions that end before the logins are closed could be opened again. Running it twice is harmless."""
    for _ in range(2):
        terminal.applied.clear()
        assert terminal.run(fence) is ExitCode.SUCCESS
        assert terminal.applied == [(OLD, "close"), (OLD, "end")]
    output = capsys.readouterr().out
    assert f"{RESTORED} lacks them" in output
    assert f"taskflow db cutover {RESTORED}" in output


def test_it_closes_the_old_instance_also_after_the_promotion(terminal: Replaced) -> None:
    """The definition of the database task has the new host then."""
    terminal.successor = Successor(identifier=RESTORED, restored=True, promoted=True)
    assert terminal.run(fence) is ExitCode.SUCCESS
    assert {host for host, _ in terminal.applied} == {OLD}


@pytest.mark.parametrize("successor", [None, Successor(identifier="taskflow-production-2", source=SOURCE)])
def test_without_a_restored_successor_nothing_is_closed(
    terminal: Replaced, successor: Successor | None, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.successor = successor
    assert terminal.run(fence) is ExitCode.REFUSED
    assert terminal.applied == []
    assert "no restored successor in Pulumi.production.yaml" in capsys.readouterr().err


def test_without_the_restored_instance_nothing_is_closed(terminal: Replaced) -> None:
    """It may have been discarded: then nothing could take the writes."""
    del terminal.world.rds.instances[RESTORED]
    assert terminal.run(fence) is ExitCode.REFUSED
    assert terminal.applied == []


def test_a_dry_run_closes_nothing(terminal: Replaced) -> None:
    terminal.options = {"dry_run": True}
    assert terminal.run(fence) is ExitCode.SUCCESS
    assert terminal.applied == []


def test_a_session_that_does_not_end_is_reported(terminal: Replaced, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.logins.failure = 3
    assert terminal.run(fence) is ExitCode.FAILED
    assert "takes no writes" not in capsys.readouterr().out


def test_a_successor_is_prepared_before_it_serves(terminal: Replaced) -> None:
    """Its roles are those of the snapshot, whose passwords a rotation may have replaced since."""
    assert terminal.run(prepare) is ExitCode.SUCCESS
    assert terminal.applied == [(RESTORED, "roles"), (RESTORED, "login")]


@pytest.mark.parametrize("instance", [OLD, "taskflow-production-replica-1", "other"])
def test_only_the_successor_is_prepared(terminal: Replaced, instance: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The roles of an instance that was closed would be opened."""
    assert terminal.run(lambda context: bootstrap(context, instance)) is ExitCode.USAGE
    assert terminal.applied == []
    assert "is not the restored successor" in capsys.readouterr().err


def test_the_instance_that_serves_is_found(terminal: Replaced) -> None:
    """`db connect` reads it: the successor once it is promoted."""
    assert terminal.run_with(find_database).identifier == OLD
    terminal.successor = Successor(identifier=RESTORED, restored=True, promoted=True)
    assert terminal.run_with(find_database).identifier == RESTORED


def prepare(context: Context) -> None:
    bootstrap(context, RESTORED)


@pytest.mark.parametrize("command", [fence, prepare])
def test_killed_at_each_call_and_run_again(terminal: Replaced, command: Callable[[Context], None]) -> None:
    undisturbed = copy.deepcopy(terminal)
    undisturbed.__post_init__()
    start = len(undisturbed.world.wire.calls)
    assert undisturbed.run(command) is ExitCode.SUCCESS
    for at in range(1, len(undisturbed.world.wire.calls) - start + 1):
        killed = copy.deepcopy(terminal)
        killed.__post_init__()
        with pytest.raises(Killed):
            killed.run(command, Fault(at=at, error=Killed))
        killed.applied.clear()
        assert killed.run(command) is ExitCode.SUCCESS
        assert killed.applied == undisturbed.applied
