"""Prints what the environment costs in a month, from the recorded states: `make cost`."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from rich.console import Console

from reports.cost.difference import difference, load_items
from reports.cost.markdown import difference_page
from reports.cost.report import make_report
from reports.cost.terminal import show, show_difference
from reports.states import PROJECT, load_state
from settings.stacks import STACKS

ITEMS = PROJECT / "docs" / "cost.json"


def main() -> int:
    """Print the estimate with its difference to the committed one, or the difference between two lists of items."""
    parser = ArgumentParser(prog="python -m reports.cost", description=main.__doc__)
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="print, in Markdown, the difference from this list of items"
    )
    parser.add_argument(
        "--items", type=Path, metavar="FILE", default=ITEMS, help="to this one (default: docs/cost.json)"
    )
    options = parser.parse_args()
    try:
        if options.against:
            print(difference_page(difference(load_items(options.against), load_items(options.items))))
            return 0
        report = make_report([load_state(stack) for stack in STACKS])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    console = Console()
    show(report, console)
    if ITEMS.exists():
        show_difference(difference(load_items(ITEMS), report.items), "docs/cost.json", console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
