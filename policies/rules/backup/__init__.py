"""Chapter backup: daily and weekly backups, their locks, their copies in another region, and their restore tests."""

from policies.engine.rule import AnyRule
from policies.rules.backup import restore_tests, snapshots

RULES: tuple[AnyRule, ...] = (*snapshots.RULES, *restore_tests.RULES)
