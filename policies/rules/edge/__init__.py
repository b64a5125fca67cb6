"""Chapter edge: what users reach, and how the origin is found: distributions, their web ACL, logs and names."""

from policies.engine.rule import AnyRule
from policies.rules.edge import behaviors, distributions, guard, headers, logs, names, origins, pair, readers

RULES: tuple[AnyRule, ...] = (
    *distributions.RULES,
    *behaviors.RULES,
    *headers.RULES,
    *origins.RULES,
    *readers.RULES,
    *guard.RULES,
    *logs.RULES,
    *names.RULES,
    *pair.RULES,
)
