"""Rules about the domain's own names: which there are, where they point, and who may sign certificates for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.engine.answers import Answer, any_of, is_text
from policies.engine.expectations import expect, expect_absent, expect_empty, expect_false
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import edge as edge_figures
from policies.figures import names as names_figures
from policies.readers.regions import expect_region
from policies.readers.resource_types import CERTIFICATE, DISTRIBUTION, HEALTH_CHECK

RECORD = "aws:route53/record:Record"

# By each of them Route 53 gives one name to several records, and chooses.
_CHOICES = (
    "failoverRoutingPolicies",
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "cidrRoutingPolicy",
    "multivalueAnswerRoutingPolicy",
)

# One line of a CAA record: its flags, what it is about, and a text.
_SIGNER = re.compile(r'\s*\d+\s+([A-Za-z0-9]+)\s+"?([^"]*)"?\s*')


def in_edge_region(resource: Resource) -> Iterator[Verdict]:
    """What is wrong with where something of CloudFront's stands."""
    return expect_region(resource, edge_figures.REGION)


def unused(node: Node, allowed: str) -> Iterator[Verdict]:
    """A property that mustn't be there; AWS shows it as an empty list or as false where it isn't."""
    if node.value is not False:
        yield from expect_empty(node, allowed)


def host_of(record: Resource, stack: Stack) -> str | Unknown | None:
    """The host that a record is about, in full; None where it proves to AWS whose a certificate is."""
    node = record.at("name")
    match node.text():
        case Known(value=text):
            name = text.lower().removesuffix(".")
        case Absent():
            name = ""
        case Unknown() as unknown:
            # AWS thinks of the name when it is asked for the certificate.
            return None if isinstance(stack.refer(record, node, CERTIFICATE), Found) else unknown
    if name.startswith("_"):
        return None
    domain = names_figures.DOMAIN
    # AWS's provider puts the zone behind what doesn't end in it.
    return name if f".{name}".endswith(f".{domain}") else f"{name}.{domain}".removeprefix(".")


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one host and type, and what may be another one."""

    found: tuple[Resource, ...]
    doubts: tuple[Finding, ...]

    def lacking(self, verdict: str) -> Iterator[Finding]:
        """That there is none, told of the stack; or why that can't be known."""
        yield from self.doubts
        if not self.found and not self.doubts:
            yield Finding(resource=None, verdict=verdict)


def records(stack: Stack, host: str, kind: str) -> Records:
    """The records of a host that are of one type."""
    found: list[Resource] = []
    doubts: list[Finding] = []
    for record in stack.of(RECORD):
        its_host, its_kind = host_of(record, stack), record.at("type").text()
        if isinstance(its_host, Unknown):
            doubts.append(Finding(resource=record, verdict=its_host))
        elif its_host == host and isinstance(its_kind, Unknown):
            doubts.append(Finding(resource=record, verdict=its_kind))
        elif its_host == host and its_kind == Known(value=kind):
            found.append(record)
    return Records(found=tuple(found), doubts=tuple(doubts))


def plain(record: Resource, stack: Stack) -> Iterator[Verdict]:
    """What makes Route 53 choose between a record and others of its name."""
    allowed = "nothing: the only record of its name and type"
    for key in _CHOICES:
        yield from unused(record.at(key), allowed)
    yield from expect_absent(record.at("setIdentifier"), allowed)
    yield from unasked(record, stack, allowed)


def unasked(record: Resource, stack: Stack, allowed: str) -> Iterator[Verdict]:
    """A record that mustn't depend on a health check, one of this stack's neither, whose id isn't known yet."""
    node = record.at("healthCheckId")
    match stack.refer(record, node, HEALTH_CHECK):
        case Found(resource=check):
            yield violation(f"healthCheckId is that of {check.name}", allowed)
        case _:
            yield from expect_absent(node, allowed)


def _known(stack: Stack) -> Iterator[Finding]:
    names = names_figures.NAMES.get(stack.name)
    if names is None:
        return
    for record in stack.of(RECORD):
        host = host_of(record, stack)
        if isinstance(host, Unknown):
            yield Finding(resource=record, verdict=host)
        elif host is not None and host not in names:
            yield report(record, f"it names {host}", f"{', '.join(names)} in this stack")
        elif host is not None:
            yield from findings(record, expect(record.at("type"), *names[host]))


def _aliased(stack: Stack) -> Iterator[Finding]:
    if stack.name != edge_figures.OWNER or not stack.of(DISTRIBUTION):
        return
    for host in names_figures.SITES:
        for kind in ("A", "AAAA"):
            records_of_host = records(stack, host, kind)
            allowed = "an alias of the distribution that serves it"
            yield from records_of_host.lacking(violation(f"{host} has no {kind} record", allowed))
            for record in records_of_host.found:
                yield from findings(record, (*plain(record, stack), *_alias(record, stack)))
                yield from _crossed(record, host, stack)


def _alias(record: Resource, stack: Stack) -> Iterator[Verdict]:
    allowed = "an alias of a distribution of this stack"
    match record.at("aliases").items():
        case Known(value=(alias,)):
            match _distribution_of(record, stack):
                case Found():
                    pass
                case Outside(text=text):
                    yield violation(f"it points to {text}", allowed)
                case Unknown() as unknown:
                    yield unknown
                case Absent():
                    yield violation("it points to nothing", allowed)
            zone = alias.at("zoneId")
            if not isinstance(stack.refer(record, zone, DISTRIBUTION, by=("hostedZoneId",)), Found):
                yield from expect(zone, names_figures.CLOUDFRONT_ZONE)
            # There is no other record that it could go to.
            yield from expect_false(alias.at("evaluateTargetHealth"))
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it isn't an alias of one thing", allowed)


def _crossed(record: Resource, host: str, stack: Stack) -> Iterator[Finding]:
    """Where none serves the host, the distributions' own rule tells."""
    reference = _distribution_of(record, stack)
    if not isinstance(reference, Found):
        return
    distribution = reference.resource
    serving = _serves(distribution, host)
    if isinstance(serving, Unknown):
        yield Finding(resource=distribution, verdict=serving)
    elif not serving and any(_serves(other, host) is True for other in stack.of(DISTRIBUTION)):
        verdict = violation(f"it points to {distribution.name}", f"the distribution that serves {host}")
        yield Finding(resource=record, verdict=verdict)


def _distribution_of(record: Resource, stack: Stack) -> Reference:
    items = record.at("aliases").items()
    alias = items.value[0] if isinstance(items, Known) and items.value else record.at("aliases")
    return stack.refer(record, alias.at("name"), DISTRIBUTION, by=("domainName",))


def _serves(distribution: Resource, host: str) -> Answer:
    match distribution.at("aliases").items():
        case Known(value=nodes):
            return any_of(*(is_text(node, host, in_any_case=True) for node in nodes))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False


def _signers(stack: Stack) -> Iterator[Finding]:
    if stack.name != edge_figures.OWNER or not stack.of(DISTRIBUTION):
        return
    found = records(stack, names_figures.DOMAIN, "CAA")
    lacking = f"nothing says who may sign certificates for {names_figures.DOMAIN}"
    yield from found.lacking(violation(lacking, "a CAA record that lets Amazon"))
    for record in found.found:
        yield from findings(record, (*plain(record, stack), *_signing(record.at("records"))))


def _signing(node: Node) -> Iterator[Verdict]:
    items = node.items()
    texts = [item.text() for item in items.value] if isinstance(items, Known) else [items]
    unknown = next((text for text in texts if isinstance(text, Unknown)), None)
    if unknown:
        yield unknown
        return
    lets: dict[str, set[str]] = {"issue": set(), "issuewild": set()}
    for text in (text.value for text in texts if isinstance(text, Known)):
        line = _SIGNER.fullmatch(text)
        tag = line[1].lower() if line else ""
        if line is None or tag not in (*lets, "iodef"):
            yield violation(f"{text} says something else", "issue, issuewild and iodef")
        elif tag in lets:
            # Behind the semicolon are conditions; nothing before it is nobody.
            lets[tag].add(line[2].partition(";")[0].strip().lower())
    if not lets["issue"] or not lets["issue"] <= names_figures.SIGNERS:
        signers = " and ".join(sorted(lets["issue"])) or "nobody in particular"
        yield violation(f"{signers} may sign", f"{', '.join(sorted(names_figures.SIGNERS))}, and nobody else")
    if lets["issuewild"] != {""}:
        wild = " and ".join(sorted(lets["issuewild"] - {""})) or "whoever may sign the others"
        yield violation(f"{wild} may sign for a wildcard", 'nobody: 0 issuewild ";"')


RULES = (
    StackRule(
        id="edge-records",
        section="Environment Details",
        description="The domain has only the names that each stack is known to make",
        remedy="Leave the record out, or teach the rules the new name first.",
        judge=_known,
    ),
    StackRule(
        id="edge-aliases",
        section="Environment Details",
        description="The web application's and the API's names lead to their distributions, over IPv4 and IPv6",
        remedy="Make an A and an AAAA record, each an alias of the distribution, without a routing policy.",
        judge=_aliased,
    ),
    StackRule(
        id="edge-caa",
        section="Data Handling",
        description="Only Amazon may sign certificates for the domain, and nobody for a wildcard",
        remedy='Make a CAA record of the domain with 0 issue "amazon.com" and 0 issuewild ";".',
        judge=_signers,
    ),
)
