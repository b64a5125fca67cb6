"""Figures of the origin: the load balancer behind CloudFront, and its web ACL."""

from collections.abc import Mapping
from types import MappingProxyType

# Security Groups: 443 from anywhere, and the service's port from the load balancer.
HTTPS_PORT = 443
SERVICE_PORT = 3001

# Emergency Rollback, Verify: the health check.
HEALTH_PATH = "/health"
HEALTHY = "200"

# The slow start of a new target, if there is one: AWS's limits, in seconds.
SLOW_START = (30, 900)

# The load balancer is open to the internet; by this header it recognizes requests of CloudFront.
ORIGIN_HEADER = "x-origin-secret"

# Environment Details: failover to us-west-2. Its load balancer answers this path with 404 before, with 200 after.
LATCH_STACK = "dr"
LATCH_PATH = "/.well-known/origin-takes-traffic"
LATCH_OPEN = "200"
LATCH_ANSWERS = ("404", LATCH_OPEN)
FORBIDDEN = "403"

# Data Handling: TLS 1.3, and also 1.2, which CloudFront uses to its origins. AWS's policies for exactly these two; the
# first is the recommended one.
TLS_POLICIES = (
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
)

# WAF Rules: the managed groups, each with those of its rules that may only count. The size rule would block every body
# over 8 KB.
MANAGED_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AWSManagedRulesCommonRuleSet": frozenset({"SizeRestrictions_BODY"}),
        "AWSManagedRulesKnownBadInputsRuleSet": frozenset(),
        "AWSManagedRulesSQLiRuleSet": frozenset(),
    }
)
RATE_LIMIT = 2000
RATE_WINDOW = 300
BLOCKED_COUNTRIES = ("KP", "IR")

# Data Handling: no PII and no credentials in logs.
REDACTED_HEADERS = ("authorization", "cookie", ORIGIN_HEADER)

# A web ACL logs blocked and counted requests. Logs of all requests would cost more than the rest of the stack.
LOGGED_ACTIONS = frozenset({"BLOCK", "COUNT"})

# AWS's prefix of a web ACL's log group.
WEB_ACL_LOG_PREFIX = "aws-waf-logs-"
