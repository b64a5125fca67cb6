"""Reads a distribution's cache behaviors and origins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.engine.answers import Answer
from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Reference, Stack
from policies.engine.rule import Verdict, aws_type, violation
from policies.figures import edge as edge_figures
from policies.figures.edge import Kind
from policies.readers.resource_types import BUCKET

CACHE_POLICY = aws_type("cloudfront", "CachePolicy")
HEADERS_POLICY = aws_type("cloudfront", "ResponseHeadersPolicy")
FUNCTION = aws_type("cloudfront", "Function")
ACCESS_CONTROL = aws_type("cloudfront", "OriginAccessControl")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A behavior's target: its kind, and the origin group if it is one."""

    kind: Kind
    group: Node | None = None


def behaviors(distribution: Resource) -> tuple[Node, ...]:
    """Return the behaviors of a distribution: the default one, and those with a path."""
    return distribution.at("defaultCacheBehavior"), *elements_of(distribution.at("orderedCacheBehaviors"))


def origins(distribution: Resource) -> tuple[Node, ...]:
    """Return the origins of a distribution."""
    return elements_of(distribution.at("origins"))


def groups(distribution: Resource) -> tuple[Node, ...]:
    """Return the origin groups, in which the second origin is the failover of the first."""
    return elements_of(distribution.at("originGroups"))


def is_bucket(origin: Node) -> Answer:
    """Whether an origin is a bucket, not a server."""
    configuration = origin.at("customOriginConfig").value
    return configuration if isinstance(configuration, Unknown) else configuration is None


def target_of(behavior: Node, distribution: Resource) -> Target | Verdict:
    """Return a behavior's target, or the verdict on one that is missing or unknown."""
    node = behavior.at("targetOriginId")
    target = node.text()
    if isinstance(target, Unknown):
        return target
    unknown: Unknown | None = None
    for place in (*groups(distribution), *origins(distribution)):
        found = place.at("originId").text()
        if isinstance(found, Unknown):
            unknown = found
        elif isinstance(found, Known) and found == target:
            return _target(place)
    text = f"is {target.value}" if isinstance(target, Known) else "isn't set"
    return unknown or violation(f"{'.'.join(node.path)} {text}", "an origin or an origin group of the distribution")


def _target(place: Node) -> Target | Unknown:
    if place.path[0] == "originGroups":
        # The rules allow buckets alone in a group.
        return Target(kind="assets", group=place)
    answer = is_bucket(place)
    return answer if isinstance(answer, Unknown) else Target(kind="assets" if answer else "api")


def members(group: Node, distribution: Resource) -> Iterator[Node]:
    """Return the origins of a group, without those whose id is unknown."""
    ids = [member.at("originId").text() for member in elements_of(group.at("members"))]
    for origin in origins(distribution):
        if isinstance(origin.at("originId").text(), Known) and origin.at("originId").text() in ids:
            yield origin


def buckets(distribution: Resource, stack: Stack) -> Sequence[tuple[Node, Reference]]:
    """Return the origins that are buckets, each with its bucket of this stack.

    If all names are unknown, and as many as the buckets that they depend on, each is one of those buckets.
    """
    found = [origin for origin in origins(distribution) if is_bucket(origin) is True]
    hosts = [origin.at("domainName") for origin in found]
    if all(isinstance(host.value, Unknown) for host in hosts):
        together = Node(path=("origins",), value=[host.value for host in hosts])
        references = stack.refer_each(distribution, together, BUCKET)
    else:
        by = ("bucketRegionalDomainName",)
        references = tuple(stack.refer(distribution, host, BUCKET, by=by) for host in hosts)
    return list(zip(found, references, strict=True))


def is_planned(stack: Stack) -> bool:
    """Whether the stack requires the edge: production, unless it is empty."""
    return stack.name == edge_figures.OWNER and not stack.is_empty
