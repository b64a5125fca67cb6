"""Chapter origin: the load balancer that CloudFront forwards to, who gets through it, and the web ACL before it."""

from policies.engine.rule import AnyRule
from policies.rules.origin import balancers, firewall, forwarding, listeners

RULES: tuple[AnyRule, ...] = (
    *balancers.RULES,
    *listeners.RULES,
    *forwarding.RULES,
    *firewall.RULES,
)
