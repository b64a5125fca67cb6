"""Rules about the account: the services that guard it, and personal data in logs."""

from policies.engine.rule import AnyRule
from policies.rules.baseline import account, masking

RULES: tuple[AnyRule, ...] = (*masking.RULES, *account.RULES)
