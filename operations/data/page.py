"""The proof as a page: for the person who asked, and for an auditor. The same readings become the same text."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from components.shared.environment import Environment
from operations.data.ends import LIMIT_DAYS, last_day
from operations.data.remainder import PROBLEMS, Question, Remainder, Verdict

TIME = "%Y-%m-%d %H:%M:%S"


def page(environment: Environment, question: Question, found: Sequence[Remainder]) -> str:
    """Return the page as Markdown."""
    verdicts = [(each, each.verdict(question.deleted_at)) for each in found]
    problems = [each for each, verdict in verdicts if verdict in PROBLEMS]
    kept = [each for each, verdict in verdicts if verdict is Verdict.KEPT]
    return "\n".join(
        (
            f"# Deletion of {question.subject.id}",
            "",
            *_facts(environment, question, found, problems),
            "",
            "## Copies",
            "| place | region | now | last copy ends by (UTC) | days | rule | verdict | read at (UTC) |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(question, each, verdict) for each, verdict in verdicts if verdict is not Verdict.KEPT),
            "",
            *_kept(question, kept),
            *_problems(problems),
            *_limits(),
        )
    )


def _facts(
    environment: Environment, question: Question, found: Sequence[Remainder], problems: Sequence[Remainder]
) -> Iterator[str]:
    ends = [each.ends for each in found if each.ends and each.verdict(question.deleted_at) is Verdict.ENDS]
    limit = last_day(question.deleted_at)
    if problems:
        result = f"**Not proven.** {len(problems)} of {len(found)} places aren't empty in time: see below."
    elif ends:
        result = f"**The last copy ends by {_stamp(max(ends))} UTC.** Nothing has to be done until then."
    else:
        result = "**No copy is left**, apart from what is kept by rule."
    yield "| | |"
    yield "|---|---|"
    yield f"| Application | {environment.application}, AWS account {environment.account} |"
    yield f"| Deleted by the application | {_stamp(question.deleted_at)} UTC, as stated for this report |"
    yield f"| Limit | {LIMIT_DAYS} calendar days: {_stamp(limit)} UTC |"
    times = [each.read_at for each in found]
    yield f"| Read | {_stamp(min(times))} to {_stamp(max(times))} UTC |"
    yield f"| Result | {result} |"


def _row(question: Question, each: Remainder, verdict: Verdict) -> str:
    is_over = verdict is Verdict.GONE
    cells = (
        each.place,
        each.region,
        "not by person" if each.found is None else f"{each.found:,}",
        "" if is_over or each.ends is None else _stamp(each.ends),
        "" if is_over or each.ends is None else str(each.days_after(question.deleted_at)),
        each.rule,
        str(verdict),
        _stamp(each.read_at),
    )
    return f"| {' | '.join(cells)} |"


def _kept(question: Question, kept: Sequence[Remainder]) -> Iterator[str]:
    if not kept:
        return
    yield "## Kept longer, with the reason"
    for each in kept:
        end = "without an end" if each.ends is None else f"until {_stamp(each.ends)} UTC at the latest"
        yield (
            f"- **{each.place}, {each.region}**: {end}, {each.days_after(question.deleted_at)} days after the deletion "
            f"({each.rule}; read at {_stamp(each.read_at)}). {each.kept}"
        )
    yield ""


def _problems(problems: Sequence[Remainder]) -> Iterator[str]:
    if not problems:
        return
    yield "## To settle"
    yield from (f"- **{each.place}, {each.region}**: {each.rule}. {each.remedy}." for each in problems)
    yield ""


def _limits() -> Iterator[str]:
    yield "## How to read it"
    yield (
        "- Every end is the latest one that AWS's rules allow, with the time that a service may take. Where AWS names "
        "no limit, as for S3's removal, the allowance is part of the rule; a copy that is left after it is overdue."
    )
    yield "- Counts are of copies, not of contents. `not by person`: it ends by age."
    yield (
        "- A later change of a rule, a copy made by hand and a restore aren't foreseen: the same command, run after "
        "the last end, shows that no copy is left."
    )
    yield (
        "- Not read: the rows and the cache that the application itself deletes, what people write in tickets and "
        "incidents, exports that were downloaded, and what other companies were sent."
    )
    yield ""


def _stamp(time: datetime) -> str:
    return f"{time:{TIME}}"
