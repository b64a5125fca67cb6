"""Rules about the way through a load balancer: its listeners, their rules, and the target groups of this stack."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, report, violation
from policies.figures import origin as origin_figures
from policies.readers.listener_rules import conditions_of, is_on_header
from policies.readers.resource_types import LISTENER_RULES, LOAD_BALANCERS
from policies.rules.origin.balancers import TARGET_GROUPS
from policies.rules.origin.listeners import FORWARD, LISTENERS


@dataclass(kw_only=True)
class _Ways:
    """What leads where: the load balancer of each listener, and those that forward what CloudFront sends."""

    balancers: dict[str, str] = field(default_factory=dict[str, str])
    forwarding: set[str] = field(default_factory=set[str])
    is_certain: bool = True


def _reached(stack: Stack) -> Iterator[Finding]:
    ways = _Ways()
    for listener in stack.of(*LISTENERS):
        yield from _listener(listener, stack, ways)
    for rule in stack.of(*LISTENER_RULES):
        yield from _rule(rule, stack, ways)
    for balancer in stack.of(*LOAD_BALANCERS):
        if ways.is_certain and balancer.at("internal").scalar() != Known(value=True):
            if balancer.urn not in ways.balancers.values():
                yield report(balancer, "it has no listener", "one for HTTPS")
            elif balancer.urn not in ways.forwarding:
                lacking = f"nothing forwards the requests with {origin_figures.ORIGIN_HEADER}"
                yield report(balancer, lacking, "a rule of its listener that does")


def _listener(listener: Resource, stack: Stack, ways: _Ways) -> Iterator[Finding]:
    match stack.refer(listener, listener.at("loadBalancerArn"), *LOAD_BALANCERS):
        case Found(resource=balancer):
            ways.balancers[listener.urn] = balancer.urn
        case Unknown() as unknown:
            ways.is_certain = False
            yield Finding(resource=listener, verdict=unknown)
        case reference:
            yield Finding(resource=listener, verdict=_strange(reference, "loadBalancerArn", "a load balancer"))


def _rule(rule: Resource, stack: Stack, ways: _Ways) -> Iterator[Finding]:
    yield from _targets(rule, stack)
    match stack.refer(rule, rule.at("listenerArn"), *LISTENERS), _forwards(rule):
        case Found(resource=listener), True:
            ways.forwarding.add(ways.balancers.get(listener.urn, ""))
        case (Unknown() as unknown, _) | (Found(), Unknown() as unknown):
            ways.is_certain = False
            yield Finding(resource=rule, verdict=unknown)
        case Found(), _:
            pass
        case reference, _:
            yield Finding(resource=rule, verdict=_strange(reference, "listenerArn", "a listener"))


def _strange(reference: Outside | Absent | Unknown, key: str, wanted: str) -> str:
    text = f"is {reference.text}" if isinstance(reference, Outside) else "isn't set"
    return violation(f"{key} {text}", f"{wanted} of this stack")


def _forwards(rule: Resource) -> Answer:
    """Whether the rule forwards requests by CloudFront's header."""
    on_header = any_of(*(is_on_header(condition) for condition in conditions_of(rule)))
    return all_of(on_header, any_of(*(is_text(action.at("type"), FORWARD) for action in _actions(rule))))


def _actions(rule: Resource) -> tuple[Node, ...]:
    """The rule's actions; an unknown list counts as one that is unknown."""
    match rule.at("actions").items():
        case Known(value=actions):
            return actions
        case Unknown():
            return (rule.at("actions"),)
        case Absent():
            return ()


def _targets(rule: Resource, stack: Stack) -> Iterator[Finding]:
    """What is wrong with where the rule forwards to."""
    for action in _actions(rule):
        match is_text(action.at("type"), FORWARD):
            case Unknown() as unknown:
                yield Finding(resource=rule, verdict=unknown)
            case True:
                for node in _named(action):
                    reference = stack.refer(rule, node, *TARGET_GROUPS)
                    if isinstance(reference, Unknown):
                        yield Finding(resource=rule, verdict=reference)
                    elif not isinstance(reference, Found):
                        yield Finding(resource=rule, verdict=_strange(reference, ".".join(node.path), "a target group"))
            case _:
                pass


def _named(action: Node) -> list[Node]:
    """The places that name a target group, in either way of writing it; there is one at least."""
    one, groups = action.at("targetGroupArn"), action.at("forward", "targetGroups").items()
    if isinstance(groups, Absent):
        return [one]
    several = [group.at("arn") for group in groups.value] if isinstance(groups, Known) else [action.at("forward")]
    return several if one.value is None else [one, *several]


RULES = (
    StackRule(
        id="origin-reached",
        section="Production Architecture",
        description="Every load balancer forwards what CloudFront sends, to target groups of this stack",
        remedy=f"Give it a listener with a rule for {origin_figures.ORIGIN_HEADER} that forwards to a target group.",
        judge=_reached,
    ),
)
