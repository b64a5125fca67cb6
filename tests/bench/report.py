"""The lines of the benchmark's report that have a limit."""

import sys
from collections.abc import Iterable
from typing import NamedTuple


class Limited(NamedTuple):
    """A measured value and its limit, in one format and unit."""

    name: str
    value: float
    limit: float
    form: str
    unit: str = ""


def write_limited(rows: Iterable[Limited]) -> bool:
    """Print each value with its limit; whether all are within theirs."""
    is_within = True
    for row in rows:
        value, limit = format(row.value, row.form), format(row.limit, row.form)
        sys.stdout.write(f"  {row.name:<36}{value:>8}{row.unit:<2}  at most {limit}\n")
        is_within = is_within and row.value <= row.limit
    return is_within
