"""Chapter storage: buckets, queues, and the image registry."""

from policies.engine.rule import AnyRule
from policies.rules.storage import buckets, queues, registry, replication
from policies.shared import bucket_types
from policies.shared import buckets as shared_buckets

RULES: tuple[AnyRule, ...] = (
    *bucket_types.RULES,
    *shared_buckets.RULES,
    *buckets.RULES,
    *replication.RULES,
    *queues.RULES,
    *registry.RULES,
)
