"""Chapter database: PostgreSQL by the document, its replicas, its place in the network, its logs and parameters."""

from policies.engine.rule import AnyRule
from policies.rules.database import instances, relations

RULES: tuple[AnyRule, ...] = (*instances.RULES, *relations.RULES)
