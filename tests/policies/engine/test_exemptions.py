"""An exemption is for one resource, one rule and one stack, until a date; an expired or unused one is a violation."""

from dataclasses import replace
from datetime import date

import pytest

from policies.engine.exemptions import EXEMPTIONS, Exemption
from policies.engine.policy import RulePolicy
from policies.figures.common import STACKS
from policies.pack import policies
from policies.rules import RULES
from tests.policies.compliant.data import key
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.plan import Plan, Ref

LAST_DAY = date(2027, 1, 31)
DAY_AFTER = date(2027, 2, 1)
SHORT_LOGS = Exemption(
    resource="debug",
    rule="logs-retention",
    stack="production",
    reason="Debug events of one experiment, kept a week",
    owner_role="platform lead",
    expires=LAST_DAY,
)
CHAIN = replace(SHORT_LOGS, rule="network-ingress-chain", resource="database")


def _pack(*exemptions: Exemption, today: date = LAST_DAY) -> list[RulePolicy]:
    return policies(exemptions=exemptions, clock=lambda: today)


def _plan(days: object = 7) -> Plan:
    """Return the compliant stack with a log group whose retention is too short."""
    plan = compliant()
    plan.add("aws:cloudwatch/logGroup:LogGroup", "debug", retentionInDays=days, kmsKeyId=key("logs")).protect = True
    return plan


def test_without_an_exemption_the_rule_reports() -> None:
    assert evaluate(_pack(), _plan().states("up")).reported == {("logs-retention", "debug")}


def test_exempt_resource_is_skipped_through_the_last_day() -> None:
    assert str(evaluate(_pack(SHORT_LOGS), _plan().states("up"))) == ""


def test_expired_exemption_is_reported_with_the_violation() -> None:
    report = evaluate(_pack(SHORT_LOGS, today=DAY_AFTER), _plan().states("up"))
    assert report.reported == {("logs-retention", "debug"), ("exemptions", "debug")}
    assert "expired on 2027-01-31 (owner: platform lead)" in str(report)


def test_expired_exemption_of_a_missing_resource_is_reported() -> None:
    assert evaluate(_pack(SHORT_LOGS, today=DAY_AFTER), compliant().states("up")).reported == {("exemptions", "")}


def test_exemption_of_a_missing_resource_is_unused() -> None:
    report = evaluate(_pack(SHORT_LOGS), compliant().states("up"))
    assert report.reported == {("exemptions", "")}
    assert "unused: the stack has no such resource" in str(report)


def test_exemption_of_a_compliant_resource_is_unused() -> None:
    report = evaluate(_pack(SHORT_LOGS), _plan(days=90).states("up"))
    assert report.reported == {("exemptions", "debug")}
    assert "unused: the resource complies" in str(report)


def test_exemption_of_an_unknown_value_is_not_unused() -> None:
    """The unknown value may violate the rule. It is no advisory either."""
    plan = _plan(days=Ref(to="Vpc main"))
    assert str(evaluate(_pack(SHORT_LOGS), plan.states("preview"))) == ""


def test_exemption_from_a_stack_rule_is_for_its_resource_alone() -> None:
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    plan.set("SecurityGroupIngressRule cache", "fromPort", 6378)
    assert evaluate(_pack(CHAIN), plan.states("preview")).reported == {("network-ingress-chain", "cache")}


def test_unused_exemption_from_a_stack_rule_is_reported_unless_the_rule_is_undecided() -> None:
    plan = compliant()
    assert evaluate(_pack(CHAIN), plan.states("preview")).reported == {("exemptions", "database")}
    either = Ref(to="SecurityGroup alb", via=("SecurityGroup alb", "SecurityGroup service"))
    plan.set("SecurityGroupIngressRule service", "securityGroupId", either)
    assert evaluate(_pack(CHAIN), plan.states("preview")).reported == set()


def test_exemption_with_a_type() -> None:
    """Names are unique for a type only: a namesake of another type isn't exempt."""
    exact = replace(CHAIN, resource="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::database")
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    texts = [text for _, _, text in evaluate(_pack(exact), plan.states("preview")).violations]
    assert len(texts) == 1
    assert "tcp 5432 from service is missing" in texts[0], "the group of that name still lacks its link"


def test_exemption_is_for_its_stack_alone() -> None:
    elsewhere = replace(SHORT_LOGS, stack="dr")
    assert evaluate(_pack(elsewhere), _plan().states("up")).reported == {("logs-retention", "debug")}


def test_exemption_from_an_unknown_rule_is_reported() -> None:
    report = evaluate(_pack(replace(SHORT_LOGS, rule="log-retention")), _plan(days=90).states("up"))
    assert report.reported == {("exemptions", "")}
    assert "is for an unknown rule" in str(report)


@pytest.mark.parametrize("name", ["resource", "rule", "stack", "reason", "owner_role"])
def test_exemption_with_an_empty_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is empty"):
        replace(SHORT_LOGS, **{name: " "})


def test_exemptions_of_the_pack_are_for_existing_rules_and_stacks() -> None:
    """One for another stack would never be judged."""
    assert {exemption.rule for exemption in EXEMPTIONS} <= {rule.id for rule in RULES}
    assert {exemption.stack for exemption in EXEMPTIONS} <= STACKS.keys()
