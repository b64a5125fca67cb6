"""The compliant stack is passed in silence, and each change to what a rule guards is told by that rule."""

import pytest

from policies.pack import policies
from policies.rules import RULES
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
from tests.policies.mutations import alerting as alerting_mutations
from tests.policies.mutations.index import MUTATIONS
from tests.policies.mutations.mutation import Change, Mutation
from tests.policies.plan import FORMS, STACKS, Form, Ref
from tests.policies.shared import concerned, exported

POLICIES = policies()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stack", STACKS)
def test_compliant_stack_is_passed_without_a_doubt(stack: str, form: Form) -> None:
    """Neither a violation nor an advisory, whether ids are known or not."""
    assert str(judged(POLICIES, compliant(stack).shown(form))) == ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_change_is_reported_by_the_rules_that_guard_it(mutation: Mutation) -> None:
    """Exactly the expected rules report exactly the expected resources, in a preview as in an `up`.

    In the preview, which is the gate, all other rules that read what changed are asked as well, and are silent.
    """
    guards = [policy for policy in POLICIES if policy.name in {rule for rule, _ in mutation.blamed}]
    for stack in mutation.stacks:
        plan = compliant(stack)
        mutation.change(plan)
        for form in FORMS:
            is_gate = (stack, form) == (mutation.stacks[0], "preview")
            asked = {*guards, *concerned(POLICIES, plan, form)} if is_gate else guards
            report = judged(asked, exported(plan, form))
            assert report.blamed == mutation.blamed, f"{stack}, {form}: {report}"
            assert not report.advisories, f"{stack}, {form}: all of it can be decided, ids or not"


@pytest.mark.thorough
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_no_other_rule_of_all_reports_a_change(mutation: Mutation) -> None:
    plan = compliant(mutation.stacks[0])
    mutation.change(plan)
    assert judged(POLICIES, plan.shown("preview")).blamed == mutation.blamed


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", alerting_mutations.TOLD_OF)
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
