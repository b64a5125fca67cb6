"""Chapter baseline: what guards the account as a whole, and personal data in logs."""

from policies.engine.rule import AnyRule
from policies.rules.baseline import account, masking

RULES: tuple[AnyRule, ...] = (*masking.RULES, *account.RULES)
