"""Every row of the conformance table holds in both stacks after an `up` over the stand-ins."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from reports.conformance.evaluate import problems
from reports.conformance.rows import Row, rows
from reports.states import State, read_state
from settings.stacks import STACKS
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")


@pytest.fixture(scope="module")
def states(both: BothStacks) -> Mapping[str, State]:
    return {stack: read_state(stack, lifecycle.state) for stack, lifecycle in both.items()}


@pytest.mark.parametrize("stack", STACKS)
def test_every_row_holds(states: Mapping[str, State], stack: str) -> None:
    evaluated = [row for row in rows() if row.is_evaluated and stack in row.stacks]
    assert len(evaluated) > 100
    wrong = {row.requirement: problems(row, states[stack]) for row in evaluated}
    assert not {requirement: found for requirement, found in wrong.items() if found}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"each": {"cidrBlock": "10.99.0.0/16"}}, "cidrBlock is '10.20.0.0/16', not '10.99.0.0/16'"),
        ({"count": 2}, "1 resources, not 2"),
        ({"absent": True}, "taskflow-production exists"),
        ({"find": {"type": "aws:ec2/vpc:Vpc", "name": "other"}}, "no resource aws:ec2/vpc:Vpc other"),
        ({"each": {"id": "{aws:ec2/subnet:Subnet *}"}}, "which is 6 resources"),
        ({"each": {"tags.nothing.0.*": 1}}, "tags.nothing.0.* is None, not 1"),
        ({"output": "url", "is_": "https://example.com"}, "not 'https://example.com'"),
    ],
)
def test_what_does_not_hold_is_named(states: Mapping[str, State], row: Mapping[str, object], problem: str) -> None:
    vpc = {"type": "aws:ec2/vpc:Vpc", "name": "taskflow-production"}
    changed = replace(Row(section="", requirement="", find=vpc), **row)  # pyright: ignore[reportArgumentType]
    assert problem in problems(changed, states["production"])[0]
