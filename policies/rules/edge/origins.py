"""Rules about a distribution's origins: the load balancer with its secret header, the buckets with signed requests."""

from collections.abc import Iterator, Sequence

from policies.engine.answers import is_text
from policies.engine.expectations import equals, expect, expect_absent, expect_set, property_rule
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    StackRule,
    Verdict,
    expect_reference,
    findings,
    report,
    violation,
)
from policies.figures import edge as edge_figures
from policies.figures import origin as origin_figures
from policies.figures import storage as storage_figures
from policies.readers.distributions import ACCESS_CONTROL, buckets, groups, is_bucket, is_planned, members, origins
from policies.readers.listener_rules import WILDCARDS, conditions_of, is_on_header
from policies.readers.regions import region_of
from policies.readers.resource_types import DISTRIBUTION, LISTENER_RULES

_NEW_PROTOCOLS = "TLSv1.2 or newer"


def _origins(distribution: Resource) -> Iterator[Verdict]:
    for origin in origins(distribution):
        match is_bucket(origin):
            case Unknown() as unknown:
                yield unknown
            case True:
                yield from _bucket(origin)
            case _:
                yield from _load_balancer(origin)
    if not origins(distribution):
        yield violation("origins isn't set", "the load balancer, or the asset buckets")
    for group in groups(distribution):
        yield from _group(group, distribution)


def _load_balancer(origin: Node) -> Iterator[Verdict]:
    yield from expect(origin.at("domainName"), edge_figures.ORIGIN_HOST)
    yield from expect_absent(origin.at("originPath"), "nothing: the API gets the viewer's path")
    connection = origin.at("customOriginConfig")
    yield from expect(connection.at("originProtocolPolicy"), "https-only")
    yield from expect(connection.at("httpsPort"), origin_figures.HTTPS_PORT)
    protocols = connection.at("originSslProtocols")
    nodes = elements_of(protocols)
    if not nodes:
        yield violation(f"{'.'.join(protocols.path)} isn't set", _NEW_PROTOCOLS)
    for node in nodes:
        match node.text():
            case Known(value=protocol) if protocol in edge_figures.OLD_PROTOCOLS:
                yield violation(f"{'.'.join(protocols.path)} has {protocol}", _NEW_PROTOCOLS)
            case Unknown() as unknown:
                yield unknown
            case _:
                pass
    yield from _secret_header(origin)


def _secret_header(origin: Node) -> Iterator[Verdict]:
    """Require the header by which the load balancer recognizes CloudFront; no message shows its value."""
    values = secret_values(origin)
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if unknown:
        yield unknown
    elif len(values) != 1 or isinstance(values[0], Absent):
        header = origin_figures.ORIGIN_HEADER
        yield violation(f"{'.'.join(origin.path)}.customHeaders hasn't {header} once, with a value", f"{header}, once")


def secret_values(origin: Node) -> Sequence[Known[str] | Unknown | Absent]:
    """Return the values of the secret header; an unknown header name counts as an unknown value."""
    found: list[Known[str] | Unknown | Absent] = []
    for header in elements_of(origin.at("customHeaders")):
        match is_text(header.at("name"), origin_figures.ORIGIN_HEADER, ignore_case=True):
            case Unknown() as unknown:
                found.append(unknown)
            case True:
                found.append(header.at("value").text())
            case _:
                pass
    return found


def _bucket(origin: Node) -> Iterator[Verdict]:
    # edge-origins-in-stack requires a bucket of this stack.
    yield from expect_set(origin.at("domainName"), "the regional name of a bucket of this stack")
    yield from expect_set(origin.at("originAccessControlId"), "an OriginAccessControl of this stack")
    yield from expect_absent(origin.at("vpcOriginConfig"), f"{edge_figures.ORIGIN_HOST}, or a bucket")
    identity = origin.at("s3OriginConfig", "originAccessIdentity")
    yield from expect_absent(identity, "nothing: it can't read objects under a customer managed key")


def _group(group: Node, distribution: Resource) -> Iterator[Verdict]:
    """Require buckets alone: CloudFront fails over for reads only, not for the API's writes."""
    if isinstance(group.value, Unknown):
        yield group.value
        return
    statuses = group.at("failoverCriteria", "statusCodes")
    facts = [node.scalar() for node in elements_of(statuses)]
    unknown = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    missing = [str(code) for code in edge_figures.FAILOVER_STATUS_CODES if Known(value=code) not in facts]
    if missing:
        allowed = ", ".join(map(str, edge_figures.FAILOVER_STATUS_CODES))
        yield unknown or violation(f"{'.'.join(statuses.path)} lacks {', '.join(missing)}", allowed)
    for member in elements_of(group.at("members")):
        name = member.at("originId").text()
        if isinstance(name, Unknown):
            yield name
    for origin in members(group, distribution):
        if is_bucket(origin) is False:
            yield violation(f"{'.'.join(group.path)} has the load balancer", "buckets: writes don't fail over")


def _bucket_origins(stack: Stack) -> Iterator[Finding]:
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        found = buckets(distribution, stack)
        yield from findings(distribution, _buckets_of_stack(found))
        for origin in origins(distribution):
            if is_bucket(origin) is True:
                node = origin.at("originAccessControlId")
                yield from expect_reference(
                    distribution, node, stack, ACCESS_CONTROL, "an OriginAccessControl", is_optional=True
                )
        yield from findings(distribution, _failover_regions(distribution, found))


def _buckets_of_stack(found: Sequence[tuple[Node, Reference]]) -> Iterator[Verdict]:
    for origin, reference in found:
        if isinstance(reference, Unknown):
            yield reference
        elif isinstance(reference, Outside):
            allowed = "a bucket of this stack, by its regional name"
            yield violation(f"{'.'.join(origin.path)} is {reference.text}", allowed)


def _failover_regions(distribution: Resource, found: Sequence[tuple[Node, Reference]]) -> Iterator[Verdict]:
    """Require a bucket and its copy in the recovery region; edge-origins reports other members."""
    unknown = next((origin.value for origin in origins(distribution) if isinstance(origin.value, Unknown)), None)
    if unknown:
        yield unknown
        return
    required = {edge_figures.REGION, storage_figures.COPY_REGION}
    for group in groups(distribution):
        paths = [origin.path for origin in members(group, distribution)]
        references = [reference for origin, reference in found if origin.path in paths]
        facts = [region_of(reference.resource) for reference in references if isinstance(reference, Found)]
        undecided = next((fact for fact in facts if isinstance(fact, Unknown)), None)
        regions = {fact.value for fact in facts if isinstance(fact, Known)}
        # A bucket that isn't found is reported above.
        if len(facts) == len(references) and (undecided or regions != required):
            name, regional = ".".join(group.path), ", ".join(sorted(regions)) or "no region"
            allowed = f"a bucket and its copy, in {' and '.join(sorted(required))}"
            yield undecided or violation(f"{name} has buckets in {regional}", allowed)


def _secret(stack: Stack) -> Iterator[Finding]:
    """Require one secret in all distributions, and one that the load balancer accepts. No message shows a secret."""
    accepted = [value.text() for rule in stack.of(*LISTENER_RULES) for value in _accepted(rule)]
    if any(
        isinstance(value, Absent) or (isinstance(value, Known) and set(WILDCARDS) & set(value.value))
        for value in accepted
    ):
        # origin-forwarding reports it.
        accepted = []
    undecided = next((value for value in accepted if isinstance(value, Unknown)), None)
    header = origin_figures.ORIGIN_HEADER
    first: Known[str] | None = None
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for value in (value for origin in origins(distribution) for value in secret_values(origin)):
            if isinstance(value, Unknown):
                yield Finding(resource=distribution, verdict=value)
            elif isinstance(value, Known):
                if accepted and value not in accepted:
                    found = f"the load balancer doesn't accept its {header} (hidden: may be a secret)"
                    verdict = violation(found, "a value of the load balancer's rule")
                    yield Finding(resource=distribution, verdict=undecided or verdict)
                elif first and value != first:
                    found = f"its {header} (hidden: may be a secret) differs from another distribution's"
                    yield report(distribution, found, "the same value in each distribution")
                else:
                    first = value


def _accepted(rule: Resource) -> Iterator[Node]:
    """Return the values of the secret header that a listener rule accepts."""
    for condition in conditions_of(rule):
        if is_on_header(condition) is True:
            yield from elements_of(condition.at("httpHeader", "values"))


RULES = (
    ResourceRule(
        id="edge-origins",
        section="CDN (CloudFront)",
        description="CloudFront reaches the load balancer over TLS 1.2 or newer with its secret, and signs S3 requests",
        remedy=f"Load balancer: {edge_figures.ORIGIN_HOST}, https-only on port {origin_figures.HTTPS_PORT}, "
        f"{_NEW_PROTOCOLS}, {origin_figures.ORIGIN_HEADER} with a value. Buckets: an OriginAccessControl; in a group, "
        f"failover on {', '.join(map(str, edge_figures.FAILOVER_STATUS_CODES))}.",
        types=(DISTRIBUTION,),
        judge=_origins,
        severity="high",
        controls=("CloudFront.9", "CloudFront.10", "CloudFront.13"),
    ),
    StackRule(
        id="edge-origins-in-stack",
        section="CDN (CloudFront)",
        description="Bucket origins are buckets of this stack, with signed requests, and fail over to the copy",
        remedy="Group a bucket with its copy, each by its bucketRegionalDomainName and with an OriginAccessControl.",
        judge=_bucket_origins,
        severity="high",
        controls=("CloudFront.12",),
    ),
    StackRule(
        id="edge-secret",
        section="Security Configuration",
        description="Every distribution sends the one secret that the load balancer accepts",
        remedy="Use the same setting as the load balancer's rule.",
        judge=_secret,
        severity="high",
    ),
    property_rule(
        "edge-access-control",
        section="Data Handling",
        description="CloudFront signs every request to a bucket",
        types=ACCESS_CONTROL,
        rows=(
            equals("originAccessControlOriginType", "s3"),
            equals("signingBehavior", "always"),
            equals("signingProtocol", "sigv4"),
        ),
        severity="high",
    ),
)
