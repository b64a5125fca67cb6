"""Reads the architecture of one stack: all tiers together."""

from collections.abc import Callable, Sequence

from reports.diagram.kinds import check_kinds
from reports.diagram.model import Diagram, Part, assemble
from reports.diagram.parts.alerting import alerting
from reports.diagram.parts.audit import audit, other_buckets
from reports.diagram.parts.copies import copies
from reports.diagram.parts.data import data
from reports.diagram.parts.edge import edge
from reports.diagram.parts.network import network
from reports.diagram.parts.service import service
from reports.diagram.parts.storage import storage
from reports.diagram.reading import Stack
from reports.states import State

# In the order of the picture, from the top.
_TIERS: Sequence[Callable[[Stack], Part]] = (edge, network, service, data, storage, copies, alerting, audit)


def read_architecture(state: State, name: str) -> Diagram:
    """Return the architecture of a stack; raise ValueError for a state with resources of unknown types."""
    check_kinds(state)
    stack = Stack(state=state)
    parts = [tier(stack) for tier in _TIERS]
    title = f"{stack.application} {stack.name}, {stack.region}"
    return assemble(
        name=name,
        title=title,
        subtitle=f"AWS account {stack.account}",
        description=f"The resources of {title}, and the ways of requests and copies between them. "
        "docs/architecture.json lists all boxes and arrows as text.",
        parts=[*parts, other_buckets(stack, parts)],
    )
