"""The compliant stacks' resources as rules read them, cached: only the differences of a changed plan are read again."""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from policies.engine.export import Exported, from_state
from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.engine.policy import ResourceRulePolicy, RulePolicy, StackRulePolicy
from tests.policies.compliant.stack import compliant
from tests.policies.plan import PROVIDER, Form, Plan
from tests.policies.watched import WatchedStack


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


def affected_policies(policies: Sequence[RulePolicy], plan: Plan, form: Form) -> list[RulePolicy]:
    """Return the policies whose verdicts may differ from the compliant stack's: they read a type that differs.

    A rule's verdict depends on the types of resources that it reads; a thorough test in test_mutations.py runs every
    policy.
    """
    facts = _facts(plan.stack, form)
    keys = _differing(plan, facts)
    types = {every.resources[key].type for every in (plan, facts.plan) for key in keys if key in every.resources}
    if any(not type_.startswith("aws:") for type_ in types):
        return list(policies)
    return [
        policy
        for policy in policies
        if isinstance(policy, ResourceRulePolicy)
        or not types.isdisjoint(_types_read(policy, plan.stack, form) or types)
    ]


@functools.cache
def _types_read(policy: StackRulePolicy, stack: str, form: Form) -> frozenset[str]:
    """Return the types of resources that a policy reads in the compliant stack; none if it reads all resources."""
    watched = WatchedStack(Stack.of_resources(_facts(stack, form).outputs.values()))
    policy.judge(watched, _ignore)
    return frozenset(() if watched.is_read_whole else watched.types)


def _ignore(_text: str, _urn: str | None = None) -> None:
    pass
