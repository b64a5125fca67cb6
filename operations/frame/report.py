"""Output of a command: lines for people on stdout, or one JSON document with `--json`.

With `--json` the progress goes to stderr, so that stdout holds the document alone.
"""

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

# Without a terminal, such as in CI, Rich would assume 80 columns; a log isn't to be wrapped.
PLAIN_WIDTH = 2000


class Report:
    """Prints steps, tables and the end of a command."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        stream = sys.stderr if as_json else sys.stdout
        width = None if stream.isatty() else PLAIN_WIDTH
        self._out = Console(file=stream, highlight=False, width=width)
        self._err = Console(file=sys.stderr, highlight=False, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
        self.values: dict[str, Any] = {}

    def leave_stdout(self) -> None:
        """Print everything to stderr from now on: stdout belongs to another program."""
        self._out = self._err

    def line(self, text: str = "", style: str = "") -> None:
        """Print a line."""
        self._out.print(Text(text, style=style))

    def bullet(self, text: str) -> None:
        """Print an item of a list, with a hanging indent."""
        self._hanging(self._out, "  • ", text)

    def command(self, text: str) -> None:
        """Print a line that contains a command to copy: the terminal may wrap it, Rich may not."""
        self._out.print(Text(text), soft_wrap=True)

    def step(self, at: datetime, text: str) -> None:
        """Print a line of progress with its time in UTC."""
        self._out.print(Text.assemble((f"{at:%H:%M:%S}", "dim"), "  ", text))

    def done(self, text: str) -> None:
        """Print that something succeeded."""
        self.line(f"✓ {text}", "green")

    def warning(self, text: str) -> None:
        """Print a warning to stderr."""
        self._hanging(self._err, "! ", text, "yellow")

    def error(self, message: str, advice: str = "", command: str = "") -> None:
        """Print why the command ends, what to do, and a command to copy, to stderr."""
        for line in message.splitlines():
            self._hanging(self._err, "✗ " if line == message.splitlines()[0] else "  ", line, "bold red")
        if advice:
            self._hanging(self._err, "  ", advice)
        if command:
            self._err.print(Text(f"  {command}"), soft_wrap=True)

    def _hanging(self, console: Console, lead: str, text: str, style: str = "") -> None:
        """Print text after a lead; further lines of a terminal begin below the text."""
        lines = textwrap.wrap(
            text, console.width - len(lead), break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        for number, line in enumerate(lines or [""]):
            console.print(Text(f"{' ' * len(lead) if number else lead}{line}", style=style), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
        """Print a table; long cells are folded, long words too."""
        folded = (Column(name, overflow="fold") for name in columns)
        table = Table(*folded, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*row)
        self._out.print(table)

    def end(self, outcome: Mapping[str, Any]) -> None:
        """Print the JSON document: `outcome`, and the values that the command collected."""
        if self.as_json:
            sys.stdout.write(json.dumps({**outcome, **self.values}, indent=2, default=str) + "\n")
