"""The compliant stack violates no rule, and each mutation is reported by exactly its rules."""

import pytest

from policies.pack import policies
from policies.rules import RULES
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.mutations import alerting as alerting_mutations
from tests.policies.mutations.index import MUTATIONS
from tests.policies.mutations.mutation import Change, Mutation
from tests.policies.plan import FORMS, STACKS, Form, Ref
from tests.policies.shared import affected_policies, exported

POLICIES = policies()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stack", STACKS)
def test_compliant_stack_has_no_violation_and_no_unknown(stack: str, form: Form) -> None:
    """In each form, with known and with unknown ids."""
    assert str(evaluate(POLICIES, compliant(stack).states(form))) == ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_mutation_is_reported_by_its_rules(mutation: Mutation) -> None:
    """Exactly the expected rules report exactly the expected resources, in a preview as in an `up`.

    In the preview, which is the gate, all other rules that have read what differs run too, and report nothing.
    """
    reporting = [policy for policy in POLICIES if policy.name in {rule for rule, _ in mutation.reported}]
    for stack in mutation.stacks:
        plan = compliant(stack)
        mutation.change(plan)
        for form in FORMS:
            is_gate = (stack, form) == (mutation.stacks[0], "preview")
            changed = exported(plan, form)
            pack = {*reporting, *affected_policies(POLICIES, changed, form)} if is_gate else reporting
            report = evaluate(pack, changed)
            assert report.reported == mutation.reported, f"{stack}, {form}: {report}"
            assert not report.advisories, f"{stack}, {form}: unknown ids leave nothing undecided"


@pytest.mark.thorough
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_no_other_rule_reports_a_mutation(mutation: Mutation) -> None:
    plan = compliant(mutation.stacks[0])
    mutation.change(plan)
    assert evaluate(POLICIES, plan.states("preview")).reported == mutation.reported


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", alerting_mutations.NOTIFYING_COMPOSITES)
def test_composite_alarm_may_notify(change: Change, form: Form) -> None:
    """An alarm without actions is compliant if it alone triggers a composite alarm with actions."""
    plan = compliant()
    change(plan)
    alerting = [policy for policy in POLICIES if policy.name.startswith("alerting-")]
    assert str(evaluate(alerting, plan.states(form))) == ""


OURS = ("MetricAlarm alerts-", "CompositeAlarm alerts-")


def test_alarm_missing_on_an_unknown_dashboard_is_reported() -> None:
    """In the program's preview the dashboard's body is unknown, but not the alarms that it depends on."""
    rules = [policy for policy in POLICIES if policy.name == "alerting-dashboard"]
    for without in (None, "MetricAlarm alerts-cpu"):
        plan = compliant()
        ours = [key for key in plan.resources if key.startswith(OURS) and key != without]
        body = Ref(to=ours[0], via=tuple(ours))
        plan.add("aws:cloudwatch/dashboard:Dashboard", "dashboard", None, dashboardBody=body)
        report = evaluate(rules, plan.states("preview"))
        assert report.reported == ({("alerting-dashboard", "alerts-cpu")} if without else set())
        assert not report.advisories


@pytest.mark.places
def test_every_rule_reports_a_mutation() -> None:
    """A rule without a mutation is untested."""
    reporting = {rule for mutation in MUTATIONS for rule, _ in mutation.reported}
    assert not {rule.id for rule in RULES} - reporting, "tests/policies/mutations: no change that they report"
    assert not reporting - {rule.id for rule in RULES}, "tests/policies/mutations: no such rules"
