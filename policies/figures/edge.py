"""Figures of the edge: distributions, caching, headers, hosts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

# The target of a request: the buckets of the static assets, or the load balancer.
Kind: TypeAlias = Literal["assets", "api"]

# Environment Details: URL and API URL. A distribution routes by path only, so each host has its own; "" is the default
# behavior. The health path shows from outside that the web application's host reaches the load balancer.
ROUTES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "taskflow.app": MappingProxyType({"": "assets", "/api/*": "api", "/health": "api"}),
        "api.taskflow.app": MappingProxyType({"": "api"}),
    }
)
ORIGIN_HOST = "origin.taskflow.app"

# CloudFront is global: one stack has its resources, and its certificates are in this region.
OWNER, REGION = "production", "us-east-1"

# CDN.
PRICE_CLASS = "PriceClass_All"
HTTP_VERSION = "http2and3"
DEFAULT_TTL, MAX_TTL = 86_400, 31_536_000

# Data Handling: TLS 1.3 for viewers; the protocols that are too old for the origin.
TLS_POLICY = "TLSv1.3_2025"
OLD_PROTOCOLS = ("SSLv3", "TLSv1", "TLSv1.1")

# The ids of AWS's managed policies CachingDisabled and AllViewer, the same in every account.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

READ_METHODS = frozenset({"GET", "HEAD"})
PREFLIGHT_METHODS = frozenset({"OPTIONS"})
ALL_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

# The errors that CloudFront caches for 10 s by default.
CACHED_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

# The statuses at which CloudFront asks the other region's bucket.
FAILOVER_STATUS_CODES = (500, 502, 503, 504)

# A year.
HSTS_SECONDS = 31_536_000
FRAME_OPTIONS = ("DENY", "SAMEORIGIN")
REFERRER_POLICIES = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
UNSAFE_SOURCES = frozenset({"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:"})
