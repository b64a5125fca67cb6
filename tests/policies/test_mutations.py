"""The compliant stack is passed in silence, and each change to what a rule guards is told by that rule."""

import itertools
from datetime import date

import pytest

from policies.export import judge, read_export
from policies.pack import policies
from policies.rules import RULES
from tests.policies import (
    changes_access,
    changes_baseline,
    changes_compute,
    changes_data,
    changes_edge,
    changes_encryption,
    changes_groups,
    changes_names,
    changes_origin,
    changes_stack,
    changes_storage,
    changes_subnets,
)
from tests.policies.changing import Mutation
from tests.policies.judged import judged
from tests.policies.plan import FORMS, STACKS, Form
from tests.policies.stack import compliant

POLICIES = policies()
TODAY = date(2026, 11, 24)
MUTATIONS = (
    *changes_stack.CHANGES,
    *changes_groups.CHANGES,
    *changes_subnets.CHANGES,
    *changes_encryption.CHANGES,
    *changes_data.CHANGES,
    *changes_origin.CHANGES,
    *changes_edge.CHANGES,
    *changes_names.CHANGES,
    *changes_access.CHANGES,
    *changes_storage.CHANGES,
    *changes_compute.CHANGES,
    *changes_baseline.CHANGES,
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stack", STACKS)
def test_compliant_stack_is_passed_without_a_doubt(stack: str, form: Form) -> None:
    """Neither a violation nor an advisory, whether ids are known or not."""
    assert str(judged(POLICIES, compliant(stack).shown(form))) == ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_change_is_told_by_the_rule_that_guards_it(mutation: Mutation) -> None:
    """Exactly the expected rules report exactly the expected resources, in a preview as in an `up`."""
    guards = [policy for policy in POLICIES if policy.name in {rule for rule, _ in mutation.blamed}]
    for stack, form in itertools.product(mutation.stacks, FORMS):
        plan = compliant(stack)
        mutation.change(plan)
        report = judged(guards, plan.shown(form))
        assert report.blamed == mutation.blamed, f"{stack}, {form}: {report}"
        assert not report.advisories, f"{stack}, {form}: all of it can be decided, ids or not"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_nobody_else_complains_of_a_change(mutation: Mutation) -> None:
    """In the preview, which is the gate, no other rule says a word: judged in this process, which is faster."""
    plan = compliant(mutation.stacks[0])
    mutation.change(plan)
    verdicts = judge(read_export(plan.export("preview")), RULES, (), TODAY)
    told = {(verdict.rule, verdict.urn.rpartition("::")[2] if verdict.urn else "") for verdict in verdicts}
    assert told == mutation.blamed, "\n".join(verdict.text for verdict in verdicts)


def test_every_rule_is_guarded_by_a_mutation() -> None:
    """A new rule without a change that it tells would be a rule that nobody has seen work."""
    told = {rule for mutation in MUTATIONS for rule, _ in mutation.blamed}
    assert {rule.id for rule in RULES} == told
