"""The way in, said in other words that are as good; and the secret, which no message shows."""

import pytest

from policies.engine.facts import Resource
from policies.pack import policies
from policies.readers.web_acls import expect_web_acl_rules
from tests.policies.compliant.origin import HEADER, SECRETS, answer, byte_match, choice, firewall_rule, firewall_rules
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
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

AS_GOOD: tuple[tuple[str, Change], ...] = (
    ("one value of the header", sets(ON_SECRET, "conditions.0.httpHeader.values", [SECRETS[0]])),
    ("the header's name in another case", sets(ON_SECRET, "conditions.0.httpHeader.httpHeaderName", HEADER.title())),
    ("targets in the other way of writing", sets(ON_SECRET, "actions", [WEIGHTED])),
    ("AWS's other TLS policy", sets(LISTENS, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06")),
    ("targets that start at once", sets(TARGETS, "slowStart", 0)),
    ("no word of how targets start", sets(TARGETS, "slowStart", REMOVED)),
    ("AWS's answer of a healthy target", sets(TARGETS, "healthCheck.matcher", REMOVED)),
    (
        "as few requests in a minute",
        all_of(sets(WEB_ACL, f"{RATES}.limit", 400), sets(WEB_ACL, f"{RATES}.evaluationWindowSec", 60)),
    ),
    ("AWS's window", sets(WEB_ACL, f"{RATES}.evaluationWindowSec", REMOVED)),
    ("one value in the web ACL", sets(WEB_ACL, f"{GEO_PARTS}.1", {"notStatement": {"statement": byte_match("a")}})),
    ("a list of one", sets(WEB_ACL, f"{GEO_PARTS}.1", {"notStatement": {"statements": [byte_match("a")]}})),
    ("a third country", sets(WEB_ACL, f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", ["SY", "IR", "KP"])),
    (
        "a rule of one's own that blocks",
        sets(WEB_ACL, "rules", [*firewall_rules(), firewall_rule("Size", 60, SIZE, action=choice("block"))]),
    ),
)


@pytest.mark.parametrize("change", [change for _, change in AS_GOOD], ids=[label for label, _ in AS_GOOD])
def test_what_is_as_good_is_passed(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(judged(POLICIES, plan.shown(form))) == ""


def test_switch_of_the_fail_over_may_be_thrown() -> None:
    """dr answers 404 before it takes the traffic and 200 after, with four tasks at least; a refusal does no harm."""
    plan = compliant("dr")
    plan.set("Target service", "minCapacity", 4)
    for status in ("404", "200", "403"):
        plan.set(LATCHED, "actions", [answer(status)])
        assert str(judged(POLICIES, plan.shown("preview"))) == ""


def test_no_message_shows_the_secret() -> None:
    """Whatever is wrong, and wherever the value stands: rules see it opened, and a message goes to logs."""
    beginning = SECRETS[0][:20]
    for mutation in origin_mutations.CHANGES:
        plan = compliant(mutation.stacks[0])
        mutation.change(plan)
        assert beginning not in str(judged(ORIGIN, exported(plan, "preview"))), mutation.label


def test_web_acl_without_a_trusted_header_judges_all_requests() -> None:
    """What stands at the edge sees the viewers' own addresses: nothing may narrow its geo and rate rules."""
    rules = firewall_rules()
    metric = {"cloudwatchMetricsEnabled": True, "metricName": "edge"}
    whole: dict[str, object] = {"defaultAction": choice("allow"), "visibilityConfig": metric, "rules": rules}
    acl = Resource(urn="urn:pulumi:production::p::aws:wafv2/webAcl:WebAcl::edge", type="", properties=whole)
    assert [str(verdict).partition(";")[0] for verdict in expect_web_acl_rules(acl, None)] == [
        f"the rule {name}: it judges a part of the requests only" for name in ("GeoBlockRule", "RateLimitRule")
    ]
    rules[0]["statement"] = {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}
    rules[1]["statement"] = {"rateBasedStatement": {"limit": 2000, "aggregateKeyType": "IP"}}
    bare = Resource(urn=acl.urn, type="", properties=whole)
    assert list(expect_web_acl_rules(bare, None)) == []
