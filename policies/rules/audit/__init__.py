"""Chapter audit: what is written down of who did what, and where nobody can take it away."""

from policies.engine.rule import AnyRule
from policies.rules.audit import archive, records, trail

RULES: tuple[AnyRule, ...] = (*trail.RULES, *archive.RULES, *records.RULES)
