"""The engine, as the component sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.values import Value


@dataclass(frozen=True, kw_only=True)
class Child:
    """A registered child: `id` is UNKNOWN in a preview; `state` has the known outputs."""

    urn: str
    id: str
    state: Mapping[str, Value]


class Engine(Protocol):
    """The engine that constructs the component."""

    def register(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, Value],
        *,
        parent: Child | None,
        depends_on: Sequence[Child],
        uses: Mapping[str, Sequence[Child]],
    ) -> Child:
        """Register a child; without a parent the component is its parent.

        `uses` has, for each input that comes from other children's outputs, those children.
        """
        ...

    def zones(self) -> list[str]:
        """Look up the names of the availability zones (aws:index/getAvailabilityZones, without arguments)."""
        ...

    def reference(self, child: Child) -> Value:
        """Return a resource reference to a child."""
        ...

    def warn(self, message: str) -> None:
        """Show a warning on the component."""
        ...
