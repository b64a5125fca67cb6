"""The exceptions to the rules: each for one resource and one rule in one stack, with a reason and an end.

An exemption that has expired is a violation, and so is one that nothing needs any more. Differences between the
stacks are no exemptions: the rules know both stacks' figures.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import AnyRule, Finding, ResourceRule, StackRule, report, violation


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Lets one resource off one rule in one stack, up to and with the day `expires` (UTC).

    `resource` is the resource's logical name, or type::name where the name alone isn't unique. `owner_role` is who
    answers for it: a role, not a person.
    """

    resource: str
    rule: str
    stack: str
    reason: str
    owner_role: str
    expires: date

    def __post_init__(self) -> None:
        """Refuse an exemption that nobody answers for."""
        for name in ("resource", "rule", "stack", "reason", "owner_role"):
            if not str(getattr(self, name)).strip():
                raise ValueError(f"exemption of {self.resource!r} from {self.rule!r}: {name} is empty")

    def names(self, resource: Resource) -> bool:
        """Whether the resource is the one that it names."""
        return resource.stack == self.stack and self.resource in {resource.name, f"{resource.type}::{resource.name}"}

    def is_current(self, today: date) -> bool:
        """Whether it still holds."""
        return today <= self.expires


EXEMPTIONS: tuple[Exemption, ...] = ()


def is_exempt(exemptions: Iterable[Exemption], rule: str, resource: Resource | None, today: date) -> bool:
    """Whether a current exemption lets the resource off the rule; what is missing altogether can't be let off."""
    if resource is None:
        return False
    return any(each.rule == rule and each.is_current(today) and each.names(resource) for each in exemptions)


def exemptions_rule(exemptions: Iterable[Exemption], rules: Iterable[AnyRule], today: Callable[[], date]) -> StackRule:
    """The rule that judges the exemptions themselves, by a clock that is handed in."""
    by_id = {rule.id: rule for rule in rules}

    def judge(stack: Stack) -> Iterator[Finding]:
        for exemption in exemptions:
            if exemption.stack == stack.name:
                yield from _faults(exemption, by_id.get(exemption.rule), stack, today())

    return StackRule(
        id="exemptions",
        section="Security Configuration",
        description="Each exemption from a rule is needed, and hasn't expired",
        remedy="Correct the resource and remove the exemption from policies/engine/exemptions.py, or decide it again.",
        judge=judge,
    )


def _faults(exemption: Exemption, rule: AnyRule | None, stack: Stack, today: date) -> Iterator[Finding]:
    label = f"the exemption of {exemption.resource} from {exemption.rule}"
    resources = [resource for resource in stack.resources if exemption.names(resource)]
    if rule is None:
        yield report(None, f"{label} names no rule of the pack", "the id of a rule")
    elif not exemption.is_current(today):
        late = f"{label} expired on {exemption.expires.isoformat()} (owner: {exemption.owner_role})"
        yield report(resources[0] if resources else None, late, "one that still holds")
    elif not resources:
        absent = violation(f"{label} is unused: the stack has no such resource", "none that nothing needs")
        yield Finding(resource=None, verdict=absent)
    elif all(_complies(rule, resource, stack) for resource in resources):
        unused = violation(f"{label} is unused: the resource complies", "none that nothing needs")
        yield Finding(resource=resources[0], verdict=unused)


def _complies(rule: AnyRule, resource: Resource, stack: Stack) -> bool:
    """Whether the rule judged the resource in full and found nothing: an unknown leaves it open."""
    if isinstance(rule, ResourceRule):
        return not any(True for _ in rule.findings(resource))
    return not any(
        isinstance(finding.verdict, Unknown) or finding.resource is resource for finding in rule.findings(stack)
    )
