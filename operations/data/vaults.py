"""Recovery points of AWS Backup, in every vault of a region."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from operations.data.ends import BACKUP_REMOVAL
from operations.data.remainder import Question, Remainder
from operations.frame.context import Context

# AWS Backup tried to delete it, and wasn't allowed to: it stays until someone does.
EXPIRED = "EXPIRED"


@dataclass(frozen=True, kw_only=True)
class Vault:
    """A vault and its recovery points."""

    name: str
    points: list[Mapping[str, Any]]


def vaults(context: Context) -> list[Vault]:
    """Read all vaults of a region, also those that aren't the stack's: a copy may be in any."""
    backup = cast("Any", context.aws.backup)
    names = [
        each["BackupVaultName"]
        for page in backup.get_paginator("list_backup_vaults").paginate()
        for each in page["BackupVaultList"]
    ]
    pages = backup.get_paginator("list_recovery_points_by_backup_vault")
    return [
        Vault(
            name=name, points=[each for page in pages.paginate(BackupVaultName=name) for each in page["RecoveryPoints"]]
        )
        for name in names
    ]


def bounded(vault: Vault) -> frozenset[str]:
    """Return the ARNs of the recovery points that AWS Backup deletes by itself."""
    return frozenset(each["RecoveryPointArn"] for each in vault.points if ends_at(each))


def remainders(context: Context, question: Question, vault: Vault) -> Iterator[Remainder]:
    """Yield what a vault has from before the deletion.

    The creation date is the start of the backup, and of a copy that of its source (AWS Backup, Backup and tag copy): a
    recovery point that was created later can't have the data.
    """
    region, now = context.environment.region, context.clock.now()
    points = [each for each in vault.points if each["CreationDate"] <= question.deleted_at]
    ends = {each["RecoveryPointArn"]: ends_at(each) for each in points}
    yield Remainder(
        place=f"vault {vault.name}",
        region=region,
        found=sum(end is not None for end in ends.values()),
        ends=max((end for end in ends.values() if end), default=now),
        rule="AWS Backup: the delete date of each, and 8 hours",
        read_at=now,
        remedy="Shorten the life of its recovery points, or delete what is over: its status message has the reason",
    )
    for arn in sorted(arn for arn, end in ends.items() if end is None):
        yield Remainder(
            place=f"vault {vault.name}: {arn.rpartition(':')[2]}",
            region=region,
            found=1,
            ends=None,
            rule="AWS Backup: no delete date, or AWS Backup may not delete it",
            read_at=now,
            remedy="Delete it. A locked vault refuses that until its shortest retention is over",
            command=f"aws --region {region} backup delete-recovery-point --backup-vault-name {vault.name} "
            f"--recovery-point-arn {arn}",
        )


def ends_at(point: Mapping[str, Any]) -> datetime | None:
    """Return when AWS Backup has deleted a recovery point; None if it never does."""
    if point.get("Status") == EXPIRED:
        return None
    at: datetime | None = point.get("CalculatedLifecycle", {}).get("DeleteAt")
    days = point.get("Lifecycle", {}).get("DeleteAfterDays", -1)
    if at is None and days > 0:
        at = point["CreationDate"] + timedelta(days=days)
    return at and at + BACKUP_REMOVAL
