"""Rules about the web ACL of CloudFront: that every distribution is behind it, and what it does."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, report
from policies.figures import names as names_figures
from policies.readers.resource_types import DISTRIBUTION, WEB_ACL
from policies.readers.web_acls import expect_body_limit, expect_web_acl_rules
from policies.rules.edge.names import in_edge_region


def _guarded(stack: Stack) -> Iterator[Finding]:
    allowed = f"the web ACL {names_figures.WEB_ACL} of this stack"
    for distribution in stack.of(DISTRIBUTION):
        match stack.refer(distribution, distribution.at("webAclId"), WEB_ACL):
            case Found(resource=acl):
                for verdict in _of_cloudfront(acl):
                    is_open = isinstance(verdict, Unknown)
                    found = verdict if is_open else f"its web ACL {acl.name}: {verdict}"
                    yield Finding(resource=acl if is_open else distribution, verdict=found)
            case Outside(text=text):
                yield report(distribution, f"webAclId is {text}", allowed)
            case Unknown() as unknown:
                yield Finding(resource=distribution, verdict=unknown)
            case _:
                yield report(distribution, "webAclId isn't set", allowed)


def _of_cloudfront(acl: Resource) -> Iterator[Verdict]:
    yield from expect(acl.at("scope"), "CLOUDFRONT")
    yield from expect(acl.at("name"), names_figures.WEB_ACL)
    yield from in_edge_region(acl)


def _rules(acl: Resource) -> Iterator[Verdict]:
    match acl.at("scope").text():
        case Known(value="CLOUDFRONT"):
            # It sees the viewers' own addresses: every rule is for all requests.
            yield from expect_web_acl_rules(acl, None)
            yield from expect_body_limit(acl)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    StackRule(
        id="edge-guarded",
        section="WAF Rules",
        description=f"Every distribution is behind the web ACL {names_figures.WEB_ACL}",
        remedy=f"Set webAclId to the ARN of the stack's web ACL {names_figures.WEB_ACL}.",
        judge=_guarded,
    ),
    ResourceRule(
        id="edge-guard-rules",
        section="WAF Rules",
        description="CloudFront's web ACL has all of the document's rules, which block, and bounds the body as well",
        remedy="Write the rule as the document has it, for all requests, and bound the body within what WAF reads.",
        types=(WEB_ACL,),
        judge=_rules,
    ),
)
