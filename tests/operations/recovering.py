"""A person who lets dr take over, in a fake world with both stacks: who takes writes is recorded."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from operations.dr.fence import fence, undo
from operations.dr.latch import LATCH_PATH
from operations.dr.promote import PromoteOptions, promote
from operations.dr.record import RecoveryRecord, recovery_store
from operations.dr.status import status
from operations.dr.targets import Mode
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.frame.http import Answer, Https
from operations.incident.record import Kind, entry_of, incident_store
from operations.incident.severity import Severity
from tests.operations.deploying import DEVOPS, TICKET, Deployer
from tests.operations.fake.pulumi import FakePulumi
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.fake.writes import Writes
from tests.operations.support import Terminal

# From the latch's answer until Route 53 and resolvers send users to dr.
MOVES_AFTER = timedelta(seconds=90)
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Regions(Https):
    """Answers as both load balancers do; the origin's name leads to dr a while after its latch is on."""

    world: World

    def get(self, host: str, path: str, **_: object) -> Answer:
        recovery, label = self.world.partner, host.partition(".")[0]
        assert recovery
        changed_at = recovery.latched_at or recovery.unlatched_at
        is_new = changed_at is not None and self.world.clock.now() - changed_at < MOVES_AFTER
        is_moved = (recovery.latched_at is not None) is not is_new if changed_at else False
        is_recovery = label == "standby" or is_moved
        target = recovery if is_recovery else self.world
        if not is_recovery and REGION in self.world.wire.lost:
            return Answer(status=0, headers={}, body="", problem="no answer in time")
        if path == LATCH_PATH:
            # Production's load balancer has no such rule.
            status = (200 if recovery.latched_at else 404) if is_recovery else 403
        else:
            status = 200 if target.balancer.healthy else 503
        return Answer(status=status, headers={}, body="")


@dataclass(kw_only=True)
class Recoverer(Deployer):
    """A person who promotes dr, with Pulumi that deploys it."""

    writes: Writes = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        recovery = self.recovery
        self.https = Regions(world=self.world)
        self.pulumi = FakePulumi(world=self.world, folder=self.folder)
        self.writes = Writes(production=self.world, recovery=recovery)
        recovery.gauges["replicaLag"] = self.writes.lag
        self.world.gauges["oldestReplicationSlotLag"] = self.writes.unsent

    @property
    def recovery(self) -> World:
        assert self.world.partner
        return self.world.partner

    @property
    def fake_pulumi(self) -> FakePulumi:
        assert isinstance(self.pulumi, FakePulumi)
        return self.pulumi

    def run(self, command: Callable[[Context], None], fault: Fault | None = None) -> ExitCode:
        code = super().run(command, fault)
        self.writes.note()
        return code

    def promote(self, mode: Mode | None = Mode.GRACEFUL, fault: Fault | None = None, by: str = "Bob Lee") -> ExitCode:
        return self.run(lambda context: promote(context, PromoteOptions(mode=mode, approved_by=by)), fault)

    def fence(self, fault: Fault | None = None) -> ExitCode:
        return self.run(fence, fault)

    def undo(self, fault: Fault | None = None) -> ExitCode:
        return self.run(undo, fault)

    def status(self) -> ExitCode:
        return self.run(status)

    def record(self) -> RecoveryRecord:
        """Return the record of the recovery."""
        return self.run_with(lambda context: recovery_store(context.of_stack("dr")).load())

    def lose(self) -> None:
        """Lose us-east-1 and the global control planes."""
        self.writes.lost_at = self.world.clock.now()
        self.world.wire.lost = frozenset({REGION})
        self.writes.note()

    def restore(self) -> None:
        """Let us-east-1 return, with what ran in it."""
        self.world.wire.lost = frozenset()
        self.writes.lost_at = None
        self.writes.note()


def recoverer() -> Recoverer:
    """Return a person in an incident that is declared; v1.0.0 runs in both stacks, in dr with two tasks."""
    return _prepared().copy()


@functools.cache
def _prepared() -> Recoverer:
    person = Recoverer(world=deployed())
    declare(person)
    return person


def deployed() -> World:
    """Return a world with both stacks: v1.0.0 runs in both, in dr with two tasks."""
    world = World()
    recovery = world.add_recovery_stack()
    recovery.ecs.desired = 2
    for name in ("database-owner", "cache-auth"):
        stack = "production" if name == "database-owner" else "dr"
        world.secrets.add(f"taskflow/{stack}/{name}", {"username": "taskflow_admin", "password": "First1"})
    terminal = Terminal(world=world)
    for each in (world, recovery):
        each.push("v1.0.0")
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    terminal.stack = "dr"
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    world.clock.sleep(600)
    world.take_backups()
    recovery.take_backups()
    world.principal = recovery.principal = DEVOPS
    return world


def declare(person: Recoverer, ticket: str = TICKET) -> None:
    """Declare the incident in dr."""

    def write(context: Context) -> None:
        recovery = context.of_stack("dr")
        entry = entry_of(recovery, Kind.DECLARED, DEVOPS, text="us-east-1 is lost", severity=Severity.SEV1)
        incident_store(recovery).declare(ticket, entry)

    person.run_with(write)
