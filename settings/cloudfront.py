"""CDN (CloudFront): caching and protocols of the edge; only the stack that owns the domain has this block."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.retention import LogDays
from settings.values import Allowed, Unit, reject_if

# CloudFront's longest TTL, a hundred years.
MAX_TTL = 3_153_600_000
Ttl: TypeAlias = Annotated[int, Field(ge=0, le=MAX_TTL), Unit("seconds")]


def _without_script_sources(policy: str) -> str | None:
    directives = {directive.split()[0] for directive in policy.split(";") if directive.strip()}
    return None if directives & {"default-src", "script-src"} else "it has neither default-src nor script-src"


class Caching(Block):
    """How long the edge caches static assets; the API's responses are never cached."""

    min_ttl: Ttl = Field(
        alias="minTTL",
        description="Shortest time in seconds that a file is cached; above 0 CloudFront ignores a file's no-cache. "
        "Source: CloudFront, cache policies.",
    )
    default_ttl: Ttl = Field(
        alias="defaultTTL",
        description="Seconds that a file without cache headers is cached. Source: CDN, caching.defaultTTL.",
    )
    max_ttl: Ttl = Field(
        alias="maxTTL", description="Longest time in seconds that a file is cached. Source: CDN, caching.maxTTL."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require ordered TTLs."""
        return (self._ordered("min_ttl", "default_ttl"), self._ordered("default_ttl", "max_ttl"))

    def _ordered(self, shorter: str, longer: str) -> Iterator[Conflict]:
        least, most = getattr(self, shorter), getattr(self, longer)
        if least > most:
            yield Conflict(at=(shorter,), allowed="at most {against}", against=(longer,))


class CloudFront(Block):
    """The two distributions, for the web application and for the API, and the bucket of the assets."""

    price_class: Literal["PriceClass_All", "PriceClass_200", "PriceClass_100"] = Field(
        description="Edge locations that serve. Source: CDN, priceClass."
    )
    caching: Caching = Field(description="Caching of static assets. Source: CDN, caching.")
    compression: bool = Field(
        description="Whether the edge compresses assets, with gzip and brotli; needs a maxTTL above 0. "
        "Source: CDN, compression."
    )
    http2: bool = Field(description="Whether viewers may use HTTP/2. Source: CDN, http2.")
    http3: bool = Field(description="Whether viewers may use HTTP/3. Source: CDN, http3.")
    tls_policy: Literal["TLSv1.3_2025"] = Field(
        description="TLS policy for viewers. Source: Data Handling, Encryption in transit (TLS 1.3)."
    )
    content_security_policy: Annotated[
        str,
        StringConstraints(pattern="^[!-~](?:[ -~]*[!-~])?$", max_length=2048),
        reject_if(_without_script_sources),
        Allowed("a Content-Security-Policy in one line, such as default-src 'self'"),
    ] = Field(
        description="Content-Security-Policy header of the web application. Source: OWASP, Content-Security-Policy."
    )
    old_versions: Annotated[int, Field(ge=1, le=79), Unit("days")] = Field(
        description="Days that a deleted or replaced asset can be restored. Source: Data Handling, Right to deletion, "
        "as for storage.bucket."
    )
    log_retention: LogDays = Field(
        description="Retention in days of the access logs and the web ACL's logs. Source: Backup Schedule, CloudWatch "
        "Logs (90 days)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require caching if the edge compresses."""
        return (self._compression_needs_caching(),)

    def _compression_needs_caching(self) -> Iterator[Conflict]:
        # The cache policy's other TTLs are at most this one. With all three at 0 it caches nothing, and CloudFront
        # rejects it: "The parameter EnableAcceptEncodingGzip is invalid for policy with caching disabled."
        if self.compression and self.caching.max_ttl == 0:
            allowed = "at least 1 with {against}: CloudFront compresses only what it caches"
            yield Conflict(at=("caching", "max_ttl"), allowed=allowed, against=("compression",))
