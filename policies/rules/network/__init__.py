"""Chapter network: security groups, subnets and their routes, flow logs and VPC endpoints."""

from policies.engine.rule import AnyRule
from policies.rules.network import endpoints, groups, internet, tiers, traffic
from policies.shared import data_subnets, nat_gateways, openings

RULES: tuple[AnyRule, ...] = (
    *openings.RULES,
    *groups.RULES,
    *tiers.RULES,
    *data_subnets.RULES,
    *nat_gateways.RULES,
    *internet.RULES,
    *traffic.RULES,
    *endpoints.RULES,
)
