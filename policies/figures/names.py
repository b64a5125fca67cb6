"""What the pack knows of the edge's guard and names by itself: web ACL, logs, records, health checks.

As in `figures`, no other module's words are read.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policies.figures.common import ACCOUNT
from policies.figures.edge import ORIGIN_HOST, OWNER, REGION, WAYS
from policies.figures.origin import LATCH_STACK

# WAF Rules.
WEB_ACL = "taskflow-production-acl"

# Bytes of a body: what is let through at most; what WAF reads as it is told, and if nothing is said.
BODY_LIMIT = 65536
BODY_READ: Mapping[str, int] = MappingProxyType({f"KB_{size}": size * 1024 for size in (16, 32, 48, 64)})
BODY_UNSAID = BODY_READ["KB_16"]

# Data Handling: no PII in logs.
PRIVATE_FIELDS = ("cs(Cookie)", "cs-uri-query", "cs(Referer)")

# Who writes the edge's logs: only what this account's distributions hand over, which is done in one region.
LOG_WRITER = "delivery.logs.amazonaws.com"
LOG_SOURCES = f"arn:aws:logs:{REGION}:{ACCOUNT}:delivery-source:"
LOG_FOLDER = f"AWSLogs/{ACCOUNT}/CloudFront/"

# Environment Details: URL, API URL. Both have an alias; the first is the domain.
SITES = tuple(WAYS)
DOMAIN = SITES[0]

# Every alias of a distribution names this zone: it is CloudFront's own.
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"

# Amazon's certificate authority under each of its names.
SIGNERS = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})

# Environment Details: us-west-2 is for recovery, and takes over under the origin's name.
STANDBY = f"standby.{DOMAIN}"
HALVES: Mapping[str, str] = MappingProxyType({OWNER: "PRIMARY", LATCH_STACK: "SECONDARY"})

# Seconds that resolvers may keep where the origin is: a fail-over takes as long.
LONGEST_TTL = 60

# The names of the domain that each stack makes, with the types of their records.
NAMES: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        OWNER: {**dict.fromkeys(SITES, ("A", "AAAA")), DOMAIN: ("A", "AAAA", "CAA"), ORIGIN_HOST: ("CNAME",)},
        LATCH_STACK: {ORIGIN_HOST: ("CNAME",), STANDBY: ("CNAME",)},
    }
)
