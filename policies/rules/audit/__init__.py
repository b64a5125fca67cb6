"""Rules about the audit: CloudTrail, the audit records, and the archive that keeps both, locked and searchable."""

from policies.engine.rule import AnyRule
from policies.rules.audit import archive, records, search, trail

RULES: tuple[AnyRule, ...] = (*trail.RULES, *archive.RULES, *records.RULES, *search.RULES)
