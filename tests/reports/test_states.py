"""A recorded state reads as what the engine exported, and anything else is an error."""

import pytest

from reports.states import read_state
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")


def test_every_resource_is_read_with_its_component(both: BothStacks) -> None:
    state = read_state("production", both["production"].state)
    providers = [r for r in both["production"].resources if str(r["type"]).startswith("pulumi:providers:")]
    assert len(state.resources) == len(both["production"].resources) - len(providers)
    (vpc,) = [r for r in state.resources if r.type == "aws:ec2/vpc:Vpc"]
    assert state.component(vpc) == "network"
    assert [a.type for a in state.ancestors(vpc)][-2:] == ["taskflow:network:ProductionVpc", "pulumi:pulumi:Stack"]
    assert not vpc.is_component


@pytest.mark.parametrize("text", ["[]", "{}", '{"deployment": {}}', '{"deployment": {"resources": [{}]}}'])
def test_other_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not an exported state"):
        read_state("production", text)
