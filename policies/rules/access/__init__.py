"""Rules about access: who may take which role, and what each role may do."""

from policies.engine.rule import AnyRule
from policies.rules.access import permissions, roles, services, trust

RULES: tuple[AnyRule, ...] = (*roles.RULES, *permissions.RULES, *trust.RULES, *services.RULES)
