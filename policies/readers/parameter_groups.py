"""Reads the parameters in parameter groups of RDS and ElastiCache."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.engine.expectations import Expectation, has_element, row
from policies.engine.facts import Absent, Known, Node, Unknown, elements_of
from policies.engine.rule import Verdict, violation


def parameter(name: str, value: str) -> Expectation:
    """Require a value of a parameter, as a row of a rule about parameter groups."""
    remedy = f"set {name} to {value}"
    has_value = row("value", remedy, lambda node: _expect_text(node, value))
    return replace(has_element("parameters", "name", name, has_value), remedy=remedy)


def _expect_text(node: Node, value: str) -> Iterator[Verdict]:
    """Require a text; the stack may have written it as a number."""
    match node.text():
        case Known(value=text) if text != value:
            yield violation(f"{'.'.join(node.path)} is {text}", value)
        case Absent():
            yield violation(f"{'.'.join(node.path)} isn't set", value)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def parameter_values(parameters: Node, name: str) -> tuple[Sequence[Node], Unknown | None]:
    """Return the values of a parameter in a group's list, and the unknown that may hide another one."""
    elements = elements_of(parameters)
    names = [element.at("name").text() for element in elements]
    values = [element.at("value") for element, fact in zip(elements, names, strict=True) if fact == Known(value=name)]
    return values, next((fact for fact in names if isinstance(fact, Unknown)), None)
