"""Judges mutants by the policy pack in this process, by the rules alone that have read what differs.

A thorough test compares this with the whole pack.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from policies.engine.exemptions import EXEMPTIONS, is_exempt
from policies.engine.export import Exported
from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import AnyRule, Finding, ResourceRule, StackRule
from tests.mutants.edits import put
from tests.mutants.mutants import LEFT_OUT, UNPROTECTED, Mutant
from tests.policies.watched import Reads


class Judge:
    """The policy pack over one recorded state and its mutants; ValueError if the state itself has violations."""

    def __init__(self, exported: Exported, rules: Sequence[AnyRule], today: date) -> None:
        self.exported = exported
        self.today = today
        self.inputs: Mapping[str, Resource] = {resource.urn: resource for resource in exported.inputs}
        self.places = {resource.urn: place for place, resource in enumerate(exported.stack.resources)}
        self.reads = Reads(exported.stack, (rule for rule in rules if isinstance(rule, StackRule)))
        # The first rule that reports a mutant is enough: those that read the most are asked last.
        self.rules = sorted(rules, key=lambda rule: self.reads.count.get(rule.id, 0))
        violated = list(self._violated(exported, rules))
        if violated:
            raise ValueError(f"{exported.stack.name}: the unchanged state violates {', '.join(violated)}")

    def violated(self, mutant: Mutant) -> Iterator[str]:
        """Return the ids of the rules that report a mutant, judging what could see the change."""
        if is_provider(mutant):
            yield from self._violated(self._changed(mutant), self.rules)
            return
        seeing = self._seeing(mutant)
        rules = [rule for rule in self.rules if isinstance(rule, ResourceRule) or rule.id in seeing]
        yield from self._violated(self._changed(mutant), rules)

    def violated_in_full(self, mutant: Mutant) -> frozenset[str]:
        """Return the same from all rules over all resources, read anew."""
        stack = Stack(tuple(replace(resource) for resource in self._changed(mutant).stack.resources))
        inputs = (self._input(mutant, resource) for resource in self.exported.inputs)
        left = tuple(resource for resource in inputs if mutant.kind != LEFT_OUT or resource.urn != mutant.urn)
        return frozenset(self._violated(Exported(inputs=left, stack=stack), self.rules))

    def _seeing(self, mutant: Mutant) -> set[str]:
        """Return the stack rules that have read what differs."""
        if mutant.kind != LEFT_OUT:
            return self.reads.rules_that_read(mutant.urn, str(mutant.path[0]))
        seeing = self.reads.rules_that_find(mutant.type)
        for resource in self.exported.stack.resources:
            dependent = [key for key, urns in (resource.property_urns or {}).items() if mutant.urn in urns]
            seeing |= self.reads.rules_that_read(resource.urn, *dependent) if dependent else set()
        return seeing

    def _changed(self, mutant: Mutant) -> Exported:
        """Return the changed state; of the inputs only those that differ."""
        resources = self.exported.stack.resources
        if mutant.kind == LEFT_OUT:
            # As the engine does: nothing depends on the resource any more, but references to it dangle.
            left = (_independent(each, mutant.urn) for each in resources if each.urn != mutant.urn)
            return Exported(inputs=(), stack=Stack(tuple(left)))
        if is_provider(mutant):
            inputs = tuple(self._input(mutant, resource) for resource in self.exported.inputs)
            return Exported(inputs=inputs, stack=Stack(tuple(self._input(mutant, resource) for resource in resources)))
        place = self.places[mutant.urn]
        stack = Stack((*resources[:place], mutated(resources[place], mutant), *resources[place + 1 :]))
        return Exported(inputs=(mutated(self.inputs[mutant.urn], mutant),), stack=stack)

    def _input(self, mutant: Mutant, resource: Resource) -> Resource:
        """Return a resource with the change, or with its provider's."""
        provider = self.inputs[mutant.urn].properties if is_provider(mutant) else None
        if resource.urn == mutant.urn and mutant.kind != LEFT_OUT:
            return mutated(resource, mutant)
        if provider is not None and resource.provider == provider:
            return replace(resource, provider=mutated(self.inputs[mutant.urn], mutant).properties)
        return replace(resource)

    def _violated(self, exported: Exported, rules: Iterable[AnyRule]) -> Iterator[str]:
        for rule in rules:
            found = rule.findings(exported.stack) if isinstance(rule, StackRule) else _of_each(rule, exported.inputs)
            if any(self._is_violation(rule, finding) for finding in found):
                yield rule.id

    def _is_violation(self, rule: AnyRule, finding: Finding) -> bool:
        is_known = not isinstance(finding.verdict, Unknown)
        return is_known and not is_exempt(EXEMPTIONS, rule.id, finding.resource, self.today)


def is_provider(mutant: Mutant) -> bool:
    """Whether the mutant is of a provider, whose inputs every rule reads with its resources."""
    return mutant.type.startswith("pulumi:providers:")


def mutated(resource: Resource, mutant: Mutant) -> Resource:
    """Return the resource with the mutant's change; an input is changed among the outputs too, as a provider does."""
    if mutant.kind == UNPROTECTED:
        return replace(resource, protect=False)
    assert mutant.edit
    properties = put(resource.properties, mutant.path, mutant.edit.value)
    return replace(resource, properties=cast("Mapping[str, object]", properties))


def _of_each(rule: ResourceRule, resources: Iterable[Resource]) -> Iterator[Finding]:
    return (finding for resource in resources for finding in rule.findings(resource))


def _independent(resource: Resource, urn: str) -> Resource:
    dependencies = resource.property_urns or {}
    if not any(urn in urns for urns in dependencies.values()):
        return resource
    left = {key: tuple(each for each in urns if each != urn) for key, urns in dependencies.items()}
    return replace(resource, property_urns=left)
