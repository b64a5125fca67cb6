"""Chapter network: security groups, subnets and their routes, flow logs and VPC endpoints."""

from policies.engine.rule import AnyRule
from policies.rules.network import endpoints, groups, internet, nat, openings, tiers, traffic

RULES: tuple[AnyRule, ...] = (
    *openings.RULES,
    *groups.RULES,
    *tiers.RULES,
    *nat.RULES,
    *internet.RULES,
    *traffic.RULES,
    *endpoints.RULES,
)
