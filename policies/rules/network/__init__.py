"""Chapter network: who may talk to whom, which subnets lead where, and what is written down of the traffic."""

from policies.engine.rule import AnyRule
from policies.rules.network import endpoints, groups, nat, openings, tiers, traffic

RULES: tuple[AnyRule, ...] = (
    *openings.RULES,
    *groups.RULES,
    *tiers.RULES,
    *nat.RULES,
    *traffic.RULES,
    *endpoints.RULES,
)
