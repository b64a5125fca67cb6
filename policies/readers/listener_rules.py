"""Reads a listener rule: its conditions, and whether it opens the latch."""

from collections.abc import Sequence

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.figures import origin as origin_figures

WILDCARDS = "*?"


def conditions_of(rule: Resource) -> Sequence[Node]:
    """Return a listener rule's conditions, all of which must hold; an unknown list is one unknown condition."""
    items = rule.at("conditions").items()
    return items.value if isinstance(items, Known) else (rule.at("conditions"),)


def is_on_header(condition: Node) -> Answer:
    """Whether a condition is on CloudFront's header; AWS ignores the case of its name."""
    return is_text(condition.at("httpHeader", "httpHeaderName"), origin_figures.ORIGIN_HEADER, ignore_case=True)


def is_open_latch(rule: Resource) -> Answer:
    """Whether a listener rule answers the latch path with the status that moves the traffic to this stack."""
    conditions = (is_path(condition, origin_figures.LATCH_PATH) for condition in conditions_of(rule))
    match rule.at("actions").items():
        case Known(value=actions):
            status = any_of(*(is_text(a.at("fixedResponse", "statusCode"), origin_figures.LATCH_OPEN) for a in actions))
        case Unknown() as unknown:
            status = unknown
        case _:
            status = False
    return all_of(any_of(*conditions), status)


def is_path(condition: Node, path: str) -> Answer:
    """Whether a condition holds for this path alone."""
    pattern = condition.at("pathPattern")
    match pattern.at("values").items(), pattern.at("regexValues").items():
        case Known(value=values), Absent() | Known(value=()) if values:
            return all_of(*(is_text(value, path) for value in values))
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case _:
            return False
