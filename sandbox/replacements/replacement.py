"""One row of the table: the properties whose change makes the provider replace a resource."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """The properties of one resource type that force a replacement, and the source.

    - `properties`: any change replaces the resource.
    - `added_or_removed`: adding or removing one replaces the resource, a changed value doesn't.
    - `unless_removed`: part of `properties`; removing one replaces nothing, because the provider keeps the value that
      it has read (Optional and Computed in its schema).
    - `downgraded`: a lower version replaces the resource.
    """

    properties: frozenset[str] = frozenset()
    added_or_removed: frozenset[str] = frozenset()
    unless_removed: frozenset[str] = frozenset()
    downgraded: frozenset[str] = frozenset()
    source: str


def row(
    source: str,
    *properties: str,
    added_or_removed: frozenset[str] = frozenset(),
    unless_removed: frozenset[str] = frozenset(),
    downgraded: frozenset[str] = frozenset(),
) -> Replacement:
    """Return a row of the table."""
    return Replacement(
        properties=frozenset(properties) | unless_removed,
        added_or_removed=added_or_removed,
        unless_removed=unless_removed,
        downgraded=downgraded,
        source=source,
    )
