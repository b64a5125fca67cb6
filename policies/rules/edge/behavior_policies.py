"""Rules about the policies that behaviors use: cache duration and security headers."""

from collections.abc import Iterator

from policies.engine.expectations import at_least, equals, is_true, one_of, property_rule
from policies.engine.facts import Absent, Known, Resource, Unknown
from policies.engine.rule import Verdict, violation
from policies.figures import edge as edge_figures
from policies.readers.distributions import CACHE_POLICY, HEADERS_POLICY

_CACHE_KEY = "parametersInCacheKeyAndForwardedToOrigin"
_HEADERS = "securityHeadersConfig"
_HEADER_KINDS = (
    "strictTransportSecurity",
    "contentSecurityPolicy",
    "contentTypeOptions",
    "frameOptions",
    "referrerPolicy",
)

# A browser decides by these which scripts run; each falls back on the next, and the last on default-src.
_SCRIPT_DIRECTIVES = ("script-src-elem", "script-src-attr", "script-src")
_FALLBACK = "default-src"


def _scripts(policy: Resource) -> Iterator[Verdict]:
    """Require that the content security policy limits scripts to named hosts or hashes."""
    node = policy.at(_HEADERS, "contentSecurityPolicy", "contentSecurityPolicy")
    name, allowed = ".".join(node.path), f"{_FALLBACK} or script-src with hosts"
    match node.text():
        case Known(value=text):
            directives = _directives(text)
            deciding = [directive for directive in _SCRIPT_DIRECTIVES if directive in directives]
            if "script-src" not in directives:
                deciding.append(_FALLBACK)
            for directive in deciding:
                if directive not in directives:
                    yield violation(f"{name} doesn't limit scripts", allowed)
                elif unsafe := edge_figures.UNSAFE_SOURCES & set(directives[directive]):
                    yield violation(f"{name} allows scripts from {', '.join(sorted(unsafe))} by {directive}", allowed)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(f"{name} isn't set", allowed)


def _directives(text: str) -> dict[str, list[str]]:
    """Return the directives with their sources; of a repeated directive the first counts."""
    found: dict[str, list[str]] = {}
    for directive in text.lower().split(";"):
        words = directive.split()
        if words:
            found.setdefault(words[0], words[1:])
    return found


RULES = (
    property_rule(
        "edge-cache-policy",
        section="CDN (CloudFront)",
        description="Files are cached by path alone, compressed, for a day by default and a year at most",
        types=CACHE_POLICY,
        rows=(
            # Above 0, CloudFront caches files with no-cache as well.
            equals("minTtl", 0, default=0),
            equals("defaultTtl", edge_figures.DEFAULT_TTL, default=edge_figures.DEFAULT_TTL),
            equals("maxTtl", edge_figures.MAX_TTL, default=edge_figures.MAX_TTL),
            *(is_true(f"{_CACHE_KEY}.enableAcceptEncoding{name}", default=False) for name in ("Brotli", "Gzip")),
            *(
                equals(f"{_CACHE_KEY}.{part}sConfig.{part}Behavior", "none")
                for part in ("cookie", "header", "queryString")
            ),
        ),
    ),
    property_rule(
        "edge-headers",
        section="Security Configuration",
        description="Responses make browsers use TLS only, guess no types, and run or frame nothing from other sites",
        types=HEADERS_POLICY,
        rows=(
            at_least(f"{_HEADERS}.strictTransportSecurity.accessControlMaxAgeSec", edge_figures.HSTS_SECONDS),
            is_true(f"{_HEADERS}.strictTransportSecurity.includeSubdomains", default=False),
            one_of(f"{_HEADERS}.frameOptions.frameOption", *edge_figures.FRAME_OPTIONS),
            one_of(f"{_HEADERS}.referrerPolicy.referrerPolicy", *edge_figures.REFERRER_POLICIES),
            *(is_true(f"{_HEADERS}.{kind}.override") for kind in _HEADER_KINDS),
        ),
        also=_scripts,
        remedy="Limit script-src in contentSecurityPolicy to named hosts or hashes.",
    ),
)
