"""A baseline that is left to others, and what is as good as the compliant one's words."""

from datetime import date

import pytest

from policies.engine.exemptions import Exemption
from policies.pack import policies
from tests.policies.compliant.baseline import masking
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
from tests.policies.mutations.mutation import Change, adds, sets
from tests.policies.plan import FORMS, Plan

PACK = policies()

AS_GOOD: tuple[tuple[str, Change], ...] = (
    (
        "more that is masked",
        sets(
            "LogDataProtectionPolicy service-tasks",
            "policyDocument",
            masking(*[["Name", "Address", "EmailAddress", "CreditCardNumber", "PhoneNumber-US"]] * 2),
        ),
    ),
    (
        "another standard beside AWS's",
        adds(
            "aws:securityhub/standardsSubscription:StandardsSubscription",
            "second",
            standardsArn="arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0",
        ),
    ),
)


@pytest.mark.parametrize("change", [change for _, change in AS_GOOD], ids=[label for label, _ in AS_GOOD])
def test_what_is_as_good_is_passed(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(judged(PACK, plan.shown(form))) == ""


def _central(plan: Plan) -> None:
    plan.remove("Detector baseline", *(key for key in plan.resources if key.startswith("DetectorFeature ")))


CENTRAL = Exemption(
    resource="taskflow-production",
    rule="baseline-guard-duty",
    stack="production",
    reason="The organisation's security account has GuardDuty for every member",
    owner_role="security lead",
    expires=date(2027, 1, 31),
)


def test_what_a_central_account_has_takes_an_exemption_of_the_stack() -> None:
    """A setting alone can't say that somebody else watches: a person does, and until a day."""
    plan = compliant()
    _central(plan)
    assert judged(PACK, plan.shown("preview")).blamed == {("baseline-guard-duty", "taskflow-production")}
    for day, told in ((date(2027, 1, 31), False), (date(2027, 2, 1), True)):
        exempt = policies(exemptions=(CENTRAL,), clock=lambda day=day: day)
        assert bool(judged(exempt, plan.shown("preview")).violations) is told
    needless = policies(exemptions=(CENTRAL,), clock=lambda: date(2027, 1, 1))
    assert judged(needless, compliant().shown("preview")).blamed == {("exemptions", "taskflow-production")}
