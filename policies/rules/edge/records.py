"""Rules about the domain's DNS records: which exist, what they point to, and who may sign certificates."""

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
_ALIAS_TYPES = ("A", "AAAA")

# With any of these, Route 53 chooses between several records of one name.
_ROUTING_POLICIES = (
    "failoverRoutingPolicies",
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "cidrRoutingPolicy",
    "multivalueAnswerRoutingPolicy",
)

_AUTHORITIES = " or ".join(sorted(names_figures.CERTIFICATE_AUTHORITIES))
_NO_WILDCARD = '0 issuewild ";"'
# A value of a CAA record: flags, tag, and a text in quotes.
_CAA_VALUE = re.compile(r'\s*\d+\s+([A-Za-z0-9]+)\s+"?([^"]*)"?\s*')


def expect_edge_region(resource: Resource) -> Iterator[Verdict]:
    """Require the region of CloudFront's own resources."""
    return expect_region(resource, edge_figures.REGION)


def expect_unused(node: Node, allowed: str) -> Iterator[Verdict]:
    """Require that a property isn't set; in a state AWS shows an empty list or false for it."""
    if node.value is not False:
        yield from expect_empty(node, allowed)


def host_of(record: Resource, stack: Stack) -> str | Unknown | None:
    """Return the full name of a record; None for one that validates a certificate."""
    node = record.at("name")
    match node.text():
        case Known(value=text):
            name = text.lower().removesuffix(".")
        case Absent():
            name = ""
        case Unknown() as unknown:
            # ACM generates the name of a validation record.
            return None if isinstance(stack.refer(record, node, CERTIFICATE), Found) else unknown
    if name.startswith("_"):
        return None
    domain = names_figures.DOMAIN
    # AWS's provider appends the zone's name where it is missing.
    return name if f".{name}".endswith(f".{domain}") else f"{name}.{domain}".removeprefix(".")


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one host and type; `unknowns` are findings on records that may be one of them."""

    found: tuple[Resource, ...]
    unknowns: tuple[Finding, ...]

    def missing(self, verdict: str) -> Iterator[Finding]:
        """Report that there is no record, or what is unknown."""
        yield from self.unknowns
        if not self.found and not self.unknowns:
            yield Finding(resource=None, verdict=verdict)


def records(stack: Stack, host: str, record_type: str) -> Records:
    """Return the records of a host and type."""
    found: list[Resource] = []
    unknowns: list[Finding] = []
    for record in stack.of(RECORD):
        its_host, its_type = host_of(record, stack), record.at("type").text()
        if isinstance(its_host, Unknown):
            unknowns.append(Finding(resource=record, verdict=its_host))
        elif its_host == host and isinstance(its_type, Unknown):
            unknowns.append(Finding(resource=record, verdict=its_type))
        elif its_host == host and its_type == Known(value=record_type):
            found.append(record)
    return Records(found=tuple(found), unknowns=tuple(unknowns))


def expect_simple_routing(record: Resource, stack: Stack) -> Iterator[Verdict]:
    """Require that Route 53 answers with this record always."""
    allowed = "nothing: the only record of its name and type"
    for key in _ROUTING_POLICIES:
        yield from expect_unused(record.at(key), allowed)
    yield from expect_absent(record.at("setIdentifier"), allowed)
    yield from expect_no_health_check(record, stack, allowed)


def expect_no_health_check(record: Resource, stack: Stack, allowed: str) -> Iterator[Verdict]:
    """Require no health check, not even one of this stack, whose id is unknown in a preview."""
    node = record.at("healthCheckId")
    match stack.refer(record, node, HEALTH_CHECK):
        case Found(resource=check):
            yield violation(f"healthCheckId is the id of {check.name}", allowed)
        case _:
            yield from expect_absent(node, allowed)


def _allowed_records(stack: Stack) -> Iterator[Finding]:
    names = names_figures.NAMES.get(stack.name)
    if names is None:
        return
    for record in stack.of(RECORD):
        host = host_of(record, stack)
        if isinstance(host, Unknown):
            yield Finding(resource=record, verdict=host)
        elif host is not None and host not in names:
            yield report(record, f"its name is {host}", f"{', '.join(names)} in this stack")
        elif host is not None:
            yield from findings(record, expect(record.at("type"), *names[host]))


def _aliases(stack: Stack) -> Iterator[Finding]:
    if stack.name != edge_figures.OWNER or not stack.of(DISTRIBUTION):
        return
    for host in names_figures.HOSTS:
        for record_type in _ALIAS_TYPES:
            records_of_host = records(stack, host, record_type)
            allowed = "an alias of the distribution that serves it"
            yield from records_of_host.missing(violation(f"{host} has no {record_type} record", allowed))
            for record in records_of_host.found:
                yield from findings(record, (*expect_simple_routing(record, stack), *_alias(record, stack)))
                yield from _alias_host(record, host, stack)


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
            # There is no second record to answer with.
            yield from expect_false(alias.at("evaluateTargetHealth"))
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it hasn't exactly one alias", allowed)


def _alias_host(record: Resource, host: str, stack: Stack) -> Iterator[Finding]:
    """Require an alias of the distribution that serves the host; edge-hosts reports it if none does."""
    reference = _distribution_of(record, stack)
    if not isinstance(reference, Found):
        return
    distribution = reference.resource
    serving = _serves(distribution, host)
    if isinstance(serving, Unknown):
        yield Finding(resource=distribution, verdict=serving)
    elif not serving and any(_serves(other, host) is True for other in stack.of(DISTRIBUTION)):
        yield report(record, f"it points to {distribution.name}", f"the distribution that serves {host}")


def _distribution_of(record: Resource, stack: Stack) -> Reference:
    items = record.at("aliases").items()
    alias = items.value[0] if isinstance(items, Known) and items.value else record.at("aliases")
    return stack.refer(record, alias.at("name"), DISTRIBUTION, by=("domainName",))


def _serves(distribution: Resource, host: str) -> Answer:
    match distribution.at("aliases").items():
        case Known(value=nodes):
            return any_of(*(is_text(node, host, ignore_case=True) for node in nodes))
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False


def _caa(stack: Stack) -> Iterator[Finding]:
    if stack.name != edge_figures.OWNER or not stack.of(DISTRIBUTION):
        return
    found = records(stack, names_figures.DOMAIN, "CAA")
    yield from found.missing(violation(f"{names_figures.DOMAIN} has no CAA record", "a CAA record that allows Amazon"))
    for record in found.found:
        yield from findings(record, (*expect_simple_routing(record, stack), *_signers(record.at("records"))))


def _signers(node: Node) -> Iterator[Verdict]:
    items = node.items()
    texts = [item.text() for item in items.value] if isinstance(items, Known) else [items]
    unknown = next((text for text in texts if isinstance(text, Unknown)), None)
    if unknown:
        yield unknown
        return
    signers: dict[str, set[str]] = {"issue": set(), "issuewild": set()}
    for text in (text.value for text in texts if isinstance(text, Known)):
        value = _CAA_VALUE.fullmatch(text)
        tag = value[1].lower() if value else ""
        if value is None or tag not in (*signers, "iodef"):
            yield violation(f"{text} is no value that the rule reads", "the tags issue, issuewild and iodef")
        elif tag in signers:
            # Conditions follow the semicolon; an empty name before it forbids every authority.
            signers[tag].add(value[2].partition(";")[0].strip().lower())
    issue, wild = signers["issue"], signers["issuewild"]
    if not issue or not issue <= names_figures.CERTIFICATE_AUTHORITIES:
        authorities = " and ".join(sorted(issue - {""})) or ("no authority" if issue else "any authority")
        yield violation(f"{authorities} may sign", _AUTHORITIES)
    if wild != {""}:
        authorities = " and ".join(sorted(wild - {""})) or "every authority of issue"
        yield violation(f"{authorities} may sign wildcards", f"no authority: {_NO_WILDCARD}")


RULES = (
    StackRule(
        id="edge-records",
        section="Environment Details",
        description="The domain has no other names than the document's, each in the stack that owns it",
        remedy="Remove the record, or add the new name to the rules' figures first.",
        judge=_allowed_records,
        severity="high",
    ),
    StackRule(
        id="edge-aliases",
        section="Environment Details",
        description="The web application's and the API's names point to their distributions, over IPv4 and IPv6",
        remedy=f"Define records of the types {' and '.join(_ALIAS_TYPES)}, each an alias of the distribution without a "
        "routing policy.",
        judge=_aliases,
        severity="high",
    ),
    StackRule(
        id="edge-caa",
        section="Data Handling",
        description="Only Amazon may sign certificates for the domain, and no authority for a wildcard",
        remedy=f"Define a CAA record of the domain with 0 issue {_AUTHORITIES}, and {_NO_WILDCARD}.",
        judge=_caa,
        severity="high",
    ),
)
