"""The closed list of types: what both stacks plan, what a reason explains, and nothing else."""

import re
from pathlib import Path

import pytest

from policies.engine.rule import ResourceRule
from policies.figures import types as types_figures
from policies.pack import policies
from policies.rules import RULES
from policies.rules.residency import RULES as RESIDENCY
from tests.policies.judged import judged
from tests.policies.plan import STACKS, Plan

GOLDEN = Path(__file__).parents[2] / "golden"
POLICIES = policies()
[JUDGES_TYPES] = [rule for rule in RESIDENCY if rule.id == "residency-types"]


def _planned(stack: str) -> set[str]:
    """Return the types in a stack's golden plan, which the engine's tests hold to the plan itself."""
    lines = (GOLDEN / f"{stack}.plan.txt").read_text().splitlines()
    found = (re.fullmatch(r" *((?:aws|random|pulumi:pulumi):[\w/:]+) \S+", line) for line in lines)
    return {match[1] for match in found if match}


def test_the_list_is_what_the_stacks_plan() -> None:
    """A type that neither stack plans any more is taken out; one that a stack begins to plan needs rules first."""
    planned = set[str]().union(*map(_planned, STACKS))
    assert len(planned) > 90
    assert planned == types_figures.PLANNED


def test_each_type_is_listed_once() -> None:
    parts = (types_figures.PLANNED, types_figures.ALSO_JUDGED.keys(), types_figures.REFUSED_ELSEWHERE.keys())
    assert len(set[str]().union(*parts)) == sum(map(len, parts))


@pytest.mark.parametrize("type_", types_figures.ALSO_JUDGED)
def test_a_type_that_no_stack_plans_is_read_by_a_rule(type_: str) -> None:
    """What is let through for the sake of its rules has some: of its own, or of stacks that hold it."""
    readers, rules = (Path(__file__).parents[3] / "policies" / folder for folder in ("readers", "rules"))
    texts = "".join(path.read_text() for path in (*readers.rglob("*.py"), *rules.rglob("*.py")))
    of_resources = [rule.id for rule in RULES if isinstance(rule, ResourceRule) and type_ in rule.types]
    assert of_resources or f'"{type_}"' in texts


@pytest.mark.parametrize(("type_", "rule_id"), types_figures.REFUSED_ELSEWHERE.items())
@pytest.mark.parametrize("stack", STACKS)
def test_a_type_that_another_rule_refuses_is_refused_in_its_words(type_: str, rule_id: str, stack: str) -> None:
    """Whatever its properties say, in both stacks, and not a second time by this list."""
    plan = Plan(stack)
    plan.add(type_, "added")
    blamed = {rule for rule, name in judged(POLICIES, plan.shown("preview")).blamed if name == "added"}
    assert rule_id in blamed
    assert JUDGES_TYPES.id not in blamed


def test_components_are_judged_by_what_they_contain() -> None:
    for type_ in ("taskflow:network:ProductionVpc", "ledger:data:Store", "awsx:ec2:Vpc", "pulumi:providers:aws"):
        assert not JUDGES_TYPES.covers(type_)


def test_message_says_how_to_add_a_type() -> None:
    plan = Plan("production")
    plan.add("aws:dynamodb/table:Table", "jobs")
    [text] = [text for rule, _, text in judged(POLICIES, plan.shown("preview")).violations if rule == JUDGES_TYPES.id]
    assert text == (
        "residency-types: jobs: no rule judges the type aws:dynamodb/table:Table; allowed: the types in "
        "policies/figures/types.py. Remove the resource, or write the rules that judge its type and add it to "
        "policies/figures/types.py. (document: Production Architecture)"
    )
