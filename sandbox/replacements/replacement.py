"""What a row says of the properties whose change makes the provider replace a resource."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """One type's row: `properties` replace when they change, `switched` when one of them is added or taken away.

    `kept` are those of them that replace only when they are set anew: without a word about it, what the provider has
    read stays (Optional and Computed in its schema). `versions` replace when they become lower.
    """

    properties: frozenset[str] = frozenset()
    switched: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    source: str


def row(
    source: str,
    *properties: str,
    switched: frozenset[str] = frozenset(),
    kept: frozenset[str] = frozenset(),
    versions: frozenset[str] = frozenset(),
) -> Replacement:
    """Give a row."""
    return Replacement(
        properties=frozenset(properties) | kept, switched=switched, kept=kept, versions=versions, source=source
    )
