"""The difference between two estimates, as lists of items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from reports.cost.estimate import Item, as_rows, by_component, total

# Below half a cent nothing has changed.
CENT = 0.005
_Key = TypeVar("_Key", bound=tuple[str, ...])


@dataclass(frozen=True, kw_only=True)
class Change:
    """What something costs before and after; `how` is what it costs for, after, or before if it is gone."""

    name: tuple[str, ...]
    before: float
    after: float
    how: str = ""

    @property
    def usd(self) -> float:
        """Return the difference."""
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed, by component and by item, the largest difference first."""

    before: float
    after: float
    components: Sequence[Change]
    items: Sequence[Change]

    @property
    def usd(self) -> float:
        """Return the difference in total."""
        return self.after - self.before


def difference(before: Sequence[Item], after: Sequence[Item]) -> Difference:
    """Return what the second list costs more, or less, than the first."""
    hows: dict[tuple[str, ...], str] = {
        item.key: f"{item.quantity:,.2f} {item.unit}: {item.how}" for item in (*before, *after)
    }
    items = _changes({item.key: item.usd for item in before}, {item.key: item.usd for item in after})
    return Difference(
        before=total(before),
        after=total(after),
        components=_changes(by_component(before), by_component(after)),
        items=[Change(name=each.name, before=each.before, after=each.after, how=hows[each.name]) for each in items],
    )


def _changes(before: Mapping[_Key, float], after: Mapping[_Key, float]) -> Sequence[Change]:
    keys = dict.fromkeys([*before, *after])
    changes = [Change(name=key, before=before.get(key, 0), after=after.get(key, 0)) for key in keys]
    return sorted((each for each in changes if abs(each.usd) >= CENT), key=lambda each: (-abs(each.usd), each.name))


def dump_items(items: Sequence[Item]) -> str:
    """Return a list of items as JSON, one on each line."""
    return "[\n" + ",\n".join(json.dumps(row) for row in as_rows(items)) + "\n]\n"


def load_items(file: Path) -> Sequence[Item]:
    """Return the items of a file. Raise ValueError if it isn't such a list."""
    try:
        return TypeAdapter(list[Item]).validate_json(file.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{file}: not a list of cost items, which `make golden` writes to docs/cost.json") from error
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from error
