"""What `make preview` shows of the engine's output: all of it, but for two echoes of an error already told.

A program that runs inline has its error told twice by the engine, and when the engine stops for a refused resource, the
SDK adds a traceback of its own surprise. Neither says anything new.
"""

import re
from collections.abc import Callable

ECHO = re.compile(
    r"error: (an unhandled error occurred:|python inline source runtime error: resource monitor shut down)"
)
NEXT = re.compile(r"^( {0,3}\S| {4}(error|warning|info):)")


def without_echoes(show: Callable[[str], None]) -> Callable[[str], None]:
    """Give a receiver of lines that passes on what isn't an echo."""
    echoing = blank = False

    def receive(line: str) -> None:
        nonlocal echoing, blank
        if ECHO.search(line):
            # In the list of diagnostics an echo has lines of its own; in the list of steps it is one line.
            echoing = line.startswith("    ")
            return
        if echoing and NEXT.match(line):
            echoing = False
            if blank:
                show("")
        if not echoing:
            show(line)
        blank = not line.strip()

    return receive
