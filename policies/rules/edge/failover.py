"""Rules about the failover of the origin's name: the pair of records and the health checks."""

from collections.abc import Iterator

from policies.engine.answers import all_of, is_text
from policies.engine.expectations import expect, expect_absent, expect_set, within
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import edge as edge_figures
from policies.figures import names as names_figures
from policies.figures import origin as origin_figures
from policies.readers.resource_types import HEALTH_CHECK, LOAD_BALANCERS
from policies.rules.edge.records import expect_no_health_check, expect_simple_routing, expect_unused, records


def _pair(stack: Stack) -> Iterator[Finding]:
    half = names_figures.FAILOVER_ROLES.get(stack.name)
    if half is None or not stack.of(*LOAD_BALANCERS):
        return
    found = records(stack, edge_figures.ORIGIN_HOST, "CNAME")
    yield from found.missing(violation(f"{edge_figures.ORIGIN_HOST} has no CNAME record", f"the {half} record"))
    for record in found.found:
        verdicts = (*_half(record, half), *_target(record, stack), *_health_check(record, half, stack))
        yield from findings(record, verdicts)


def _half(record: Resource, half: str) -> Iterator[Verdict]:
    yield from expect_set(record.at("setIdentifier"), "an identifier that the other record doesn't have")
    match record.at("failoverRoutingPolicies").items():
        case Known(value=(policy,)):
            yield from expect(policy.at("type"), half)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it hasn't exactly one failoverRoutingPolicies", half)


def _health_check(record: Resource, half: str, stack: Stack) -> Iterator[Verdict]:
    """Require the switch on PRIMARY alone: if both halves are unhealthy, Route 53 answers with PRIMARY."""
    if half != names_figures.FAILOVER_ROLES[edge_figures.OWNER]:
        yield from expect_no_health_check(record, stack, "nothing: only the other record has a health check")
        return
    allowed = "the health check of this stack that switches the traffic"
    match _health_check_of(record, stack):
        case Found():
            pass
        case Unknown() as unknown:
            yield unknown
        case Outside(text=text):
            yield violation(f"healthCheckId is {text}", allowed)
        case _:
            yield violation("healthCheckId isn't set", allowed)


def _health_check_of(record: Resource, stack: Stack) -> Reference:
    return stack.refer(record, record.at("healthCheckId"), HEALTH_CHECK)


def _target(record: Resource, stack: Stack) -> Iterator[Verdict]:
    """Require a plain CNAME: an alias would move the traffic by the load balancer's health as well."""
    allowed = "the name of this stack's load balancer alone"
    yield from within(record.at("ttl"), 1, names_figures.MAX_TTL)
    yield from expect_unused(record.at("aliases"), "records, with the load balancer's name")
    match record.at("records").items():
        case Known(value=(name,)):
            match stack.refer(record, name, *LOAD_BALANCERS, by=("dnsName",)):
                case Found():
                    pass
                case Unknown() as unknown:
                    yield unknown
                case Outside(text=text):
                    yield violation(f"it points to {text}", allowed)
                case _:
                    yield violation("it points to nothing", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it hasn't exactly one value", allowed)


def _switch(stack: Stack) -> Iterator[Finding]:
    """Judge the health check of the PRIMARY record; edge-origin-pair judges the record."""
    if stack.name != edge_figures.OWNER:
        return
    found = records(stack, edge_figures.ORIGIN_HOST, "CNAME")
    yield from found.unknowns
    for record in found.found:
        match _health_check_of(record, stack):
            case Found(resource=check):
                yield from findings(check, _switch_verdicts(check, stack))
            case Unknown() as unknown:
                yield Finding(resource=record, verdict=unknown)
            case _:
                pass


def _switch_verdicts(check: Resource, stack: Stack) -> Iterator[Verdict]:
    yield from _request(check, origin_figures.LATCH_PATH, inverted=True)
    match _balancer_of(check, stack):
        case Found(resource=balancer):
            yield violation(f"it checks the load balancer {balancer.name}", names_figures.STANDBY)
        case _:
            yield from expect(check.at("fqdn"), names_figures.STANDBY)
    if not check.protect:
        allowed = "the option protect: a new health check is unhealthy at first, which would move the traffic"
        yield violation("the resource isn't protected", allowed)


def _request(check: Resource, path: str, *, inverted: bool) -> Iterator[Verdict]:
    """Require a request for a path over HTTPS."""
    yield from expect(check.at("type"), "HTTPS")
    yield from expect(check.at("port"), origin_figures.HTTPS_PORT)
    yield from expect(check.at("resourcePath"), path)
    for key, value, default in (
        ("invertHealthcheck", inverted, False),
        ("disabled", False, False),
        # The default of the type HTTPS.
        ("enableSni", True, True),
    ):
        yield from expect(check.at(key), value, default=default)
    yield from expect_absent(check.at("ipAddress"), "nothing: the check resolves the name each time")


def _standby(stack: Stack) -> Iterator[Finding]:
    if stack.name != origin_figures.LATCH_STACK or not stack.of(*LOAD_BALANCERS):
        return
    found = records(stack, names_figures.STANDBY, "CNAME")
    missing = f"{names_figures.STANDBY} has no CNAME record, so the health checks of the recovery stack fail"
    yield from found.missing(violation(missing, "a CNAME of the load balancer's name"))
    for record in found.found:
        yield from findings(record, (*expect_simple_routing(record, stack), *_target(record, stack)))


def _health_checks(stack: Stack) -> Iterator[Finding]:
    """Require the checks of both stacks in production: Route 53 has its metrics in us-east-1 only."""
    if stack.name != edge_figures.OWNER or not stack.of(*LOAD_BALANCERS):
        return
    is_checked = False
    for check in stack.of(HEALTH_CHECK):
        match _balancer_of(check, stack):
            case Found():
                is_checked = True
                yield from findings(check, _request(check, origin_figures.HEALTH_PATH, inverted=False))
            case Unknown() as unknown:
                is_checked = True
                yield Finding(resource=check, verdict=unknown)
            case _:
                pass
    if not is_checked:
        allowed = f"one of the load balancer's name and {origin_figures.HEALTH_PATH}"
        yield report(None, "the load balancer has no health check", allowed)
    for path in (origin_figures.HEALTH_PATH, origin_figures.LATCH_PATH):
        yield from _standby_checks(path, stack)


def _standby_checks(path: str, stack: Stack) -> Iterator[Finding]:
    """Require a check that isn't inverted: AWS doesn't document the metric of an inverted one."""
    is_checked = False
    for check in stack.of(HEALTH_CHECK):
        matches = all_of(is_text(check.at("fqdn"), names_figures.STANDBY), is_text(check.at("resourcePath"), path))
        if matches is False or check.at("invertHealthcheck").scalar() == Known(value=True):
            continue
        if isinstance(matches, Unknown):
            # A check of this stack's load balancer isn't one of the other stack's.
            if not isinstance(_balancer_of(check, stack), Found):
                is_checked = True
                yield Finding(resource=check, verdict=matches)
            continue
        is_checked = True
        yield from findings(check, _request(check, path, inverted=False))
    if not is_checked:
        found = f"the recovery stack has no health check of {path}"
        yield report(None, found, f"one of {names_figures.STANDBY}, not inverted")


def _balancer_of(check: Resource, stack: Stack) -> Reference:
    return stack.refer(check, check.at("fqdn"), *LOAD_BALANCERS, by=("dnsName",))


_HALVES = ", ".join(f"{half} in {stack}" for stack, half in names_figures.FAILOVER_ROLES.items())

RULES = (
    StackRule(
        id="edge-origin-pair",
        section="Environment Details",
        description="Each stack has its half of the origin's failover records, which points to its load balancer",
        remedy=f"Define a CNAME of {edge_figures.ORIGIN_HOST} with failover routing: {_HALVES}; "
        f"{names_figures.FAILOVER_ROLES[edge_figures.OWNER]} alone has a health check.",
        judge=_pair,
        severity="high",
    ),
    StackRule(
        id="edge-origin-switch",
        section="Environment Details",
        description="Traffic moves only when the recovery stack answers that it takes it",
        remedy=f"Invert a protected health check of https://{names_figures.STANDBY}{origin_figures.LATCH_PATH}.",
        judge=_switch,
        severity="high",
    ),
    StackRule(
        id="edge-standby",
        section="Environment Details",
        description="The recovery stack can be reached by a separate name, before and after a failover",
        remedy=f"Define a CNAME of {names_figures.STANDBY} to the load balancer's name, without a routing policy.",
        judge=_standby,
        severity="high",
    ),
    StackRule(
        id="edge-health-checks",
        section="Monitoring & Alerting",
        description="Health checks from outside cover both load balancers, and which of them takes the traffic",
        remedy=f"Define health checks over HTTPS: of the load balancer's name and of {names_figures.STANDBY}, path "
        f"{origin_figures.HEALTH_PATH}; and of the latter, path {origin_figures.LATCH_PATH}.",
        judge=_health_checks,
    ),
)
