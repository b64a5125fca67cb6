"""All pictures, and the list of what they show, from the states of both stacks."""

from collections.abc import Mapping

from reports.diagram.architecture import draw_architecture
from reports.diagram.failover import read_failover
from reports.diagram.failover_picture import draw_failover
from reports.diagram.listing import list_diagrams
from reports.diagram.stacks import read_architecture
from reports.states import State

LIST = "docs/architecture.json"


def draw_pictures(production: State, dr: State) -> Mapping[str, str]:
    """Return the text of each file by its path in the project."""
    stacks = [read_architecture(production, "architecture"), read_architecture(dr, "architecture-dr")]
    failover = read_failover(production, dr, "failover")
    return {
        **{f"docs/{diagram.name}.svg": draw_architecture(diagram) for diagram in stacks},
        f"docs/{failover.name}.svg": draw_failover(failover),
        LIST: list_diagrams([*stacks, failover]),
    }
