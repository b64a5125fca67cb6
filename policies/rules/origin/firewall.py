"""Rules about the load balancer's web ACL: that there is one, what it does, and what it writes down."""

from collections.abc import Iterator

from policies import figures_origin
from policies.facts import Absent, Known, Resource, Unknown
from policies.graph import Found, Outside, Stack
from policies.rule import Finding, ResourceRule, Said, StackRule, expect, fault, unknowns
from policies.rules.data import left_out
from policies.rules.firewall import ADDED_RULES, WEB_ACL, firewall
from policies.rules.logs import LOG_GROUP
from policies.rules.origin.balancers import BALANCERS

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


def _associated(stack: Stack) -> Iterator[Finding]:
    guarded: set[str] = set()
    is_certain = True
    for association in stack.of(ASSOCIATION):
        balancer = stack.refer(association, association.at("resourceArn"), *BALANCERS)
        yield from unknowns(association, balancer)
        is_certain = is_certain and not isinstance(balancer, Unknown)
        # Other things than load balancers have web ACLs too.
        if isinstance(balancer, Found):
            guarded.add(balancer.resource.urn)
            for said in _regional(association, stack):
                yield Finding(resource=association, said=said)
    for balancer in stack.of(*BALANCERS):
        if is_certain and balancer.urn not in guarded:
            yield Finding(resource=balancer, said=fault("it isn't behind a web ACL", "a web ACL's association with it"))


def _regional(association: Resource, stack: Stack) -> Iterator[Said]:
    match stack.refer(association, association.at("webAclArn"), WEB_ACL):
        case Found(resource=acl):
            for said in expect(acl.at("scope"), "REGIONAL"):
                yield said if isinstance(said, Unknown) else f"its web ACL {acl.name}: {said}"
        case Unknown() as unknown:
            yield unknown
        case reference:
            text = f"is {reference.text}" if isinstance(reference, Outside) else "isn't set"
            yield fault(f"webAclArn {text}", "a web ACL of this stack")


def _rules(resource: Resource) -> Iterator[Said]:
    if resource.type in ADDED_RULES:
        yield fault("a rule is added to a web ACL from outside", "rules in the web ACL itself, which are judged")
        return
    match resource.at("scope").text():
        case Known(value="CLOUDFRONT"):
            pass
        case Unknown() as unknown:
            yield unknown
        case _:
            # It sees CloudFront's few addresses, so what comes from there is none of its geo and rate rules' business.
            yield from firewall(resource, figures_origin.ORIGIN_HEADER)


def _logged(stack: Stack) -> Iterator[Finding]:
    logged: set[str] = set()
    is_certain = True
    for logging in stack.of(LOGGING):
        acl = stack.refer(logging, logging.at("resourceArn"), WEB_ACL)
        yield from unknowns(logging, acl)
        is_certain = is_certain and not isinstance(acl, Unknown)
        if isinstance(acl, Found):
            logged.add(acl.resource.urn)
            yield from _destinations(logging, stack)
            for said in (*_redacted(logging), *left_out(logging.at("loggingFilter"), "nothing: all is logged")):
                yield Finding(resource=logging, said=said)
    for acl in stack.of(WEB_ACL):
        if is_certain and acl.urn not in logged:
            yield Finding(resource=acl, said=fault("the web ACL logs nothing", "a logging configuration of its own"))


def _destinations(logging: Resource, stack: Stack) -> Iterator[Finding]:
    allowed = f"a log group of this stack whose name begins with {figures_origin.FIREWALL_LOGS}"
    references = stack.refer_each(logging, logging.at("logDestinationConfigs"), LOG_GROUP)
    if not references:
        yield Finding(resource=logging, said=fault("logDestinationConfigs isn't set", allowed))
    for reference in references:
        match reference:
            case Found(resource=group):
                name = group.at("name").text()
                if isinstance(name, Unknown):
                    yield Finding(resource=group, said=name)
                elif isinstance(name, Absent) or not name.value.startswith(figures_origin.FIREWALL_LOGS):
                    called = f"is called {name.value}" if isinstance(name, Known) else "has no name of its own"
                    yield Finding(resource=logging, said=fault(f"its log group {group.name} {called}", allowed))
            case Unknown() as unknown:
                yield Finding(resource=logging, said=unknown)
            case Outside(text=text):
                yield Finding(resource=logging, said=fault(f"the web ACL logs to {text}", allowed))
            case Absent():
                yield Finding(resource=logging, said=fault("the web ACL logs to nothing", allowed))


def _redacted(logging: Resource) -> Iterator[Said]:
    items = logging.at("redactedFields").items()
    fields = items.value if isinstance(items, Known) else (logging.at("redactedFields"),)
    names = [field.at("singleHeader", "name").text() for field in fields]
    redacted = {name.value.lower() for name in names if isinstance(name, Known)}
    lacking = [header for header in figures_origin.REDACTED_HEADERS if header not in redacted]
    if lacking:
        unknown = next((name for name in names if isinstance(name, Unknown)), None)
        allowed = f"singleHeader of {', '.join(figures_origin.REDACTED_HEADERS)}"
        yield unknown or fault(f"redactedFields lacks {', '.join(lacking)}", allowed)


RULES = (
    StackRule(
        id="origin-firewall",
        section="WAF Rules",
        description="Every load balancer is behind a regional web ACL of this stack",
        remedy="Associate the load balancer with the stack's regional web ACL.",
        judge=_associated,
    ),
    ResourceRule(
        id="origin-firewall-rules",
        section="WAF Rules",
        description="The load balancer's web ACL has all of the document's rules, and each of them blocks",
        remedy="Write the rule as the document has it, and no rule that lets requests pass by others.",
        types=(WEB_ACL, *ADDED_RULES),
        judge=_rules,
    ),
    StackRule(
        id="origin-firewall-logs",
        section="Data Handling",
        description="Every web ACL logs all requests to a log group of this stack, without what lets somebody in",
        remedy=f"Log to a log group {figures_origin.FIREWALL_LOGS}… and redact the headers that let somebody in.",
        judge=_logged,
    ),
)
