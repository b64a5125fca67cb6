"""Chapter alerting: the document's alerts are there, no looser than it has them, and reach somebody."""

from policies.engine.clock import today
from policies.engine.rule import AnyRule
from policies.rules.alerting import further, identities, rows, shown, topics, wiring
from policies.rules.alerting.wiring import silence_rule

RULES: tuple[AnyRule, ...] = (
    *rows.RULES,
    *further.RULES,
    *identities.RULES,
    *wiring.RULES,
    *topics.RULES,
    *shown.RULES,
    silence_rule(today),
)

__all__ = ["RULES", "silence_rule"]
