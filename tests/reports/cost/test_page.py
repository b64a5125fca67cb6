"""docs/cost.md and docs/cost.json are what both stacks cost today, and every type of resource is priced or free."""

from dataclasses import fields, replace

import pytest
from rich.console import Console

from reports.cost.__main__ import ITEMS
from reports.cost.difference import difference, dump_items, load_items
from reports.cost.estimate import PRICED, estimate, total
from reports.cost.free import FREE
from reports.cost.markdown import page
from reports.cost.prices import load_prices
from reports.cost.report import Report, make_report
from reports.cost.terminal import show, show_difference
from reports.cost.usage import Usage, load_assumptions, usage_of
from reports.states import PROJECT, State, read_state
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")

PAGE = PROJECT / "docs" / "cost.md"


@pytest.fixture(scope="module")
def states(both: BothStacks) -> list[State]:
    return [read_state(stack, both[stack].state) for stack in ("production", "dr")]


@pytest.fixture(scope="module")
def report(states: list[State]) -> Report:
    return make_report(states)


def test_the_page_of_the_cost_is_current(report: Report, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(report), encoding="utf-8")
        ITEMS.write_text(dump_items(report.items), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(report), "`make golden` writes it"
    assert ITEMS.read_text(encoding="utf-8") == dump_items(report.items), "`make golden` writes it"


def test_every_type_is_either_priced_or_free(states: list[State]) -> None:
    there = {resource.type for state in states for resource in state.resources if not resource.is_component}
    assert not PRICED.keys() & FREE.keys()
    assert there <= PRICED.keys() | FREE.keys()
    assert PRICED.keys() | FREE.keys() <= there, "a type that neither stack has any more"


def test_each_item_stands_for_itself(report: Report) -> None:
    assert len({item.key for item in report.items}) == len(report.items)


def test_every_assumption_counts(states: list[State]) -> None:
    """An assumption that changes nothing is a formula that forgot it."""
    table, usage = load_prices(), usage_of(load_assumptions())
    cost = total(estimate(states, usage, table))
    without_effect = [
        field.name
        for field in fields(Usage)
        if total(estimate(states, replace(usage, **{field.name: 2 * getattr(usage, field.name)}), table)) == cost
    ]
    # The load balancer's units follow the processed data, and WAF's price includes what the filter of its logs keeps.
    assert without_effect == [
        "edge_connection_requests", "waf_logged_share", "waf_log_bytes", "waf_free_log_gb_per_million",
    ]  # fmt: skip


def test_the_terminal_shows_totals_items_assumptions_and_no_difference(report: Report) -> None:
    console = Console(record=True, width=200, quiet=False, file=None)
    with console.capture() as captured:
        show(report, console)
        show_difference(difference(load_items(ITEMS), report.items), "docs/cost.json", console)
    shown = captured.get()
    assert "production: $" in shown
    assert "The 10 largest items" in shown
    assert "requests_per_second" in shown
    assert "No difference to docs/cost.json." in shown
    for name in report.table.unconfirmed:
        assert name in shown
