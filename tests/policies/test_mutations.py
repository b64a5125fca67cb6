"""The compliant stack is passed in silence, and each change to what a rule guards is told by that rule."""

import itertools
from datetime import date

import pytest

from policies.export import judge, read_export
from policies.pack import policies
from policies.rules import RULES
from tests.policies import (
    changes_access,
    changes_alerting,
    changes_audit,
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
from tests.policies.changing import Change, Mutation
from tests.policies.judged import judged
from tests.policies.plan import FORMS, STACKS, Form, Ref
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
    *changes_alerting.CHANGES,
    *changes_baseline.CHANGES,
    *changes_audit.CHANGES,
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


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", changes_alerting.TOLD_OF)
def test_alarm_of_alarms_may_tell(change: Change, form: Form) -> None:
    """Nobody complains of an alarm without actions that sets off, by itself, one that has them."""
    plan = compliant()
    change(plan)
    alerting = [policy for policy in POLICIES if policy.name.startswith("alerting-")]
    assert str(judged(alerting, plan.shown(form))) == ""


OURS = ("MetricAlarm alerts-", "CompositeAlarm alerts-")


def test_dashboard_of_unknown_alarms_shows_those_it_is_made_from() -> None:
    """In the program's preview the dashboard's body is unknown, and yet an alarm that it lacks is told."""
    shown = [policy for policy in POLICIES if policy.name == "alerting-shown"]
    for without in (None, "MetricAlarm alerts-cpu"):
        plan = compliant()
        ours = [key for key in plan.resources if key.startswith(OURS) and key != without]
        body = Ref(to=ours[0], via=tuple(ours))
        plan.add("aws:cloudwatch/dashboard:Dashboard", "dashboard", None, dashboardBody=body)
        report = judged(shown, plan.shown("preview"))
        assert report.blamed == ({("alerting-shown", "alerts-cpu")} if without else set())
        assert not report.advisories


def test_every_rule_is_guarded_by_a_mutation() -> None:
    """A new rule without a change that it tells would be a rule that nobody has seen work."""
    told = {rule for mutation in MUTATIONS for rule, _ in mutation.blamed}
    assert {rule.id for rule in RULES} == told
