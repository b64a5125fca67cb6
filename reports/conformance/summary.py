"""Counts of the conformance table: by what the document's statements are met."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from reports.conformance.document import Statement
from reports.conformance.rows import Row


class Means(StrEnum):
    """What meets a statement, the strongest first."""

    POLICY = "a policy, which rejects a plan that breaks it"
    STATE = "a test of the stacks' state after an `up`"
    COMMAND = "a command, with its tests"
    PEOPLE = "people, who have a page for it"
    UNMET = "not met yet"


def means_of(statement: Statement, rows: Sequence[Row]) -> Means:
    """Return by what a statement is met: the strongest means of its rows, and not at all if one of them isn't yet."""
    covering = [row for row in rows if statement.id in row.covers]
    if not covering or any(row.unmet for row in covering):
        return Means.UNMET
    return min((_means(row) for row in covering), key=list(Means).index)


def counts(statements: Mapping[str, Statement], rows: Sequence[Row]) -> Mapping[Means, int]:
    """Return the number of statements by means, in the order of their strength."""
    counted = Counter(means_of(statement, rows) for statement in statements.values())
    return {means: counted[means] for means in Means}


def built_differently(rows: Sequence[Row]) -> Sequence[str]:
    """Return the ids of the statements that are built differently, for a reason."""
    return sorted({id_ for row in rows if row.differs for id_ in row.covers})


def _means(row: Row) -> Means:
    if row.by:
        return Means.PEOPLE
    if row.policy:
        return Means.POLICY
    return Means.STATE if row.is_evaluated else Means.COMMAND
