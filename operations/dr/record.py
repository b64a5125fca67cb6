"""The record of a recovery, in dr's region: what both services had, and how far promotion and failback came."""

from datetime import datetime

from operations.dr.targets import Mode
from operations.frame.context import Context
from operations.frame.store import Entry, RecordStore


class Fence(Entry):
    """How a service was scaled before its writes were stopped, and since when none of its tasks runs."""

    ticket: str
    at: datetime
    desired: int
    minimum: int
    maximum: int
    stopped_at: datetime | None = None


class Promotion(Entry):
    """A promotion. `replayed_to`: until when dr has every write of production; `serving_at`: dr serves users.

    `lag_seconds`: dr's lag before that time, while it still replicated.
    """

    ticket: str
    mode: Mode
    began_at: datetime
    minimum: int
    desired: int
    replayed_to: datetime | None = None
    lag_seconds: float | None = None
    promoted_at: datetime | None = None
    serving_at: datetime | None = None


class Failback(Entry):
    """A failback. `fence`: how dr's service was scaled before its writes were stopped.

    `promoting_at`: the `up` that promotes production's new instance was about to begin; `promoted_at`: it takes writes;
    `serving_at`: production serves users.
    """

    ticket: str
    began_at: datetime
    fence: Fence | None = None
    promoting_at: datetime | None = None
    promoted_at: datetime | None = None
    serving_at: datetime | None = None


class RecoveryRecord(Entry):
    """What a recovery has done so far. A failback that ends leaves it empty."""

    fence: Fence | None = None
    promotion: Promotion | None = None
    failback: Failback | None = None


def recovery_store(recovery: Context) -> RecordStore[RecoveryRecord]:
    """Return the store of the recovery's record."""
    return RecordStore(recovery.aws, recovery.environment, "recovery", model=RecoveryRecord)
