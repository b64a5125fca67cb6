"""The estimate and the difference to the committed one, in the terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reports.cost.difference import Difference
from reports.cost.estimate import total
from reports.cost.report import GROWTH, LARGEST, NOT_ASSUMED, Report, money, percent, signed


def show(report: Report, console: Console) -> None:
    """Print the estimate."""
    for stack in report.stacks:
        table = _table(
            f"{stack}: {money(total(report.of_stack(stack)))} a month", "component", ">a month", "largest item"
        )
        for name, cost, top in report.components(stack):
            table.add_row(name, money(cost), f"{top.first.what}, {money(top.usd)}")
        console.print(table)
    largest = _table(f"The {LARGEST} largest items", ">a month", "where", "item", "quantity × price", "the quantity")
    for top in report.largest:
        where = f"{top.first.stack}, {top.first.component}"
        largest.add_row(money(top.usd), where, top.first.what, top.calculation, escape(top.how))
    console.print(largest)
    for group, rows in report.assumptions.items():
        table = _table(
            "Usage: from the document" if group == "document" else "Usage: assumptions", "figure", ">value", "reason"
        )
        for name, row in rows.items():
            table.add_row(name, f"{row.value:,g} {row.unit}", escape(row.reason))
        console.print(table)
    _summary(report, console)


def _summary(report: Report, console: Console) -> None:
    first, last = report.table.dates()
    unconfirmed = report.table.unconfirmed
    for line in NOT_ASSUMED:
        console.print(f"- {line}", highlight=False)
    console.print(
        f"- {len(report.table.prices)} prices, stated between {first} and {last}. {len(unconfirmed)} aren't confirmed "
        f"by a source, {money(report.unconfirmed_usd)} of the total: {', '.join(unconfirmed)}.",
        highlight=False,
    )
    totals = ", ".join(f"{stack} {money(total(report.of_stack(stack)))}" for stack in report.stacks)
    console.print(f"\n[bold]{money(total(report.items))} a month[/bold]: {totals}.", highlight=False)
    console.print(f"{percent(GROWTH)} more requests and users: {signed(report.growth)}.", highlight=False)


def show_difference(change: Difference, against: str, console: Console) -> None:
    """Print what changed by component, or that nothing did."""
    if not change.components and not change.items:
        console.print(f"No difference to {against}.", highlight=False)
        return
    table = _table(
        f"Difference to {against}: {signed(change.usd)} a month",
        "stack",
        "component",
        ">before",
        ">after",
        ">difference",
    )
    for each in change.components:
        table.add_row(*each.name, money(each.before), money(each.after), signed(each.usd))
    console.print(table)
    items = _table("Changed items", ">difference", "stack", "component", "resource", "item", "the quantity")
    for each in change.items[:LARGEST]:
        items.add_row(signed(each.usd), *map(escape, each.name), escape(each.how))
    console.print(items)
    if len(change.items) > LARGEST:
        console.print(
            f"… and {len(change.items) - LARGEST} more. `make golden` writes the new estimate.", highlight=False
        )


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left")
    return table
