"""Unknown values in the compliant stack. The other modules have the values."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.policies.plan import Plan


@dataclass(frozen=True, kw_only=True)
class UnknownValue:
    """A value that a preview can't know, the rule that it leaves undecided, and the path in the advisory."""

    rule: str
    place: str
    change: Callable[[Plan], object]

    def __str__(self) -> str:
        return f"{self.rule} {self.place}"


def unknown_value(rule_id: str, key: str, path: str, value: object, place: str | None = None) -> UnknownValue:
    """Return an unknown value; `place` is the end of the advisory's path, by default the changed property."""
    name = key.rpartition(" ")[2]
    return UnknownValue(rule=rule_id, place=place or f"{name}.{path}", change=lambda plan: plan.set(key, path, value))
