"""Compliance: the audit trail and its archive, and the data that logs mask."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from settings.base import Block, Conflict, no_duplicates, valid_items
from settings.retention import LogDays
from settings.values import Allowed, Items, Unit

# Seven years with their leap days, as in CloudWatch's retention periods.
SEVEN_YEARS = 2557

# S3 requires so many days in Glacier Instant Retrieval before the next transition.
MIN_GLACIER_DAYS = 90

# CloudWatch Logs' data identifiers that don't depend on a country, and those of telephone numbers.
Identifier: TypeAlias = Literal[
    "Address", "AwsSecretKey", "CreditCardExpiration", "CreditCardNumber", "CreditCardSecurityCode", "EmailAddress",
    "IpAddress", "LatLong", "Name", "OpenSshPrivateKey", "PgpPrivateKey", "PkcsPrivateKey", "PuttyPrivateKey",
    "VehicleIdentificationNumber", "PhoneNumber-BR", "PhoneNumber-DE", "PhoneNumber-ES", "PhoneNumber-FR",
    "PhoneNumber-GB", "PhoneNumber-IT", "PhoneNumber-US",
]  # fmt: skip
IDENTIFIERS: tuple[Identifier, ...] = get_args(Identifier)

# The personal data that the application's users enter.
REQUIRED: tuple[Identifier, ...] = ("Address", "CreditCardNumber", "EmailAddress", "Name")


class Archive(Block):
    """The bucket that keeps the records after CloudWatch has deleted them."""

    retention: Annotated[int, Field(ge=SEVEN_YEARS, le=36_500), Unit("days", "at least seven years")] = Field(
        description="Days that a record is kept and locked. Source: Data Handling, Data retention (7 years)."
    )
    lock_mode: Literal["GOVERNANCE"] = Field(
        description="Mode of the object lock: deleting a record needs the permission to bypass the lock. "
        "Source: S3 Object Lock."
    )
    glacier_after: Annotated[int, Field(ge=1, le=365), Unit("days")] = Field(
        description="Days after which a record moves to Glacier Instant Retrieval. "
        "Source: S3, storage classes; this project's choice."
    )
    deep_archive_after: Annotated[int, Field(ge=91, le=2376), Unit("days")] = Field(
        description="Days after which it moves to Deep Archive, with a retrieval within 12 hours. "
        "Source: S3, storage classes; this project's choice."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require ordered storage classes."""
        return (self._ordered(),)

    def _ordered(self) -> Iterator[Conflict]:
        if self.deep_archive_after < self.glacier_after + MIN_GLACIER_DAYS:
            allowed = f"at least {MIN_GLACIER_DAYS} days more than {{against}}, which S3 requires"
            yield Conflict(at=("deep_archive_after",), allowed=allowed, against=("glacier_after",))


class Audit(Block):
    """The account's CloudTrail, and the application's audit records."""

    trail: bool = Field(
        description="Whether this stack owns the account's CloudTrail; false in the recovery stack, or if the "
        "organization has a trail. Source: Audit Logging, CloudTrail."
    )
    log_retention: LogDays = Field(
        description="Days that CloudWatch Logs keeps the records. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    archive: Archive = Field(description="Archive of the records. Source: Data Handling, Data retention.")


class Logs(Block):
    """The settings of every log that may contain personal data."""

    masked_data: Annotated[
        tuple[Identifier, ...],
        Items(minimum=len(REQUIRED), maximum=len(IDENTIFIERS), unique=True),
        Allowed(f"a list of CloudWatch's data identifiers, each once, including {', '.join(REQUIRED)}"),
    ] = Field(description="Personal data that is counted and masked in logs. Source: Data Handling, No PII in logs.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require the identifiers of the document, each once."""
        return (no_duplicates(self, "masked_data"), self._required_identifiers())

    def _required_identifiers(self) -> Iterator[Conflict]:
        identifiers = {item for _, item in valid_items(self.masked_data)}
        # An invalid or repeated item is reported already, and may be a misspelling of the missing one.
        if len(identifiers) == len(self.masked_data):
            missing = [name for name in REQUIRED if name not in identifiers]
            if missing:
                yield Conflict(at=("masked_data",), allowed=f"a list that also has {', '.join(missing)}")
