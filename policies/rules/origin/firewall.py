"""Rules about the load balancer's web ACL: that there is one, what it does, and what it writes down."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, each_has, findings, report, violation
from policies.figures import origin as origin_figures
from policies.readers.resource_types import LOAD_BALANCERS, LOG_GROUP, WEB_ACL
from policies.readers.web_acls import ADDED_RULES, expect_web_acl_rules

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


def _associated(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(*LOAD_BALANCERS),
        stack.of(ASSOCIATION),
        # Other things than load balancers have web ACLs too.
        lambda association: stack.refer(association, association.at("resourceArn"), *LOAD_BALANCERS),
        lacking=violation("it isn't behind a web ACL", "a web ACL's association with it"),
        judge=lambda association: (
            Finding(resource=association, verdict=verdict) for verdict in _regional(association, stack)
        ),
    )


def _regional(association: Resource, stack: Stack) -> Iterator[Verdict]:
    match stack.refer(association, association.at("webAclArn"), WEB_ACL):
        case Found(resource=acl):
            for verdict in expect(acl.at("scope"), "REGIONAL"):
                yield verdict if isinstance(verdict, Unknown) else f"its web ACL {acl.name}: {verdict}"
        case Unknown() as unknown:
            yield unknown
        case reference:
            text = f"is {reference.text}" if isinstance(reference, Outside) else "isn't set"
            yield violation(f"webAclArn {text}", "a web ACL of this stack")


def _rules(resource: Resource) -> Iterator[Verdict]:
    if resource.type in ADDED_RULES:
        yield violation("a rule is added to a web ACL from outside", "rules in the web ACL itself, which are judged")
        return
    match resource.at("scope").text():
        case Known(value="CLOUDFRONT"):
            pass
        case Unknown() as unknown:
            yield unknown
        case _:
            # It sees CloudFront's few addresses, so what comes from there is none of its geo and rate rules' business.
            yield from expect_web_acl_rules(resource, origin_figures.ORIGIN_HEADER)


def _logged(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(WEB_ACL),
        stack.of(LOGGING),
        lambda logging: stack.refer(logging, logging.at("resourceArn"), WEB_ACL),
        lacking=violation("the web ACL logs nothing", "a logging configuration of its own"),
        judge=lambda logging: _written(logging, stack),
    )


def _written(logging: Resource, stack: Stack) -> Iterator[Finding]:
    yield from _destinations(logging, stack)
    yield from _redacted(logging, stack)
    yield from findings(logging, _filtered(logging.at("loggingFilter")))


def _filtered(logged: Node) -> Iterator[Verdict]:
    """Judge what is kept: each action of the document's in a filter that one matching condition satisfies."""
    yield from expect(logged.at("defaultBehavior"), "DROP")
    filters = logged.at("filters").items()
    if isinstance(filters, Unknown):
        yield filters
        return
    kept: set[str] = set()
    for each in filters.value if isinstance(filters, Known) else ():
        yield from expect(each.at("behavior"), "KEEP")
        yield from expect(each.at("requirement"), "MEETS_ANY")
        conditions = each.at("conditions").items()
        nodes = conditions.value if isinstance(conditions, Known) else (each.at("conditions"),)
        for action in (node.at("actionCondition", "action").text() for node in nodes):
            if isinstance(action, Unknown):
                yield action
                return
            kept.add(action.value if isinstance(action, Known) else "requests by their labels")
    if frozenset(kept) != origin_figures.LOGGED_ACTIONS:
        found = ", ".join(sorted(kept)) or "nothing"
        yield violation(f"loggingFilter keeps {found}", " and ".join(sorted(origin_figures.LOGGED_ACTIONS)))


def _destinations(logging: Resource, stack: Stack) -> Iterator[Finding]:
    allowed = f"a log group of this stack whose name begins with {origin_figures.FIREWALL_LOGS}"
    references = stack.refer_each(logging, logging.at("logDestinationConfigs"), LOG_GROUP)
    if not references:
        yield report(logging, "logDestinationConfigs isn't set", allowed)
    for reference in references:
        match reference:
            case Found(resource=group):
                name = group.at("name").text()
                if isinstance(name, Unknown):
                    yield Finding(resource=group, verdict=name)
                elif isinstance(name, Absent) or not name.value.startswith(origin_figures.FIREWALL_LOGS):
                    called = f"is called {name.value}" if isinstance(name, Known) else "has no name of its own"
                    yield report(logging, f"its log group {group.name} {called}", allowed)
            case Unknown() as unknown:
                yield Finding(resource=logging, verdict=unknown)
            case Outside(text=text):
                yield report(logging, f"the web ACL logs to {text}", allowed)
            case Absent():
                yield report(logging, "the web ACL logs to nothing", allowed)


def _redacted(logging: Resource, stack: Stack) -> Iterator[Finding]:
    items = logging.at("redactedFields").items()
    fields = items.value if isinstance(items, Known) else (logging.at("redactedFields"),)
    names = [field.at("singleHeader", "name").text() for field in fields]
    redacted = {name.value.lower() for name in names if isinstance(name, Known)}
    lacking = [header for header in origin_figures.REDACTED_HEADERS if header not in redacted]
    unknown = next((name for name in names if isinstance(name, Unknown)), None)
    acl = stack.refer(logging, logging.at("resourceArn"), WEB_ACL)
    if lacking == [origin_figures.ORIGIN_HEADER] and isinstance(acl, Found):
        # CloudFront adds it behind its own web ACL, which never sees it.
        scope = acl.resource.at("scope").text()
        if isinstance(scope, Unknown):
            yield Finding(resource=acl.resource, verdict=scope)
        if isinstance(scope, Unknown) or scope == Known(value="CLOUDFRONT"):
            return
    if lacking:
        allowed = f"singleHeader of {', '.join(origin_figures.REDACTED_HEADERS)}"
        yield Finding(
            resource=logging, verdict=unknown or violation(f"redactedFields lacks {', '.join(lacking)}", allowed)
        )


RULES = (
    StackRule(
        id="origin-web-acl",
        section="WAF Rules",
        description="Every load balancer is behind a regional web ACL of this stack",
        remedy="Associate the load balancer with the stack's regional web ACL.",
        judge=_associated,
    ),
    ResourceRule(
        id="origin-web-acl-rules",
        section="WAF Rules",
        description="The load balancer's web ACL has all of the document's rules, and each of them blocks",
        remedy="Write the rule as the document has it, and no rule that lets requests pass by others.",
        types=(WEB_ACL, *ADDED_RULES),
        judge=_rules,
    ),
    StackRule(
        id="origin-web-acl-logs",
        section="Data Handling",
        description="Every web ACL logs blocked and counted requests to a log group of this stack, without credentials",
        remedy=f"Log BLOCK and COUNT to a log group {origin_figures.FIREWALL_LOGS}…, with credentials redacted.",
        judge=_logged,
    ),
)
