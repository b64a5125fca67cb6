"""What the pack knows of the way in by itself: the load balancer behind CloudFront, and what a web ACL has to say.

As in `figures`, no other module's words are read.
"""

from collections.abc import Mapping
from types import MappingProxyType

# Security Groups: 443 from anywhere, and the service's port from the load balancer.
HTTPS_PORT = 443
SERVICE_PORT = 3001

# Emergency Rollback, Verify: what answers that the service is well.
HEALTH_PATH = "/health"
HEALTHY = "200"

# A new target is given its share at once, or slowly: within AWS's bounds, in seconds.
SLOW_START = (30, 900)

# Everybody reaches the load balancer, so CloudFront says by this header that a request is its own.
ORIGIN_HEADER = "x-origin-secret"

# Environment Details: us-west-2 is for recovery. Its load balancer's answer here is the switch: 404 before, 200 after.
LATCH_STACK = "dr"
LATCH_PATH = "/.well-known/origin-takes-traffic"
LATCH_OPEN = "200"
LATCH_ANSWERS = ("404", LATCH_OPEN)
REFUSAL = "403"

# Data Handling: TLS 1.3, and 1.2 beside it, because CloudFront speaks that to its origins. These are AWS's policies for
# just these two; the first is the one that it recommends.
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

# WAF Rules: the managed groups, each with those of its rules that may only count. The size rule would stop every body
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

# Data Handling: no PII in logs, and nothing that lets somebody in.
REDACTED_HEADERS = ("authorization", "cookie", ORIGIN_HEADER)

# What a web ACL logs: requests that a rule blocked or counted. All of them would cost more than everything else.
LOGGED_ACTIONS = frozenset({"BLOCK", "COUNT"})

# AWS takes no other log group for a web ACL.
FIREWALL_LOGS = "aws-waf-logs-"
