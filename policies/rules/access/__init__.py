"""Rules about access: who can assume which role, and what each role is allowed to do."""

from policies.engine.rule import AnyRule
from policies.rules.access import people, permissions, roles, service_principals, trust, workflows

RULES: tuple[AnyRule, ...] = (
    *roles.RULES,
    *permissions.RULES,
    *trust.RULES,
    *people.RULES,
    *workflows.RULES,
    *service_principals.RULES,
)
