"""What a checklist amounts to: each item's verdict, and what is open, failed or unknown. Plain values, no AWS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from operations.checklist.answers import Answer
from operations.checklist.items import CHANGE_REQUEST, Item, Phase
from operations.frame.aws import explained
from operations.frame.errors import ExitCode, OperationError


class Verdict(StrEnum):
    """How an item stands. UNKNOWN: its check can't be made, which is no pass."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    OPEN = "open"
    NOT_NEEDED = "not needed"


GOOD = frozenset({Verdict.PASSED, Verdict.NOT_NEEDED})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of a machine's check in words, and what to do unless it passed."""

    verdict: Verdict
    detail: str
    advice: str = ""


def passed(detail: str) -> Finding:
    """Return a finding that passes."""
    return Finding(verdict=Verdict.PASSED, detail=detail)


def failed(detail: str, advice: str) -> Finding:
    """Return a finding that fails."""
    return Finding(verdict=Verdict.FAILED, detail=detail, advice=advice)


def not_needed(detail: str) -> Finding:
    """Return the finding of an item that this stack doesn't have."""
    return Finding(verdict=Verdict.NOT_NEEDED, detail=detail)


def finding_of(check: Callable[[], Finding], region: str) -> Finding:
    """Make a check. An error is no pass, and doesn't end the other checks."""
    try:
        return check()
    except OperationError as error:
        problem = error
    except (BotoCoreError, ClientError) as error:
        problem = explained(error, region)
    return Finding(verdict=Verdict.UNKNOWN, detail=f"can't be checked: {problem.message}", advice=problem.advice)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When and for what answers are judged: the time, the ticket, and the end of the deployment, None without one."""

    now: datetime
    ticket: str
    deployed_at: datetime | None = None


def expiry(item: Item, answer: Answer, moment: Moment) -> str:
    """Return why a recorded answer no longer holds; empty text if it does. Answers for another image are dropped."""
    if item.limit and moment.now - answer.at > item.limit:
        return f"answered more than {_duration(item.limit)} ago"
    if item.key == CHANGE_REQUEST and answer.ticket != moment.ticket:
        return f"answered for {answer.ticket}"
    if item.phase is Phase.AFTER and moment.deployed_at and answer.at < moment.deployed_at:
        return "answered before the deployment"
    return ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the result: who answered and when, for an item that a person answers."""

    item: Item
    verdict: Verdict
    detail: str
    advice: str = ""
    answer: Answer | None = None


def rows_of(
    items: Sequence[Item], findings: Mapping[str, Finding], answers: Mapping[str, Answer], moment: Moment
) -> Sequence[Row]:
    """Judge each item: by its finding, or by a person's answer if it still holds."""
    return [_row(item, findings.get(item.key), answers.get(item.key), moment) for item in items]


def _row(item: Item, finding: Finding | None, answer: Answer | None, moment: Moment) -> Row:
    if finding:
        return Row(item=item, verdict=finding.verdict, detail=finding.detail, advice=finding.advice)
    if item.phase is Phase.AFTER and moment.deployed_at is None:
        return Row(item=item, verdict=Verdict.OPEN, detail="not answered: the version isn't running")
    if answer is None:
        return Row(item=item, verdict=Verdict.OPEN, detail="not answered")
    if reason := expiry(item, answer, moment):
        return Row(item=item, verdict=Verdict.OPEN, detail=f"not answered: {reason}")
    verdict = Verdict.PASSED if answer.is_yes else Verdict.FAILED
    advice = "" if answer.is_yes else "Run the command again to answer anew."
    detail = "yes" if answer.is_yes else "no"
    return Row(item=item, verdict=verdict, detail=detail, advice=advice, answer=answer)


def require_good(rows: Sequence[Row], name: str) -> None:
    """Raise OperationError, naming the items, unless every item is good."""
    groups = ((Verdict.FAILED, "failed"), (Verdict.UNKNOWN, "can't be checked"), (Verdict.OPEN, "open"))
    parts = [
        f"{words}: {', '.join(keys)}"
        for verdict, words in groups
        if (keys := [row.item.key for row in rows if row.verdict is verdict])
    ]
    if parts:
        is_open = any(row.verdict is Verdict.OPEN for row in rows)
        answer = " Open items: answer in a terminal, or add --confirm ITEM." if is_open else ""
        raise OperationError(
            f"{name} isn't complete ({'; '.join(parts)})",
            code=ExitCode.CHECK_FAILED,
            advice=f"Run the same command again once they are settled; recorded answers stay.{answer}",
        )


def age(duration: timedelta) -> str:
    """Return an age in the largest fitting unit: `12 min`, `5 h`, `3 days`."""
    minutes = max(0, int(duration.total_seconds())) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _duration(duration: timedelta) -> str:
    return "an hour" if duration == timedelta(hours=1) else age(duration)
