"""Who takes writes, over time, and how far dr's replica has followed.

A region takes writes while its database is a primary and tasks run that have it, unless the region is lost. The record
has each change; `both` are the times at which both did.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.operations.fake.world import World

# RDS commits something on an idle primary so often.
HEARTBEAT = timedelta(minutes=5)


@dataclass(kw_only=True)
class Writes:
    """The writes of both regions."""

    production: "World"
    recovery: "World"
    # So long after its commit a transaction is replayed.
    delay: timedelta = timedelta(seconds=2)
    # Since when the replica replays nothing.
    stuck_at: datetime | None = None
    # When the region was lost, and when it came back.
    lost_at: datetime | None = None
    log: list[tuple[datetime, bool, bool]] = field(default_factory=list[tuple[datetime, bool, bool]])

    def __post_init__(self) -> None:
        self.note()
        # Production has run for a while.
        at, of_production, of_recovery = self.log[0]
        self.log[0] = (at - timedelta(days=1), of_production, of_recovery)
        self.production.clock.listeners.append(self.note)

    @property
    def is_lost(self) -> bool:
        return "us-east-1" in self.production.wire.lost

    def note(self) -> None:
        """Note who takes writes now."""
        of_production = not self.is_lost and self.production.rds.is_primary and self.production.ecs.has_tasks
        of_recovery = self.recovery.rds.is_primary and self.recovery.ecs.has_tasks
        now = self.production.clock.now()
        if not self.log or self.log[-1][1:] != (of_production, of_recovery):
            self.log.append((now, of_production, of_recovery))

    @property
    def both(self) -> list[datetime]:
        """When both regions began to take writes at once."""
        return [at for at, of_production, of_recovery in self.log if of_production and of_recovery]

    @property
    def last_of_production(self) -> datetime:
        """Until when production took writes, before the first write of dr."""
        return self._last_commit(self.first_of_recovery or self.production.clock.now())

    @property
    def first_of_recovery(self) -> datetime | None:
        return next((at for at, _, of_recovery in self.log if of_recovery), None)

    # The replica.

    def replayed_to(self, time: datetime) -> datetime:
        """Return the commit time of the last transaction that the replica has at a time."""
        end = time - self.delay
        for limit in (self.stuck_at, self.lost_at):
            end = min(end, limit) if limit else end
        start = self.log[0][0]
        beat = start + (end - start) // HEARTBEAT * HEARTBEAT
        return max(beat, self._last_commit(end))

    def lag(self, minute: datetime) -> float | None:
        """Return the sample of ReplicaLag of a minute: the largest value in it."""
        if self.recovery.rds.is_primary:
            return None
        return max((time - self.replayed_to(time)).total_seconds() for time in (minute, minute + timedelta(seconds=59)))

    def unsent(self, minute: datetime) -> float:
        """Return the bytes that the replica hasn't received: 16 KiB for each second of writes."""
        missing = self._last_commit(minute) - self.replayed_to(minute) - self.delay
        return max(0.0, missing.total_seconds()) * 16384

    def _last_commit(self, time: datetime) -> datetime:
        """Return when production last took a write, until a time."""
        for number, (since, is_writing, _) in reversed(list(enumerate(self.log))):
            if is_writing and since <= time:
                end = self.log[number + 1][0] if number + 1 < len(self.log) else time
                return min(end, time)
        return self.log[0][0]
