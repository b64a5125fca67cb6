"""The files that S3 hasn't replicated between the regions: what failed, and what is pending.

S3 publishes failures in the source's region, and what is pending in the destination's (S3, Using S3 Replication
metrics). A pending delete marker has no bytes, so operations are counted too. While a region is unavailable, operations
stay pending and S3 goes on by itself; what failed is not retried (S3, Getting replication status information).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from operations.dr.metrics import samples
from operations.dr.stacks import Stacks
from operations.frame.context import Context

NAMESPACE = "AWS/S3"
# The rule's id is that of components/storage/replication.py.
RULE = "everything"
# S3 publishes every five minutes, and only while it replicates.
WITHIN = timedelta(minutes=30)
# CloudWatch keeps values of a minute for so long.
KEPT = timedelta(days=15)


@dataclass(frozen=True, kw_only=True)
class Direction:
    """A replication by the names of its buckets."""

    source: str
    destination: str

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Return the dimensions of its metrics."""
        return {"SourceBucket": self.source, "DestinationBucket": self.destination, "RuleId": RULE}


@dataclass(frozen=True, kw_only=True)
class Pending:
    """What isn't replicated yet, by the newest samples; None: S3 published none."""

    operations: float | None
    size: float | None

    @property
    def is_none(self) -> bool:
        """Whether nothing is pending as far as is known: without a sample nothing is."""
        return not self.operations and not self.size


def to_recovery(stacks: Stacks) -> Direction | None:
    """Return the direction from production to the recovery region; None if the recovery stack has no copy."""
    copy = stacks.recovery.settings.storage.bucket.copy_of
    if copy is None:
        return None
    return Direction(source=stacks.production.environment.bucket_name("files"), destination=copy.bucket)


def to_production(stacks: Stacks) -> Direction | None:
    """Return the direction from the recovery region to production; None if the recovery stack has no copy."""
    other = to_recovery(stacks)
    return Direction(source=other.destination, destination=other.source) if other else None


def failures_of(source: Context, direction: Direction, *, within: timedelta = WITHIN) -> float:
    """Return the operations that failed within a time; `source` is the stack in the region of the source.

    Those that were copied by hand since count too.
    """
    found = samples(
        source, NAMESPACE, "OperationsFailedReplication", direction.dimensions, statistic="Sum", within=within
    )
    return sum(each.value for each in found)


def pending_of(destination: Context, direction: Direction) -> Pending:
    """Return what is pending; `destination` is the stack in the region of the destination."""

    def newest(name: str) -> float | None:
        found = samples(destination, NAMESPACE, name, direction.dimensions, within=WITHIN)
        return found[0].value if found else None

    return Pending(operations=newest("OperationsPendingReplication"), size=newest("BytesPendingReplication"))
