"""Reads statements of a web ACL's rules. No rule stands here."""

from policies.engine.answers import Answer, all_of, is_text
from policies.engine.facts import Absent, Known, Node, Unknown


def members(node: Node) -> tuple[str, ...] | Unknown:
    """What is said at a place: the keys that have a value, without the engine's own."""
    if isinstance(node.value, Unknown):
        return node.value
    values = node.value if isinstance(node.value, dict) else {}
    return tuple(key for key, value in values.items() if value is not None and not key.startswith("__"))


def only(node: Node, key: str) -> Answer:
    """Whether this key is all that is said at a place."""
    found = members(node)
    return found if isinstance(found, Unknown) else found == (key,)


def is_without(statement: Node, header: str) -> Answer:
    """Whether a statement holds for just the requests that don't carry one of certain values in a header."""
    inner = statement.at("notStatement")
    key, denied = "statement", inner.at("statement")
    listed = inner.at("statements").items()
    if isinstance(listed, Known) and len(listed.value) == 1:
        # AWS's provider calls it so, and has a list of one.
        key, denied = "statements", listed.value[0]
    return all_of(only(statement, "notStatement"), only(inner, key), _is_carried(denied, header))


def _is_carried(statement: Node, header: str) -> Answer:
    """Whether a statement holds for the requests that carry one of its values in the header."""
    if only(statement, "orStatement") is not True:
        return _is_value(statement, header)
    match statement.at("orStatement", "statements").items():
        case Known(value=nodes) if nodes:
            return all_of(*(_is_value(node, header) for node in nodes))
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _is_value(statement: Node, header: str) -> Answer:
    match = statement.at("byteMatchStatement")
    field = match.at("fieldToMatch")
    return all_of(
        only(statement, "byteMatchStatement"),
        only(field, "singleHeader"),
        is_text(field.at("singleHeader", "name"), header, in_any_case=True),
        is_text(match.at("positionalConstraint"), "EXACTLY"),
        # What is unknown yet is there.
        not isinstance(match.at("searchString").text(), Absent),
        is_bare(match.at("textTransformations")),
    )


def is_bare(transformations: Node) -> Answer:
    """Whether a value is compared as it comes."""
    match transformations.items():
        case Known(value=nodes):
            return all_of(*(is_text(node.at("type"), "NONE") for node in nodes))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return True
