"""Both regions with what the settings make AWS keep of a user who was deleted, and the command that reads it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from operations.data.erase_report import ReportOptions, erase_report
from operations.frame.errors import ExitCode
from tests.operations.fake.buckets import Bucket, Buckets, expiring
from tests.operations.fake.copies import Copies, Point, Snapshot
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal, settings

SUBJECT, KEY = "u-7f3a", "users/u-7f3a/2026/holiday.jpg"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FILES, COPY = f"taskflow-production-files-{ACCOUNT}", f"taskflow-production-files-copy-{ACCOUNT}"


@dataclass(kw_only=True)
class Estate:
    """The world with its copies; `deleted_at` is when the application deleted the user, three days ago."""

    world: World = field(default_factory=World)
    folder: Path
    deleted_at: datetime = field(init=False)
    here: Copies = field(init=False)
    there: Copies = field(init=False)
    buckets: Buckets = field(init=False)
    terminal: Terminal = field(init=False)

    def __post_init__(self) -> None:
        clock = self.world.clock
        self.deleted_at = clock.now() - 3 * DAY
        self.here = Copies(clock=clock, region="us-east-1", stack="production")
        self.there = Copies(clock=clock, region="us-west-2", stack="dr")
        self.buckets = Buckets(clock=clock)
        self._databases()
        self._others()
        self._objects()
        self.world.wire.handlers = {**self.world.wire.handlers, **self.here.handlers()}
        self.world.wire.others["us-west-2"] = {**self.world.wire.handlers, **self.there.handlers()}
        self.world.wire.raw = {**self.world.wire.raw, **self.buckets.handlers()}
        self.terminal = Terminal(world=self.world, options={})

    def _databases(self) -> None:
        rds = settings().rds
        name, dr = rds.identifier, settings("dr").rds.identifier
        source = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{name}"
        insights = {"PerformanceInsightsEnabled": True, "PerformanceInsightsRetentionPeriod": 7}
        self.here.instances = [
            {"DBInstanceIdentifier": name, "DBInstanceStatus": "available", **insights},
            {"DBInstanceIdentifier": f"{name}-replica-1", "ReadReplicaSourceDBInstanceIdentifier": name},
        ]
        self.there.instances = [{"DBInstanceIdentifier": dr, "ReadReplicaSourceDBInstanceIdentifier": source}]
        for copies in (self.here, self.there):
            copies.automatic = [(name, "active", rds.backup_retention, None)]
            copies.snapshots = list(self._daily(name, rds.backup_retention))
            copies.vaults = {f"taskflow-{copies.stack}": [], "Default": []}
        weekly = [Point(created=at) for at in self._weekly()]
        # Both stacks' vaults have the name of the stack that made them.
        self.here.vaults["taskflow-production"] = weekly
        self.there.vaults["taskflow-production"] = list(weekly)

    def _daily(self, name: str, days: int) -> Iterator[Snapshot]:
        """Yield the daily snapshots around now; RDS deletes each in the cycle after its time is over."""
        first = self.world.clock.now().replace(hour=2, minute=30) - (days + 1) * DAY
        for number in range(days + 5):
            at = first + number * DAY
            yield Snapshot(name=f"rds:{name}-{at:%Y-%m-%d}", instance=name, created=at, ends=at + (days + 1) * DAY)

    def _weekly(self) -> Iterator[datetime]:
        """Yield the times of the weekly snapshots, Sundays at 07:00, of which one was before the deletion by a day."""
        sunday = self.world.clock.now().replace(hour=7, minute=0) - 1 * DAY
        assert sunday.weekday() == 6
        return (sunday - week * 7 * DAY for week in range(13))

    def _others(self) -> None:
        queue = settings().storage.queue
        for copies in (self.here, self.there):
            name, now = f"taskflow-{copies.stack}", self.world.clock.now()
            copies.cache_days = settings().elasticache.snapshot_retention
            copies.cache = [(f"automatic.{name}-{day}", "automated", now - day * DAY - 4 * HOUR) for day in range(8)]
            target = f'{{"deadLetterTargetArn": "{copies.arn("sqs", f"{name}-jobs-dead-letters")}"}}'
            copies.queues = {
                f"{name}-jobs": {"MessageRetentionPeriod": str(queue.retention * 86_400), "RedrivePolicy": target},
                f"{name}-jobs-dead-letters": {"MessageRetentionPeriod": str(14 * 86_400)},
            }
            copies.groups = dict.fromkeys(
                ("/taskflow/audit", f"/taskflow/{copies.stack}/api", "RDSOSMetrics"), settings().audit.log_retention
            )

    def _objects(self) -> None:
        days, deleted = settings().storage.bucket.old_versions, self.deleted_at
        for name in (FILES, COPY):
            bucket = self.buckets.buckets[name] = Bucket()
            bucket.rules[0] |= {"NoncurrentVersionExpiration": {"NoncurrentDays": days}}
            for key, at in ((KEY, deleted - 90 * DAY), ("users/u-7f3a1/other.jpg", deleted - DAY)):
                bucket.put(key, at)
            bucket.put(KEY, deleted - 20 * DAY)
            bucket.delete(KEY, deleted)
        age = settings().load_balancer.log_retention
        for stack in ("production", "dr"):
            self.buckets.buckets[f"taskflow-{stack}-restores-{ACCOUNT}"] = Bucket(rules=list(expiring(30)))
            bucket_of_logs = Bucket(rules=list(expiring(age)))
            self.buckets.buckets[f"taskflow-{stack}-load-balancer-logs-{ACCOUNT}"] = bucket_of_logs
            days = settings().audit.archive.retention
            lock = Bucket(lock_days=days, rules=list(expiring(days)))
            self.buckets.buckets[f"taskflow-{stack}-audit-archive-{ACCOUNT}"] = lock
        self.buckets.buckets[f"taskflow-production-edge-logs-{ACCOUNT}"] = Bucket(rules=list(expiring(age)))

    def files(self) -> Bucket:
        return self.buckets.buckets[FILES]

    def run(self, fault: Fault | None = None, *, subject: str = SUBJECT, **options: Any) -> ExitCode:
        """Run the command; `deleted_at` and `output` may be others."""
        wanted = {"deleted_at": self.deleted_at.isoformat(), "output": self.folder / "proof.md", **options}
        return self.terminal.run(
            lambda context: erase_report(context, ReportOptions(subject=subject, **wanted)),  # pyright: ignore[reportArgumentType]
            fault,
        )

    @property
    def proof(self) -> str:
        return (self.folder / "proof.md").read_text()
