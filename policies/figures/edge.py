"""What the pack knows of the edge by itself: distributions, caching, headers, hosts.

As in `figures`, no other module's words are read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

# What answers a request: the buckets of the static assets, or the load balancer.
Kind: TypeAlias = Literal["assets", "api"]

# Environment Details: URL and API URL. One distribution chooses by path only, so each host has its own; "" is the
# default, for all other paths.
WAYS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "taskflow.app": MappingProxyType({"": "assets", "/api/*": "api"}),
        "api.taskflow.app": MappingProxyType({"": "api"}),
    }
)
ORIGIN_HOST = "origin.taskflow.app"

# What CloudFront has, it has for an account as a whole, and its certificates stand in this region.
OWNER, REGION = "production", "us-east-1"

# CDN.
PRICE_CLASS = "PriceClass_All"
HTTP_VERSION = "http2and3"
DEFAULT_TTL, MAX_TTL = 86_400, 31_536_000

# Data Handling: TLS 1.3 for viewers, and to the origin nothing older than what it speaks.
TLS_POLICY = "TLSv1.3_2025"
OLD_PROTOCOLS = ("SSLv3", "TLSv1", "TLSv1.1")

# AWS's own policies CachingDisabled and AllViewer, which have these ids in every account.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

READING = frozenset({"GET", "HEAD"})
ASKING = frozenset({"OPTIONS"})
EVERYTHING = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

# What CloudFront keeps for 10 s, whoever caused it, unless it is told not to.
KEPT_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

# When a bucket's region is in trouble.
TROUBLE = (500, 502, 503, 504)

# A year in seconds.
TLS_ONLY = 31_536_000
FRAMES = ("DENY", "SAMEORIGIN")
REFERRERS = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
UNSAFE_SOURCES = frozenset({"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:"})
