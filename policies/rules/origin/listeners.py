"""Rules about listeners and listener rules: protocol, TLS, and which requests they forward or answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.engine.answers import Answer, any_of
from policies.engine.expectations import equals, expect, expect_empty, must_be_set, one_of, property_rule
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, expect_reference, report, violation
from policies.figures import origin as origin_figures
from policies.figures.edge import ORIGIN_HOST
from policies.readers.listener_rules import WILDCARDS, conditions_of, is_on_header, is_path
from policies.readers.resource_types import CERTIFICATE, CERTIFICATE_VALIDATION, LISTENER_RULES

LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
FORWARD = "forward"
FIXED = "fixed-response"


def _default_action(listener: Resource) -> Iterator[Verdict]:
    match listener.at("defaultActions").items():
        case Known(value=(action,)):
            yield from expect(action.at("type"), FIXED)
            yield from expect(action.at("fixedResponse", "statusCode"), origin_figures.FORBIDDEN)
        case Unknown() as unknown:
            yield unknown
        case actions:
            count = len(actions.value) if isinstance(actions, Known) else 0
            yield violation(f"there are {count} default actions", f"one, a {FIXED} of {origin_figures.FORBIDDEN}")


def _listener_rule(rule: Resource) -> Iterator[Verdict]:
    conditions = conditions_of(rule)
    # A transform would forward another request than the one that the conditions match.
    yield from expect_empty(rule.at("transforms"), "nothing: requests are forwarded unchanged")
    for condition in conditions:
        if is_on_header(condition) is True:
            yield from _header_values(condition)
    match rule.at("actions").items():
        case Known(value=actions) if actions:
            for action in actions:
                yield from _action(action, conditions, rule.stack)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("actions isn't set", f"{FORWARD} or {FIXED}")


def _header_values(condition: Node) -> Iterator[Verdict]:
    """Require whole values of the secret header. No message shows one."""
    header = condition.at("httpHeader")
    allowed = f"whole values of {origin_figures.ORIGIN_HEADER}, without {' or '.join(WILDCARDS)}"
    match header.at("regexValues").items():
        case Known(value=patterns) if patterns:
            yield violation("the header is matched by a pattern", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass
    match header.at("values").items():
        case Known(value=values) if values:
            for value in values:
                text = value.text()
                if isinstance(text, Unknown):
                    yield text
                elif isinstance(text, Absent) or any(wildcard in text.value for wildcard in WILDCARDS):
                    found = f"{'.'.join(value.path)} (hidden: may be a secret) is empty or has a wildcard"
                    yield violation(found, allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("the header has no values", allowed)


def _action(action: Node, conditions: Sequence[Node], stack: str) -> Iterator[Verdict]:
    match action.at("type").text():
        case Known(value="forward"):
            header, health = origin_figures.ORIGIN_HEADER, origin_figures.HEALTH_PATH
            limits = (any_of(is_on_header(condition), is_path(condition, health)) for condition in conditions)
            is_limited = any_of(*limits)
            if isinstance(is_limited, Unknown):
                yield is_limited
            elif not is_limited:
                yield violation("it forwards requests of anyone", f"requests with {header}, or for {health} alone")
        case Known(value="fixed-response"):
            yield from _fixed_response(action.at("fixedResponse", "statusCode"), conditions, stack)
        case Unknown() as unknown:
            yield unknown
        case fact:
            state = f"is {fact.value}" if isinstance(fact, Known) else "isn't set"
            yield violation(f"{'.'.join(action.path)}.type {state}", f"{FORWARD} or {FIXED}")


def _fixed_response(status: Node, conditions: Sequence[Node], stack: str) -> Iterator[Verdict]:
    """Require a refusal; in the recovery stack the latch path may have the answers that switch the traffic."""
    latch: Answer = False
    if stack == origin_figures.LATCH_STACK:
        latch = any_of(*(is_path(condition, origin_figures.LATCH_PATH) for condition in conditions))
    if isinstance(latch, Unknown) and status.scalar() in [Known(value=text) for text in origin_figures.LATCH_ANSWERS]:
        yield latch
    else:
        answers = origin_figures.LATCH_ANSWERS if latch is True else ()
        yield from expect(status, origin_figures.FORBIDDEN, *answers)


def _certificates(stack: Stack) -> Iterator[Finding]:
    for listener in stack.of(*LISTENERS):
        kinds, by = (CERTIFICATE_VALIDATION, CERTIFICATE), ("certificateArn", "arn", "id")
        node = listener.at("certificateArn")
        # origin-listeners reports a missing one.
        yield from expect_reference(
            listener, node, stack, kinds, "a certificate", by=by, is_optional=True,
            judge=lambda found, listener=listener: _expect_name(found, listener, stack),
        )  # fmt: skip


def _expect_name(found: Resource, listener: Resource, stack: Stack) -> Iterator[Finding]:
    """Require that the certificate, found by itself or by its validation, is for the origin's name."""
    if found.type == CERTIFICATE_VALIDATION:
        node = found.at("certificateArn")
        yield from expect_reference(
            found, node, stack, CERTIFICATE, "a certificate", judge=lambda each: _expect_name(each, listener, stack)
        )
        return
    name = found.at("domainName").text()
    if isinstance(name, Unknown):
        yield Finding(resource=found, verdict=name)
    elif name != Known(value=ORIGIN_HOST):
        yield report(
            listener, f"its certificate is {found.name}", f"one for {ORIGIN_HOST}, which CloudFront connects to"
        )


RULES = (
    property_rule(
        "origin-listeners",
        section="Data Handling",
        description="The load balancer listens for HTTPS alone, with TLS 1.2 or 1.3, and rejects requests by default",
        types=LISTENERS,
        rows=(
            equals("port", origin_figures.HTTPS_PORT),
            equals("protocol", "HTTPS"),
            # The first policy is the one that AWS recommends.
            replace(
                one_of("sslPolicy", *origin_figures.TLS_POLICIES),
                remedy=f"set sslPolicy to {origin_figures.TLS_POLICIES[0]}",
            ),
            must_be_set("certificateArn", "a certificate for the origin's name"),
        ),
        also=_default_action,
        remedy=f"Set defaultActions to one {FIXED} of {origin_figures.FORBIDDEN}.",
        severity="high",
        controls=("ELB.17", "ELB.18"),
    ),
    StackRule(
        id="origin-certificate",
        section="Data Handling",
        description="The load balancer has a certificate of this stack for the name that CloudFront connects to",
        remedy=f"Set certificateArn to that of the certificate for {ORIGIN_HOST}.",
        judge=_certificates,
        severity="high",
    ),
    ResourceRule(
        id="origin-forwarding",
        section="Security Configuration",
        description="The load balancer forwards CloudFront's requests and health checks only",
        remedy=f"Match whole values of {origin_figures.ORIGIN_HEADER}, or the path {origin_figures.HEALTH_PATH}.",
        types=LISTENER_RULES,
        judge=_listener_rule,
        severity="high",
    ),
)
