"""dr's database: replica or primary, and until when it has every write of production.

RDS measures `ReplicaLag` as `now() - pg_last_xact_replay_timestamp()` (RDS User Guide, Monitoring and tuning the
replication process): a sample says that everything committed until then has been replayed. While production commits
nothing, that time stands still and the lag climbs, up to the five minutes after which RDS itself commits something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from operations.dr.metrics import Sample, samples
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

# CloudWatch has a sample a minute, a minute or two late.
NEWEST_WITHIN = timedelta(minutes=5)
# So long before its last transaction a replica's usual lag is looked up: an idle primary commits every five minutes.
NORMAL = timedelta(minutes=15)
# In which a promoted instance accepts writes. A backup of a primary stops no writes.
SERVES = frozenset({"available", "backing-up", "storage-optimization"})
BACKING_UP = "backing-up"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An instance of RDS. `problem`: why it doesn't replicate; `pending`: parameters that need a restart."""

    name: str
    status: str
    is_replica: bool
    problem: str = ""
    pending: str = ""

    @property
    def can_be_promoted(self) -> bool:
        """Whether RDS accepts a promotion, and no parameter waits for a restart."""
        return self.is_replica and self.status == "available" and not self.pending

    @property
    def is_writable(self) -> bool:
        """Whether it is a primary that accepts writes."""
        return not self.is_replica and self.status in SERVES


@dataclass(frozen=True, kw_only=True)
class Lag:
    """A sample of the lag: at a time, everything committed until `replayed_to` was replayed."""

    at: datetime
    seconds: float

    @property
    def replayed_to(self) -> datetime:
        """Until when the replica has every write."""
        return self.at - timedelta(seconds=self.seconds)


def instance_of(context: Context, name: str) -> Instance:
    """Return an instance of the context's region; OperationError if there is none."""
    rds = context.aws.rds
    try:
        found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    except rds.exceptions.DBInstanceNotFoundFault:
        raise OperationError(
            f"There is no instance {name} in {context.environment.region}",
            code=ExitCode.REFUSED,
            advice="Deploy the stack first: docs/deploying.md.",
        ) from None
    instance = cast("Mapping[str, Any]", found)
    broken = [each for each in instance.get("StatusInfos", []) if not each.get("Normal", True)]
    groups = instance.get("DBParameterGroups", [])
    waiting = [each["DBParameterGroupName"] for each in groups if each.get("ParameterApplyStatus") != "in-sync"]
    return Instance(
        name=name,
        status=instance.get("DBInstanceStatus", ""),
        is_replica=bool(instance.get("ReadReplicaSourceDBInstanceIdentifier")),
        problem="; ".join(f"{each.get('Status', '')}: {each.get('Message', 'no reason')}" for each in broken),
        pending=", ".join(waiting),
    )


def lag_of(context: Context, name: str) -> Lag | None:
    """Return the newest sample of a replica's lag; None if it reports none.

    A negative value is no lag: RDS uses -1 for a replication that has stopped.
    """
    found = samples(context, "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": name})
    newest = next((each for each in found if each.value >= 0), None)
    if newest is None or context.clock.now() - newest.at > NEWEST_WITHIN:
        return None
    return Lag(at=newest.at, seconds=newest.value)


def lag_before(context: Context, name: str, replayed_to: datetime) -> float | None:
    """Return a replica's largest lag while it still replicated: in the minutes before the last transaction it has.

    Since then the samples only say how long ago that was. None without a sample.
    """
    since = context.clock.now() - replayed_to + NORMAL
    found = samples(context, "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": name}, within=since)
    return max((each.value for each in found if each.value >= 0 and each.at <= replayed_to), default=None)


def unsent(production: Context, name: str) -> Sample | None:
    """Return how many bytes of WAL the primary's slowest replica hasn't received; None without a sample."""
    found = samples(production, "AWS/RDS", "OldestReplicationSlotLag", {"DBInstanceIdentifier": name})
    return found[0] if found else None
