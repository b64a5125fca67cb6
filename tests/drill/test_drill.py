"""The drill of a lost region, and its page."""

from pathlib import Path

import pytest

from tests.drill.run import PAGE, PLAN, TABLE, run_drill
from tests.drill.transcript import without_times


@pytest.mark.thorough
def test_the_page_is_that_of_a_drill(tmp_path: Path) -> None:
    """Commands, outputs, exit codes and simulated times are those of a run; measured times differ."""
    report = run_drill(tmp_path)
    assert without_times(PAGE.read_text(encoding="utf-8")) == without_times(report.page), "`make drill` writes it"


def test_the_recovery_plan_has_the_times_of_the_page() -> None:
    found = TABLE.search(PLAN.read_text(encoding="utf-8"))
    assert found
    rows = [[cell.strip() for cell in line.split("|")[1:6]] for line in found[2].splitlines()]
    page = PAGE.read_text(encoding="utf-8")
    of_page = [[cell.strip() for cell in line.split("|")[1:6]] for line in page.splitlines() if line.count("|") == 8]
    assert rows == of_page, "`make drill` writes both"
