"""Chapter encryption: customer managed keys, their policies, and TLS to the database and the cache."""

from policies.engine.rule import AnyRule
from policies.rules.encryption import key_policies, keys, records, references, stores

RULES: tuple[AnyRule, ...] = (*stores.RULES, *records.RULES, *keys.RULES, *key_policies.RULES, *references.RULES)
