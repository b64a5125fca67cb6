"""The closed list of types: those that the stacks plan, and those with a reason."""

import re
from pathlib import Path

import pytest

from policies.engine.rule import ResourceRule
from policies.figures import types as types_figures
from policies.pack import policies
from policies.rules import RULES
from policies.rules.residency import RULES as RESIDENCY
from tests.policies.judged import evaluate
from tests.policies.plan import STACKS, Plan

GOLDEN = Path(__file__).parents[2] / "golden"
POLICIES = policies()
[TYPES_RULE] = [rule for rule in RESIDENCY if rule.id == "residency-types"]


def _planned(stack: str) -> set[str]:
    """Return the types in a stack's golden plan, which the engine tests compare with the plan."""
    lines = (GOLDEN / f"{stack}.plan.txt").read_text().splitlines()
    found = (re.fullmatch(r" *((?:aws|random|pulumi:pulumi):[\w/:]+) \S+", line) for line in lines)
    return {match[1] for match in found if match}


def test_list_matches_the_planned_types() -> None:
    """Remove a type that neither stack plans any more; a new type needs rules first."""
    planned = set[str]().union(*map(_planned, STACKS))
    assert len(planned) > 90
    assert planned == types_figures.PLANNED


def test_each_type_is_listed_once() -> None:
    parts = (types_figures.PLANNED, types_figures.ALSO_JUDGED.keys(), types_figures.REFUSED_ELSEWHERE.keys())
    assert len(set[str]().union(*parts)) == sum(map(len, parts))


@pytest.mark.parametrize("type_", types_figures.ALSO_JUDGED)
def test_unplanned_type_is_read_by_a_rule(type_: str) -> None:
    """A type that is allowed because rules judge it has a resource rule, or is read by a stack rule."""
    readers, rules = (Path(__file__).parents[3] / "policies" / folder for folder in ("readers", "rules"))
    texts = "".join(path.read_text() for path in (*readers.rglob("*.py"), *rules.rglob("*.py")))
    of_resources = [rule.id for rule in RULES if isinstance(rule, ResourceRule) and type_ in rule.types]
    assert of_resources or f'"{type_}"' in texts


@pytest.mark.parametrize(("type_", "rule_id"), types_figures.REFUSED_ELSEWHERE.items())
@pytest.mark.parametrize("stack", STACKS)
def test_forbidden_type_is_reported_by_its_rule_only(type_: str, rule_id: str, stack: str) -> None:
    """In both stacks, whatever its properties, and not a second time by residency-types."""
    plan = Plan(stack)
    plan.add(type_, "added")
    reported = {rule for rule, name in evaluate(POLICIES, plan.states("preview")).reported if name == "added"}
    assert rule_id in reported
    assert TYPES_RULE.id not in reported


def test_components_are_not_judged() -> None:
    for type_ in ("taskflow:network:ProductionVpc", "ledger:data:Store", "awsx:ec2:Vpc", "pulumi:providers:aws"):
        assert not TYPES_RULE.covers(type_)


def test_message_explains_how_to_add_a_type() -> None:
    plan = Plan("production")
    plan.add("aws:dynamodb/table:Table", "jobs")
    [text] = [text for rule, _, text in evaluate(POLICIES, plan.states("preview")).violations if rule == TYPES_RULE.id]
    assert text == (
        "residency-types: jobs: no rule judges the type aws:dynamodb/table:Table; allowed: the types in "
        "policies/figures/types.py. Remove the resource, or write the rules that judge its type and add it to "
        "policies/figures/types.py. (document: Production Architecture)"
    )
