"""Database (RDS PostgreSQL): the instance, its replicas, and its source in the recovery region."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.retention import BackupDays, LogDays
from settings.storage import KeyArn
from settings.values import Allowed, Unit, exactly, reject_if
from settings.windows import DailyHalfHour, WeeklyHalfHour, overlap, spans

# Minor versions of PostgreSQL 15 that RDS can create (its release notes, November 2026).
MINORS = ("15.15", "15.16", "15.17")

# GiB from which AWS stripes a gp3 volume, which has another baseline and other bounds.
STRIPING_THRESHOLD = 400

# RDS rejects a ceiling below 110 % of the storage (RDS User Guide, storage autoscaling).
MIN_CEILING_PERCENT = 110
MIN_STORAGE = 20
MAX_STORAGE = (STRIPING_THRESHOLD - 1) * 100 // MIN_CEILING_PERCENT

# The name that `taskflow db restore` gives an instance.
RESTORED_NAME = re.compile(r"[a-z][a-z0-9-]*-recovery-[0-9]{8}-[0-9]{4}")

# An instance's name has at most 63 characters, and its replicas' names are longer by "-replica-1".
Identifier: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z](?:-?[a-z0-9])*$", max_length=50),
    Allowed(
        "an instance's name of at most 50 characters: lower-case letters, digits and single hyphens, "
        "a letter first, such as taskflow-production"
    ),
]


def min_ceiling(storage: int) -> int:
    """Return the lowest storage ceiling, in GiB, that RDS accepts for a storage size."""
    return -(-storage * MIN_CEILING_PERCENT // 100)


def _unavailable_version(version: str) -> str | None:
    if version == "15" or version in MINORS:
        return None
    if version.startswith("15."):
        return f"RDS can't create {version}: write 15, and AWS picks its newest minor, or one of {', '.join(MINORS)}"
    return "this project's parameters and rules are for PostgreSQL 15"


Connections: TypeAlias = Annotated[int, Field(ge=100, le=5000), Unit("connections")]

InstanceArn: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws:rds:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:db:[a-z](?:-?[a-z0-9])*$"),
    Allowed("the ARN of an RDS instance, such as arn:aws:rds:us-east-1:987654321098:db:taskflow-production"),
]
SecretArn: TypeAlias = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws:secretsmanager:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$"
    ),
    Allowed(
        "a secret's full ARN, with the six characters that AWS appends to its name, such as "
        "arn:aws:secretsmanager:us-west-2:987654321098:secret:taskflow/production/database-application-a1B2c3"
    ),
]


class Source(Block):
    """The primary, in another region, that this instance replicates."""

    instance: InstanceArn = Field(
        description="ARN of the primary, in another region of the same account. "
        "Source: Environment Details, Region (us-west-2, DR)."
    )
    max_connections: Connections = Field(
        description="The primary's maxConnections: a replica with fewer doesn't start. "
        "Source: PostgreSQL, Administrator's Overview of hot standby."
    )


class Secrets(Block):
    """The replicas in this region of the database secrets that another stack created."""

    master: SecretArn = Field(
        description="ARN of the master user's secret, in this region. Source: production's output."
    )
    application: SecretArn = Field(
        description="ARN of the application user's secret, in this region. Source: production's output."
    )
    key: KeyArn = Field(description="ARN of the key that encrypts them here. Source: production's output.")


class Successor(Block):
    """A second instance beside the first, which takes over once it is promoted.

    Either a replica of another region's primary, for a failback, or an instance that `taskflow db restore` created,
    which the stack imports.
    """

    identifier: Identifier = Field(
        description="Name of the second instance. Source: this project's failback and cutover."
    )
    source: Source | None = Field(
        default=None, description="Primary that the second instance replicates. Source: this project's failback."
    )
    restored: bool = Field(
        default=False,
        description="Whether `taskflow db restore` created the second instance, which the stack then imports. "
        "Source: Recovery Procedures.",
    )
    promoted: bool = Field(
        default=False,
        description="Whether the second instance takes over; one way for a replica. "
        "Source: RDS, promoting a read replica.",
    )
    standby: bool = Field(
        default=False,
        description="Whether the recovery stack's tasks use the second instance while it is a replica, as they used "
        "the first one before its promotion. Source: this project's failback.",
    )

    @property
    def serves(self) -> bool:
        """Whether tasks use the second instance."""
        return self.promoted or self.standby

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require one origin, and a restored instance by the name that the restore gave it."""
        return self._one_origin(), self._name_of_restored()

    def _one_origin(self) -> Iterator[Conflict]:
        if self.restored and self.source:
            yield Conflict(
                at=("restored",),
                allowed="false with {against}: a replica isn't a restored instance",
                against=("source", "instance"),
            )
        elif not self.restored and self.source is None:
            allowed = "instance and maxConnections of the primary that it replicates"
            hint = f"if `taskflow db restore` created {self.identifier}, set restored: true instead"
            yield Conflict(at=("source",), allowed=allowed, hint=hint)

    def _name_of_restored(self) -> Iterator[Conflict]:
        if self.restored and not self.source and not RESTORED_NAME.fullmatch(self.identifier):
            allowed = "the name of a restored instance, such as taskflow-recovery-20260115-0930, with {against}"
            yield Conflict(at=("identifier",), allowed=allowed, against=("restored",))


class Rds(Block):
    """The database: the document's figures, and what AWS needs besides."""

    identifier: Identifier = Field(
        description="Name of the instance; another name creates another instance. Source: Recovery Procedures."
    )
    engine: Literal["postgres"] = Field(description="Database engine. Source: Database, engine.")
    version: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]+(?:\.[0-9]+)?$"),
        reject_if(_unavailable_version),
        Allowed(f'"15" (AWS picks the minor), or one of {", ".join(MINORS)}'),
    ] = Field(
        description="Version of PostgreSQL; quote it, because YAML reads 15.10 as 15.1. Source: Database, version "
        "(15.4 was withdrawn)."
    )
    instance_class: Annotated[
        str,
        StringConstraints(pattern=r"^db\.[a-z][a-z0-9]+\.(?:(?:[0-9]*x)?large|medium|small|micro)$"),
        Allowed("an RDS instance class, such as db.r6g.large"),
    ] = Field(description="Instance class of the primary and its replicas. Source: Database, instanceClass.")
    storage: Annotated[
        int,
        Field(ge=MIN_STORAGE, le=MAX_STORAGE),
        Unit(
            "GiB",
            f"maxStorage is at least 10 % more and less than {STRIPING_THRESHOLD}, where AWS stripes a gp3 volume",
        ),
    ] = Field(description="Initial storage in GiB; it can only grow. Source: Database, storage (200 GB).")
    storage_type: Literal["gp3"] = Field(description="Volume type. Source: Database, storage (gp3).")
    max_storage: Annotated[
        int,
        Field(ge=min_ceiling(MIN_STORAGE), le=STRIPING_THRESHOLD - 1),
        Unit("GiB", "at least 110 % of storage"),
    ] = Field(
        description="GiB up to which AWS grows the storage; under 400 GiB, where AWS stripes a gp3 volume. "
        "Source: this project's choice."
    )
    iops: Annotated[
        Literal[3000],
        exactly(int),
        Allowed("3000, the baseline of a gp3 volume under 400 GiB: AWS rejects any other"),
    ] = Field(description="I/O operations per second of the volume; not sent to AWS. Source: Database, iops.")
    multi_az: bool = Field(
        alias="multiAZ",
        description="Whether a primary has a standby in the other zone; a replica has none. Source: Database, multiAZ.",
    )
    read_replicas: Annotated[int, Field(ge=0, le=15), Unit("replicas")] = Field(
        description="Replicas of the primary in its region; a replica has none. Source: Database, readReplicas."
    )
    backup_retention: BackupDays = Field(
        description="Retention in days of the daily backups, within which any moment can be restored. "
        "Source: Backup Schedule, RDS Automated (30 days)."
    )
    backup_window: DailyHalfHour = Field(
        description="Window of the daily backup, UTC. Source: Backup Schedule, RDS Automated (daily)."
    )
    maintenance_window: WeeklyHalfHour = Field(
        description="Window in which AWS does maintenance, UTC. Source: Database, maintenanceWindow."
    )
    deletion_protection: bool = Field(
        description="Whether AWS rejects deleting the instance. Source: Database, deletionProtection."
    )
    encryption: Annotated[
        Literal[True], exactly(bool), Allowed("true: an instance can't be encrypted after its creation")
    ] = Field(description="Encryption at rest by a customer managed key. Source: Database, encryption.")
    database_name: Annotated[
        str,
        StringConstraints(pattern="^[a-z][a-z0-9_]{0,62}$"),
        Allowed("a database's name: lower-case letters, digits and _, a letter first, at most 63 characters"),
    ] = Field(description="Name of the API's database. Source: Database Access (psql -d taskflow).")
    max_connections: Connections = Field(
        description="Connection limit of the primary; the alert on connections is a share of it. "
        "Source: Alert Configuration, DB Connections."
    )
    replica_max_connections: Connections = Field(
        description="Connection limit of the replicas, never below the primary's. Raise it before "
        "maxConnections, lower it after. Source: PostgreSQL, hot standby."
    )
    slow_statement_ms: Annotated[int, Field(ge=100, le=60_000), Unit("milliseconds")] = Field(
        description="Milliseconds from which a statement is logged, without its bound values. "
        "Source: Key Metrics, Performance; the figure is this project's choice."
    )
    monitoring_interval: Annotated[Literal[1, 5, 10, 15, 30, 60], exactly(int), Unit("seconds")] = Field(
        description="Interval of Enhanced Monitoring in seconds. Source: RDS, Enhanced Monitoring."
    )
    certificate_authority: Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"] = Field(
        description="Certificate authority of the server's certificate. Source: RDS, certificate authorities."
    )
    auto_minor_version_upgrade: bool = Field(
        description="Whether AWS upgrades minor versions in the maintenance window. Source: Security Hub RDS.13."
    )
    apply_immediately: bool = Field(
        description="Whether changes apply at once instead of in the maintenance window: a promotion can't wait. "
        "Source: RDS, scheduling modifications."
    )
    log_retention: LogDays = Field(
        description="Retention of the database's logs in days. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    source: Source | None = Field(
        default=None,
        description="Primary that the stack's instance replicates. Source: Environment Details, Region (DR).",
    )
    promoted: bool = Field(
        default=False,
        description="Whether the replica is promoted to a primary; one way. Source: RDS, promoting a read replica.",
    )
    secrets: Secrets | None = Field(
        default=None,
        description="Secrets that another stack created; without it the stack creates its own. Source: IAM Roles.",
    )
    successor: Successor | None = Field(
        default=None,
        description="Second instance, for a failback or a cutover to a restored one. "
        "Source: this project's failback and cutover.",
    )

    def serving_identifier(self) -> str:
        """Return the name of the instance that tasks use: the successor's once it is promoted or stands by."""
        return self.successor.identifier if self.successor and self.successor.serves else self.identifier

    def serving_source(self) -> Source | None:
        """Return what the instance that tasks use replicates, or replicated before its promotion."""
        return self.successor.source if self.successor and self.successor.serves else self.source

    def serves_writes(self) -> bool:
        """Return whether the instance that tasks use is a primary."""
        if self.successor and self.successor.serves:
            return self.successor.promoted
        return self.source is None or self.promoted

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require storage, windows, connections and instances that fit together."""
        return (
            self._room_to_grow(),
            self._backup_outside_maintenance(),
            self._replica_connections(),
            self._source_connections(),
            self._source_of_promoted(),
            self._unique_identifier(),
            self._successor_connections(),
            self._standby_of_recovery(),
            self._minor_version(),
        )

    def _room_to_grow(self) -> Iterator[Conflict]:
        minimum = min_ceiling(self.storage)
        if self.max_storage < minimum:
            allowed = f"{minimum} to {STRIPING_THRESHOLD - 1}: RDS rejects a ceiling below 110 % of {{against}}"
            yield Conflict(at=("max_storage",), allowed=allowed, against=("storage",))

    def _minor_version(self) -> Iterator[Conflict]:
        if self.auto_minor_version_upgrade and "." in self.version:
            allowed = '"15" with {against}: once AWS has raised the minor, RDS rejects going back to this one'
            yield Conflict(at=("version",), allowed=allowed, against=("auto_minor_version_upgrade",))

    def _backup_outside_maintenance(self) -> Iterator[Conflict]:
        if overlap(self.backup_window, spans(self.maintenance_window)):
            allowed = "a window that doesn't overlap {against}, which AWS rejects"
            yield Conflict(at=("backup_window",), allowed=allowed, against=("maintenance_window",))

    def _replica_connections(self) -> Iterator[Conflict]:
        if self.replica_max_connections < self.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("replica_max_connections",), allowed=allowed, against=("max_connections",))

    def _source_connections(self) -> Iterator[Conflict]:
        if self.source and not self.promoted and self.max_connections < self.source.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("max_connections",), allowed=allowed, against=("source", "max_connections"))

    def _successor_connections(self) -> Iterator[Conflict]:
        successor, source = self.successor, self.successor.source if self.successor else None
        if successor and source and not successor.promoted and self.max_connections < source.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("max_connections",), allowed=allowed, against=("successor", "source", "max_connections"))

    def _source_of_promoted(self) -> Iterator[Conflict]:
        if self.promoted and not self.source:
            hint = "a promoted replica keeps its source in the settings"
            yield Conflict(at=("promoted",), allowed="false without a source", hint=hint)

    def _standby_of_recovery(self) -> Iterator[Conflict]:
        successor = self.successor
        if successor and successor.standby and (self.source is None or successor.restored):
            allowed = "true for a replica in a stack whose first instance has a source; false otherwise"
            yield Conflict(at=("successor", "standby"), allowed=allowed)

    def _unique_identifier(self) -> Iterator[Conflict]:
        if self.successor and self.successor.identifier == self.identifier:
            allowed = "a name other than {against}"
            yield Conflict(at=("successor", "identifier"), allowed=allowed, against=("identifier",))
