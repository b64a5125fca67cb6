"""Rules about the audit: CloudTrail, the audit records, and the archive in which neither can be deleted."""

from policies.engine.rule import AnyRule
from policies.rules.audit import archive, records, trail

RULES: tuple[AnyRule, ...] = (*trail.RULES, *archive.RULES, *records.RULES)
