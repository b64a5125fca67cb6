"""Chapter origin: the load balancer behind CloudFront, its listeners and targets, and its web ACL."""

from policies.engine.rule import AnyRule
from policies.rules.origin import balancers, forwarding, listeners, web_acl

RULES: tuple[AnyRule, ...] = (
    *balancers.RULES,
    *listeners.RULES,
    *forwarding.RULES,
    *web_acl.RULES,
)
