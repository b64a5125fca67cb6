"""Runs the pack's policies on plain data, and collects the reports and advisories that the engine would get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_policy.proxy import UnknownValueError

from policies.engine.export import Exported, read_states
from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.engine.policy import ResourceRulePolicy, RulePolicy, StackRulePolicy

State = Mapping[str, object]


@dataclass(kw_only=True)
class Report:
    """The result: violations as (policy, name of the resource or "", text), and advisories as (policy, path)."""

    violations: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    advisories: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def reported(self) -> set[tuple[str, str]]:
        """Return the policies with the resources that they report."""
        return {(policy, name) for policy, name, _ in self.violations}

    def __str__(self) -> str:
        return "\n".join([*(text for _, _, text in self.violations), *(f"{p}: {path}?" for p, path in self.advisories)])


def evaluate(policies: Iterable[RulePolicy], states: Sequence[State] | Exported) -> Report:
    """Run every policy on the resources: resource policies on the inputs of each, stack policies on all outputs.

    tests/policies/test_analyzer.py shows that the engine gets the same over its own protocol.
    """
    exported = states if isinstance(states, Exported) else read_states(states)
    report = Report()
    for policy in policies:
        if isinstance(policy, ResourceRulePolicy):
            for resource in exported.inputs:
                if policy.rule.covers(resource.type):
                    _judge_resource(policy, resource, report)
        else:
            _judge_stack(policy, exported.stack, report)
    return report


def _judge_resource(policy: ResourceRulePolicy, resource: Resource, report: Report) -> None:
    try:
        policy.judge(resource, lambda text, _urn=None: report.violations.append((policy.name, resource.name, text)))
    except UnknownValueError as unknown:
        report.advisories.append((policy.name, f"{resource.name}.{'.'.join(unknown.props)}"))


def _judge_stack(policy: StackRulePolicy, stack: Stack, report: Report) -> None:
    def violation(text: str, urn: str | None = None) -> None:
        report.violations.append((policy.name, urn.split("::", 3)[-1] if urn else "", text))

    try:
        policy.judge(stack, violation)
    except UnknownValueError as unknown:
        report.advisories.append((policy.name, ".".join(unknown.props)))
