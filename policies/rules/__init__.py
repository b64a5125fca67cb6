"""All rules of TaskFlow's pack, chapter by chapter: its own, and those of any application (policies/shared)."""

from collections.abc import Callable
from datetime import date

from policies.engine.rule import AnyRule
from policies.rules import (
    access,
    alerting,
    audit,
    backup,
    baseline,
    cache,
    compute,
    copied_credentials,
    database,
    edge,
    encryption,
    logs,
    network,
    origin,
    residency,
    storage,
)
from policies.shared import credentials, resilience

RULES: tuple[AnyRule, ...] = (
    *residency.RULES,
    *network.RULES,
    *encryption.RULES,
    *credentials.RULES,
    *copied_credentials.RULES,
    *database.RULES,
    *cache.RULES,
    *backup.RULES,
    *origin.RULES,
    *edge.RULES,
    *access.RULES,
    *compute.RULES,
    *alerting.RULES,
    *storage.RULES,
    *logs.RULES,
    *baseline.RULES,
    *audit.RULES,
    *resilience.RULES,
)


def rules_by(clock: Callable[[], date]) -> tuple[AnyRule, ...]:
    """Return all rules; those about dates read this clock."""
    silence = alerting.silence_rule(clock)
    return tuple(silence if rule.id == silence.id else rule for rule in RULES)
