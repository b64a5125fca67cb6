"""A database administrator who restores in the fake world, where everything is fast."""

from dataclasses import dataclass
from datetime import timedelta

from operations.frame.errors import ExitCode
from operations.recovery.discard import discard
from operations.recovery.restore import restore
from operations.recovery.snapshots import list_snapshots
from operations.recovery.source import Wish
from tests.operations.fake.rds import Rds
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

TICKET = "change-1042"
DBA = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-dba/{TICKET}"
TIME = "2026-11-02T09:30:00Z"
WEEKLY = "2026-11-01"


@dataclass(kw_only=True)
class Administrator:
    """A person with the role dba, at a terminal of one stack."""

    terminal: Terminal
    stack: str = "production"

    @property
    def world(self) -> World:
        """The primary stack's world."""
        return self.terminal.world

    @property
    def rds(self) -> Rds:
        """The RDS of the stack's region."""
        partner = self.world.partner
        return partner.rds if partner and self.stack == "dr" else self.world.rds

    def restore(self, to: str | None = None, snapshot: str | None = None, fault: Fault | None = None) -> ExitCode:
        wish = Wish(to=to, snapshot=snapshot)
        return self.terminal.run(lambda context: restore(context, wish), fault)

    def discard(self, name: str = "", fault: Fault | None = None, *, with_snapshot: bool = True) -> ExitCode:
        wanted = name or self.rds.restored[-1]
        return self.terminal.run(lambda context: discard(context, wanted, with_snapshot=with_snapshot), fault)

    def snapshots(self) -> ExitCode:
        return self.terminal.run(list_snapshots)


def administrator(stack: str = "production", **options: object) -> Administrator:
    """Return an administrator in a new world with both stacks."""
    world = World(principal=DBA)
    other = world.add_recovery_stack()
    for rds in (world.rds, other.rds):
        rds.creation, rds.first_backup = timedelta(minutes=3), timedelta(minutes=1)
        rds.modification, rds.deletion, rds.copying = (timedelta(minutes=2),) * 3
    world.wire.restart()
    terminal = Terminal(world=world, stack=stack, options={"yes": True, **options})
    return Administrator(terminal=terminal, stack=stack)
