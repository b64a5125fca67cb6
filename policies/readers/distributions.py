"""Finds a distribution's behaviours and origins, and what answers a request. No rule stands here."""

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
    """What a behaviour hands a request to: its kind, and the group of origins where it is one."""

    kind: Kind
    group: Node | None = None


def behaviors(distribution: Resource) -> tuple[Node, ...]:
    """The behaviours of a distribution: the default one, and those that have a path."""
    return distribution.at("defaultCacheBehavior"), *elements_of(distribution.at("orderedCacheBehaviors"))


def origins(distribution: Resource) -> tuple[Node, ...]:
    """What a distribution may ask."""
    return elements_of(distribution.at("origins"))


def groups(distribution: Resource) -> tuple[Node, ...]:
    """The groups of origins, in which one is asked after the other."""
    return elements_of(distribution.at("originGroups"))


def is_bucket(origin: Node) -> Answer:
    """Whether an origin is asked as a bucket is, and not as a server."""
    configuration = origin.at("customOriginConfig").value
    return configuration if isinstance(configuration, Unknown) else configuration is None


def target_of(behavior: Node, distribution: Resource) -> Target | Verdict:
    """What a behaviour hands a request to; where it names nothing, or what can't be known yet, that is said."""
    node = behavior.at("targetOriginId")
    wanted = node.text()
    if isinstance(wanted, Unknown):
        return wanted
    doubt: Unknown | None = None
    for place in (*groups(distribution), *origins(distribution)):
        found = place.at("originId").text()
        if isinstance(found, Unknown):
            doubt = found
        elif isinstance(found, Known) and found == wanted:
            return _target(place)
    text = f"is {wanted.value}" if isinstance(wanted, Known) else "isn't set"
    return doubt or violation(f"{'.'.join(node.path)} {text}", "an origin of the distribution, or a group of them")


def _target(place: Node) -> Target | Unknown:
    if place.path[0] == "originGroups":
        # No rule lets anything but buckets into one.
        return Target(kind="assets", group=place)
    answer = is_bucket(place)
    return answer if isinstance(answer, Unknown) else Target(kind="assets" if answer else "api")


def members(group: Node, distribution: Resource) -> Iterator[Node]:
    """The origins of a group; those that can't be told from others yet are left out."""
    named = [member.at("originId").text() for member in elements_of(group.at("members"))]
    for origin in origins(distribution):
        if isinstance(origin.at("originId").text(), Known) and origin.at("originId").text() in named:
            yield origin


def buckets(distribution: Resource, stack: Stack) -> Sequence[tuple[Node, Reference]]:
    """The origins that are asked as buckets, each with the bucket of this stack that it is.

    As many unknown names as buckets that they were made from stand for one each.
    """
    asked = [origin for origin in origins(distribution) if is_bucket(origin) is True]
    hosts = [origin.at("domainName") for origin in asked]
    if all(isinstance(host.value, Unknown) for host in hosts):
        together = Node(path=("origins",), value=[host.value for host in hosts])
        references = stack.refer_each(distribution, together, BUCKET)
    else:
        by = ("bucketRegionalDomainName",)
        references = tuple(stack.refer(distribution, host, BUCKET, by=by) for host in hosts)
    return list(zip(asked, references, strict=True))


def is_planned(stack: Stack) -> bool:
    """Whether the stack has to have the edge."""
    return stack.name == edge_figures.OWNER and not stack.is_empty
