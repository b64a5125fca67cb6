"""Rules about a distribution as a whole: whose hosts, where, for whom, over which protocols."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.engine.expectations import expect, expect_absent, expect_false, expect_set, expect_true
from policies.engine.facts import Absent, Known, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, findings, report, violation
from policies.figures import edge as edge_figures
from policies.figures.common import STACKS
from policies.readers.distributions import is_planned
from policies.readers.regions import expect_region
from policies.readers.resource_types import CERTIFICATE, CERTIFICATE_VALIDATION, DISTRIBUTION, LOAD_BALANCERS, WEB_ACL

# Other ways to serve a host, of which the rules know nothing.
UNJUDGED = tuple(
    aws_type("cloudfront", name)
    for name in ("MultitenantDistribution", "DistributionTenant", "ConnectionGroup", "ContinuousDeploymentPolicy")
)


def _whole(distribution: Resource) -> Iterator[Verdict]:
    for key in ("enabled", "isIpv6Enabled"):
        yield from expect_true(distribution.at(key))
    yield from expect(distribution.at("httpVersion"), edge_figures.HTTP_VERSION)
    yield from expect(distribution.at("priceClass"), edge_figures.PRICE_CLASS, default=edge_figures.PRICE_CLASS)
    yield from expect_false(distribution.at("staging"), default=False)
    yield from expect_absent(distribution.at("continuousDeploymentPolicyId"), "nothing: one distribution serves a host")
    if not distribution.protect:
        yield violation("the resource isn't protected", "the option protect: a new one would have another name")


def _spoken(distribution: Resource) -> Iterator[Verdict]:
    certificate = distribution.at("viewerCertificate")
    yield from expect(certificate.at("minimumProtocolVersion"), edge_figures.TLS_POLICY)
    yield from expect(certificate.at("sslSupportMethod"), "sni-only")
    yield from expect_set(certificate.at("acmCertificateArn"), "a certificate of ACM")
    yield from expect_false(certificate.at("cloudfrontDefaultCertificate"), default=False)
    yield from expect_absent(certificate.at("iamCertificateId"), "nothing: a certificate that AWS renews")


def _owned(resource: Resource) -> Iterator[Verdict]:
    if resource.type in UNJUDGED:
        yield violation("no rule can judge what it serves", "distributions")
    if resource.stack not in STACKS or resource.stack == edge_figures.OWNER:
        return
    allowed = f"nothing of CloudFront: it is the stack {edge_figures.OWNER}'s, and stays there in a fail-over"
    if resource.type.startswith("aws:cloudfront/"):
        yield violation(f"{resource.stack} makes it", allowed)
    elif resource.type == WEB_ACL:
        scope = resource.at("scope").text()
        if isinstance(scope, Unknown):
            yield scope
        elif scope == Known(value="CLOUDFRONT"):
            yield violation(f"{resource.stack} makes a web ACL of scope CLOUDFRONT", allowed)


@dataclass(kw_only=True)
class _Served:
    """The hosts that are served so far."""

    hosts: set[str] = field(default_factory=set[str])
    is_certain: bool = True


def _hosts(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    served = _Served()
    for distribution in stack.of(DISTRIBUTION):
        yield from findings(distribution, (*_aliases(distribution, served), *_certified(distribution, stack)))
    # Where nothing is to be reached yet, nothing has to be served.
    if served.is_certain and stack.of(DISTRIBUTION, *LOAD_BALANCERS):
        for host in edge_figures.WAYS:
            if host not in served.hosts:
                yield report(None, f"no distribution serves {host}", "one for each host")


def _aliases(distribution: Resource, served: _Served) -> Iterator[Verdict]:
    hosts = f"one of {', '.join(edge_figures.WAYS)}"
    nodes = elements_of(distribution.at("aliases"))
    if not nodes:
        yield violation("aliases isn't set: it serves nobody's host", hosts)
    for node in nodes:
        match node.text():
            case Known(value=host) if host not in edge_figures.WAYS:
                yield violation(f"it serves {host}", hosts)
            case Known(value=host) if host in served.hosts:
                yield violation(f"it serves {host} as well as another", "one distribution for each host")
            case Known(value=host):
                served.hosts.add(host)
            case Unknown() as unknown:
                served.is_certain = False
                yield unknown
            case Absent():
                pass


def _certified(distribution: Resource, stack: Stack) -> Iterator[Verdict]:
    """What is wrong with its certificate: whose it is, and for which host."""
    node = distribution.at("viewerCertificate", "acmCertificateArn")
    match stack.refer(distribution, node, CERTIFICATE_VALIDATION, by=("certificateArn",)):
        case Found(resource=validation):
            match stack.refer(validation, validation.at("certificateArn"), CERTIFICATE):
                case Found(resource=certificate):
                    yield from _fits(certificate, distribution)
                case Unknown() as unknown:
                    yield unknown
                case _:
                    yield violation("its certificate is another's", "a certificate of this stack, for its host")
        case Unknown() as unknown:
            yield unknown
        case Outside(text=text):
            yield violation(f"acmCertificateArn is {text}", "the ARN that a CertificateValidation of this stack gives")
        case Absent():
            # The rule about protocols tells it.
            pass


def _fits(certificate: Resource, distribution: Resource) -> Iterator[Verdict]:
    for verdict in expect_region(certificate, edge_figures.REGION):
        yield verdict if isinstance(verdict, Unknown) else f"the certificate {certificate.name}: {verdict}"
    names = [
        node.text() for node in (certificate.at("domainName"), *elements_of(certificate.at("subjectAlternativeNames")))
    ]
    doubt = next((name for name in names if isinstance(name, Unknown)), None)
    for alias in elements_of(distribution.at("aliases")):
        host = alias.text()
        if isinstance(host, Known) and host not in names:
            yield doubt or violation(f"the certificate {certificate.name} isn't for {host.value}", "one for its host")


RULES = (
    ResourceRule(
        id="edge-distributions",
        section="CDN (CloudFront)",
        description="Every distribution serves all the world by HTTP/2 and HTTP/3, and can't be lost by mistake",
        remedy=f"Set enabled, isIpv6Enabled, {edge_figures.HTTP_VERSION}, {edge_figures.PRICE_CLASS} and protect.",
        types=(DISTRIBUTION,),
        judge=_whole,
    ),
    ResourceRule(
        id="edge-tls",
        section="Data Handling",
        description="Viewers speak TLS 1.3, with a certificate of ACM",
        remedy=f"Set minimumProtocolVersion {edge_figures.TLS_POLICY}, sni-only and acmCertificateArn.",
        types=(DISTRIBUTION,),
        judge=_spoken,
    ),
    ResourceRule(
        id="edge-owner",
        section="Environment Details",
        description=f"What CloudFront has is the stack {edge_figures.OWNER}'s, and nothing in it goes unjudged",
        remedy="Leave it out, or make a distribution in the stack that owns the domain.",
        types=("aws:",),
        judge=_owned,
    ),
    StackRule(
        id="edge-hosts",
        section="Environment Details",
        description="Each of the document's hosts is served by one distribution, with a valid certificate for it",
        remedy=f"Give each host a distribution, with a validated certificate of its own in {edge_figures.REGION}.",
        judge=_hosts,
    ),
)
