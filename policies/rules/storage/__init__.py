"""Rules about what the API keeps besides its database: buckets, queues, and the registry of its images."""

from policies.engine.rule import AnyRule
from policies.rules.storage import buckets, copies, kinds, queues, registry

RULES: tuple[AnyRule, ...] = (*kinds.RULES, *buckets.RULES, *copies.RULES, *queues.RULES, *registry.RULES)
