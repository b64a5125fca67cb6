"""Database (RDS PostgreSQL): the instance, its replicas, and where it comes from in the recovery region."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict
from settings.retention import BackupDays, LogDays
from settings.storage import KeyArn
from settings.values import Switch, Text, Whole, Word
from settings.windows import daily, meet, spans, weekly

# Minors of PostgreSQL 15 on RDS (its release notes, November 2026); what came before can't be created any more.
MINORS = ("15.15", "15.16", "15.17")

# GiB from which a gp3 volume is striped, and its figures are others.
STRIPED = 400

# RDS refuses a ceiling of less than 110 % of the storage (RDS User Guide, storage autoscaling).
LEAST_GROWTH = 110
LEAST_STORAGE = 20
MOST_STORAGE = (STRIPED - 1) * 100 // LEAST_GROWTH

# An instance's name has at most 63 characters, its replicas' names "-replica-1" more.
_IDENTIFIER = Text(
    name="identifier",
    allowed="an instance's name of at most 50 characters: lower-case letters, digits and single hyphens, "
    "a letter first, such as taskflow-production",
    pattern="[a-z](?:-?[a-z0-9])*",
    max_length=50,
)
Identifier: TypeAlias = Annotated[str, _IDENTIFIER]


def least_ceiling(storage: int) -> int:
    """Return the lowest ceiling, in GiB, that RDS takes for this storage."""
    return -(-storage * LEAST_GROWTH // 100)


def _not_on_offer(version: str) -> str | None:
    if version == "15" or version in MINORS:
        return None
    if version.startswith("15."):
        return f"RDS can't create {version}: write 15, and AWS picks its newest minor, or one of {', '.join(MINORS)}"
    return "this project's parameters and rules are PostgreSQL 15's"


Connections: TypeAlias = Annotated[
    int, Whole(name="connections", allowed="100 to 5000 connections", minimum=100, maximum=5000)
]

InstanceArn: TypeAlias = Annotated[
    str,
    Text(
        name="ARN",
        allowed="the ARN of an RDS instance, such as arn:aws:rds:us-east-1:987654321098:db:taskflow-production",
        pattern=r"arn:aws:rds:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:db:[a-z](?:-?[a-z0-9])*",
    ),
]
SecretArn: TypeAlias = Annotated[
    str,
    Text(
        name="ARN",
        allowed="a secret's whole ARN, with the six characters that AWS adds to its name, such as "
        "arn:aws:secretsmanager:us-west-2:987654321098:secret:taskflow/production/database-application-a1B2c3",
        pattern=r"arn:aws:secretsmanager:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
    ),
]


class Source(Block):
    """The instance, in another region, that this one was made from."""

    instance: InstanceArn = Field(
        description="The ARN of the instance that this one replicates, in another region of the same account. "
        "Source: Environment Details, Region (us-west-2, DR)."
    )
    max_connections: Connections = Field(
        description="That instance's maxConnections: a replica with fewer doesn't start. "
        "Source: PostgreSQL, Administrator's Overview of hot standby."
    )


class Secrets(Block):
    """The database's secrets where another stack made them: the copies in this region."""

    master: SecretArn = Field(
        description="The ARN of the master user's secret, in this region. Source: production's output."
    )
    application: SecretArn = Field(
        description="The ARN of the application user's secret, in this region. Source: production's output."
    )
    key: KeyArn = Field(description="The ARN of the key that encrypts them here. Source: production's output.")


class Successor(Block):
    """A second instance beside the first, for the way back after a promotion: it takes over once it is promoted."""

    identifier: Identifier = Field(
        description="The new instance's name. Source: this project's way back after a promotion."
    )
    source: Source = Field(description="The instance that it is made from. Source: this project's way back.")
    promoted: Annotated[bool, Switch()] = Field(
        default=False,
        description="Whether it has been made a primary of its own, and serves; one way. "
        "Source: RDS, promoting a read replica.",
    )


class Rds(Block):
    """The database: figures in the document's words, and what AWS needs to know besides."""

    identifier: Identifier = Field(
        description="The instance's name; another name is another instance. Source: Recovery Procedures."
    )
    engine: Annotated[str, Word.of("engine", "postgres")] = Field(description="The engine. Source: Database, engine.")
    version: Annotated[
        str,
        Text(
            name="version",
            allowed=f'"15" (AWS picks the minor), or one of {", ".join(MINORS)}',
            pattern=r"[0-9]+(?:\.[0-9]+)?",
            complaint=_not_on_offer,
        ),
    ] = Field(
        description="PostgreSQL's version; quoted, since YAML takes 15.10 for 15.1. Source: Database, version "
        "(15.4 was withdrawn)."
    )
    instance_class: Annotated[
        str,
        Text(
            name="instance class",
            allowed="an RDS instance class, such as db.r6g.large",
            pattern=r"db\.[a-z][a-z0-9]+\.(?:(?:[0-9]*x)?large|medium|small|micro)",
        ),
    ] = Field(description="Size of the primary and of its replicas. Source: Database, instanceClass.")
    storage: Annotated[
        int,
        Whole(
            name="GiB",
            allowed=f"{LEAST_STORAGE} to {MOST_STORAGE} GiB: maxStorage is at least 10 % more and less than {STRIPED}, "
            "where a gp3 volume's figures change",
            minimum=LEAST_STORAGE,
            maximum=MOST_STORAGE,
        ),
    ] = Field(description="GiB of storage to begin with; it only grows. Source: Database, storage (200 GB).")
    storage_type: Annotated[str, Word.of("storage type", "gp3")] = Field(
        description="Kind of volume. Source: Database, storage (gp3)."
    )
    max_storage: Annotated[
        int,
        Whole(
            name="GiB",
            allowed=f"{least_ceiling(LEAST_STORAGE)} to {STRIPED - 1} GiB, at least 110 % of storage",
            minimum=least_ceiling(LEAST_STORAGE),
            maximum=STRIPED - 1,
        ),
    ] = Field(
        description="GiB up to which AWS lets the storage grow by itself: at least 110 % of storage. Source: this "
        "project's choice, under 400 GiB, where a gp3 volume's figures change."
    )
    iops: Annotated[
        int,
        Whole(
            name="IOPS",
            allowed="3000, the baseline of a gp3 volume under 400 GiB: AWS refuses any other",
            minimum=3000,
            maximum=3000,
        ),
    ] = Field(description="I/O operations a second that the volume has; not sent to AWS. Source: Database, iops.")
    multi_az: Annotated[bool, Switch()] = Field(
        alias="multiAZ",
        description="Whether a primary has a standby in the other zone; a replica has none. Source: Database, multiAZ.",
    )
    read_replicas: Annotated[int, Whole(name="count", allowed="0 to 15 replicas", minimum=0, maximum=15)] = Field(
        description="Replicas of the primary in its own region; a replica has none. Source: Database, readReplicas."
    )
    backup_retention: BackupDays = Field(
        description="Days that the daily backups are kept, for a restore to any moment in them. "
        "Source: Backup Schedule, RDS Automated (30 days)."
    )
    backup_window: Annotated[str, daily(30)] = Field(
        description="When the daily backup is made, UTC. Source: Backup Schedule, RDS Automated (daily)."
    )
    maintenance_window: Annotated[str, weekly(30)] = Field(
        description="When AWS may do maintenance, UTC. Source: Database, maintenanceWindow."
    )
    deletion_protection: Annotated[bool, Switch()] = Field(
        description="Whether AWS refuses to delete the instance. Source: Database, deletionProtection."
    )
    encryption: Annotated[
        bool,
        Switch(allowed="true: an instance that was made without encryption can't get it later", only=True),
    ] = Field(description="Encryption at rest by a customer key (KMS). Source: Database, encryption.")
    database_name: Annotated[
        str,
        Text(
            name="name",
            allowed="a database's name: lower-case letters, digits and _, a letter first, at most 63 characters",
            pattern="[a-z][a-z0-9_]{0,62}",
        ),
    ] = Field(description="The database that the API uses. Source: Database Access (psql -d taskflow).")
    max_connections: Connections = Field(
        description="Connections that the primary takes; the alert on connections counts from it. "
        "Source: Alert Configuration, DB Connections."
    )
    replica_max_connections: Connections = Field(
        description="Connections that its replicas take: never fewer than the primary. Raise it before "
        "maxConnections, lower it after. Source: PostgreSQL, hot standby."
    )
    slow_statement_ms: Annotated[
        int, Whole(name="milliseconds", allowed="100 to 60000 milliseconds", minimum=100, maximum=60_000)
    ] = Field(
        description="Milliseconds from which a statement is logged, without the values bound to it. "
        "Source: Key Metrics, Performance; the figure is this project's choice."
    )
    monitoring_interval: Annotated[
        int,
        Whole(
            name="seconds",
            allowed="1, 5, 10, 15, 30 or 60 seconds",
            minimum=1,
            maximum=60,
            choices=(1, 5, 10, 15, 30, 60),
        ),
    ] = Field(
        description="Seconds between two measurements of the instance's system. Source: RDS, Enhanced Monitoring."
    )
    certificate_authority: Annotated[
        str, Word.of("CA", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")
    ] = Field(description="Who signs the server's certificate. Source: RDS, certificate authorities.")
    auto_minor_version_upgrade: Annotated[bool, Switch()] = Field(
        description="Whether AWS brings minor versions by itself, in the maintenance window. "
        "Source: Security Hub RDS.13."
    )
    apply_immediately: Annotated[bool, Switch()] = Field(
        description="Whether changes are made at once and not in the maintenance window: a promotion's can't wait. "
        "Source: RDS, scheduling modifications."
    )
    log_retention: LogDays = Field(
        description="Days that the database's logs are kept. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    source: Source | None = Field(
        default=None,
        description="The instance that this stack's was made from. Source: Environment Details, Region (DR).",
    )
    promoted: Annotated[bool, Switch()] = Field(
        default=False,
        description="Whether the replica has been made a primary of its own; one way. "
        "Source: RDS, promoting a read replica.",
    )
    secrets: Secrets | None = Field(
        default=None,
        description="The secrets that another stack made; without it the stack makes its own. Source: IAM Roles.",
    )
    successor: Successor | None = Field(
        default=None, description="A second instance for the way back. Source: this project's failback."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between storage figures, windows, connections and instances."""
        return (
            self._room_to_grow(),
            self._backup_apart_from_maintenance(),
            self._replicas_take_as_many(),
            self._as_many_as_the_source(),
            self._nothing_to_promote(),
            self._another_name(),
            self._successor_takes_as_many(),
            self._minor_left_to_aws(),
        )

    def _room_to_grow(self) -> Iterator[Conflict]:
        least = least_ceiling(self.storage)
        if self.max_storage < least:
            allowed = f"{least} to {STRIPED - 1}: RDS takes no ceiling below 110 % of {{against}}"
            yield Conflict(at=("max_storage",), allowed=allowed, against=("storage",))

    def _minor_left_to_aws(self) -> Iterator[Conflict]:
        if self.auto_minor_version_upgrade and "." in self.version:
            allowed = '"15" with {against}: once AWS has raised the minor, RDS refuses to go back to this one'
            yield Conflict(at=("version",), allowed=allowed, against=("auto_minor_version_upgrade",))

    def _backup_apart_from_maintenance(self) -> Iterator[Conflict]:
        if meet(self.backup_window, spans(self.maintenance_window)):
            allowed = "a window apart from {against}: AWS refuses an overlap"
            yield Conflict(at=("backup_window",), allowed=allowed, against=("maintenance_window",))

    def _replicas_take_as_many(self) -> Iterator[Conflict]:
        if self.replica_max_connections < self.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("replica_max_connections",), allowed=allowed, against=("max_connections",))

    def _as_many_as_the_source(self) -> Iterator[Conflict]:
        if self.source and not self.promoted and self.max_connections < self.source.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("max_connections",), allowed=allowed, against=("source", "max_connections"))

    def _successor_takes_as_many(self) -> Iterator[Conflict]:
        successor = self.successor
        if successor and not successor.promoted and self.max_connections < successor.source.max_connections:
            allowed = "at least {against}: a replica with fewer doesn't start"
            yield Conflict(at=("max_connections",), allowed=allowed, against=("successor", "source", "max_connections"))

    def _nothing_to_promote(self) -> Iterator[Conflict]:
        if self.promoted and not self.source:
            hint = "a promoted replica keeps its source in the settings"
            yield Conflict(at=("promoted",), allowed="false, where no source is named", hint=hint)

    def _another_name(self) -> Iterator[Conflict]:
        if self.successor and self.successor.identifier == self.identifier:
            yield Conflict(at=("successor", "identifier"), allowed="another than {against}", against=("identifier",))
