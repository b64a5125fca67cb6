"""The API operations of all resource types; the rows are in rows_*.py."""

from collections.abc import Iterator, Mapping

from sandbox.service_models.row import NoRequest, Row
from sandbox.service_models.rows_alerting import ALERTING
from sandbox.service_models.rows_data import DATA
from sandbox.service_models.rows_edge import EDGE
from sandbox.service_models.rows_network import NETWORK
from sandbox.service_models.rows_service import SERVICE
from sandbox.service_models.rows_storage import STORAGE

ROWS: Mapping[str, Row] = {**NETWORK, **DATA, **STORAGE, **SERVICE, **EDGE, **ALERTING}


class MissingRowError(ValueError):
    """A resource type is missing in the table."""


def row_of(token: str) -> Row:
    """Return the row of a resource type; MissingRowError if there is none."""
    if token not in ROWS:
        raise MissingRowError(
            f"{token}: no row in sandbox/service_models/rows_*.py; add one, with the API operation that creates the "
            "resource or the reason why there is none"
        )
    return ROWS[token]


def all_operations() -> Iterator[tuple[str, str]]:
    """Yield all operations of the table, each as service and operation."""
    for row in ROWS.values():
        if not isinstance(row, NoRequest):
            yield from row.operations
