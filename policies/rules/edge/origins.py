"""Rules about what a distribution asks: the load balancer by its secret, the buckets by a signature."""

from collections.abc import Iterator, Sequence

from policies.engine.answers import is_text
from policies.engine.expectations import expect, expect_absent, expect_set
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.figures import edge as edge_figures
from policies.figures import origin as origin_figures
from policies.figures import storage as storage_figures
from policies.readers.distributions import ACCESS_CONTROL, buckets, groups, is_bucket, is_planned, members, origins
from policies.readers.listener_rules import WILDCARDS, conditions_of, is_on_header
from policies.readers.regions import region_of
from policies.readers.resource_types import DISTRIBUTION, LISTENER_RULES


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
        yield violation("origins isn't set", "the load balancer, or the buckets of the assets")
    for group in groups(distribution):
        yield from _group(group, distribution)


def _load_balancer(origin: Node) -> Iterator[Verdict]:
    yield from expect(origin.at("domainName"), edge_figures.ORIGIN_HOST)
    yield from expect_absent(origin.at("originPath"), "nothing: paths as the viewer asked")
    reached = origin.at("customOriginConfig")
    yield from expect(reached.at("originProtocolPolicy"), "https-only")
    yield from expect(reached.at("httpsPort"), origin_figures.HTTPS_PORT)
    protocols = reached.at("originSslProtocols")
    nodes = elements_of(protocols)
    if not nodes:
        yield violation(f"{'.'.join(protocols.path)} isn't set", "TLSv1.2 or newer")
    for node in nodes:
        match node.text():
            case Known(value=protocol) if protocol in edge_figures.OLD_PROTOCOLS:
                yield violation(f"{'.'.join(protocols.path)} has {protocol}", "TLSv1.2 or newer")
            case Unknown() as unknown:
                yield unknown
            case _:
                pass
    yield from _secret(origin)


def _secret(origin: Node) -> Iterator[Verdict]:
    """By it the load balancer knows CloudFront. It is a secret: no message shows it."""
    values = secret_values(origin)
    allowed = f"{origin_figures.ORIGIN_HEADER} with a value, once"
    doubt = next((value for value in values if isinstance(value, Unknown)), None)
    if doubt:
        yield doubt
    elif len(values) != 1 or isinstance(values[0], Absent):
        yield violation(f"{'.'.join(origin.path)}.customHeaders don't say whose the request is", allowed)


def secret_values(origin: Node) -> Sequence[Known[str] | Unknown | Absent]:
    """The values of CloudFront's own header; a name that is unknown yet counts as one that is unknown."""
    found: list[Known[str] | Unknown | Absent] = []
    for header in elements_of(origin.at("customHeaders")):
        match is_text(header.at("name"), origin_figures.ORIGIN_HEADER, in_any_case=True):
            case Unknown() as unknown:
                found.append(unknown)
            case True:
                found.append(header.at("value").text())
            case _:
                pass
    return found


def _bucket(origin: Node) -> Iterator[Verdict]:
    # Whether it is one of this stack is asked by the rule about relations.
    yield from expect_set(origin.at("domainName"), "the regional name of a bucket of this stack")
    yield from expect_set(origin.at("originAccessControlId"), "an OriginAccessControl of this stack, which signs")
    yield from expect_absent(origin.at("vpcOriginConfig"), f"{edge_figures.ORIGIN_HOST}, or a bucket")
    identity = origin.at("s3OriginConfig", "originAccessIdentity")
    yield from expect_absent(identity, "nothing: it can't read what is encrypted with a key of one's own")


def _group(group: Node, distribution: Resource) -> Iterator[Verdict]:
    """A group asks the second only for what is read, so nothing of the API's may be in one."""
    if isinstance(group.value, Unknown):
        yield group.value
        return
    statuses = group.at("failoverCriteria", "statusCodes")
    facts = [node.scalar() for node in elements_of(statuses)]
    doubt = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    lacking = [str(code) for code in edge_figures.TROUBLE if Known(value=code) not in facts]
    if lacking:
        yield doubt or violation(f"{'.'.join(statuses.path)} lacks {', '.join(lacking)}", "all of a region's troubles")
    for member in elements_of(group.at("members")):
        name = member.at("originId").text()
        if isinstance(name, Unknown):
            yield name
    for origin in members(group, distribution):
        if is_bucket(origin) is False:
            yield violation(f"{'.'.join(group.path)} has the load balancer in it", "buckets: writes don't fail over")


def _own(stack: Stack) -> Iterator[Finding]:
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        found = buckets(distribution, stack)
        yield from findings(
            distribution, (*_of_stack(found), *_signed(distribution, stack), *_failing_over(distribution, found))
        )


def _of_stack(found: Sequence[tuple[Node, Reference]]) -> Iterator[Verdict]:
    for origin, reference in found:
        if isinstance(reference, Unknown):
            yield reference
        elif isinstance(reference, Outside):
            allowed = "a bucket of this stack, by its regional name"
            yield violation(f"{'.'.join(origin.path)} asks {reference.text}", allowed)


def _signed(distribution: Resource, stack: Stack) -> Iterator[Verdict]:
    for origin in origins(distribution):
        if is_bucket(origin) is not True:
            continue
        node = origin.at("originAccessControlId")
        match stack.refer(distribution, node, ACCESS_CONTROL):
            case Unknown() as unknown:
                yield unknown
            case Outside(text=text):
                yield violation(f"{'.'.join(node.path)} is {text}", "an OriginAccessControl of this stack")
            case _:
                pass


def _failing_over(distribution: Resource, found: Sequence[tuple[Node, Reference]]) -> Iterator[Verdict]:
    """What a group asks is a bucket, and its copy in the recovery region; others than buckets are another rule's."""
    unknown = next((origin.value for origin in origins(distribution) if isinstance(origin.value, Unknown)), None)
    if unknown:
        yield unknown
        return
    wanted = {edge_figures.REGION, storage_figures.COPY_REGION}
    for group in groups(distribution):
        asked = [origin.path for origin in members(group, distribution)]
        references = [reference for origin, reference in found if origin.path in asked]
        regions = [region_of(reference.resource) for reference in references if isinstance(reference, Found)]
        doubt = next((region for region in regions if isinstance(region, Unknown)), None)
        # What isn't found has been told of by itself.
        asks = {region.value for region in regions if isinstance(region, Known)}
        if len(regions) == len(references) and (doubt or asks != wanted):
            name, regional = ".".join(group.path), ", ".join(sorted(asks)) or "nowhere"
            allowed = f"a bucket and its copy, in {' and '.join(sorted(wanted))}"
            yield doubt or violation(f"{name} asks buckets in {regional}", allowed)


def _known(stack: Stack) -> Iterator[Finding]:
    """Each distribution says one secret, and one that the load balancer lets in. None of them is shown."""
    accepted = [value.text() for rule in stack.of(*LISTENER_RULES) for value in _accepted(rule)]
    if any(
        isinstance(value, Absent) or (isinstance(value, Known) and set(WILDCARDS) & set(value.value))
        for value in accepted
    ):
        # The rule about what is forwarded tells of it.
        accepted = []
    doubt = next((value for value in accepted if isinstance(value, Unknown)), None)
    first: Known[str] | None = None
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for value in (value for origin in origins(distribution) for value in secret_values(origin)):
            if isinstance(value, Unknown):
                yield Finding(resource=distribution, verdict=value)
            elif isinstance(value, Known):
                header = origin_figures.ORIGIN_HEADER
                if accepted and value not in accepted:
                    verdict = violation(
                        f"its {header} (secret) isn't one that the load balancer lets in", "one of those"
                    )
                    yield Finding(resource=distribution, verdict=doubt or verdict)
                elif first and value != first:
                    verdict = violation(f"its {header} (secret) isn't another distribution's", "the same in each")
                    yield Finding(resource=distribution, verdict=verdict)
                else:
                    first = value


def _accepted(rule: Resource) -> Iterator[Node]:
    """The values that a listener rule lets in."""
    for condition in conditions_of(rule):
        if is_on_header(condition) is True:
            yield from elements_of(condition.at("httpHeader", "values"))


def _control(control: Resource) -> Iterator[Verdict]:
    yield from expect(control.at("originAccessControlOriginType"), "s3")
    yield from expect(control.at("signingBehavior"), "always")
    yield from expect(control.at("signingProtocol"), "sigv4")


RULES = (
    ResourceRule(
        id="edge-origins",
        section="CDN (CloudFront)",
        description="CloudFront asks the load balancer over TLS 1.2 or better with its secret, and buckets as buckets",
        remedy=f"Ask {edge_figures.ORIGIN_HOST} by HTTPS with its header, and buckets with an access control.",
        types=(DISTRIBUTION,),
        judge=_origins,
    ),
    StackRule(
        id="edge-origins-own",
        section="CDN (CloudFront)",
        description="The buckets are this stack's, asked with a signature, and one's copy after it",
        remedy="Group a bucket of this stack with its copy, each by bucketRegionalDomainName and an access control.",
        judge=_own,
    ),
    StackRule(
        id="edge-secret",
        section="Security Configuration",
        description="Every distribution says the one secret by which the load balancer lets it in",
        remedy="Take the value from the setting that the load balancer's rule has it from.",
        judge=_known,
    ),
    ResourceRule(
        id="edge-access-control",
        section="Data Handling",
        description="CloudFront signs whatever it asks a bucket for",
        remedy="Set s3, always and sigv4.",
        types=(ACCESS_CONTROL,),
        judge=_control,
    ),
)
