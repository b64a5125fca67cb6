"""Markdown that the generated pages share."""

from collections.abc import Iterator, Sequence


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Return the lines of a table; a bar in a cell is escaped."""
    yield _line(columns)
    yield _line(["---"] * len(columns))
    for row in rows:
        yield _line(row)


def short_type(type_: str) -> str:
    """Return `rds Instance` for `aws:rds/instance:Instance`."""
    package, module, name = type_.split(":")
    return f"{name} provider" if package == "pulumi" else f"{module.partition('/')[0]} {name}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
