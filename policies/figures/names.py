"""Figures of the edge's web ACL, logs, DNS records and health checks."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policies.figures.common import ACCOUNT
from policies.figures.edge import ORIGIN_HOST, OWNER, REGION, ROUTES
from policies.figures.origin import LATCH_STACK

# WAF Rules.
WEB_ACL = "taskflow-production-acl"

# Bytes of a body: the largest allowed, and those that WAF inspects by setting and by default.
BODY_LIMIT = 65536
BODY_INSPECTION_LIMITS: Mapping[str, int] = MappingProxyType({f"KB_{size}": size * 1024 for size in (16, 32, 48, 64)})
BODY_INSPECTION_DEFAULT = BODY_INSPECTION_LIMITS["KB_16"]

# Data Handling: no PII in logs.
PRIVATE_FIELDS = ("cs(Cookie)", "cs-uri-query", "cs(Referer)")

# The writer of the edge's logs: for delivery sources of this account, in one region.
LOG_WRITER = "delivery.logs.amazonaws.com"
LOG_SOURCES = f"arn:aws:logs:{REGION}:{ACCOUNT}:delivery-source:"
LOG_FOLDER = f"AWSLogs/{ACCOUNT}/CloudFront/"

# Environment Details: URL, API URL. Both have an alias; the first is the domain.
HOSTS = tuple(ROUTES)
DOMAIN = HOSTS[0]

# CloudFront's zone, in every alias of a distribution.
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"

# The names of Amazon's certificate authority.
CERTIFICATE_AUTHORITIES = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})

# Environment Details: on failover the origin's name leads to us-west-2.
STANDBY = f"standby.{DOMAIN}"
FAILOVER_ROLES: Mapping[str, str] = MappingProxyType({OWNER: "PRIMARY", LATCH_STACK: "SECONDARY"})

# Seconds for which resolvers cache the origin's record: a failover takes as long.
MAX_TTL = 60

# The names of each stack, with the types of their records.
NAMES: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        OWNER: {**dict.fromkeys(HOSTS, ("A", "AAAA")), DOMAIN: ("A", "AAAA", "CAA"), ORIGIN_HOST: ("CNAME",)},
        LATCH_STACK: {ORIGIN_HOST: ("CNAME",), STANDBY: ("CNAME",)},
    }
)
