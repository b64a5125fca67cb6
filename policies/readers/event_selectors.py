"""Reads which events a trail records, by its advanced event selectors."""

from collections.abc import Callable, Mapping

from policies.engine.answers import Answer, all_of, any_of
from policies.engine.facts import Absent, Known, Node, Resource, Unknown

MANAGEMENT: Mapping[str, str] = {"eventCategory": "Management"}

_INCLUDING: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("equals", str.__eq__),
    ("startsWiths", str.startswith),
    ("endsWiths", str.endswith),
)
_EXCLUDING: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("notEquals", str.__eq__),
    ("notStartsWiths", str.startswith),
    ("notEndsWiths", str.endswith),
)


def in_bucket(name: str) -> Mapping[str, str]:
    """Return the event of an action on a file in a bucket."""
    return {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": f"arn:aws:s3:::{name}/file",
    }


def is_recorded(trail: Resource, event: Mapping[str, str], *, reading: bool) -> Answer:
    """Whether the trail records all such events."""
    whole = {**event, "readOnly": str(reading).lower()}
    match trail.at("advancedEventSelectors").items():
        case Known(value=selectors):
            return any_of(*(_selects(selector, whole) for selector in selectors))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False


def _selects(selector: Node, event: Mapping[str, str]) -> Answer:
    """Whether a selector selects an event: by all of its fields."""
    match selector.at("fieldSelectors").items():
        case Known(value=fields) if fields:
            return all_of(*(_field_selects(field, event) for field in fields))
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _field_selects(field: Node, event: Mapping[str, str]) -> Answer:
    name = field.at("field").text()
    if isinstance(name, Unknown):
        return name
    value = event.get(name.value) if isinstance(name, Known) else None
    if value is None:
        # A selector by another field selects only some of these events.
        return False
    included = [_is_among(field.at(key), value, compare) for key, compare in _INCLUDING if _is_set(field.at(key))]
    excluded = [_is_among(field.at(key), value, compare) for key, compare in _EXCLUDING if _is_set(field.at(key))]
    return all_of(*included, *(answer if isinstance(answer, Unknown) else not answer for answer in excluded))


def _is_set(node: Node) -> bool:
    """Whether a value is set: AWS returns an unset one as an empty list."""
    return node.items() not in (Known(value=()), Absent())


def _is_among(node: Node, value: str, compare: Callable[[str, str], bool]) -> Answer:
    match node.items():
        case Known(value=nodes):
            return any_of(*(_is_one(each, value, compare) for each in nodes))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False


def _is_one(node: Node, value: str, compare: Callable[[str, str], bool]) -> Answer:
    match node.text():
        case Known(value=text):
            return compare(value, text)
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False
