"""A pack's Pulumi policies: one for each rule, and one for the exemptions."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeAlias, TypedDict

from pulumi_policy import (
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.engine.exemptions import Exemption, exemptions_rule, is_exempt
from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import AnyRule, Finding, ResourceRule, StackRule

IsExempt = Callable[[AnyRule, Resource | None], bool]


class ResourceRulePolicy(ResourceValidationPolicy):
    """The policy of a rule about one resource."""

    def __init__(self, rule: ResourceRule, is_exempt: IsExempt) -> None:
        self.rule = rule
        self._is_exempt = is_exempt
        super().__init__(rule.id, rule.description, self._validate, **_metadata(rule))

    def judge(self, resource: Resource, report_violation: ReportViolation) -> None:
        """Report each violation by a resource; raise UnknownValueError if an unknown leaves the rule undecided."""
        if not self._is_exempt(self.rule, resource):
            _report(self.rule, self.rule.findings(resource), report_violation)

    def _validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if self.rule.covers(args.resource_type):
            self.judge(Resource.from_args(args), report_violation)


class StackRulePolicy(StackValidationPolicy):
    """The policy of a rule about relations between resources."""

    def __init__(self, rule: StackRule, is_exempt: IsExempt) -> None:
        self.rule = rule
        self._is_exempt = is_exempt
        super().__init__(rule.id, rule.description, self._validate, **_metadata(rule))

    def judge(self, stack: Stack, report_violation: ReportViolation) -> None:
        """Report each violation in a stack; raise UnknownValueError if an unknown leaves the rule undecided."""
        findings = (found for found in self.rule.findings(stack) if not self._is_exempt(self.rule, found.resource))
        _report(self.rule, findings, report_violation)

    def _validate(self, args: StackValidationArgs, report_violation: ReportViolation) -> None:
        self.judge(Stack.of_resources(map(Resource.from_policy, args.resources)), report_violation)


class _Metadata(TypedDict):
    severity: Severity
    tags: list[str]
    remediation_steps: str


def _metadata(rule: AnyRule) -> _Metadata:
    return {"severity": Severity(rule.severity), "tags": list(rule.controls), "remediation_steps": rule.remedy}


RulePolicy: TypeAlias = ResourceRulePolicy | StackRulePolicy


def policies_of(
    rules: Sequence[AnyRule], exemptions: Sequence[Exemption], clock: Callable[[], date]
) -> list[RulePolicy]:
    """Return the policies of a pack, in the order of its rules; `clock` returns the date for exemptions."""

    def is_exempted(rule: AnyRule, resource: Resource | None) -> bool:
        return is_exempt(exemptions, rule.id, resource, clock())

    return [
        ResourceRulePolicy(rule, is_exempted) if isinstance(rule, ResourceRule) else StackRulePolicy(rule, is_exempted)
        for rule in (*rules, exemptions_rule(exemptions, rules, clock))
    ]


def _report(rule: AnyRule, findings: Iterable[Finding], report_violation: ReportViolation) -> None:
    """Report every violation, then raise the first unknown: the engine turns it into an advisory and stops there."""
    undecided: Finding | None = None
    for finding in findings:
        if isinstance(finding.verdict, Unknown):
            undecided = undecided or finding
        else:
            resource = finding.resource
            name = resource.name if resource else "the stack"
            report_violation(rule.message(name, finding.verdict), resource.urn if resource else None)
    if undecided is not None and isinstance(undecided.verdict, Unknown):
        # The engine shows the resource of a resource rule's advisory, but only the stack of a stack rule's.
        prefix = (f"{undecided.resource.type} {undecided.resource.name}",) if undecided.resource else ()
        path = undecided.verdict.path if isinstance(rule, ResourceRule) else (*prefix, *undecided.verdict.path)
        raise UnknownValueError(undecided.verdict.sentinel, list(path))
