"""`taskflow db snapshots`: what the database can be restored from, in both regions, beside the document's schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError
from rich.text import Text

from operations.backup.freshness import DAILY_LIMIT, LOG_LIMIT, RUNBOOK, WEEKLY_LIMIT
from operations.checklist.judgement import age
from operations.frame.aws import explained
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.recovery.rds import (
    AUTOMATED,
    AVAILABLE,
    AWS_BACKUP,
    Description,
    automated_backups,
    database_names,
    instance_of,
    snapshots,
    taken_at,
)
from operations.recovery.source import is_replicated
from operations.release.release import is_writable
from settings.stacks import RECOVERY

KINDS = {AUTOMATED: "daily", AWS_BACKUP: "weekly"}
COPIED, OTHER, POINT_IN_TIME, REPLICATED = "copied", "manual", "point in time", "replicated"
# A copy begins when the snapshot is complete, and takes hours.
COPY_DELAY = timedelta(days=1)
# Before the first `up` of replication AWS has nothing; it transfers logs less often than within a region.
REPLICATION_LIMIT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One backup: `time` is that of its data, of point-in-time recovery the newest; `key`: the stack's or another."""

    name: str
    kind: str
    region: str
    time: datetime | None
    size: int
    key: str
    status: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A row of the document's schedule: the newest backup of a kind in a region must not be older than the limit."""

    kind: str
    region: str
    limit: timedelta
    since: datetime | None

    def problem(self, backups: Sequence[Backup], now: datetime) -> str:
        """Return what is wrong; empty text if the newest is fresh, or if there can't be one yet."""
        times = [
            each.time
            for each in backups
            if (each.kind, each.region, each.status) == (self.kind, self.region, AVAILABLE) and each.time
        ]
        what = f"{self.kind} in {self.region}"
        if not times:
            is_young = self.since is not None and now - self.since <= self.limit
            return "" if is_young else f"{what}: missing"
        newest = max(times)
        return (
            f"{what}: the newest is {age(now - newest)} old, limit {age(self.limit)}"
            if now - newest > self.limit
            else ""
        )


def list_snapshots(context: Context) -> None:
    """Show the backups of the database; OperationError if one of the schedule is missing or late."""
    context.caller()
    others = [context.of_stack(RECOVERY)] if context.settings.backup.recovery else []
    backups: list[Backup] = list(_backups(context))
    unread: dict[str, str] = {}
    for other in others:
        region = other.environment.region
        try:
            backups += _backups(other)
        except (BotoCoreError, ClientError) as error:
            # What this region has is worth the more.
            unread[region] = f"{region} can't be read: {explained(error, region).message}"
    now, expected = context.clock.now(), _expected(context)
    backups.sort(key=lambda each: each.time or now, reverse=True)
    late = [problem for each in expected if each.region not in unread and (problem := each.problem(backups, now))]
    _show(context, backups, {(each.kind, each.region): each.limit for each in expected})
    if late or unread:
        count = f"{len(late)} of {len(expected)} backups of the schedule are missing or late"
        raise OperationError(
            "\n".join((*([count, *late] if late else []), *unread.values())),
            code=ExitCode.CHECK_FAILED,
            advice=f"Find out why: {RUNBOOK}.",
        )
    context.report.done(f"{len(expected)} of {len(expected)} backups of the schedule are there and fresh")


def _backups(context: Context) -> Sequence[Backup]:
    """Return the backups of the stack's database in its region."""
    region = context.environment.region
    names = {*database_names(context.settings.rds), context.settings.rds.identifier}
    instance = instance_of(context.aws, context.settings.rds.serving_identifier()) or {}
    own_key = instance.get("KmsKeyId", "")

    def key(description: Description) -> str:
        return "own" if description.get("KmsKeyId") == own_key else "other" if own_key else "?"

    found = [
        Backup(
            name=each["DBSnapshotIdentifier"],
            kind=_kind(each),
            region=region,
            time=taken_at(each),
            size=each.get("AllocatedStorage", 0),
            key=key(each),
            status=each["Status"],
        )
        for each in snapshots(context.aws)
        if each["DBInstanceIdentifier"] in names
    ]
    return [
        *found,
        *(
            _point_in_time(each, region, key(each))
            for each in automated_backups(context.aws)
            if each["DBInstanceIdentifier"] in names and "LatestTime" in each.get("RestoreWindow", {})
        ),
    ]


def _kind(snapshot: Description) -> str:
    """Return the kind. AWS Backup names a snapshot after the job that took or copied it."""
    kind = snapshot["SnapshotType"]
    if kind == AWS_BACKUP and ":copyjob-" in snapshot["DBSnapshotIdentifier"]:
        return COPIED
    return KINDS.get(kind, OTHER)


def _point_in_time(backup: Description, region: str, key: str) -> Backup:
    window, name = backup["RestoreWindow"], backup["DBInstanceIdentifier"]
    return Backup(
        name=name if backup["Status"] != "retained" else f"{name} (deleted)",
        kind=REPLICATED if is_replicated(backup) else POINT_IN_TIME,
        region=region,
        time=window["LatestTime"],
        since=window.get("EarliestTime"),
        size=backup.get("AllocatedStorage", 0),
        key=key,
        status=AVAILABLE,
    )


def _expected(context: Context) -> Sequence[Expected]:
    """Return what the schedule requires. A replica's source has the backups."""
    if not is_writable(context):
        return ()
    instance = instance_of(context.aws, context.settings.rds.serving_identifier()) or {}
    since, region = instance.get("InstanceCreateTime"), context.environment.region
    rows = [
        (POINT_IN_TIME, region, LOG_LIMIT),
        (KINDS[AUTOMATED], region, DAILY_LIMIT),
        (KINDS[AWS_BACKUP], region, WEEKLY_LIMIT),
    ]
    if recovery := context.settings.backup.recovery:
        rows += [
            (REPLICATED, recovery.region, REPLICATION_LIMIT),
            (COPIED, recovery.region, WEEKLY_LIMIT + COPY_DELAY),
        ]
    return [Expected(kind=kind, region=at, limit=limit, since=since) for kind, at, limit in rows]


def _show(context: Context, backups: Sequence[Backup], limits: Mapping[tuple[str, str], timedelta]) -> None:
    """Print what there is by region, the newest first; collect the values of the JSON document."""
    now, newest = context.clock.now(), set[tuple[str, str]]()
    rows: dict[str, list[Sequence[str | Text]]] = {}
    values: list[dict[str, object]] = []
    for each in backups:
        of = (each.kind, each.region)
        limit = limits.get(of) if of not in newest and each.status == AVAILABLE else None
        is_fresh = None if limit is None or each.time is None else now - each.time <= limit
        if each.status == AVAILABLE:
            newest.add(of)
        rows.setdefault(each.region, []).append(_row(each, now, is_fresh=is_fresh))
        values.append({**asdict(each), "isFresh": is_fresh})
    for region, listed in rows.items():
        context.report.table(("", region, "kind", "data of, UTC", "age", "GiB", "key"), listed)
        context.report.line()
    for each in backups:
        if each.since and each.time:
            window = f"{each.since:%Y-%m-%d %H:%M} to {each.time:%Y-%m-%d %H:%M} UTC"
            context.report.line(f"{each.name}, {each.region}: any time from {window}")
    context.report.line()
    context.report.line("To restore: `taskflow db restore --to TIME`, or `--snapshot` with a name above or")
    context.report.line("a day; of several on a day it takes the weekly one. `--json` has the whole names.")
    context.report.values["backups"] = values


def _row(backup: Backup, now: datetime, *, is_fresh: bool | None) -> Sequence[str | Text]:
    signs = {True: Text("✓", style="green"), False: Text("✗", style="bold red"), None: Text("")}
    name = short_name(backup.name) if backup.status == AVAILABLE else f"{short_name(backup.name)} ({backup.status})"
    time = f"{backup.time:%Y-%m-%d %H:%M}" if backup.time else ""
    old = age(now - backup.time) if backup.time else ""
    return signs[is_fresh], name, backup.kind, time, old, str(backup.size), backup.key


def short_name(name: str) -> str:
    """Return the part of a snapshot's name that is its own and that `--snapshot` takes."""
    if name.startswith("awsbackup:"):
        return name.removeprefix("awsbackup:").rpartition("job-")[0] + "job-" + name.rpartition("job-")[2][:8]
    return name[-16:] if name.startswith("rds:") else name
