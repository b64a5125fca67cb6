"""Every setting's path, ways to break it, and the expected problems.

Most follow from the models; the modules breakages_* have those that don't: texts that a pattern rejects, values that
contradict another setting, invalid items of lists.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pydantic.fields import FieldInfo

from settings.base import Block, Location
from settings.parse import dotted_path
from settings.shape import ValueType, block_in, names
from settings.stack import Settings
from tests.settings import (
    breakages_access,
    breakages_alerts,
    breakages_audit,
    breakages_dashboard,
    breakages_data,
    breakages_edge,
    breakages_network,
    breakages_provider,
    breakages_service,
    breakages_storage,
)
from tests.settings.breaking import Breakage, Rows, ordinary

ROWS: Sequence[Rows] = (
    *breakages_provider.ROWS,
    *breakages_network.ROWS,
    *breakages_data.ROWS,
    *breakages_storage.ROWS,
    *breakages_service.ROWS,
    *breakages_audit.ROWS,
    *breakages_access.ROWS,
    *breakages_edge.ROWS,
    *breakages_alerts.ROWS,
    *breakages_dashboard.ROWS,
)


def fields(model: type[Block] = Settings, above: Location = ()) -> Iterator[tuple[str, FieldInfo]]:
    """Return the path of every field of every model; the block of the AWS provider is no setting."""
    for name, info in names(model).items():
        block = block_in(info.annotation)
        location = (*above, name)
        if location != ("aws",) and (above or block):
            yield dotted_path(location), info
        if block:
            # The first block of a list represents all.
            yield from fields(block, (*location, 0) if ValueType.of_field(info).base is tuple else location)


def _breakages() -> Mapping[str, Sequence[Breakage]]:
    """Return the written ways, and the ordinary ones with other values."""
    found: dict[str, list[Breakage]] = defaultdict(list)
    for path, ways in ROWS:
        found[path] += ways
    for path, info in fields():
        # True equals 1 in Python.
        written = [repr(way.value) for way in found[path]]
        found[path] += (way for way in ordinary(path, info) if repr(way.value) not in written)
    return found


BREAKAGES = _breakages()
