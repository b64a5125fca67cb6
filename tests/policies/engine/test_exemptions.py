"""Exemptions let one resource off one rule in one stack until a day; an expired or needless one is a violation."""

from dataclasses import replace
from datetime import date

import pytest

from policies.engine.exemptions import EXEMPTIONS, Exemption
from policies.figures.common import STACKS
from policies.pack import RulePolicy, policies
from policies.rules import RULES
from tests.policies.compliant.data import key
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
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
    """The compliant network and a log group that keeps its events too short a time."""
    plan = compliant()
    plan.add("aws:cloudwatch/logGroup:LogGroup", "debug", retentionInDays=days, kmsKeyId=key("logs")).protect = True
    return plan


def test_without_an_exemption_the_rule_tells() -> None:
    assert judged(_pack(), _plan().shown("up")).blamed == {("logs-retention", "debug")}


def test_exempt_resource_is_skipped_through_the_last_day() -> None:
    assert str(judged(_pack(SHORT_LOGS), _plan().shown("up"))) == ""


def test_expired_exemption_spares_nothing_and_is_told() -> None:
    report = judged(_pack(SHORT_LOGS, today=DAY_AFTER), _plan().shown("up"))
    assert report.blamed == {("logs-retention", "debug"), ("exemptions", "debug")}
    assert "expired on 2027-01-31 (owner: platform lead)" in str(report)


def test_expired_exemption_is_told_of_an_absent_resource_too() -> None:
    assert judged(_pack(SHORT_LOGS, today=DAY_AFTER), compliant().shown("up")).blamed == {("exemptions", "")}


def test_exemption_of_an_absent_resource_is_unused() -> None:
    report = judged(_pack(SHORT_LOGS), compliant().shown("up"))
    assert report.blamed == {("exemptions", "")}
    assert "unused: the stack has no such resource" in str(report)


def test_exemption_of_a_compliant_resource_is_unused() -> None:
    report = judged(_pack(SHORT_LOGS), _plan(days=90).shown("up"))
    assert report.blamed == {("exemptions", "debug")}
    assert "unused: the resource complies" in str(report)


def test_exemption_of_an_unknown_isnt_called_unused() -> None:
    """What can't be judged yet may need it; the exempt resource's own unknown makes no advisory either."""
    plan = _plan(days=Ref(to="Vpc main"))
    assert str(judged(_pack(SHORT_LOGS), plan.shown("preview"))) == ""


def test_exemption_from_a_stack_rule_spares_its_resource_only() -> None:
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    plan.set("SecurityGroupIngressRule cache", "fromPort", 6378)
    assert judged(_pack(CHAIN), plan.shown("preview")).blamed == {("network-ingress-chain", "cache")}


def test_unused_exemption_from_a_stack_rule_is_told_unless_the_rule_is_in_doubt() -> None:
    plan = compliant()
    assert judged(_pack(CHAIN), plan.shown("preview")).blamed == {("exemptions", "database")}
    either = Ref(to="SecurityGroup alb", via=("SecurityGroup alb", "SecurityGroup service"))
    plan.set("SecurityGroupIngressRule service", "securityGroupId", either)
    assert judged(_pack(CHAIN), plan.shown("preview")).blamed == set()


def test_resource_can_be_named_with_its_type() -> None:
    """Names are unique for a type only: with the type, a namesake of another type isn't let off."""
    exact = replace(CHAIN, resource="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::database")
    plan = compliant()
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    texts = [text for _, _, text in judged(_pack(exact), plan.shown("preview")).violations]
    assert len(texts) == 1
    assert "nothing says tcp 5432 from service" in texts[0], "the group of that name still lacks its link"


def test_exemption_holds_in_its_own_stack_only() -> None:
    elsewhere = replace(SHORT_LOGS, stack="dr")
    assert judged(_pack(elsewhere), _plan().shown("up")).blamed == {("logs-retention", "debug")}


def test_exemption_from_no_rule_is_told() -> None:
    report = judged(_pack(replace(SHORT_LOGS, rule="log-retention")), _plan(days=90).shown("up"))
    assert report.blamed == {("exemptions", "")}
    assert "names no rule of the pack" in str(report)


@pytest.mark.parametrize("name", ["resource", "rule", "stack", "reason", "owner_role"])
def test_exemption_that_nobody_answers_for_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is empty"):
        replace(SHORT_LOGS, **{name: " "})


def test_the_projects_own_exemptions_name_rules_and_stacks_that_exist() -> None:
    """One for a stack that nobody has would never be judged."""
    assert {exemption.rule for exemption in EXEMPTIONS} <= {rule.id for rule in RULES}
    assert {exemption.stack for exemption in EXEMPTIONS} <= STACKS.keys()
