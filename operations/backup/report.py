"""`taskflow backup report`: restore tests, backups and copies of the last days, as evidence for an auditor."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from operations.backup.freshness import instance_of
from operations.backup.jobs import COMPLETED, FAILED_STATES, Job, RestoreTest, backup_jobs, copy_jobs, restore_tests
from operations.checklist.judgement import age
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.incident.files import write_document
from operations.release.release import is_writable

# AWS Backup lists its jobs for 30 days.
MAX_DAYS = 30
WEEK = timedelta(days=7)
# A week, the start window of twelve hours at most, and the time to restore.
TEST_LIMIT = timedelta(days=8)
RUNBOOK = "docs/runbooks/restore-test-failed.md"
GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What AWS Backup lists for a time, and what is missing in it."""

    name: str
    region: str
    since: datetime
    until: datetime
    tests: Sequence[RestoreTest]
    backups: Sequence[Job]
    copies: Sequence[Job]
    has_copies: bool
    # The database's age limits what can be missing.
    created_at: datetime

    @property
    def gaps(self) -> Sequence[str]:
        """Return what is missing for a week, the newest first."""
        kinds: list[tuple[str, Sequence[datetime]]] = [
            ("weekly snapshot", [job.created_at for job in self.backups if job.state == COMPLETED]),
            ("validated restore test", [test.created_at for test in self.tests if test.is_proof]),
        ]
        if self.has_copies:
            kinds.insert(1, ("copy", [job.created_at for job in self.copies if job.state == COMPLETED]))
        return [
            f"{start:%Y-%m-%d} to {start + WEEK:%Y-%m-%d}: no {kind}"
            for start in self._weeks()
            for kind, times in kinds
            if not any(start <= time < start + WEEK for time in times)
        ]

    def _weeks(self) -> Sequence[datetime]:
        first = max(self.since, self.created_at)
        count = (self.until - first) // WEEK
        return [self.until - WEEK * number for number in range(1, count + 1)]

    @property
    def failures(self) -> Sequence[Job]:
        """Return the backups and copies that failed."""
        return [job for job in (*self.backups, *self.copies) if job.state in FAILED_STATES]

    @property
    def problem(self) -> str:
        """Return what is wrong with the last restore test; empty text if it is a proof."""
        if not self.tests:
            is_new = self.until - self.created_at < TEST_LIMIT
            return "" if is_new else f"There is no restore test since {self.since:%Y-%m-%d}"
        last = self.tests[0]
        of = f"The last restore test ({last.created_at:%Y-%m-%d %H:%M})"
        if self.until - last.created_at > TEST_LIMIT:
            return f"{of} is {age(self.until - last.created_at)} old, limit {age(TEST_LIMIT)}"
        if last.status in FAILED_STATES:
            return f"{of} failed: {last.message or last.status}"
        if last.status != COMPLETED:
            return f"{of} isn't complete yet: {last.status.lower()}"
        if last.validation == "FAILED":
            return f"{of} failed its validation: {last.validation_message or 'no message'}"
        return "" if last.is_proof else f"{of} wasn't validated{f': {last.validation}' if last.validation else ''}"


def report(context: Context, *, days: int = MAX_DAYS, output: Path | None = None) -> None:
    """Show the evidence, write it to a file; OperationError with exit code 8 unless the last test is a proof."""
    context.caller()
    environment = context.environment
    if not is_writable(context):
        context.report.line(f"{environment.name} is a replica: its source has the backups and the restore tests")
        return
    now = context.clock.now()
    since = now - timedelta(days=days)
    evidence = Evidence(
        name=environment.name,
        region=environment.region,
        since=since,
        until=now,
        tests=restore_tests(context, since),
        backups=backup_jobs(context, since),
        copies=copy_jobs(context, since),
        has_copies=context.settings.backup.recovery is not None,
        created_at=instance_of(context)["InstanceCreateTime"],
    )
    _show(context, evidence)
    context.report.values |= _values(evidence)
    if output:
        context.report.line(f"Written to {write_document(context, output, markdown(evidence))}")
    if evidence.problem:
        raise OperationError(
            evidence.problem, code=ExitCode.CHECK_FAILED, advice=f"Find out why and repeat the test: {RUNBOOK}."
        )
    context.report.done(
        "The last restore test was validated" if evidence.tests else "No restore test is due yet: the database is new"
    )


def _show(context: Context, evidence: Evidence) -> None:
    out = context.report
    out.line(
        f"Backups of {evidence.name} ({evidence.region}), {evidence.since:%Y-%m-%d} to {evidence.until:%Y-%m-%d}",
        "bold",
    )
    for title, columns, rows in _tables(evidence):
        out.line()
        out.line(title, "bold")
        if rows:
            out.table(columns, rows)
        else:
            out.line("none")
    if evidence.gaps:
        out.line()
        out.line("Missing", "bold")
        for gap in evidence.gaps:
            out.bullet(gap)
    out.line()


Rows = Sequence[Sequence[str]]


def _tables(evidence: Evidence) -> Sequence[tuple[str, Sequence[str], Rows]]:
    tests = [
        (
            f"{test.created_at:%Y-%m-%d %H:%M}",
            f"{test.snapshot_at:%Y-%m-%d}" if test.snapshot_at else "",
            age(test.duration) if test.duration else "",
            size(test.size),
            test.status.lower(),
            test.validation.lower() or "none",
            test.validation_message or test.message,
        )
        for test in evidence.tests
    ]
    jobs = [
        (f"{job.created_at:%Y-%m-%d %H:%M}", job.kind, size(job.size), job.state.lower(), job.message)
        for job in sorted((*evidence.backups, *evidence.copies), key=lambda job: job.created_at, reverse=True)
    ]
    return (
        ("Restore tests", ("UTC", "snapshot", "took", "size", "restore", "validation", "message"), tests),
        ("Backups and copies", ("UTC", "job", "size", "state", "message"), jobs),
    )


def size(count: int) -> str:
    """Return a size in GiB."""
    return f"{count / GIB:.0f} GiB" if count else ""


def markdown(evidence: Evidence) -> str:
    """Return the evidence as a page, in UTC."""
    lines = [
        f"# Backups of {evidence.name}",
        f"{evidence.region}, {evidence.since:%Y-%m-%d %H:%M} to {evidence.until:%Y-%m-%d %H:%M} UTC.",
        "",
        f"**Result.** {evidence.problem or 'The last restore test was validated.'}",
    ]
    for title, columns, rows in _tables(evidence):
        lines += ["", f"## {title}"]
        if rows:
            lines += [_line(columns), _line(["---"] * len(columns)), *(_line(row) for row in rows)]
        else:
            lines.append("None.")
    lines += ["", "## Missing", *([f"- {gap}" for gap in evidence.gaps] or ["Nothing."])]
    lines += ["", "## Ids", *(f"- restore {test.id}" for test in evidence.tests)]
    lines += [f"- {job.kind} {job.id}" for job in (*evidence.backups, *evidence.copies)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _values(evidence: Evidence) -> Mapping[str, object]:
    return {
        "since": evidence.since.isoformat(),
        "until": evidence.until.isoformat(),
        "problem": evidence.problem,
        "missing": list(evidence.gaps),
        "restoreTests": [asdict(test) for test in evidence.tests],
        "backups": [asdict(job) for job in evidence.backups],
        "copies": [asdict(job) for job in evidence.copies],
        "failures": [job.id for job in evidence.failures],
    }
