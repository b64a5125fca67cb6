"""Chapter encryption: customer managed keys, their policies, and TLS to the database and the cache."""

from policies.engine.rule import AnyRule
from policies.rules.encryption import database_keys, key_policies, references
from policies.shared import encryption_keys, encryption_records, encryption_stores

RULES: tuple[AnyRule, ...] = (
    *encryption_stores.RULES,
    *database_keys.RULES,
    *encryption_records.RULES,
    *encryption_keys.RULES,
    *key_policies.RULES,
    *references.RULES,
)
