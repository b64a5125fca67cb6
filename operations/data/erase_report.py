"""`taskflow data erase-report`: proof of when each copy of a deleted person's data ends.

Section: Compliance (Right to deletion). Read-only: it needs no ticket. It reads what AWS has, in both regions, and
fails if a place can't be read: a report with a gap proves nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.audit.time_range import time_of
from operations.data.databases import Databases
from operations.data.objects import access_logs, archive, exports, files
from operations.data.others import cache, log_groups, queues
from operations.data.page import page
from operations.data.remainder import PROBLEMS, Question, Remainder, Verdict
from operations.data.subject import Subject
from operations.data.vaults import bounded, remainders, vaults
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.incident.files import write_document
from settings.stacks import PRIMARY, STACKS

ALL = "both regions"


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """The options as a person enters them."""

    subject: str
    deleted_at: str
    output: Path | None = None


def erase_report(context: Context, options: ReportOptions) -> None:
    """Read every place, print and write the proof; OperationError if a copy doesn't end in time."""
    question = _question(context, options)
    context.caller()
    found = list(_remainders(context, question))
    _show(context, question, found)
    name = f"erase-report-{question.subject.id}-{context.clock.now():%Y-%m-%d}.md"
    path = write_document(context, options.output or Path(name), page(context.environment, question, found))
    context.report.values["file"] = str(path)
    context.report.command(f"The page is {path}")
    problems = [each for each in found if each.verdict(question.deleted_at) in PROBLEMS]
    if problems:
        raise _problem(question, problems)
    context.report.done(_result(question, last_of(question, found)))


def last_of(question: Question, found: Sequence[Remainder]) -> Remainder | None:
    """Return the place whose copy ends last, of those that have to end; None if nothing is left."""
    ending = [each for each in found if each.verdict(question.deleted_at) is Verdict.ENDS]
    return max(ending, key=lambda each: each.ends or question.deleted_at, default=None)


def _question(context: Context, options: ReportOptions) -> Question:
    subject = Subject(id=options.subject)
    deleted_at, now = time_of("--deleted-at", options.deleted_at, context.clock.now()), context.clock.now()
    if deleted_at > now:
        raise OperationError(
            f"--deleted-at {options.deleted_at} is in the future",
            code=ExitCode.USAGE,
            advice="It is the time at which the application deleted the person's data, in UTC.",
        )
    return Question(subject=subject, deleted_at=deleted_at)


def _remainders(context: Context, question: Question) -> Iterator[Remainder]:
    """Yield every place of both stacks: the other one's region has copies, whichever is named."""
    contexts = [context if each == context.environment.stack else context.of_stack(each) for each in STACKS]
    primary, *_ = (each for each in contexts if each.environment.stack == PRIMARY)
    bucket = primary.environment.bucket_name
    yield Remainder(
        place="live rows, live cache",
        region=ALL,
        found=None,
        ends=question.deleted_at,
        rule="deleted by the application at the stated time; not read here",
        read_at=context.clock.now(),
        is_stated=True,
    )
    for each in contexts:
        is_primary = each.environment.stack == PRIMARY
        context.step(f"Reading {each.environment.region}")
        yield from files(each, question, bucket("files" if is_primary else "files-copy"), is_copy=not is_primary)
        points = vaults(each)
        arns = frozenset(arn for vault in points for arn in bounded(vault))
        names = frozenset(_identifiers(contexts))
        yield from Databases(context=each, question=question, identifiers=names, recovery_points=arns).remainders()
        for vault in points:
            yield from remainders(each, question, vault)
        yield from cache(each, question)
        yield from queues(each, question)
        yield from log_groups(each, question)
        if is_primary:
            yield access_logs(each, question, bucket("edge-logs"), "CloudFront's access logs")
        yield access_logs(
            each, question, each.environment.bucket_name("load-balancer-logs"), "load balancer's access logs"
        )
        yield exports(each, question)
        yield archive(each, question)


def _identifiers(contexts: Sequence[Context]) -> Iterator[str]:
    """Yield the names of the application's databases; their replicas name them as their source."""
    for each in contexts:
        rds = each.settings.rds
        yield rds.identifier
        if rds.successor:
            yield rds.successor.identifier


def _show(context: Context, question: Question, found: Sequence[Remainder]) -> None:
    deleted_at = question.deleted_at
    context.report.values |= {
        "subject": question.subject.id,
        "deletedAt": deleted_at.isoformat(),
        "places": [each.document(deleted_at) for each in found],
    }
    if context.report.as_json:
        return
    context.report.line(f"{question.subject.id}, deleted at {deleted_at:%Y-%m-%d %H:%M} UTC", "bold")
    rows: list[tuple[str, ...]] = []
    region = ""
    for each in found:
        # A region has a row of its own, so that the columns fit a terminal.
        if each.region != region:
            region = each.region
            rows.append((region,))
        verdict = each.verdict(deleted_at)
        end = "" if verdict is Verdict.GONE or each.ends is None else f"{each.ends:%Y-%m-%d}"
        rows.append((f"  {each.place}", "" if each.found is None else str(each.found), end, str(verdict)))
    context.report.table(("place", "now", "ends by", ""), rows)


def _result(question: Question, last: Remainder | None) -> str:
    if last is None:
        return "No copy is left, apart from what is kept by rule"
    return (
        f"The last copy ends by {last.ends:%Y-%m-%d %H:%M} UTC, {last.days_after(question.deleted_at)} days after the "
        "deletion. Run the same command after that: then no copy may be left"
    )


def _problem(question: Question, problems: Sequence[Remainder]) -> OperationError:
    lines: list[str] = []
    for each in problems:
        verdict = each.verdict(question.deleted_at)
        lines.append(f"{each.place} ({each.region}): {MEANINGS[verdict](each)}. {each.remedy}.")
    commands = [each.command for each in problems if each.command]
    count = len(problems)
    return OperationError(
        "\n".join((f"{count} place{'' if count == 1 else 's'} will not be empty 90 days after the deletion:", *lines)),
        code=ExitCode.CHECK_FAILED,
        advice="Settle each, then run the same command again." if not commands else "Settle each, such as with:",
        command="\n  ".join(commands),
    )


MEANINGS: dict[Verdict, Callable[[Remainder], str]] = {
    Verdict.CURRENT: lambda each: f"{each.found} not deleted",
    Verdict.OVERDUE: lambda each: f"{each.found} should have ended by {each.ends:%Y-%m-%d}",
    Verdict.LATE: lambda each: f"ends on {each.ends:%Y-%m-%d}, too late",
    Verdict.ENDLESS: lambda _: "never ends",
}
