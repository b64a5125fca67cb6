"""TaskFlow's pack: its rules and exemptions, as Pulumi policies."""

from collections.abc import Callable, Sequence
from datetime import date

from policies.engine.clock import today
from policies.engine.exemptions import EXEMPTIONS, Exemption
from policies.engine.policy import RulePolicy, policies_of
from policies.engine.rule import AnyRule
from policies.rules import rules_by

NAME = "taskflow"


def policies(
    rules: Sequence[AnyRule] | None = None,
    exemptions: Sequence[Exemption] = EXEMPTIONS,
    clock: Callable[[], date] = today,
) -> list[RulePolicy]:
    """Return the pack's policies, in the order of the rules; `clock` returns the date for silences and exemptions."""
    return policies_of(rules_by(clock) if rules is None else rules, exemptions, clock)
