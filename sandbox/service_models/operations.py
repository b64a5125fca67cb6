"""The table of resource types: which API operation creates each, in files by tier. row.py says what a row means."""

from collections.abc import Iterator, Mapping

from sandbox.service_models.row import NoRequest, Row
from sandbox.service_models.rows_alerting import ALERTING
from sandbox.service_models.rows_data import DATA
from sandbox.service_models.rows_edge import EDGE
from sandbox.service_models.rows_network import NETWORK
from sandbox.service_models.rows_service import SERVICE
from sandbox.service_models.rows_storage import STORAGE

ROWS: Mapping[str, Row] = {**NETWORK, **DATA, **STORAGE, **SERVICE, **EDGE, **ALERTING}


class NoRowError(ValueError):
    """A resource type has no row in the table."""


def row_of(token: str) -> Row:
    """Return the row of a resource type; NoRowError if it has none."""
    if token not in ROWS:
        raise NoRowError(
            f"{token}: the type has no row in sandbox/service_models/rows_*.py: add one, with the API operation that "
            "creates it or the reason why there is none"
        )
    return ROWS[token]


def operations() -> Iterator[tuple[str, str]]:
    """Yield every operation of the table, each as service and operation."""
    for row in ROWS.values():
        if not isinstance(row, NoRequest):
            yield from row.operations
