"""How a test puts an unknown value into the compliant stack. The other modules hold the values."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.policies.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A value that a preview can't know, the rule that has to say so, and the place that it names."""

    rule: str
    place: str
    change: Callable[[Plan], object]

    def __str__(self) -> str:
        return f"{self.rule} {self.place}"


def doubt(rule_id: str, key: str, path: str, value: object, place: str | None = None) -> Doubt:
    """`place` is what the advisory ends in, where that is another resource's than the changed one."""
    name = key.rpartition(" ")[2]
    return Doubt(rule=rule_id, place=place or f"{name}.{path}", change=lambda plan: plan.set(key, path, value))
