"""A person with a computer, who connects to the database in the fake world."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from operations.database.connect import ConnectOptions, connect
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.frame.http import Answer, Https
from operations.incident.record import Kind, entry_of, incident_store
from operations.incident.severity import Severity
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.machine import FakeMachine
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

CENTER = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/alice@example.com"
IN_ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/prod-db-access/incident-7"
FAMILY = "taskflow-production-access"
HOUR = 3600
TICKET, APPROVER = "incident-7", "Robin Park"


@functools.cache
def authority() -> str:
    return trustme.CA().cert_pem.bytes().decode()


@dataclass(frozen=True, kw_only=True)
class Truststore(Https):
    """AWS's host of RDS's certificates."""

    status: int = 200
    body: str = ""
    problem: str = ""

    def get(self, host: str, path: str, **_: object) -> Answer:
        assert (host, path) == ("truststore.pki.rds.amazonaws.com", "/us-east-1/us-east-1-bundle.pem")
        return Answer(status=self.status, headers={}, body=self.body or authority(), problem=self.problem)


@dataclass(kw_only=True)
class Person:
    """A person on call, signed in by Identity Center, with the ticket of a declared incident."""

    terminal: Terminal
    machine: FakeMachine

    @property
    def world(self) -> World:
        return self.terminal.world

    def connect(self, fault: Fault | None = None, **options: object) -> ExitCode:
        """Run the command in a new process."""
        self.machine.restart()
        wanted = ConnectOptions(**{"approved_by": APPROVER, **options})  # pyright: ignore[reportArgumentType]
        return self.terminal.run(lambda context: connect(context, wanted, self.machine), fault)

    def at(self, second: float, event: Callable[[], object]) -> None:
        """Let something happen while psql runs."""
        self.machine.moments.append((second, event))


def person(cache: Path, clock: FakeClock | None = None) -> Person:
    """Return a person in a new world, in which the access task and its agent start within 40 seconds."""
    world = World(principal=CENTER, clock=clock or FakeClock())
    container = {"name": "access", "image": "taskflow-tools", "essential": True}
    world.ecs.register({"family": FAMILY, "containerDefinitions": [container]})
    world.ecs.programs[FAMILY] = lambda _task: (HOUR, 137)
    world.ecs.start_delay = timedelta(seconds=20)
    terminal = Terminal(world=world, options={"yes": True, "ticket": TICKET}, https=Truststore())
    world.wire.restart(None)
    terminal.run_with(_declare)
    return Person(terminal=terminal, machine=FakeMachine(world=world, cache=cache))


def _declare(context: Context) -> None:
    declared = entry_of(context, Kind.DECLARED, CENTER, text="API is down", severity=Severity.SEV1)
    incident_store(context).declare(TICKET, declared)


def closes_with(
    person: Person, capsys: pytest.CaptureFixture[str], line: str, code: ExitCode = ExitCode.FAILED
) -> None:
    """Run the command: it ends with this line and code, and nothing is left behind."""
    assert person.connect() is code
    assert line in capsys.readouterr().err
    assert person.machine.left_behind == []
