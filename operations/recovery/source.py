"""What a restore is made of: a point in time of an automated backup, or a snapshot by name or date."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from operations.audit.time_range import time_of
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.recovery.rds import (
    AUTOMATED,
    AVAILABLE,
    AWS_BACKUP,
    MANUAL,
    Description,
    automated_backups,
    database_names,
    snapshots,
    taken_at,
)

LATEST = "latest"
# So many characters of a name, at least, that name one snapshot.
MIN_PART = 8
# A date, or one of the document's names (taskflow-prod-weekly-20240114): AWS Backup chooses other names.
DATED = re.compile(r"(?:[a-z-]+-weekly-)?(\d{4})-?(\d{2})-?(\d{2})")
# Of several snapshots of a day: the document's weekly one, a person's, the daily one.
PREFERRED = (AWS_BACKUP, MANUAL, AUTOMATED)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person asks for: a time, or a snapshot's name or date."""

    to: str | None = None
    snapshot: str | None = None

    @property
    def is_relative(self) -> bool:
        """Whether it means something else a minute later."""
        return self.to is not None and (self.to == LATEST or re.fullmatch(r"\d+[mhd]( ago)?", self.to) is not None)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is restored: in words (a tag's value), the option that names it, RDS's parameters, and the key."""

    title: str
    option: str
    request: Mapping[str, Any] = field(default_factory=dict[str, Any])
    key: str
    # None: a point in time.
    snapshot: Description | None = None


def source_of(context: Context, wish: Wish) -> Source:
    """Return what the wish names; OperationError with what there is otherwise."""
    if (wish.to is None) == (wish.snapshot is None):
        raise OperationError(
            "A restore is made of a time or of a snapshot",
            code=ExitCode.USAGE,
            advice="Add --to TIME or --snapshot ID-or-DATE. `taskflow db snapshots` lists what there is.",
        )
    if wish.to is not None:
        return _point_in_time(context, wish.to)
    return _snapshot(context, wish.snapshot or "")


def _point_in_time(context: Context, to: str) -> Source:
    names = database_names(context.settings.rds)
    found = [each for each in automated_backups(context.aws) if each["DBInstanceIdentifier"] in names]
    # Of the instance that serves first, then of those that are deleted or in the other region.
    found.sort(key=lambda each: (each["Status"] != "active", names.index(each["DBInstanceIdentifier"])))
    found = [each for each in found if "RestoreWindow" in each and "LatestTime" in each["RestoreWindow"]]
    if not found:
        raise OperationError(
            f"{context.environment.region} has no automated backup of {context.settings.rds.serving_identifier()}",
            code=ExitCode.REFUSED,
            advice="`taskflow db snapshots` lists the snapshots; restore one with --snapshot.",
        )
    time = _time(to, found, context.clock.now())
    fitting = [each for each in found if _earliest(each) <= time <= each["RestoreWindow"]["LatestTime"]]
    if not fitting:
        windows = [f"{each['DBInstanceIdentifier']} ({each['Status']}): {_window(each)}" for each in found]
        raise OperationError(
            f"No backup reaches {time:%Y-%m-%d %H:%M:%S} UTC. It can be restored from … to …\n" + "\n".join(windows),
            code=ExitCode.REFUSED,
            advice="Choose a time within a window, or a snapshot: `taskflow db snapshots`.",
        )
    backup = fitting[0]
    return Source(
        title=f"{backup['DBInstanceIdentifier']} at {time:%Y-%m-%dT%H:%M:%SZ}",
        option=f"--to {time:%Y-%m-%dT%H:%M:%SZ}",
        request={**_origin(backup), "RestoreTime": time},
        key=backup.get("KmsKeyId", ""),
    )


def _origin(backup: Description) -> Mapping[str, str]:
    """Return the parameter that names the backup: of an instance, a deleted one, or one of another region."""
    if backup["Status"] == "active":
        return {"SourceDBInstanceIdentifier": backup["DBInstanceIdentifier"]}
    if is_replicated(backup):
        return {"SourceDBInstanceAutomatedBackupsArn": backup["DBInstanceAutomatedBackupsArn"]}
    return {"SourceDbiResourceId": backup["DbiResourceId"]}


def is_replicated(backup: Description) -> bool:
    """Whether a backup is of an instance in another region: it is named by an ARN of this one."""
    arn = str(backup.get("DBInstanceAutomatedBackupsArn", ""))
    return bool(arn) and arn.split(":")[3] != backup.get("Region")


def _time(to: str, backups: Sequence[Description], now: datetime) -> datetime:
    if to == LATEST:
        return max(each["RestoreWindow"]["LatestTime"] for each in backups).replace(microsecond=0)
    return time_of("--to", to.removesuffix(" ago"), now).replace(microsecond=0)


def _earliest(backup: Description) -> datetime:
    return backup["RestoreWindow"].get("EarliestTime", datetime.min.replace(tzinfo=UTC))


def _window(backup: Description) -> str:
    return f"{_earliest(backup):%Y-%m-%d %H:%M} to {backup['RestoreWindow']['LatestTime']:%Y-%m-%d %H:%M} UTC"


def _snapshot(context: Context, wanted: str) -> Source:
    listed = snapshots(context.aws)
    found = _of_name(listed, wanted) or _of_day(context, listed, wanted)
    if not found:
        raise OperationError(
            f"{context.environment.region} has no snapshot {wanted} of {context.settings.rds.serving_identifier()}",
            code=ExitCode.REFUSED,
            advice="These are its snapshots; a part of a name must be of one only:",
            command=context.command("db snapshots"),
        )
    snapshot = found[0]
    name = snapshot["DBSnapshotIdentifier"]
    if snapshot["Status"] != AVAILABLE:
        raise OperationError(
            f"The snapshot {name} can't be restored: it is {snapshot['Status']}", code=ExitCode.REFUSED
        )
    return Source(title=name, option=f"--snapshot {name}", key=snapshot.get("KmsKeyId", ""), snapshot=snapshot)


def _of_name(listed: Sequence[Description], wanted: str) -> Sequence[Description]:
    """Return the snapshot of a name, or of a part that no other name has, such as `job-58e816fb`."""
    exact = [each for each in listed if each["DBSnapshotIdentifier"] == wanted]
    if exact or len(wanted) < MIN_PART or DATED.fullmatch(wanted):
        return exact
    parts = [each for each in listed if wanted in each["DBSnapshotIdentifier"]]
    return parts if len(parts) == 1 else ()


def _of_day(context: Context, listed: Sequence[Description], wanted: str) -> Sequence[Description]:
    """Return a day's snapshots of the stack's database, the preferred and newest first."""
    day = _day(wanted)
    if day is None:
        return ()
    names = database_names(context.settings.rds)
    found = [
        each
        for each in listed
        if each["DBInstanceIdentifier"] in names and each["Status"] == AVAILABLE and _day_of(each) == day
    ]
    found.sort(key=lambda each: taken_at(each) or datetime.min.replace(tzinfo=UTC), reverse=True)
    return sorted(found, key=lambda each: PREFERRED.index(each["SnapshotType"]))


def _day_of(snapshot: Description) -> date | None:
    time = taken_at(snapshot)
    return time.date() if time else None


def _day(text: str) -> date | None:
    match = DATED.fullmatch(text)
    if not match:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None
