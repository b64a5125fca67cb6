"""What is open and what is allowed, in golden tables: a change of one shows as a line of the difference."""

from collections.abc import Mapping

import pytest

from sandbox.__main__ import STACKS
from sandbox.project import PLACEHOLDER
from tests.components.recorded import ORIGIN_SECRET, ROTATING, recorded
from tests.engine.both import Both
from tests.engine.golden import difference
from tests.engine.tables import access, made, origin
from tests.engine.tables_edge import edge
from tests.settings.as_pulumi import Json
from tests.settings.support import TAKING_TRAFFIC, as_data, changed

# The load balancer in every situation: its stack, what differs from its file, and the secrets that are accepted.
SITUATIONS: Mapping[str, tuple[str, Mapping[str, Json], Mapping[str, str]]] = {
    "production": ("production", {}, ORIGIN_SECRET),
    "production, while the secret is rotated": ("production", {}, ROTATING),
    "dr": ("dr", {}, ORIGIN_SECRET),
    "dr, while the secret is rotated": ("dr", {}, ROTATING),
    "dr, taking the traffic": ("dr", TAKING_TRAFFIC, ORIGIN_SECRET),
    "dr, taking the traffic, while the secret is rotated": ("dr", TAKING_TRAFFIC, ROTATING),
}


@pytest.mark.xdist_group("both-stacks")
@pytest.mark.parametrize("stack", STACKS)
def test_what_is_open_and_allowed_is_what_was_reviewed(both: Both, stack: str, request: pytest.FixtureRequest) -> None:
    """Every rule of a security group, and every statement of IAM."""
    differs = difference(f"{stack}.access.txt", access(made(both[stack].resources)), request)
    assert not differs, differs


def test_the_origin_lets_through_what_was_reviewed(request: pytest.FixtureRequest) -> None:
    """The load balancer's rules and its web ACL's, before, during and after a switch and a rotation."""
    parts: list[str] = []
    for title, (stack, changes, secrets) in SITUATIONS.items():
        plan = recorded(changed(as_data(stack), changes), stack=stack, secrets=secrets)
        shown = {v: "(the other secret)" if key.endswith("Previous") else "(secret)" for key, v in secrets.items()}
        table = origin([(type_, name, inputs, {}) for (type_, name), inputs in plan.items()], shown)
        parts.append(f"== {title} ==\n\n{table}")
    differs = difference("origin.txt", "\n".join(parts), request)
    assert not differs, differs


@pytest.mark.xdist_group("both-stacks")
def test_the_edge_does_with_requests_what_was_reviewed(both: Both, request: pytest.FixtureRequest) -> None:
    """Every behaviour of both hosts, and the rules of the web ACL before them."""
    table = edge(made(both["production"].resources), {PLACEHOLDER: "(secret)"})
    differs = difference("edge.txt", table, request)
    assert not differs, differs
