"""Reads the parameters of RDS' and ElastiCache's parameter groups."""

from collections.abc import Sequence

from policies.engine.facts import Absent, Known, Node, Resource, Unknown


def parameter_values(resource: Resource, name: str) -> tuple[Sequence[Node], Unknown | None]:
    """The values that a parameter group gives a parameter, and the unknown that may hide another one."""
    match resource.at("parameters").items():
        case Known(value=nodes):
            values = [node.at("value") for node in nodes if node.at("name").text() == Known(value=name)]
            names = [node.at("name").text() for node in nodes]
            return values, next((fact for fact in names if isinstance(fact, Unknown)), None)
        case Unknown() as unknown:
            return (), unknown
        case Absent():
            return (), None
