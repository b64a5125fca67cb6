"""Reads the purpose of an event rule: most tell people of events, some start the validation of restore tests."""

from policies.engine.facts import Known, Resource
from policies.figures import access as access_figures

COMPLETED, CHECK = "completed", "check"


def validation_rule_name(stack: str, purpose: str) -> str:
    """Return the name of the rule that starts the validation for a purpose."""
    return f"{access_figures.RESTORE_VALIDATION_FAMILY.format(stack=stack)}-{purpose}"


def starts_validation(rule: Resource) -> bool:
    """Whether an event rule starts the validation of restore tests; backup-restore-validated judges those."""
    names = [validation_rule_name(rule.stack, purpose) for purpose in (COMPLETED, CHECK)]
    return rule.at("name").text() in [Known(value=name) for name in names]
