"""Rules about the policies that behaviours name: how long files are kept, and what browsers are strict about."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_true, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import edge as edge_figures
from policies.readers.distributions import CACHE_POLICY, HEADERS_POLICY

# By these a browser decides which scripts run; each falls back on the one after it, as default-src is the last.
_SCRIPTS = ("script-src-elem", "script-src-attr", "script-src")
_DEFAULT = "default-src"


def _keeping(policy: Resource) -> Iterator[Verdict]:
    # More than 0, and a file that says no-cache is kept nevertheless.
    yield from expect(policy.at("minTtl"), 0, default=0)
    yield from expect(policy.at("defaultTtl"), edge_figures.DEFAULT_TTL, default=edge_figures.DEFAULT_TTL)
    yield from expect(policy.at("maxTtl"), edge_figures.MAX_TTL, default=edge_figures.MAX_TTL)
    key = policy.at("parametersInCacheKeyAndForwardedToOrigin")
    for encoding in ("Brotli", "Gzip"):
        yield from expect_true(key.at(f"enableAcceptEncoding{encoding}"), default=False)
    for where in ("cookie", "header", "queryString"):
        yield from expect(key.at(f"{where}sConfig", f"{where}Behavior"), "none")


def _strict(policy: Resource) -> Iterator[Verdict]:
    headers = policy.at("securityHeadersConfig")
    transport, content = headers.at("strictTransportSecurity"), headers.at("contentSecurityPolicy")
    yield from within(transport.at("accessControlMaxAgeSec"), edge_figures.TLS_ONLY)
    yield from expect_true(transport.at("includeSubdomains"), default=False)
    yield from expect(headers.at("frameOptions", "frameOption"), *edge_figures.FRAMES)
    yield from expect(headers.at("referrerPolicy", "referrerPolicy"), *edge_figures.REFERRERS)
    yield from _scripts(content.at("contentSecurityPolicy"))
    for header in (
        transport,
        content,
        *(headers.at(key) for key in ("contentTypeOptions", "frameOptions", "referrerPolicy")),
    ):
        yield from expect_true(header.at("override"))


def _scripts(node: Node) -> Iterator[Verdict]:
    """Which scripts a browser may run: those of named hosts."""
    name, allowed = ".".join(node.path), f"{_DEFAULT} or script-src with hosts"
    match node.text():
        case Known(value=text):
            directives = _directives(text)
            deciding = [directive for directive in _SCRIPTS if directive in directives]
            if "script-src" not in directives:
                deciding.append(_DEFAULT)
            for directive in deciding:
                if directive not in directives:
                    yield violation(f"{name} says nothing of scripts", allowed)
                elif unsafe := edge_figures.UNSAFE_SOURCES & set(directives[directive]):
                    yield violation(
                        f"{name} lets scripts come from {', '.join(sorted(unsafe))} by {directive}", allowed
                    )
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(f"{name} isn't set", allowed)


def _directives(text: str) -> dict[str, list[str]]:
    """The directives with their sources; of two of a name the first counts."""
    found: dict[str, list[str]] = {}
    for directive in text.lower().split(";"):
        words = directive.split()
        if words:
            found.setdefault(words[0], words[1:])
    return found


RULES = (
    ResourceRule(
        id="edge-cache-policy",
        section="CDN (CloudFront)",
        description="Files are kept a day unless they say otherwise, a year at most, compressed, and by the path alone",
        remedy=f"Set minTtl 0, defaultTtl {edge_figures.DEFAULT_TTL}, maxTtl {edge_figures.MAX_TTL}, gzip and brotli.",
        types=(CACHE_POLICY,),
        judge=_keeping,
    ),
    ResourceRule(
        id="edge-headers",
        section="Security Configuration",
        description="Browsers speak TLS only, don't guess types, and show and run nothing of strangers",
        remedy="Set all five headers strictly, with override.",
        types=(HEADERS_POLICY,),
        judge=_strict,
    ),
)
