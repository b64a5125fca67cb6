"""Compliant variants of the baseline, and the exemption for a central account."""

from datetime import date

import pytest

from policies.engine.exemptions import Exemption
from policies.pack import policies
from tests.policies.compliant.baseline import data_protection_policy
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.mutations.mutation import Change, adds, sets
from tests.policies.plan import FORMS, Plan

PACK = policies()

COMPLIANT_VARIANTS: tuple[tuple[str, Change], ...] = (
    (
        "more masked identifiers",
        sets(
            "LogDataProtectionPolicy service-tasks",
            "policyDocument",
            data_protection_policy(*[["Name", "Address", "EmailAddress", "CreditCardNumber", "PhoneNumber-US"]] * 2),
        ),
    ),
    (
        "a second standard",
        adds(
            "aws:securityhub/standardsSubscription:StandardsSubscription",
            "second",
            standardsArn="arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0",
        ),
    ),
)


@pytest.mark.parametrize(
    "change", [change for _, change in COMPLIANT_VARIANTS], ids=[label for label, _ in COMPLIANT_VARIANTS]
)
def test_compliant_variant_passes(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(evaluate(PACK, plan.states(form))) == ""


def _without_guard_duty(plan: Plan) -> None:
    plan.remove("Detector baseline", *(key for key in plan.resources if key.startswith("DetectorFeature ")))


CENTRAL = Exemption(
    resource="taskflow-production",
    rule="baseline-guard-duty",
    stack="production",
    reason="The organisation's security account has GuardDuty for every member",
    owner_role="security lead",
    expires=date(2027, 1, 31),
)


def test_guard_duty_of_a_central_account_requires_an_exemption() -> None:
    """A person states with an expiry date that another account has it: a setting alone isn't enough."""
    plan = compliant()
    _without_guard_duty(plan)
    assert evaluate(PACK, plan.states("preview")).reported == {("baseline-guard-duty", "taskflow-production")}
    for day, is_reported in ((date(2027, 1, 31), False), (date(2027, 2, 1), True)):
        exempt = policies(exemptions=(CENTRAL,), clock=lambda day=day: day)
        assert bool(evaluate(exempt, plan.states("preview")).violations) is is_reported
    needless = policies(exemptions=(CENTRAL,), clock=lambda: date(2027, 1, 1))
    assert evaluate(needless, compliant().states("preview")).reported == {("exemptions", "taskflow-production")}
