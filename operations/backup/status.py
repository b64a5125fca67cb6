"""`taskflow backup status`: the five rows of the Backup Schedule, each with what is required and what was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from operations.backup import freshness, schedule
from operations.checklist.judgement import GOOD, Finding, Verdict, finding_of
from operations.checklist.table import SIGNS
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A row of the document's Backup Schedule: its words, and the checks of which all must pass."""

    key: str
    data: str
    required: str
    checks: Sequence[Callable[[Context], Finding]]


SCHEDULE = (
    Requirement(
        key="rds-automated",
        data="RDS Automated",
        required="daily, 30 days",
        checks=(
            freshness.daily_backup, freshness.point_in_time, schedule.restorable_since, schedule.daily_retention,
        ),
    ),
    Requirement(
        key="rds-snapshot",
        data="RDS Snapshot",
        required="weekly, 90 days",
        checks=(freshness.weekly_snapshot, schedule.snapshot_retention, schedule.snapshot_copy),
    ),
    Requirement(
        key="redis-snapshot",
        data="Redis Snapshot",
        required="daily, 7 days",
        checks=(freshness.cache_snapshot, schedule.cache_retention),
    ),
    Requirement(
        key="s3-data",
        data="S3 Data",
        required="continuous, versioned",
        checks=(schedule.versions, schedule.replication),
    ),
    Requirement(
        key="cloudwatch-logs",
        data="CloudWatch Logs",
        required="continuous, 90 days",
        checks=(schedule.log_retention,),
    ),
)  # fmt: skip
# The worst comes first.
_ORDER = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PASSED, Verdict.NOT_NEEDED)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement with its findings."""

    requirement: Requirement
    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict; a requirement is not needed only if no check of it is."""
        return min((finding.verdict for finding in self.findings), key=_ORDER.index)


def status(context: Context) -> None:
    """Show each row of the Backup Schedule; OperationError with exit code 8 if one isn't met."""
    context.caller()
    environment, report = context.environment, context.report
    report.line(f"Backup Schedule of {environment.name} ({environment.region})", "bold")
    rows = [_row(requirement, context) for requirement in SCHEDULE]
    report.table(("", "data", "required", "found"), [cells for row in rows for cells in _cells(row)])
    report.values["rows"] = [_values(row) for row in rows]
    advice = dict.fromkeys(
        finding.advice for row in rows for finding in row.findings if finding.verdict not in GOOD and finding.advice
    )
    if advice:
        report.line()
        report.line("To do", "bold")
    for text in advice:
        report.bullet(text)
    report.line()
    bad = [row.requirement.data for row in rows if row.verdict not in GOOD]
    if bad:
        raise OperationError(
            f"The Backup Schedule of {environment.name} isn't met: {', '.join(bad)}", code=ExitCode.CHECK_FAILED
        )
    report.done(f"The Backup Schedule of {environment.name} is met")


def _row(requirement: Requirement, context: Context) -> Row:
    findings: list[Finding] = []
    for check in requirement.checks:
        finding = finding_of(lambda check=check: check(context), context.environment.region)
        if finding not in findings:
            findings.append(finding)
    return Row(requirement=requirement, findings=findings)


def _cells(row: Row) -> Sequence[Sequence[str | Text]]:
    cells: list[Sequence[str | Text]] = []
    for number, finding in enumerate(row.findings):
        sign, style = SIGNS[finding.verdict]
        named = ("", "") if number else (row.requirement.data, row.requirement.required)
        cells.append((Text(sign, style=style), *named, finding.detail))
    return cells


def _values(row: Row) -> Mapping[str, object]:
    return {
        "row": row.requirement.key,
        "data": row.requirement.data,
        "required": row.requirement.required,
        "verdict": str(row.verdict),
        "findings": [
            {"verdict": str(finding.verdict), "detail": finding.detail, "advice": finding.advice}
            for finding in row.findings
        ],
    }
