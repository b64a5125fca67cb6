"""Rules about alerting: the document's alerts exist, with its figures or stricter ones, and notify people."""

from policies.engine.clock import today
from policies.engine.rule import AnyRule
from policies.rules.alerting import dashboard, document_alerts, implied_alerts, notifications, privileged_access, topics
from policies.rules.alerting.notifications import silence_rule

RULES: tuple[AnyRule, ...] = (
    *document_alerts.RULES,
    *implied_alerts.RULES,
    *privileged_access.RULES,
    *notifications.RULES,
    *topics.RULES,
    *dashboard.RULES,
    silence_rule(today),
)

__all__ = ["RULES", "silence_rule"]
