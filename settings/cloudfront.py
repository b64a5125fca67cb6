"""CDN (CloudFront): how the edge serves, keeps and guards; only the stack that owns the domain has this block."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from settings.base import Block, Conflict
from settings.retention import LogDays
from settings.values import Switch, Text, Whole, Word

# A hundred years: as much as CloudFront takes.
LONGEST = 3_153_600_000


def _says_nothing_of_scripts(text: str) -> str | None:
    named = {directive.split()[0] for directive in text.split(";") if directive.strip()}
    return None if named & {"default-src", "script-src"} else "neither default-src nor script-src stands in it"


class Caching(Block):
    """How long the edge keeps the static assets; the API's answers are never kept."""

    min_ttl: Annotated[int, Whole(name="seconds", allowed=f"0 to {LONGEST} seconds", minimum=0, maximum=LONGEST)] = (
        Field(
            alias="minTTL",
            description="Seconds that a file is kept whatever it says itself; above 0 a no-cache isn't obeyed. "
            "Source: CloudFront, cache policies.",
        )
    )
    default_ttl: Annotated[
        int, Whole(name="seconds", allowed=f"0 to {LONGEST} seconds", minimum=0, maximum=LONGEST)
    ] = Field(
        alias="defaultTTL",
        description="Seconds that a file is kept which says nothing itself. Source: CDN, caching.defaultTTL.",
    )
    max_ttl: Annotated[int, Whole(name="seconds", allowed=f"0 to {LONGEST} seconds", minimum=0, maximum=LONGEST)] = (
        Field(
            alias="maxTTL",
            description="Seconds that a file is kept at most. Source: CDN, caching.maxTTL.",
        )
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks that the shortest isn't longer than the longest."""
        return (self._in_order("min_ttl", "default_ttl"), self._in_order("default_ttl", "max_ttl"))

    def _in_order(self, shorter: str, longer: str) -> Iterator[Conflict]:
        least, most = getattr(self, shorter), getattr(self, longer)
        if least > most:
            yield Conflict(at=(shorter,), allowed="at most {against}", against=(longer,))


class CloudFront(Block):
    """The two distributions, for the web application and for the API, and the bucket of the assets."""

    price_class: Annotated[str, Word.of("price class", "PriceClass_All", "PriceClass_200", "PriceClass_100")] = Field(
        description="Which of CloudFront's locations serve. Source: CDN, priceClass."
    )
    caching: Caching = Field(description="How long the static assets are kept. Source: CDN, caching.")
    compression: Annotated[bool, Switch()] = Field(
        description="Whether assets are compressed at the edge, by gzip and brotli; needs a maxTTL above 0. "
        "Source: CDN, compression."
    )
    http2: Annotated[bool, Switch()] = Field(description="Whether viewers may speak HTTP/2. Source: CDN, http2.")
    http3: Annotated[bool, Switch()] = Field(description="Whether viewers may speak HTTP/3. Source: CDN, http3.")
    tls_policy: Annotated[str, Word.of("TLS policy", "TLSv1.3_2025")] = Field(
        description="Which TLS versions viewers may speak. Source: Data Handling, Encryption in transit (TLS 1.3)."
    )
    content_security_policy: Annotated[
        str,
        Text(
            name="policy",
            allowed="a Content-Security-Policy in one line, such as default-src 'self'",
            pattern="[!-~](?:[ -~]*[!-~])?",
            max_length=2048,
            complaint=_says_nothing_of_scripts,
        ),
    ] = Field(
        description="What a browser may load and run for the web application. Source: OWASP, Content-Security-Policy."
    )
    old_versions: Annotated[int, Whole(name="days", allowed="1 to 85 days", minimum=1, maximum=85)] = Field(
        description="Days that a deleted or replaced asset can still be brought back. Source: Data Handling, Right to "
        "deletion, as for storage.bucket."
    )
    log_retention: LogDays = Field(
        description="Days that access logs and the web ACL's are kept. Source: Backup Schedule, CloudWatch Logs (90 "
        "days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check that what is compressed is cached."""
        return (self._compressed_while_cached(),)

    def _compressed_while_cached(self) -> Iterator[Conflict]:
        # The cache policy's other lifetimes are at most this one. With all three at 0 it caches nothing, and CloudFront
        # refuses it: "The parameter EnableAcceptEncodingGzip is invalid for policy with caching disabled."
        if self.compression and self.caching.max_ttl == 0:
            allowed = "at least 1 with {against}: CloudFront compresses only what it caches"
            yield Conflict(at=("caching", "max_ttl"), allowed=allowed, against=("compression",))
