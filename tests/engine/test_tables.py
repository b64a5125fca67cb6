"""Network access, IAM permissions and request routing as golden tables: a change shows as a changed line."""

from collections.abc import Mapping

import pytest

from reports.access_table import access_table
from reports.states import read_state
from sandbox.__main__ import STACKS
from sandbox.project import PLACEHOLDER
from settings.yaml_values import Json
from tests.components.recorded import ORIGIN_SECRET, ROTATING, record_resources
from tests.engine.both import BothStacks
from tests.engine.golden import golden_difference
from tests.engine.tables import origin_table, resource_rows
from tests.engine.tables_edge import edge_table
from tests.settings.support import TAKING_TRAFFIC, as_data, changed

# The states of the load balancer: the stack, changes to its settings, and the accepted secrets.
STATES: Mapping[str, tuple[str, Mapping[str, Json], Mapping[str, str]]] = {
    "production": ("production", {}, ORIGIN_SECRET),
    "production, during a rotation": ("production", {}, ROTATING),
    "dr": ("dr", {}, ORIGIN_SECRET),
    "dr, during a rotation": ("dr", {}, ROTATING),
    "dr, after a failover": ("dr", TAKING_TRAFFIC, ORIGIN_SECRET),
    "dr, after a failover, during a rotation": ("dr", TAKING_TRAFFIC, ROTATING),
}


@pytest.mark.xdist_group("both-stacks")
@pytest.mark.parametrize("stack", STACKS)
def test_access_is_as_reviewed(both: BothStacks, stack: str, request: pytest.FixtureRequest) -> None:
    """Covers every security group rule and every IAM statement."""
    differs = golden_difference(f"{stack}.access.txt", access_table(read_state(stack, both[stack].state)), request)
    assert not differs, differs


def test_the_origins_rules_are_as_reviewed(request: pytest.FixtureRequest) -> None:
    """Covers listener rules and web ACL in each state of a failover and a rotation."""
    parts: list[str] = []
    for title, (stack, changes, secrets) in STATES.items():
        plan = record_resources(changed(as_data(stack), changes), stack=stack, secrets=secrets)
        labels = {v: "(previous secret)" if key.endswith("Previous") else "(secret)" for key, v in secrets.items()}
        table = origin_table([(type_, name, inputs, {}) for (type_, name), inputs in plan.items()], labels)
        parts.append(f"== {title} ==\n\n{table}")
    differs = golden_difference("origin.txt", "\n".join(parts), request)
    assert not differs, differs


@pytest.mark.xdist_group("both-stacks")
def test_the_edge_is_as_reviewed(both: BothStacks, request: pytest.FixtureRequest) -> None:
    """Covers every cache behaviour of both hosts, and the web ACL."""
    table = edge_table(resource_rows(both["production"].resources), {PLACEHOLDER: "(secret)"})
    differs = golden_difference("edge.txt", table, request)
    assert not differs, differs
