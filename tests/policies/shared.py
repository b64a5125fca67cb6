"""The compliant stacks' resources as rules read them, cached: only the differences of a changed plan are read again."""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from policies.engine.export import Exported, from_state
from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.engine.policy import ResourceRulePolicy, RulePolicy, StackRulePolicy
from tests.policies.compliant.stack import compliant
from tests.policies.plan import PROVIDER, Form, Plan
from tests.policies.watched import PROTECT, Reads


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """One compliant stack in one form, by the keys of its plan; `referrers` are the keys that refer to each."""

    plan: Plan
    inputs: Mapping[str, Resource]
    outputs: Mapping[str, Resource]
    referrers: Mapping[str, Set[str]]


@functools.cache
def _facts(stack: str, form: Form) -> _Facts:
    plan = compliant(stack)
    inputs, outputs = _read(plan, form, plan.resources.keys())
    referrers: dict[str, set[str]] = defaultdict(set)
    for key in plan.resources:
        for other in plan.references_of(key):
            referrers[other].add(key)
    return _Facts(plan=plan, inputs=inputs, outputs=outputs, referrers=referrers)


def _read(plan: Plan, form: Form, keys: Set[str]) -> tuple[dict[str, Resource], dict[str, Resource]]:
    """Return the inputs and the outputs of some resources of a plan, as resource rules and stack rules read them."""
    providers: dict[str, object] = {plan.urn(key): {} for key in plan.resources}
    if PROVIDER in plan.resources:
        providers[plan.urn(PROVIDER)] = plan.state(PROVIDER, form)["inputs"]
    states = {key: plan.state(key, form) for key in plan.resources if key in keys}
    inputs, outputs = (
        {key: from_state(state, side, providers) for key, state in states.items()} for side in ("inputs", "outputs")
    )
    return inputs, outputs


def exported(plan: Plan, form: Form) -> Exported:
    """Return a changed plan as rules read it: the inputs that differ from the compliant stack's, and all outputs.

    The test of the compliant stacks judges the other inputs.
    """
    facts = _facts(plan.stack, form)
    read = _differing(plan, facts)
    inputs, outputs = _read(plan, form, read)
    same = {key: facts.outputs[key] for key in plan.resources if key not in read}
    return Exported(inputs=tuple(inputs.values()), stack=Stack.of_resources([*same.values(), *outputs.values()]))


def _differing(plan: Plan, facts: _Facts) -> Set[str]:
    """Return the keys of the resources that differ from the compliant stack's, or refer to such a resource."""
    changed = plan.differences(facts.plan)
    if PROVIDER in changed:
        return facts.plan.resources.keys() | plan.resources.keys()
    return changed.union(*(facts.referrers.get(key, ()) for key in changed))


def affected_policies(pack: Sequence[RulePolicy], changed: Exported, form: Form) -> list[RulePolicy]:
    """Return the policies whose verdicts may differ from the compliant stack's: they have read what differs.

    A thorough test in test_mutations.py runs every policy.
    """
    stack = changed.stack.name
    reads = _reads(tuple(pack), stack, form)
    before = {resource.urn: resource for resource in _facts(stack, form).outputs.values()}
    now = {resource.urn: resource for resource in changed.stack.resources}
    rules: set[str] = set()
    for urn in before.keys() | now.keys():
        old, new = before.get(urn), now.get(urn)
        if old is new:
            # `exported` passes on what doesn't differ.
            continue
        if old and new:
            rules |= reads.rules_that_read(urn, *_differing_properties(old, new))
        elif either := old or new:
            rules |= reads.rules_that_find(either.type) | reads.rules_that_read(urn, *either.properties)
    return [policy for policy in pack if isinstance(policy, ResourceRulePolicy) or policy.rule.id in rules]


def _differing_properties(before: Resource, after: Resource) -> Iterator[str]:
    """Yield the properties whose value or sources differ; the rules that read all are always included."""
    for values, others in (
        (before.properties, after.properties),
        (before.property_urns or {}, after.property_urns or {}),
    ):
        yield from (key for key in values.keys() | others.keys() if values.get(key) != others.get(key))
    if before.protect != after.protect:
        yield PROTECT


@functools.cache
def _reads(pack: tuple[RulePolicy, ...], stack: str, form: Form) -> Reads:
    rules = (policy.rule for policy in pack if isinstance(policy, StackRulePolicy))
    return Reads(Stack.of_resources(_facts(stack, form).outputs.values()), rules)
