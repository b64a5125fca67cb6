"""Which events a trail writes down, by its advanced selectors. No rule stands here."""

from collections.abc import Callable, Mapping

from policies.engine.answers import Answer, all_of, any_of
from policies.engine.facts import Absent, Known, Node, Resource, Unknown

MANAGEMENT: Mapping[str, str] = {"eventCategory": "Management"}

_YES: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("equals", str.__eq__),
    ("startsWiths", str.startswith),
    ("endsWiths", str.endswith),
)
_NO: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("notEquals", str.__eq__),
    ("notStartsWiths", str.startswith),
    ("notEndsWiths", str.endswith),
)


def in_bucket(name: str) -> Mapping[str, str]:
    """What is done with a file in a bucket."""
    return {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": f"arn:aws:s3:::{name}/file",
    }


def is_written(trail: Resource, event: Mapping[str, str], *, reading: bool) -> Answer:
    """Whether the trail writes down such events, all of them."""
    whole = {**event, "readOnly": str(reading).lower()}
    match trail.at("advancedEventSelectors").items():
        case Known(value=selectors):
            return any_of(*(_selects(selector, whole) for selector in selectors))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False


def _selects(selector: Node, event: Mapping[str, str]) -> Answer:
    """Whether a selector takes an event: each of its fields has to."""
    match selector.at("fieldSelectors").items():
        case Known(value=fields) if fields:
            return all_of(*(_takes(field, event) for field in fields))
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _takes(field: Node, event: Mapping[str, str]) -> Answer:
    name = field.at("field").text()
    if isinstance(name, Unknown):
        return name
    value = event.get(name.value) if isinstance(name, Known) else None
    if value is None:
        # It is about something else of an event, so it takes some and leaves others.
        return False
    taken = [_is_among(field.at(key), value, compare) for key, compare in _YES if _says(field.at(key))]
    left = [_is_among(field.at(key), value, compare) for key, compare in _NO if _says(field.at(key))]
    return all_of(*taken, *(answer if isinstance(answer, Unknown) else not answer for answer in left))


def _says(node: Node) -> bool:
    """Whether anything stands there: AWS shows what is unset as an empty list."""
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
