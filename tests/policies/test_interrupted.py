"""An `up` that stopped half-way can be run again: its preview, which shows state and plan side by side, is passed."""

from collections.abc import Mapping

import pytest

from policies.pack import policies
from tests.engine.both import Both
from tests.policies.interrupted import Interrupted, shares
from tests.policies.judged import judged
from tests.policies.plan import STACKS

POLICIES = policies()
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
CUTS = 25

pytestmark = pytest.mark.xdist_group("both-stacks")


@pytest.fixture(scope="session")
def interrupted(both: Both) -> Mapping[str, Interrupted]:
    return {name: Interrupted.of(life) for name, life in both.items()}


@pytest.mark.parametrize("part", range(CUTS))
@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_violated_after_a_part_was_made(
    stack: str, part: int, interrupted: Mapping[str, Interrupted]
) -> None:
    cut = interrupted[stack]
    made = shares(len(cut.states), CUTS)[part]
    assert judged(POLICIES, cut.after(made)).violations == []


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_violated_after_any_resource(stack: str, interrupted: Mapping[str, Interrupted]) -> None:
    cut = interrupted[stack]
    for made in range(len(cut.states) + 1):
        assert judged(POLICIES, cut.after(made)).violations == [], made


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_violated_where_the_provider_announces_outputs(
    stack: str, interrupted: Mapping[str, Interrupted]
) -> None:
    """As AWS's own provider does, and the stand-in doesn't."""
    cut = interrupted[stack]
    for made in shares(len(cut.states), CUTS):
        assert judged(POLICIES, cut.after(made, computes=True)).violations == [], made


@pytest.mark.parametrize("stack", STACKS)
def test_a_repository_in_the_state_and_its_planned_lifecycle_are_in_one_region(
    stack: str, interrupted: Mapping[str, Interrupted]
) -> None:
    """The state has the region filled in, the plan doesn't: every further `up` failed on that."""
    cut = interrupted[stack]
    for made, state in enumerate(cut.states):
        if state["type"] == LIFECYCLE:
            assert judged(POLICIES, cut.after(made)).violations == []


@pytest.mark.parametrize("stack", STACKS)
def test_before_the_first_resource_it_is_the_first_preview(
    stack: str, both: Both, interrupted: Mapping[str, Interrupted]
) -> None:
    """The pack is unsure of the same as in the engine's own preview, so the values are unknown in the same places."""
    report = judged(POLICIES, interrupted[stack].after(0))
    assert report.violations == []
    shown = sorted(line.partition(": ")[0] for line in both[stack].preview.advisories)
    assert sorted(policy for policy, _ in report.advisories) == shown


@pytest.mark.parametrize("stack", STACKS)
def test_a_violation_is_found_in_what_is_still_to_be_made(stack: str, interrupted: Mapping[str, Interrupted]) -> None:
    """Half a stack isn't passed because it is half: what is planned wrongly is reported as ever."""
    cut = interrupted[stack]
    for state in cut.states:
        if state["type"] == LIFECYCLE:
            states = [each for each in cut.after(cut.states.index(state)) if each["urn"] != state["urn"]]
            assert "registry-lifecycles" in {policy for policy, _, _ in judged(POLICIES, states).violations}
