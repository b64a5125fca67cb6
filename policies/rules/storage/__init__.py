"""Chapter storage: buckets, queues, and the image registry."""

from policies.engine.rule import AnyRule
from policies.rules.storage import bucket_types, buckets, queues, registry, replication

RULES: tuple[AnyRule, ...] = (*bucket_types.RULES, *buckets.RULES, *replication.RULES, *queues.RULES, *registry.RULES)
