"""Reads the parameters in parameter groups of RDS and ElastiCache."""

from collections.abc import Sequence
from dataclasses import replace

from policies.engine.expectations import Expectation, equals, has_element
from policies.engine.facts import Known, Node, Unknown, elements_of


def parameter(name: str, value: str) -> Expectation:
    """Require a value of a parameter, as a row of a rule about parameter groups."""
    return replace(has_element("parameters", "name", name, equals("value", value)), remedy=f"set {name} to {value}")


def parameter_values(parameters: Node, name: str) -> tuple[Sequence[Node], Unknown | None]:
    """Return the values of a parameter in a group's list, and the unknown that may hide another one."""
    elements = elements_of(parameters)
    names = [element.at("name").text() for element in elements]
    values = [element.at("value") for element, fact in zip(elements, names, strict=True) if fact == Known(value=name)]
    return values, next((fact for fact in names if isinstance(fact, Unknown)), None)
