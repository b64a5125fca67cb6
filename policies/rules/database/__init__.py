"""Chapter database: PostgreSQL as the document has it, where it stands, and what is known of it."""

from policies.engine.rule import AnyRule
from policies.rules.database import instances, relations

RULES: tuple[AnyRule, ...] = (*instances.RULES, *relations.RULES)
