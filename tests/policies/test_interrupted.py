"""The preview after an interrupted `up`, a mixture of state and plan, violates no rule."""

from collections.abc import Mapping

import pytest

from policies.pack import policies
from tests.engine.both import BothStacks
from tests.policies.interrupted import Interrupted, cut_points
from tests.policies.judged import evaluate
from tests.policies.plan import STACKS

POLICIES = policies()
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
CUTS = 25

pytestmark = pytest.mark.xdist_group("both-stacks")


@pytest.fixture(scope="session")
def interrupted(both: BothStacks) -> Mapping[str, Interrupted]:
    return {name: Interrupted.of(life) for name, life in both.items()}


@pytest.mark.parametrize("part", range(CUTS))
@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_violated_after_a_part(stack: str, part: int, interrupted: Mapping[str, Interrupted]) -> None:
    cut = interrupted[stack]
    created = cut_points(len(cut.states), CUTS)[part]
    assert evaluate(POLICIES, cut.after(created)).violations == []


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_violated_after_any_resource(stack: str, interrupted: Mapping[str, Interrupted]) -> None:
    cut = interrupted[stack]
    for created in range(len(cut.states) + 1):
        assert evaluate(POLICIES, cut.after(created)).violations == [], created


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_violated_if_the_provider_announces_outputs(
    stack: str, interrupted: Mapping[str, Interrupted]
) -> None:
    """As AWS's provider does, and the stand-in doesn't."""
    cut = interrupted[stack]
    for created in cut_points(len(cut.states), CUTS):
        assert evaluate(POLICIES, cut.after(created, computes=True)).violations == [], created


@pytest.mark.parametrize("stack", STACKS)
def test_a_repository_in_the_state_and_its_planned_lifecycle_are_in_one_region(
    stack: str, interrupted: Mapping[str, Interrupted]
) -> None:
    """The state has the region, the plan doesn't."""
    cut = interrupted[stack]
    for created, state in enumerate(cut.states):
        if state["type"] == LIFECYCLE:
            assert evaluate(POLICIES, cut.after(created)).violations == []


@pytest.mark.parametrize("stack", STACKS)
def test_before_the_first_resource_advisories_are_those_of_the_first_preview(
    stack: str, both: BothStacks, interrupted: Mapping[str, Interrupted]
) -> None:
    """The same values are unknown as in the engine's own preview."""
    report = evaluate(POLICIES, interrupted[stack].after(0))
    assert report.violations == []
    expected = sorted(line.partition(": ")[0] for line in both[stack].preview.advisories)
    assert sorted(policy for policy, _ in report.advisories) == expected


@pytest.mark.parametrize("stack", STACKS)
def test_a_violation_by_a_missing_resource_is_reported(stack: str, interrupted: Mapping[str, Interrupted]) -> None:
    """The rest of an interrupted stack is judged too."""
    cut = interrupted[stack]
    for state in cut.states:
        if state["type"] == LIFECYCLE:
            states = [each for each in cut.after(cut.states.index(state)) if each["urn"] != state["urn"]]
            assert "registry-lifecycles" in {policy for policy, _, _ in evaluate(POLICIES, states).violations}
