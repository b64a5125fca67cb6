"""All rules of the pack, chapter by chapter."""

from policies.rule import AnyRule
from policies.rules import logs, network, residency, resilience

RULES: tuple[AnyRule, ...] = (*residency.RULES, *network.RULES, *logs.RULES, *resilience.RULES)
