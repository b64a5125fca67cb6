"""Rules about a distribution as a whole: its hosts, certificate and TLS, and the stack that owns it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.engine.expectations import equals, is_false, is_true, must_be_absent, must_be_set, property_rule
from policies.engine.facts import Absent, Known, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, findings, report, violation
from policies.figures import edge as edge_figures
from policies.figures.common import STACKS
from policies.readers.distributions import is_planned
from policies.readers.regions import expect_region
from policies.readers.resource_types import CERTIFICATE, CERTIFICATE_VALIDATION, DISTRIBUTION, LOAD_BALANCERS, WEB_ACL

# Other ways to serve a host, which no rule checks.
UNCHECKED_TYPES = tuple(
    aws_type("cloudfront", name)
    for name in ("MultitenantDistribution", "DistributionTenant", "ConnectionGroup", "ContinuousDeploymentPolicy")
)


def _protection(distribution: Resource) -> Iterator[Verdict]:
    if not distribution.protect:
        yield violation("the resource isn't protected", "the option protect: a replacement has another domain name")


def _owner(resource: Resource) -> Iterator[Verdict]:
    if resource.type in UNCHECKED_TYPES:
        yield violation("no rule checks this type", DISTRIBUTION)
    if resource.stack not in STACKS or resource.stack == edge_figures.OWNER:
        return
    allowed = f"CloudFront in the stack {edge_figures.OWNER} alone: it stays there in a failover"
    if resource.type.startswith("aws:cloudfront/"):
        yield violation(f"it is in the stack {resource.stack}", allowed)
    elif resource.type == WEB_ACL:
        scope = resource.at("scope").text()
        if isinstance(scope, Unknown):
            yield scope
        elif scope == Known(value="CLOUDFRONT"):
            yield violation(f"a web ACL of scope CLOUDFRONT is in the stack {resource.stack}", allowed)


@dataclass(kw_only=True)
class _ServedHosts:
    """The hosts of the distributions read so far; `is_complete` is false once an alias is unknown."""

    hosts: set[str] = field(default_factory=set[str])
    is_complete: bool = True


def _hosts(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    served = _ServedHosts()
    for distribution in stack.of(DISTRIBUTION):
        yield from findings(distribution, (*_aliases(distribution, served), *_certificate(distribution, stack)))
    # A stack without load balancer and distributions has nothing to serve yet.
    if served.is_complete and stack.of(DISTRIBUTION, *LOAD_BALANCERS):
        for host in edge_figures.ROUTES:
            if host not in served.hosts:
                yield report(None, f"no distribution serves {host}", "one distribution for each host")


def _aliases(distribution: Resource, served: _ServedHosts) -> Iterator[Verdict]:
    hosts = f"one of {', '.join(edge_figures.ROUTES)}"
    nodes = elements_of(distribution.at("aliases"))
    if not nodes:
        yield violation("aliases isn't set", hosts)
    for node in nodes:
        match node.text():
            case Known(value=host) if host not in edge_figures.ROUTES:
                yield violation(f"it serves {host}", hosts)
            case Known(value=host) if host in served.hosts:
                yield violation(f"it serves {host}, as another distribution does", "one distribution for each host")
            case Known(value=host):
                served.hosts.add(host)
            case Unknown() as unknown:
                served.is_complete = False
                yield unknown
            case Absent():
                pass


def _certificate(distribution: Resource, stack: Stack) -> Iterator[Verdict]:
    """Require a validated certificate of this stack that is for the distribution's hosts."""
    node = distribution.at("viewerCertificate", "acmCertificateArn")
    match stack.refer(distribution, node, CERTIFICATE_VALIDATION, by=("certificateArn",)):
        case Found(resource=validation):
            match stack.refer(validation, validation.at("certificateArn"), CERTIFICATE):
                case Found(resource=certificate):
                    yield from _coverage(certificate, distribution)
                case Unknown() as unknown:
                    yield unknown
                case _:
                    yield violation("its certificate isn't in this stack", "a certificate of this stack for its host")
        case Unknown() as unknown:
            yield unknown
        case Outside(text=text):
            yield violation(f"acmCertificateArn is {text}", "certificateArn of a CertificateValidation of this stack")
        case Absent():
            # edge-tls reports it.
            pass


def _coverage(certificate: Resource, distribution: Resource) -> Iterator[Verdict]:
    for verdict in expect_region(certificate, edge_figures.REGION):
        yield verdict if isinstance(verdict, Unknown) else f"the certificate {certificate.name}: {verdict}"
    names = [
        node.text() for node in (certificate.at("domainName"), *elements_of(certificate.at("subjectAlternativeNames")))
    ]
    unknown = next((name for name in names if isinstance(name, Unknown)), None)
    for alias in elements_of(distribution.at("aliases")):
        host = alias.text()
        if isinstance(host, Known) and host not in names:
            yield unknown or violation(
                f"the certificate {certificate.name} isn't for {host.value}", "a certificate for its host"
            )


RULES = (
    property_rule(
        "edge-distributions",
        section="CDN (CloudFront)",
        description="Every distribution is enabled worldwide, over IPv6, HTTP/2 and HTTP/3, and is protected",
        types=DISTRIBUTION,
        rows=(
            is_true("enabled"),
            is_true("isIpv6Enabled"),
            equals("httpVersion", edge_figures.HTTP_VERSION),
            equals("priceClass", edge_figures.PRICE_CLASS, default=edge_figures.PRICE_CLASS),
            is_false("staging", default=False),
            must_be_absent("continuousDeploymentPolicyId", "one distribution serves a host"),
        ),
        also=_protection,
        remedy="Set the option protect.",
        severity="high",
    ),
    property_rule(
        "edge-tls",
        section="Data Handling",
        description="Viewers connect with TLS 1.3 and a certificate of ACM",
        types=DISTRIBUTION,
        rows=(
            equals("viewerCertificate.minimumProtocolVersion", edge_figures.TLS_POLICY),
            equals("viewerCertificate.sslSupportMethod", "sni-only"),
            must_be_set("viewerCertificate.acmCertificateArn", "a certificate of ACM"),
            is_false("viewerCertificate.cloudfrontDefaultCertificate", default=False),
            must_be_absent("viewerCertificate.iamCertificateId", "AWS renews certificates of ACM only"),
        ),
        severity="high",
        controls=("CloudFront.7", "CloudFront.8", "CloudFront.15"),
    ),
    ResourceRule(
        id="edge-owner",
        section="Environment Details",
        description=f"CloudFront belongs to the stack {edge_figures.OWNER}, in types that the rules check",
        remedy=f"Remove it, or define a distribution in the stack {edge_figures.OWNER}.",
        types=("aws:",),
        judge=_owner,
    ),
    StackRule(
        id="edge-hosts",
        section="Environment Details",
        description="Each of the document's hosts has one distribution, with a validated certificate for it",
        remedy=f"Give each host one distribution, with a validated certificate for it in {edge_figures.REGION}.",
        judge=_hosts,
        severity="high",
    ),
)
