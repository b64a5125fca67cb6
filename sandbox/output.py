"""The engine's output as `make preview` shows it: without repeated errors.

The engine reports the error of an inline program twice. When it stops at a rejected resource, the SDK adds a traceback
about the shutdown of the resource monitor.
"""

import re
from collections.abc import Callable

REPEATED = re.compile(
    r"error: (an unhandled error occurred:|python inline source runtime error: resource monitor shut down)"
)
NEXT_BLOCK = re.compile(r"^( {0,3}\S| {4}(error|warning|info):)")


def drop_repeated_errors(show: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that passes lines on to `show`, without repeated errors."""
    is_skipping = was_blank = False

    def receive(line: str) -> None:
        nonlocal is_skipping, was_blank
        if REPEATED.search(line):
            # A repeated error has several lines among the diagnostics, and one among the steps.
            is_skipping = line.startswith("    ")
            return
        if is_skipping and NEXT_BLOCK.match(line):
            is_skipping = False
            if was_blank:
                show("")
        if not is_skipping:
            show(line)
        was_blank = not line.strip()

    return receive
