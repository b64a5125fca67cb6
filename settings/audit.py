"""Compliance: the audit trail and its archive, and what is masked in logs."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from settings.base import Block, Conflict, accepted_items
from settings.retention import LogDays
from settings.values import Items, Switch, Whole, Word

# Seven years with their leap days, as CloudWatch counts them too.
SEVEN_YEARS = 2557

# S3 asks for as many days in Glacier Instant Retrieval before an object may go on.
GLACIER_LEAST = 90

# What CloudWatch Logs knows by itself, whatever the country; of telephone numbers, those it knows by country.
IDENTIFIERS = (
    "Address", "AwsSecretKey", "CreditCardExpiration", "CreditCardNumber", "CreditCardSecurityCode", "EmailAddress",
    "IpAddress", "LatLong", "Name", "OpenSshPrivateKey", "PgpPrivateKey", "PkcsPrivateKey", "PuttyPrivateKey",
    "VehicleIdentificationNumber",
    *(f"PhoneNumber-{country}" for country in ("BR", "DE", "ES", "FR", "GB", "IT", "US")),
)  # fmt: skip

# What the application's people give it: never to be read in a log.
REQUIRED = ("Address", "CreditCardNumber", "EmailAddress", "Name")


class Archive(Block):
    """The bucket that keeps the records once CloudWatch has let them go."""

    retention: Annotated[
        int, Whole(name="days", allowed="2557 to 36500 days: seven years at least", minimum=SEVEN_YEARS, maximum=36_500)
    ] = Field(description="Days that a record is kept and locked. Source: Data Handling, Data retention (7 years).")
    lock_mode: Annotated[str, Word.of("lock mode", "GOVERNANCE")] = Field(
        description="How S3 locks a record: nobody deletes it who may not lift the lock. Source: S3 Object Lock."
    )
    glacier_after: Annotated[int, Whole(name="days", allowed="1 to 365 days", minimum=1, maximum=365)] = Field(
        description="Days after which a record goes to Glacier Instant Retrieval, read at once and cheaper to keep. "
        "Source: S3, storage classes; this project's choice."
    )
    deep_archive_after: Annotated[int, Whole(name="days", allowed="91 to 2376 days", minimum=91, maximum=2376)] = Field(
        description="Days after which it goes to Deep Archive, read within 12 hours. Source: S3, storage classes; "
        "this project's choice."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check of the storage classes' order."""
        return (self._in_order(),)

    def _in_order(self) -> Iterator[Conflict]:
        if self.deep_archive_after < self.glacier_after + GLACIER_LEAST:
            allowed = f"at least {GLACIER_LEAST} days more than {{against}}, which S3 asks for"
            yield Conflict(at=("deep_archive_after",), allowed=allowed, against=("glacier_after",))


class Audit(Block):
    """Who did what: AWS's own trail, and the application's records."""

    trail: Annotated[bool, Switch()] = Field(
        description="Whether this stack owns the account's CloudTrail; false in the recovery stack, or where an "
        "organisation has a trail. Source: Audit Logging, CloudTrail."
    )
    log_retention: LogDays = Field(
        description="Days that the records can be searched. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    archive: Archive = Field(description="Where they are kept after that. Source: Data Handling, Data retention.")


class Logs(Block):
    """What every log of people's doings has alike."""

    masked_data: Annotated[
        tuple[Annotated[str, Word.of("data identifier", *IDENTIFIERS)], ...],
        Items(
            name="list of data identifiers",
            allowed=f"a list of CloudWatch's data identifiers, {', '.join(REQUIRED)} among them, each once",
            minimum=len(REQUIRED),
            maximum=len(IDENTIFIERS),
            unique=True,
        ),
    ] = Field(description="Personal data that is counted and masked in logs. Source: Data Handling, No PII in logs.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks that nothing is said twice, and nothing left out."""
        return (self._once(), self._what_the_document_asks())

    def _once(self) -> Iterator[Conflict]:
        for index, item in accepted_items(self.masked_data):
            first = self.masked_data.index(item)
            if first != index:
                at, against = ("masked_data", index), ("masked_data", first)
                yield Conflict(at=at, allowed="another one than {against}", against=against)

    def _what_the_document_asks(self) -> Iterator[Conflict]:
        given = {item for _, item in accepted_items(self.masked_data)}
        # A refused item is told of already, and may have been the one that lacks.
        if len(given) == len(self.masked_data):
            lacking = [name for name in REQUIRED if name not in given]
            if lacking:
                yield Conflict(at=("masked_data",), allowed=f"a list that has {', '.join(lacking)} too")
