"""Compliant variants of the load balancer and its web ACL, and the hidden secret."""

import pytest

from policies.engine.facts import Resource
from policies.pack import policies
from policies.readers.web_acls import expect_web_acl_rules
from tests.policies.compliant.origin import (
    HEADER,
    SECRETS,
    byte_match,
    choice,
    fixed_response,
    web_acl_rule,
    web_acl_rules,
)
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.mutations import origin as origin_mutations
from tests.policies.mutations.mutation import Change, all_of, sets
from tests.policies.mutations.origin import LATCHED, LISTENS, ON_SECRET, TARGET_ARN, TARGETS
from tests.policies.mutations.web_acls import GEO_PARTS, RATES, WEB_ACL
from tests.policies.plan import FORMS, REMOVED
from tests.policies.shared import exported

POLICIES = policies()
ORIGIN = [policy for policy in POLICIES if policy.name.startswith("origin-")]
SIZE: dict[str, object] = {
    "sizeConstraintStatement": {"comparisonOperator": "GT", "size": 65536, "fieldToMatch": choice("body")}
}
WEIGHTED = {"type": "forward", "forward": {"targetGroups": [{"arn": TARGET_ARN, "weight": 1}]}}

COMPLIANT_VARIANTS: tuple[tuple[str, Change], ...] = (
    ("one value of the header", sets(ON_SECRET, "conditions.0.httpHeader.values", [SECRETS[0]])),
    ("the header's name in another case", sets(ON_SECRET, "conditions.0.httpHeader.httpHeaderName", HEADER.title())),
    ("targets in the other syntax", sets(ON_SECRET, "actions", [WEIGHTED])),
    ("AWS's other TLS policy", sets(LISTENS, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06")),
    ("slow start off", sets(TARGETS, "slowStart", 0)),
    ("slow start unset", sets(TARGETS, "slowStart", REMOVED)),
    ("AWS's default matcher", sets(TARGETS, "healthCheck.matcher", REMOVED)),
    (
        "the same rate in a minute",
        all_of(sets(WEB_ACL, f"{RATES}.limit", 400), sets(WEB_ACL, f"{RATES}.evaluationWindowSec", 60)),
    ),
    ("AWS's default window", sets(WEB_ACL, f"{RATES}.evaluationWindowSec", REMOVED)),
    ("one value in the web ACL", sets(WEB_ACL, f"{GEO_PARTS}.1", {"notStatement": {"statement": byte_match("a")}})),
    ("a list of one statement", sets(WEB_ACL, f"{GEO_PARTS}.1", {"notStatement": {"statements": [byte_match("a")]}})),
    ("a third country", sets(WEB_ACL, f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", ["SY", "IR", "KP"])),
    (
        "an additional rule that blocks",
        sets(WEB_ACL, "rules", [*web_acl_rules(), web_acl_rule("Size", 60, SIZE, action=choice("block"))]),
    ),
)


@pytest.mark.parametrize(
    "change", [change for _, change in COMPLIANT_VARIANTS], ids=[label for label, _ in COMPLIANT_VARIANTS]
)
def test_compliant_variant_passes(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(evaluate(POLICIES, plan.states(form))) == ""


def test_latch_may_have_each_of_its_answers() -> None:
    """dr answers 404 before it takes the traffic, and 200 after, then with four tasks; a refusal moves nothing."""
    plan = compliant("dr")
    plan.set("Target service", "minCapacity", 4)
    for status in ("404", "200", "403"):
        plan.set(LATCHED, "actions", [fixed_response(status)])
        assert str(evaluate(POLICIES, plan.states("preview"))) == ""


def test_no_message_shows_the_secret() -> None:
    """Rules read the secret in plain text, but messages are logged."""
    beginning = SECRETS[0][:20]
    for mutation in origin_mutations.CHANGES:
        plan = compliant(mutation.stacks[0])
        mutation.change(plan)
        assert beginning not in str(evaluate(ORIGIN, exported(plan, "preview"))), mutation.label


def test_rules_without_a_trusted_header_apply_to_all_requests() -> None:
    """CloudFront's web ACL sees the viewers' addresses, so nothing may limit its geo and rate rules."""
    rules = web_acl_rules()
    metric = {"cloudwatchMetricsEnabled": True, "metricName": "edge"}
    whole: dict[str, object] = {"defaultAction": choice("allow"), "visibilityConfig": metric, "rules": rules}
    acl = Resource(urn="urn:pulumi:production::p::aws:wafv2/webAcl:WebAcl::edge", type="", properties=whole)
    assert [str(verdict).partition(";")[0] for verdict in expect_web_acl_rules(acl, None)] == [
        f"the rule {name}: it applies to a part of the requests only" for name in ("GeoBlockRule", "RateLimitRule")
    ]
    rules[0]["statement"] = {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}
    rules[1]["statement"] = {"rateBasedStatement": {"limit": 2000, "aggregateKeyType": "IP"}}
    bare = Resource(urn=acl.urn, type="", properties=whole)
    assert list(expect_web_acl_rules(bare, None)) == []
