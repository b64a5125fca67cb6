"""All rules of the pack, chapter by chapter."""

from policies.rule import AnyRule
from policies.rules import (
    access,
    backup,
    baseline,
    cache,
    compute,
    credentials,
    database,
    edge,
    encryption,
    logs,
    network,
    origin,
    residency,
    resilience,
    storage,
)

RULES: tuple[AnyRule, ...] = (
    *residency.RULES,
    *network.RULES,
    *encryption.RULES,
    *credentials.RULES,
    *database.RULES,
    *cache.RULES,
    *backup.RULES,
    *origin.RULES,
    *edge.RULES,
    *access.RULES,
    *compute.RULES,
    *storage.RULES,
    *logs.RULES,
    *baseline.RULES,
    *resilience.RULES,
)
