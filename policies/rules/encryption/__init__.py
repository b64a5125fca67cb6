"""Rules about encryption: of what is kept, with keys of one's own, and of the way to the database and the cache."""

from policies.rules.encryption import key_policies, keys, records, stores

RULES = (*stores.RULES, *records.RULES, *keys.RULES, *key_policies.RULES)
