"""Rules about the origin's name: the pair of records, its switch, and the health checks for alarms."""

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
from policies.rules.edge.names import plain, records, unasked, unused


def _pair(stack: Stack) -> Iterator[Finding]:
    half = names_figures.HALVES.get(stack.name)
    if half is None or not stack.of(*LOAD_BALANCERS):
        return
    found = records(stack, edge_figures.ORIGIN_HOST, "CNAME")
    yield from found.lacking(violation(f"{edge_figures.ORIGIN_HOST} has no CNAME record", f"this stack's half, {half}"))
    for record in found.found:
        yield from findings(
            record, (*_half(record, half), *_leads_to_balancer(record, stack), *_asked(record, half, stack))
        )


def _half(record: Resource, half: str) -> Iterator[Verdict]:
    yield from expect_set(record.at("setIdentifier"), "a word of its own for each half")
    match record.at("failoverRoutingPolicies").items():
        case Known(value=(policy,)):
            yield from expect(policy.at("type"), half)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it isn't one half of a pair", f"one failoverRoutingPolicies, {half}")


def _asked(record: Resource, half: str, stack: Stack) -> Iterator[Verdict]:
    """Only the PRIMARY half is switched: where both fail, Route 53 answers with it."""
    if half != names_figures.HALVES[edge_figures.OWNER]:
        yield from unasked(record, stack, "nothing: only the other half is switched")
        return
    allowed = "the health check of this stack that is the switch"
    match _check_of(record, stack):
        case Found():
            pass
        case Unknown() as unknown:
            yield unknown
        case Outside(text=text):
            yield violation(f"healthCheckId is {text}", allowed)
        case _:
            yield violation("healthCheckId isn't set", allowed)


def _check_of(record: Resource, stack: Stack) -> Reference:
    return stack.refer(record, record.at("healthCheckId"), HEALTH_CHECK)


def _leads_to_balancer(record: Resource, stack: Stack) -> Iterator[Verdict]:
    """A plain CNAME: an alias would bring the load balancer's own health in, which isn't to move anything."""
    allowed = "the name of this stack's load balancer alone"
    yield from within(record.at("ttl"), 1, names_figures.LONGEST_TTL)
    yield from unused(record.at("aliases"), "records, with the load balancer's name")
    match record.at("records").items():
        case Known(value=(name,)):
            match stack.refer(record, name, *LOAD_BALANCERS, by=("dnsName",)):
                case Found():
                    pass
                case Unknown() as unknown:
                    yield unknown
                case Outside(text=text):
                    yield violation(f"it leads to {text}", allowed)
                case _:
                    yield violation("it leads to nothing", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it doesn't lead to one name", allowed)


def _switch(stack: Stack) -> Iterator[Finding]:
    """The check that the PRIMARY half names, whatever else is wrong with the record."""
    if stack.name != edge_figures.OWNER:
        return
    found = records(stack, edge_figures.ORIGIN_HOST, "CNAME")
    yield from found.doubts
    for record in found.found:
        match _check_of(record, stack):
            case Found(resource=check):
                yield from findings(check, _is_switch(check, stack))
            case Unknown() as unknown:
                yield Finding(resource=record, verdict=unknown)
            case _:
                # The rule about the pair tells it.
                pass


def _is_switch(check: Resource, stack: Stack) -> Iterator[Verdict]:
    yield from _asks(check, origin_figures.LATCH_PATH, inverted=True)
    match _balancer_of(check, stack):
        case Found(resource=balancer):
            yield violation(f"it asks the load balancer {balancer.name}", names_figures.STANDBY)
        case _:
            yield from expect(check.at("fqdn"), names_figures.STANDBY)
    if not check.protect:
        allowed = "the option protect: a new one counts as failed at first, and would move the traffic"
        yield violation("the switch isn't protected", allowed)


def _asks(check: Resource, path: str, *, inverted: bool) -> Iterator[Verdict]:
    """What a health check has to ask over HTTPS, and whether a failure counts as health."""
    yield from expect(check.at("type"), "HTTPS")
    yield from expect(check.at("port"), origin_figures.HTTPS_PORT)
    yield from expect(check.at("resourcePath"), path)
    for key, value, default in (
        ("invertHealthcheck", inverted, False),
        ("disabled", False, False),
        # Where the type is HTTPS.
        ("enableSni", True, True),
    ):
        yield from expect(check.at(key), value, default=default)
    yield from expect_absent(check.at("ipAddress"), "nothing: the name is asked, wherever it leads")


def _standby(stack: Stack) -> Iterator[Finding]:
    if stack.name != origin_figures.LATCH_STACK or not stack.of(*LOAD_BALANCERS):
        return
    found = records(stack, names_figures.STANDBY, "CNAME")
    lacking = f"{names_figures.STANDBY} has no CNAME record, so that nobody can ask this stack whether it takes over"
    yield from found.lacking(violation(lacking, "a CNAME of the load balancer's name"))
    for record in found.found:
        yield from findings(record, (*plain(record, stack), *_leads_to_balancer(record, stack)))


def _watched(stack: Stack) -> Iterator[Finding]:
    """Route 53 measures in one region only, so the stack that can have alarms there asks for both."""
    if stack.name != edge_figures.OWNER or not stack.of(*LOAD_BALANCERS):
        return
    is_watched = False
    for check in stack.of(HEALTH_CHECK):
        match _balancer_of(check, stack):
            case Found():
                is_watched = True
                yield from findings(check, _asks(check, origin_figures.HEALTH_PATH, inverted=False))
            case Unknown() as unknown:
                is_watched = True
                yield Finding(resource=check, verdict=unknown)
            case _:
                pass
    if not is_watched:
        lacking = "no health check asks the load balancer"
        yield report(None, lacking, f"one of its own name and {origin_figures.HEALTH_PATH}")
    for path in (origin_figures.HEALTH_PATH, origin_figures.LATCH_PATH):
        yield from _standby_watched(path, stack)


def _standby_watched(path: str, stack: Stack) -> Iterator[Finding]:
    """A plain question to whoever stands by; the switch is inverted, and what it measures isn't documented."""
    is_watched = False
    for check in stack.of(HEALTH_CHECK):
        asked = all_of(is_text(check.at("fqdn"), names_figures.STANDBY), is_text(check.at("resourcePath"), path))
        if asked is False or check.at("invertHealthcheck").scalar() == Known(value=True):
            continue
        if isinstance(asked, Unknown):
            # The load balancer's own name is no other stack's.
            if not isinstance(_balancer_of(check, stack), Found):
                is_watched = True
                yield Finding(resource=check, verdict=asked)
            continue
        is_watched = True
        yield from findings(check, _asks(check, path, inverted=False))
    if not is_watched:
        lacking = f"no health check asks whoever stands by for {path}"
        yield report(None, lacking, f"one of {names_figures.STANDBY}, not inverted")


def _balancer_of(check: Resource, stack: Stack) -> Reference:
    return stack.refer(check, check.at("fqdn"), *LOAD_BALANCERS, by=("dnsName",))


RULES = (
    StackRule(
        id="edge-origin-pair",
        section="Environment Details",
        description="Each stack makes its half of the origin's name, and leads it to its own load balancer",
        remedy="Make a CNAME with failover routing: PRIMARY with the switch in production, SECONDARY without in dr.",
        judge=_pair,
    ),
    StackRule(
        id="edge-origin-switch",
        section="Environment Details",
        description="The PRIMARY half gives way only when whoever stands by says that it takes over",
        remedy=f"Invert a protected health check of https://{names_figures.STANDBY}{origin_figures.LATCH_PATH}.",
        judge=_switch,
    ),
    StackRule(
        id="edge-standby",
        section="Environment Details",
        description="Whoever stands by can be asked under a name of its own, whoever has the traffic",
        remedy=f"Make a CNAME of {names_figures.STANDBY} to the load balancer's name, without a routing policy.",
        judge=_standby,
    ),
    StackRule(
        id="edge-health-checks",
        section="Monitoring & Alerting",
        description="Both load balancers are asked from outside whether the service is well, and who takes the traffic",
        remedy=f"Make health checks over HTTPS: of the load balancer's name and of {names_figures.STANDBY}, path "
        f"{origin_figures.HEALTH_PATH}; and of the latter, path {origin_figures.LATCH_PATH}.",
        judge=_watched,
    ),
)
