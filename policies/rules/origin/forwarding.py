"""Rules about the path through a load balancer: from its listeners by their rules to target groups of this stack."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, expect_reference, report
from policies.figures import origin as origin_figures
from policies.readers.listener_rules import conditions_of, is_on_header
from policies.readers.resource_types import LISTENER_RULES, LOAD_BALANCERS, TARGET_GROUPS
from policies.rules.origin.listeners import FORWARD, LISTENERS


@dataclass(kw_only=True)
class _Paths:
    """The load balancer's URN by its listener's, and the load balancers that forward CloudFront's requests."""

    balancers: dict[str, str] = field(default_factory=dict[str, str])
    forwarding: set[str] = field(default_factory=set[str])
    is_complete: bool = True


def _forwarding(stack: Stack) -> Iterator[Finding]:
    paths = _Paths()
    for listener in stack.of(*LISTENERS):
        yield from _listener(listener, stack, paths)
    for rule in stack.of(*LISTENER_RULES):
        yield from _rule(rule, stack, paths)
    for balancer in stack.of(*LOAD_BALANCERS):
        if paths.is_complete and balancer.at("internal").scalar() != Known(value=True):
            if balancer.urn not in paths.balancers.values():
                yield report(balancer, "it has no listener", "one for HTTPS")
            elif balancer.urn not in paths.forwarding:
                found = f"no listener rule forwards requests with {origin_figures.ORIGIN_HEADER}"
                yield report(balancer, found, "one that does")


def _listener(listener: Resource, stack: Stack, paths: _Paths) -> Iterator[Finding]:
    match stack.refer(listener, listener.at("loadBalancerArn"), *LOAD_BALANCERS):
        case Found(resource=balancer):
            paths.balancers[listener.urn] = balancer.urn
        case Unknown():
            paths.is_complete = False
        case _:
            pass
    yield from expect_reference(listener, "loadBalancerArn", stack, LOAD_BALANCERS, "a load balancer")


def _rule(rule: Resource, stack: Stack, paths: _Paths) -> Iterator[Finding]:
    yield from _targets(rule, stack)
    yield from expect_reference(rule, "listenerArn", stack, LISTENERS, "a listener")
    match stack.refer(rule, rule.at("listenerArn"), *LISTENERS), _forwards(rule):
        case Found(resource=listener), True:
            paths.forwarding.add(paths.balancers.get(listener.urn, ""))
        case Found(), Unknown() as unknown:
            paths.is_complete = False
            yield Finding(resource=rule, verdict=unknown)
        case Unknown(), _:
            paths.is_complete = False
        case _:
            pass


def _forwards(rule: Resource) -> Answer:
    """Whether the rule forwards requests by CloudFront's header."""
    on_header = any_of(*(is_on_header(condition) for condition in conditions_of(rule)))
    types = (action.at("type") for action in elements_of(rule.at("actions")))
    return all_of(on_header, any_of(*(is_text(node, FORWARD) for node in types)))


def _targets(rule: Resource, stack: Stack) -> Iterator[Finding]:
    for action in elements_of(rule.at("actions")):
        match is_text(action.at("type"), FORWARD):
            case Unknown() as unknown:
                yield Finding(resource=rule, verdict=unknown)
            case True:
                for node in _target_groups(action):
                    yield from expect_reference(rule, node, stack, TARGET_GROUPS, "a target group")
            case _:
                pass


def _target_groups(action: Node) -> list[Node]:
    """Return the places of target groups, in both syntaxes; without any, the place where one is missing."""
    single, groups = action.at("targetGroupArn"), action.at("forward", "targetGroups").items()
    if isinstance(groups, Absent):
        return [single]
    several = [group.at("arn") for group in groups.value] if isinstance(groups, Known) else [action.at("forward")]
    return several if single.value is None else [single, *several]


RULES = (
    StackRule(
        id="origin-reached",
        section="Production Architecture",
        description="Every load balancer forwards CloudFront's requests to target groups of this stack",
        remedy=f"Give it a listener with a rule for {origin_figures.ORIGIN_HEADER} that forwards to a target group.",
        judge=_forwarding,
        severity="high",
    ),
)
