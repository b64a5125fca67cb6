"""Whether the recovery region can take over: one finding for each thing that a promotion or its users need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from operations.checklist.judgement import Finding, Verdict, finding_of
from operations.checklist.table import SIGNS
from operations.dr import copies, local, primary
from operations.dr.sight import Sight
from operations.dr.targets import Mode
from operations.frame.report import Report

BOTH, GRACEFUL = frozenset(Mode), frozenset({Mode.GRACEFUL})
NONE = frozenset[Mode]()


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: its key and title, and which promotions it refuses."""

    key: str
    title: str
    run: Callable[[Sight], Finding]
    refuses: frozenset[Mode] = NONE


@dataclass(frozen=True, kw_only=True)
class Row:
    """A check and its finding."""

    check: Check
    finding: Finding

    @property
    def is_missing(self) -> bool:
        """Whether the region isn't ready for this reason. What only production knows may be unknown."""
        verdict = self.finding.verdict
        return verdict is Verdict.FAILED or (verdict is Verdict.UNKNOWN and self.check.refuses == BOTH)


CHECKS: Sequence[Check] = (
    Check(key="instance", title="Database can be promoted", run=local.instance, refuses=BOTH),
    Check(key="backup", title="No backup runs", run=local.backup, refuses=BOTH),
    Check(key="lag", title="Writes that dr lacks", run=primary.lag, refuses=GRACEFUL),
    Check(key="parameters", title="Database parameters", run=local.parameters),
    Check(key="release", title="A release runs", run=local.release, refuses=BOTH),
    Check(key="image", title="Its image is in dr's registry", run=local.image, refuses=BOTH),
    Check(key="same-release", title="Production runs the same", run=primary.same_release),
    Check(key="tasks", title="Tasks are healthy", run=local.tasks, refuses=BOTH),
    Check(key="capacity", title="Room for production's load", run=local.capacity, refuses=BOTH),
    Check(key="secrets", title="Secrets are here", run=copies.secrets, refuses=BOTH),
    Check(key="secrets-in-sync", title="Secrets are production's", run=primary.secrets),
    Check(key="certificate", title="Certificate", run=local.certificate, refuses=BOTH),
    Check(key="production-certificates", title="Certificates of users' hosts", run=primary.certificates),
    Check(key="daily-backups", title="Copies of daily backups", run=copies.daily_backups),
    Check(key="weekly-snapshots", title="Copies of weekly snapshots", run=copies.weekly_snapshots),
    Check(key="files", title="Files are replicated", run=primary.files),
    Check(key="files-back", title="Files of dr are replicated", run=primary.files_back),
    Check(key="health", title="dr answers from outside", run=local.health, refuses=BOTH),
    Check(key="latch", title="Latch", run=local.latch),
    Check(key="alarms", title="Alarms", run=local.alarms),
    Check(key="stack-file", title="Stack file", run=local.stack_file),
    Check(key="fence", title="One region takes writes", run=primary.one_writer),
)  # fmt: skip


def rows_of(sight: Sight, checks: Sequence[Check] = CHECKS) -> Sequence[Row]:
    """Make the checks."""
    region = sight.recovery.environment.region
    return [Row(check=each, finding=finding_of(lambda each=each: each.run(sight), region)) for each in checks]


def refusals(sight: Sight, mode: Mode) -> Sequence[Row]:
    """Return what refuses a promotion. Only a graceful one asks production's region."""
    checks = [each for each in CHECKS if mode in each.refuses]
    return [row for row in rows_of(sight, checks) if row.finding.verdict in {Verdict.FAILED, Verdict.UNKNOWN}]


def show(report: Report, rows: Sequence[Row]) -> None:
    """Print the table and what to do; collect the values of the JSON document."""
    report.table(("", "check", "result"), [_cells(row) for row in rows])
    advice: dict[str, list[str]] = {}
    for row in rows:
        if row.finding.verdict is Verdict.FAILED or row.is_missing:
            advice.setdefault(row.finding.advice or "Run it again.", []).append(row.check.key)
    if advice:
        report.line()
        report.line("To do", "bold")
    for text, keys in advice.items():
        report.bullet(f"{', '.join(keys)}: {text}")
    report.line()
    report.values["checks"] = [_values(row) for row in rows]


def _cells(row: Row) -> Sequence[str | Text]:
    sign, style = SIGNS[row.finding.verdict]
    # What only production knows, and which doesn't refuse a promotion.
    is_calm = row.finding.verdict is Verdict.UNKNOWN and not row.is_missing
    return Text(sign, style="yellow" if is_calm else style), row.check.title, row.finding.detail


def _values(row: Row) -> Mapping[str, Any]:
    finding = row.finding
    return {
        "check": row.check.key,
        "title": row.check.title,
        "verdict": str(finding.verdict),
        "detail": finding.detail,
        "advice": finding.advice,
        "refuses": sorted(row.check.refuses),
    }
