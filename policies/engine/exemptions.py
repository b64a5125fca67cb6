"""Exemptions: each for one resource and one rule in one stack, with a reason and an expiry date.

An expired or unused exemption is a violation. Differences between the stacks are no exemptions: the rules know both
stacks' figures.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import AnyRule, Finding, ResourceRule, StackRule, report


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Exempts one resource from one rule in one stack, through the day `expires` (UTC).

    `resource` is the resource's logical name, or type::name where the name alone isn't unique. `owner_role` is the role
    that is responsible for it, not a person.
    """

    resource: str
    rule: str
    stack: str
    reason: str
    owner_role: str
    expires: date

    def __post_init__(self) -> None:
        """Refuse an empty field."""
        for name in ("resource", "rule", "stack", "reason", "owner_role"):
            if not str(getattr(self, name)).strip():
                raise ValueError(f"exemption of {self.resource!r} from {self.rule!r}: {name} is empty")

    def names(self, resource: Resource) -> bool:
        """Whether it is for this resource."""
        return resource.stack == self.stack and self.resource in {resource.name, f"{resource.type}::{resource.name}"}

    def is_current(self, today: date) -> bool:
        """Whether it hasn't expired."""
        return today <= self.expires


EXEMPTIONS: tuple[Exemption, ...] = ()


def is_exempt(exemptions: Iterable[Exemption], rule: str, resource: Resource | None, today: date) -> bool:
    """Whether a current exemption is for this rule and resource; a missing resource (None) can't be exempt."""
    if resource is None:
        return False
    return any(each.rule == rule and each.is_current(today) and each.names(resource) for each in exemptions)


def exemptions_rule(exemptions: Iterable[Exemption], rules: Iterable[AnyRule], today: Callable[[], date]) -> StackRule:
    """Return the rule about the exemptions themselves; `today` is the clock."""
    by_id = {rule.id: rule for rule in rules}

    def judge(stack: Stack) -> Iterator[Finding]:
        for exemption in exemptions:
            if exemption.stack == stack.name:
                yield from _exemption(exemption, by_id.get(exemption.rule), stack, today())

    return StackRule(
        id="exemptions",
        section="Security Configuration",
        description="Every exemption is used and hasn't expired",
        remedy="Correct the resource and remove the exemption from policies/engine/exemptions.py, or renew it.",
        judge=judge,
    )


def _exemption(exemption: Exemption, rule: AnyRule | None, stack: Stack, today: date) -> Iterator[Finding]:
    label = f"the exemption of {exemption.resource} from {exemption.rule}"
    resources = [resource for resource in stack.resources if exemption.names(resource)]
    if rule is None:
        yield report(None, f"{label} is for an unknown rule", "the id of a rule")
    elif not exemption.is_current(today):
        expired = f"{label} expired on {exemption.expires.isoformat()} (owner: {exemption.owner_role})"
        yield report(resources[0] if resources else None, expired, "a current one")
    elif not resources:
        yield report(None, f"{label} is unused: the stack has no such resource", "used ones only")
    elif all(_complies(rule, resource, stack) for resource in resources):
        yield report(resources[0], f"{label} is unused: the resource complies", "used ones only")


def _complies(rule: AnyRule, resource: Resource, stack: Stack) -> bool:
    """Whether the rule has no finding on the resource: an unknown value leaves that open."""
    if isinstance(rule, ResourceRule):
        return not any(True for _ in rule.findings(resource))
    return not any(
        isinstance(finding.verdict, Unknown) or finding.resource is resource for finding in rule.findings(stack)
    )
