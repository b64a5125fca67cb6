"""Rules about CloudFront's web ACL: every distribution is behind it, and it has the document's rules."""

from collections.abc import Iterator
from functools import partial

from policies.engine.expectations import expect
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, expect_reference
from policies.figures import names as names_figures
from policies.readers.resource_types import DISTRIBUTION, WEB_ACL
from policies.readers.web_acls import expect_body_limit, expect_web_acl_rules
from policies.rules.edge.records import expect_edge_region


def _web_acl(stack: Stack) -> Iterator[Finding]:
    for distribution in stack.of(DISTRIBUTION):
        kind = f"the web ACL {names_figures.WEB_ACL}"
        judge = partial(_acl_findings, distribution)
        yield from expect_reference(distribution, "webAclId", stack, WEB_ACL, kind, judge=judge)


def _acl_findings(distribution: Resource, acl: Resource) -> Iterator[Finding]:
    """Report a wrong web ACL on the distribution that refers to it."""
    for verdict in _acl_identity(acl):
        is_unknown = isinstance(verdict, Unknown)
        found = verdict if is_unknown else f"its web ACL {acl.name}: {verdict}"
        yield Finding(resource=acl if is_unknown else distribution, verdict=found)


def _acl_identity(acl: Resource) -> Iterator[Verdict]:
    yield from expect(acl.at("scope"), "CLOUDFRONT")
    yield from expect(acl.at("name"), names_figures.WEB_ACL)
    yield from expect_edge_region(acl)


def _rules(acl: Resource) -> Iterator[Verdict]:
    match acl.at("scope").text():
        case Known(value="CLOUDFRONT"):
            # CloudFront sees the viewers' addresses, so every rule applies to all requests.
            yield from expect_web_acl_rules(acl, None)
            yield from expect_body_limit(acl)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    StackRule(
        id="edge-web-acl",
        section="WAF Rules",
        description=f"Every distribution is behind the web ACL {names_figures.WEB_ACL}",
        remedy=f"Set webAclId to the ARN of the stack's web ACL {names_figures.WEB_ACL}.",
        judge=_web_acl,
        severity="high",
        controls=("CloudFront.6",),
    ),
    ResourceRule(
        id="edge-web-acl-rules",
        section="WAF Rules",
        description="CloudFront's web ACL has all of the document's rules, each of them blocks, and it limits the body",
        remedy=f"Write the rule as the document defines it, for all requests; block bodies above "
        f"{names_figures.BODY_LIMIT} bytes.",
        types=(WEB_ACL,),
        judge=_rules,
        severity="high",
        controls=("WAF.10",),
    ),
)
