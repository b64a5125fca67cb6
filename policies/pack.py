"""How the engine gets to see the rules: one Pulumi policy for each, and one that judges the exemptions."""

from collections.abc import Callable, Iterable
from datetime import date

from pulumi_policy import (
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.clock import today
from policies.exemptions import EXEMPTIONS, Exemption, exemptions_rule, is_exempt
from policies.facts import Resource, Unknown
from policies.graph import Stack
from policies.rule import AnyRule, Finding, ResourceRule, StackRule
from policies.rules import rules_by

NAME = "taskflow"


def policies(
    rules: tuple[AnyRule, ...] | None = None,
    exemptions: tuple[Exemption, ...] = EXEMPTIONS,
    clock: Callable[[], date] = today,
) -> list[Policy]:
    """The policies of the pack, in the order of the rules; `clock` gives the day for silences and exemptions."""
    rules = rules_by(clock) if rules is None else rules

    def spared(rule: AnyRule, resource: Resource | None) -> bool:
        return is_exempt(exemptions, rule.id, resource, clock())

    return [
        _resource_policy(rule, spared) if isinstance(rule, ResourceRule) else _stack_policy(rule, spared)
        for rule in (*rules, exemptions_rule(exemptions, rules, clock))
    ]


Spared = Callable[[AnyRule, Resource | None], bool]


def _resource_policy(rule: ResourceRule, spared: Spared) -> Policy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if rule.covers(args.resource_type):
            resource = Resource.from_args(args)
            if not spared(rule, resource):
                _report(rule, rule.findings(resource), report_violation)

    return ResourceValidationPolicy(
        name=rule.id,
        description=rule.description,
        validate=validate,
        remediation_steps=rule.remedy,
    )


def _stack_policy(rule: StackRule, spared: Spared) -> Policy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        stack = Stack.of_resources(Resource.from_policy(resource) for resource in args.resources)
        findings = (finding for finding in rule.findings(stack) if not spared(rule, finding.resource))
        _report(rule, findings, report_violation)

    return StackValidationPolicy(
        name=rule.id,
        description=rule.description,
        validate=validate,
        remediation_steps=rule.remedy,
    )


def _report(rule: AnyRule, findings: Iterable[Finding], report_violation: ReportViolation) -> None:
    """Report every fault, then let the first unknown through: the engine makes an advisory of it, and stops there."""
    doubt: Finding | None = None
    for finding in findings:
        if isinstance(finding.said, Unknown):
            doubt = doubt or finding
        else:
            resource = finding.resource
            name = resource.name if resource else "the stack"
            report_violation(rule.message(name, finding.said), resource.urn if resource else None)
    if doubt is not None and isinstance(doubt.said, Unknown):
        # The engine ties a resource rule's advisory to its resource, but a stack rule's to the stack only.
        prefix = (f"{doubt.resource.type} {doubt.resource.name}",) if doubt.resource else ()
        path = doubt.said.path if isinstance(rule, ResourceRule) else (*prefix, *doubt.said.path)
        raise UnknownValueError(doubt.said.sentinel, list(path))
