"""Rules about the load balancer's web ACL and about the logs of every web ACL."""

from collections.abc import Iterator

from policies.engine.expectations import equals, expect, judge_rows, refers_to
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, each_has, findings, report, violation
from policies.figures import origin as origin_figures
from policies.readers.resource_types import LOAD_BALANCERS, LOG_GROUP, WEB_ACL
from policies.readers.web_acls import ADDED_RULES, expect_web_acl_rules

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
_ACTIONS = " and ".join(sorted(origin_figures.LOGGED_ACTIONS))
_HEADERS = ", ".join(origin_figures.REDACTED_HEADERS)
_REGIONAL = (refers_to("webAclArn", WEB_ACL, "web ACL", equals("scope", "REGIONAL"), is_on_referrer=True),)


def _web_acl(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(*LOAD_BALANCERS),
        stack.of(ASSOCIATION),
        # An association may be for another type of resource.
        lambda association: stack.refer(association, association.at("resourceArn"), *LOAD_BALANCERS),
        missing=violation("it has no web ACL", "an association with a web ACL"),
        judge=lambda association: judge_rows(_REGIONAL, association, stack),
    )


def _rules(resource: Resource) -> Iterator[Verdict]:
    if resource.type in ADDED_RULES:
        yield violation("it adds a rule to a web ACL, where no rule checks it", "rules in the web ACL itself")
        return
    match resource.at("scope").text():
        case Known(value="CLOUDFRONT"):
            pass
        case Unknown() as unknown:
            yield unknown
        case _:
            # Requests by CloudFront come from its few addresses, so the geo and rate rules don't apply to them.
            yield from expect_web_acl_rules(resource, origin_figures.ORIGIN_HEADER)


def _logs(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(WEB_ACL),
        stack.of(LOGGING),
        lambda logging: stack.refer(logging, logging.at("resourceArn"), WEB_ACL),
        missing=violation("the web ACL has no logs", "a logging configuration for it"),
        judge=lambda logging: _logging(logging, stack),
    )


def _logging(logging: Resource, stack: Stack) -> Iterator[Finding]:
    yield from _destinations(logging, stack)
    yield from _redacted_headers(logging, stack)
    yield from findings(logging, _filter(logging.at("loggingFilter")))


def _filter(logged: Node) -> Iterator[Verdict]:
    """Require that exactly the document's actions are logged, by conditions of which one suffices."""
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
            kept.add(action.value if isinstance(action, Known) else "requests by label")
    if frozenset(kept) != origin_figures.LOGGED_ACTIONS:
        yield violation(f"loggingFilter keeps {', '.join(sorted(kept)) or 'nothing'}", _ACTIONS)


def _destinations(logging: Resource, stack: Stack) -> Iterator[Finding]:
    allowed = f"a log group of this stack whose name begins with {origin_figures.WEB_ACL_LOG_PREFIX}"
    references = stack.refer_each(logging, logging.at("logDestinationConfigs"), LOG_GROUP)
    if not references:
        yield report(logging, "logDestinationConfigs isn't set", allowed)
    for reference in references:
        match reference:
            case Found(resource=group):
                name = group.at("name").text()
                if isinstance(name, Unknown):
                    yield Finding(resource=group, verdict=name)
                elif isinstance(name, Absent) or not name.value.startswith(origin_figures.WEB_ACL_LOG_PREFIX):
                    state = f"has the name {name.value}" if isinstance(name, Known) else "has no name"
                    yield report(logging, f"its log group {group.name} {state}", allowed)
            case Unknown() as unknown:
                yield Finding(resource=logging, verdict=unknown)
            case Outside(text=text):
                yield report(logging, f"the web ACL logs to {text}", allowed)
            case Absent():
                yield report(logging, "an element of logDestinationConfigs is empty", allowed)


def _redacted_headers(logging: Resource, stack: Stack) -> Iterator[Finding]:
    items = logging.at("redactedFields").items()
    fields = items.value if isinstance(items, Known) else (logging.at("redactedFields"),)
    names = [field.at("singleHeader", "name").text() for field in fields]
    redacted = {name.value.lower() for name in names if isinstance(name, Known)}
    missing = [header for header in origin_figures.REDACTED_HEADERS if header not in redacted]
    unknown = next((name for name in names if isinstance(name, Unknown)), None)
    acl = stack.refer(logging, logging.at("resourceArn"), WEB_ACL)
    if missing == [origin_figures.ORIGIN_HEADER] and isinstance(acl, Found):
        # CloudFront adds this header after its web ACL, which never sees it.
        scope = acl.resource.at("scope").text()
        if isinstance(scope, Unknown):
            yield Finding(resource=acl.resource, verdict=scope)
        if isinstance(scope, Unknown) or scope == Known(value="CLOUDFRONT"):
            return
    if missing:
        verdict = violation(f"redactedFields lacks {', '.join(missing)}", f"singleHeader of {_HEADERS}")
        yield Finding(resource=logging, verdict=unknown or verdict)


RULES = (
    StackRule(
        id="origin-web-acl",
        section="WAF Rules",
        description="Every load balancer is behind a regional web ACL of this stack",
        remedy="Associate the load balancer with the stack's regional web ACL.",
        judge=_web_acl,
        severity="high",
    ),
    ResourceRule(
        id="origin-web-acl-rules",
        section="WAF Rules",
        description="The load balancer's web ACL has all of the document's rules, and each of them blocks",
        remedy="Write the rule as the document defines it, and no rule that bypasses others.",
        types=(WEB_ACL, *ADDED_RULES),
        judge=_rules,
        severity="high",
        controls=("WAF.10",),
    ),
    StackRule(
        id="origin-web-acl-logs",
        section="Data Handling",
        description="Every web ACL logs blocked and counted requests to a log group of this stack, without credentials",
        remedy=f"Log {_ACTIONS} to a log group {origin_figures.WEB_ACL_LOG_PREFIX}…; redact the headers {_HEADERS}.",
        judge=_logs,
        severity="high",
    ),
)
