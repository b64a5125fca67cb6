"""`taskflow dr status`: whether the recovery region can take over, and what is missing. It changes nothing."""

from operations.checklist.judgement import Verdict
from operations.dr.readiness import rows_of, show
from operations.dr.sight import Sight
from operations.dr.stacks import stacks_of
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError


def status(context: Context) -> None:
    """Show each check; OperationError unless the recovery region is ready, as far as is known."""
    stacks = stacks_of(context)
    stacks.recovery.caller()
    sight = Sight(stacks=stacks)
    rows = rows_of(sight)
    environment = stacks.recovery.environment
    context.report.line(f"{environment.name} ({environment.region})", "bold")
    show(context.report, rows)
    missing = [row.check.key for row in rows if row.is_missing]
    unknown = [row.check.key for row in rows if row.finding.verdict is Verdict.UNKNOWN and not row.is_missing]
    context.report.values |= {"ready": not missing, "missing": missing, "unknown": unknown}
    if sight.lost:
        context.report.warning(
            f"{stacks.production.environment.region} doesn't answer. Not known: {', '.join(unknown)}"
        )
    # An instance that can't be read, or doesn't serve, hasn't taken over.
    has_taken_over = "instance" not in missing and not sight.instance.is_replica
    if missing:
        state = "dr has taken over, but these checks failed" if has_taken_over else "dr isn't ready"
        raise OperationError(f"{state}: {', '.join(missing)}", code=ExitCode.CHECK_FAILED)
    context.report.done("dr has taken over" if has_taken_over else "dr is ready")
