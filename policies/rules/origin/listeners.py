"""Rules about what a load balancer answers by itself, and to whom: each resource is judged before it is made."""

from collections.abc import Iterator, Sequence

from policies.engine.answers import Answer, any_of
from policies.engine.expectations import expect, expect_set
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import origin as origin_figures
from policies.readers.listener_rules import WILDCARDS, conditions_of, is_on_header, is_path
from policies.readers.resource_types import LISTENER_RULES

LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
FORWARD = "forward"
FIXED = "fixed-response"


def _listener(listener: Resource) -> Iterator[Verdict]:
    yield from expect(listener.at("port"), origin_figures.HTTPS_PORT)
    yield from expect(listener.at("protocol"), "HTTPS")
    yield from expect(listener.at("sslPolicy"), *origin_figures.TLS_POLICIES)
    yield from expect_set(listener.at("certificateArn"), "a certificate for the origin's name")
    match listener.at("defaultActions").items():
        case Known(value=(action,)):
            yield from expect(action.at("type"), FIXED)
            yield from expect(action.at("fixedResponse", "statusCode"), origin_figures.REFUSAL)
        case Unknown() as unknown:
            yield unknown
        case actions:
            count = len(actions.value) if isinstance(actions, Known) else 0
            yield violation(f"there are {count} default actions", f"one, a {FIXED} of {origin_figures.REFUSAL}")


def _forwarding(rule: Resource) -> Iterator[Verdict]:
    conditions = conditions_of(rule)
    yield from _plain(rule)
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
            yield violation("there is no action", f"{FORWARD} or {FIXED}")


def _plain(rule: Resource) -> Iterator[Verdict]:
    """What a rule matches by is what it forwards: no transform in between."""
    match rule.at("transforms").items():
        case Known(value=transforms) if transforms:
            yield violation("transforms change the request on its way", "no transforms")
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def _header_values(condition: Node) -> Iterator[Verdict]:
    """The values of CloudFront's header, one by one. They are secrets: none is shown."""
    header = condition.at("httpHeader")
    allowed = f"whole values of {origin_figures.ORIGIN_HEADER}, without {' or '.join(WILDCARDS)}"
    match header.at("regexValues").items():
        case Known(value=patterns) if patterns:
            yield violation("the header is compared with a pattern", allowed)
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
                    yield violation(f"{'.'.join(value.path)} (secret) is empty or has a wildcard", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("the header is compared with nothing", allowed)


def _action(action: Node, conditions: Sequence[Node], stack: str) -> Iterator[Verdict]:
    match action.at("type").text():
        case Known(value="forward"):
            header, health = origin_figures.ORIGIN_HEADER, origin_figures.HEALTH_PATH
            ways = (any_of(is_on_header(condition), is_path(condition, health)) for condition in conditions)
            is_guarded = any_of(*ways)
            if isinstance(is_guarded, Unknown):
                yield is_guarded
            elif not is_guarded:
                yield violation("it forwards what anybody sends", f"requests with {header}, or for {health} alone")
        case Known(value="fixed-response"):
            yield from _answer(action.at("fixedResponse", "statusCode"), conditions, stack)
        case Unknown() as unknown:
            yield unknown
        case kind:
            found = kind.value if isinstance(kind, Known) else "not given"
            yield violation(f"the kind of an action is {found}", f"{FORWARD} or {FIXED}")


def _answer(status: Node, conditions: Sequence[Node], stack: str) -> Iterator[Verdict]:
    """A fixed answer: a refusal, but in the recovery stack the switch of the fail-over."""
    latch: Answer = False
    if stack == origin_figures.LATCH_STACK:
        latch = any_of(*(is_path(condition, origin_figures.LATCH_PATH) for condition in conditions))
    if isinstance(latch, Unknown) and status.scalar() in [Known(value=text) for text in origin_figures.LATCH_ANSWERS]:
        yield latch
    else:
        answers = origin_figures.LATCH_ANSWERS if latch is True else ()
        yield from expect(status, origin_figures.REFUSAL, *answers)


RULES = (
    ResourceRule(
        id="origin-listeners",
        section="Data Handling",
        description="The load balancer listens for HTTPS alone, with TLS 1.2 or 1.3, and refuses what no rule lets in",
        remedy=f"Set port 443, HTTPS, {origin_figures.TLS_POLICIES[0]}, a certificate and a fixed 403.",
        types=LISTENERS,
        judge=_listener,
    ),
    ResourceRule(
        id="origin-forwarding",
        section="Security Configuration",
        description="Only what CloudFront sends is forwarded, and the health check",
        remedy=f"Match the exact values of {origin_figures.ORIGIN_HEADER}, or the path {origin_figures.HEALTH_PATH}.",
        types=LISTENER_RULES,
        judge=_forwarding,
    ),
)
