"""Reads the statements of a web ACL's rules."""

from policies.engine.answers import Answer, all_of, is_text
from policies.engine.facts import Absent, Known, Node, Unknown


def keys_of(node: Node) -> tuple[str, ...] | Unknown:
    """Return the keys of a node that have a value, without the engine's own."""
    if isinstance(node.value, Unknown):
        return node.value
    values = node.value if isinstance(node.value, dict) else {}
    return tuple(key for key, value in values.items() if value is not None and not key.startswith("__"))


def has_only(node: Node, key: str) -> Answer:
    """Whether this is the only key of a node with a value."""
    found = keys_of(node)
    return found if isinstance(found, Unknown) else found == (key,)


def excludes_header(statement: Node, header: str) -> Answer:
    """Whether a statement holds exactly for the requests without certain values in a header."""
    inner = statement.at("notStatement")
    key, denied = "statement", inner.at("statement")
    listed = inner.at("statements").items()
    if isinstance(listed, Known) and len(listed.value) == 1:
        # AWS's provider has a list of one statement.
        key, denied = "statements", listed.value[0]
    return all_of(has_only(statement, "notStatement"), has_only(inner, key), _matches_header(denied, header))


def _matches_header(statement: Node, header: str) -> Answer:
    """Whether a statement holds for the requests with one of its values in the header."""
    if has_only(statement, "orStatement") is not True:
        return _matches_value(statement, header)
    match statement.at("orStatement", "statements").items():
        case Known(value=nodes) if nodes:
            return all_of(*(_matches_value(node, header) for node in nodes))
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _matches_value(statement: Node, header: str) -> Answer:
    match = statement.at("byteMatchStatement")
    field = match.at("fieldToMatch")
    return all_of(
        has_only(statement, "byteMatchStatement"),
        has_only(field, "singleHeader"),
        is_text(field.at("singleHeader", "name"), header, ignore_case=True),
        is_text(match.at("positionalConstraint"), "EXACTLY"),
        # An unknown value is set.
        not isinstance(match.at("searchString").text(), Absent),
        is_untransformed(match.at("textTransformations")),
    )


def is_untransformed(transformations: Node) -> Answer:
    """Whether a value is compared without a transformation."""
    match transformations.items():
        case Known(value=nodes):
            return all_of(*(is_text(node.at("type"), "NONE") for node in nodes))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return True
