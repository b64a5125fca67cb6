"""What RDS has: instances, snapshots of all kinds, automated backups; and the names of restored instances."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from botocore.exceptions import ClientError

from components.shared.environment import RESTORED_FROM
from operations.frame.aws import Aws, error_code
from settings.rds import Rds

Description = Mapping[str, Any]
AVAILABLE = "available"
# The tags by which a second run finds what an earlier one began.
TICKET_TAG, SOURCE_TAG = "Ticket", RESTORED_FROM
AUTOMATED, AWS_BACKUP, MANUAL = "automated", "awsbackup", "manual"
_NOT_FOUND = {"DBInstanceNotFound", "DBInstanceNotFoundFault"}


def recovery_name(application: str, now: datetime) -> str:
    """Return the name of an instance that is restored now."""
    return f"{application}-recovery-{now:%Y%m%d-%H%M}"


def is_recovery(application: str, name: str) -> bool:
    """Whether it is the name of a restored instance."""
    return re.fullmatch(rf"{re.escape(application)}-recovery-\d{{8}}-\d{{4}}", name) is not None


def database_names(rds: Rds) -> Sequence[str]:
    """Return the instances whose backups have the stack's data: its own once it is a primary, and its source's."""
    found = rds.serving_source()
    source = [found.instance.rpartition(":")[2]] if found else []
    if not rds.serves_writes():
        # A replica's backups end with its lag; those of its source are replicated to its region.
        return source
    return [rds.serving_identifier(), rds.identifier, *source]


def instance_of(aws: Aws, identifier: str) -> Description | None:
    """Return an instance; None if there is none of this name."""
    try:
        found = aws.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    except ClientError as error:
        if error_code(error) not in _NOT_FOUND:
            raise
        return None
    return cast("Description", found[0])


def instances(aws: Aws) -> Sequence[Description]:
    """Return the region's instances."""
    return list(_pages(aws, "describe_db_instances", "DBInstances"))


def snapshots(aws: Aws) -> Sequence[Description]:
    """Return the region's snapshots. Without a type, RDS leaves out AWS Backup's."""
    return [
        each
        for kind in (AUTOMATED, AWS_BACKUP, MANUAL)
        for each in _pages(aws, "describe_db_snapshots", "DBSnapshots", SnapshotType=kind)
    ]


def automated_backups(aws: Aws) -> Sequence[Description]:
    """Return the automated backups: of instances here, of deleted ones, and of those of another region."""
    return list(_pages(aws, "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups"))


def taken_at(snapshot: Description) -> datetime | None:
    """Return the time of a snapshot's data; of a copy, that of the original. None while it is taken."""
    return snapshot.get("OriginalSnapshotCreateTime") or snapshot.get("SnapshotCreateTime")


def tags_of(resource: Description) -> Mapping[str, str]:
    """Return the tags of a description."""
    return {each["Key"]: each["Value"] for each in resource.get("TagList", [])}


def as_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as RDS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _pages(aws: Aws, operation: str, member: str, **request: str) -> Iterator[Description]:
    # boto3's stubs have an overload for each operation, none for a name that is a variable.
    paginator = cast("Any", aws.rds).get_paginator(operation)
    for page in paginator.paginate(**request):
        yield from page[member]
