"""Conformance: the requirements of the document, and whether each row holds in the states."""

from collections.abc import Mapping, Sequence

from reports.conformance import page as conformance_page
from reports.conformance.evaluate import problems
from reports.conformance.rows import Row, rows
from reports.evidence.source import Source

HEAD = """\
# Conformance
What the requirements document requires, section by section, and what meets it. *Result* is what the states of both
stacks show: whether the resource has these properties. Rows without a result are held by rules
([policies](policies.md)), by tests of the repository, by commands or by people, as their columns say: a state can't
show them.
"""


def failures(sources: Sequence[Source]) -> Mapping[str, Sequence[str]]:
    """Return what doesn't hold, by the rows' keys."""
    states = {source.stack: source.state for source in sources}
    found = {
        row.key: [f"{stack}: {each}" for stack in row.stacks for each in problems(row, states[stack])]
        for row in rows()
        if row.is_evaluated
    }
    return {key: texts for key, texts in found.items() if texts}


def page(failed: Mapping[str, Sequence[str]]) -> str:
    """Return the page."""
    listed = rows()
    evaluated = sum(row.is_evaluated for row in listed)
    result = f"**{evaluated - len(failed)} of {evaluated} rows** that a state can show hold in these states.\n"
    lines = [HEAD, result, *conformance_page.head_counts(listed)]
    lines += conformance_page.sections(listed, lambda row: _result(row, failed))
    lines += conformance_page.differently(listed)
    return "\n".join(lines) + "\n"


def _result(row: Row, failed: Mapping[str, Sequence[str]]) -> str:
    if not row.is_evaluated:
        return ""
    return "**doesn't hold**: " + "<br>".join(failed[row.key]) if row.key in failed else "holds"
