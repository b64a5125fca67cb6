"""Shows a checklist: one table for each list, then what to do about the items that aren't settled."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from operations.checklist.items import Phase
from operations.checklist.judgement import GOOD, Row, Verdict
from operations.frame.report import Report

SIGNS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.UNKNOWN: ("?", "bold red"),
    Verdict.OPEN: ("□", "yellow"),
    Verdict.NOT_NEEDED: ("-", "dim"),
}


def show(report: Report, rows: Sequence[Row]) -> None:
    """Print the tables and the advice; collect the values of the JSON document."""
    for phase in Phase:
        listed = [row for row in rows if row.item.phase is phase]
        if listed:
            report.line()
            report.table(("", phase, "result"), [_cells(row) for row in listed])
    advice: dict[str, list[str]] = {}
    for row in rows:
        if row.verdict not in GOOD and row.advice:
            advice.setdefault(row.advice, []).append(row.item.key)
    if advice:
        report.line()
        report.line("To do", "bold")
    for text, keys in advice.items():
        report.bullet(f"{', '.join(keys)}: {text}")
    report.line()
    report.values["items"] = [_values(row) for row in rows]


def line(report: Report, row: Row) -> None:
    """Print one item."""
    sign, style = SIGNS[row.verdict]
    report.line(f"{sign} {row.item.title}: {words(row)}", style)


def words(row: Row) -> str:
    """Return the result; of an answer also when and by whom: `yes, 2026-11-02 10:12 by taskflow-devops/change-1`."""
    answer = row.answer
    if answer is None:
        return row.detail
    note = f": {answer.note}" if answer.note else ""
    return f"{row.detail}, {answer.at:%Y-%m-%d %H:%M} by {answer.by}{note}"


def _cells(row: Row) -> Sequence[str | Text]:
    sign, style = SIGNS[row.verdict]
    return Text(sign, style=style), row.item.title, words(row)


def _values(row: Row) -> Mapping[str, str | None]:
    answer = row.answer
    return {
        "item": row.item.key,
        "list": str(row.item.phase),
        "title": row.item.title,
        "verdict": str(row.verdict),
        "detail": row.detail,
        "advice": row.advice,
        "answeredAt": answer.at.isoformat() if answer else None,
        "answeredBy": answer.by if answer else None,
        "note": answer.note if answer else None,
    }
