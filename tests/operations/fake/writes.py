"""Which instances take writes in each region, over time, and how far the other region's replica has followed.

A primary takes writes while tasks of its region run that have its address, unless the region is lost. The record has
each change; `both` are the times at which instances of both regions did.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.operations.fake.world import World

# RDS commits something on an idle primary so often.
HEARTBEAT = timedelta(minutes=5)
# The places of the regions in an entry of the log.
PRODUCTION, RECOVERY = 0, 1


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
    log: list[tuple[datetime, frozenset[str], frozenset[str]]] = field(
        default_factory=list[tuple[datetime, frozenset[str], frozenset[str]]]
    )

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
        of_production = frozenset[str]() if self.is_lost else self.production.written()
        of_recovery = self.recovery.written()
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

    def replayed_to(self, time: datetime, region: int = PRODUCTION) -> datetime:
        """Return the commit time of the last transaction of a region that its replica has at a time."""
        end = time - self.delay
        for limit in (self.stuck_at, self.lost_at if region == PRODUCTION else None):
            end = min(end, limit) if limit else end
        start = self.log[0][0]
        beat = start + (end - start) // HEARTBEAT * HEARTBEAT
        return max(beat, self._last_commit(end, region))

    def lag(self, minute: datetime) -> float | None:
        """Return the sample of ReplicaLag of a minute, of dr's replica: the largest value in it."""
        known = self.recovery.rds.instances.values()
        has_replica = any("ReadReplicaSourceDBInstanceIdentifier" in each.values for each in known)
        return self._lag(minute, PRODUCTION) if has_replica else None

    def lag_of_return(self, minute: datetime) -> float | None:
        """Return the sample of production's new instance, which replicates dr's."""
        return self._lag(minute, RECOVERY)

    def _lag(self, minute: datetime, region: int) -> float:
        times = (minute, minute + timedelta(seconds=59))
        return max((time - self.replayed_to(time, region)).total_seconds() for time in times)

    def unsent(self, minute: datetime) -> float:
        """Return the bytes that the replica hasn't received: 16 KiB for each second of writes."""
        missing = self._last_commit(minute) - self.replayed_to(minute) - self.delay
        return max(0.0, missing.total_seconds()) * 16384

    def _last_commit(self, time: datetime, region: int = PRODUCTION) -> datetime:
        """Return when a region last took a write, until a time."""
        for number, (since, *writing) in reversed(list(enumerate(self.log))):
            if writing[region] and since <= time:
                end = self.log[number + 1][0] if number + 1 < len(self.log) else time
                return min(end, time)
        return self.log[0][0]
