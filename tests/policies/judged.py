"""Runs the pack's policies on plain data as the engine would: the same arguments, proxies and unknowns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

State = Mapping[str, object]


@dataclass(kw_only=True)
class Report:
    """What came out: violations as (policy, name of the resource or "", text), and advisories as (policy, path)."""

    violations: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    advisories: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def blamed(self) -> set[tuple[str, str]]:
        """The policies with the resources that they report."""
        return {(policy, name) for policy, name, _ in self.violations}

    def __str__(self) -> str:
        return "\n".join([*(text for _, _, text in self.violations), *(f"{p}: {path}?" for p, path in self.advisories)])


def judged(policies: Sequence[Policy], states: Sequence[State]) -> Report:
    """Run every policy over the resources: a resource's policies over its inputs, the stack's over all outputs."""
    report = Report()
    for_one = [policy for policy in policies if isinstance(policy, ResourceValidationPolicy)]
    for_all = [policy for policy in policies if isinstance(policy, StackValidationPolicy)]
    inputs = _inputs(states) if for_one else []
    outputs = StackValidationArgs(_outputs(states) if for_all else [])
    for policy in for_one:
        for args in inputs:
            _run_one(policy, args, report)
    for policy in for_all:
        _run_all(policy, outputs, report)
    return report


def _run_one(policy: ResourceValidationPolicy, args: ResourceValidationArgs, report: Report) -> None:
    def violation(text: str, urn: str | None = None) -> None:
        report.violations.append((policy.name, args.name, text))

    try:
        policy.validate(args, violation)
    except UnknownValueError as error:
        report.advisories.append((policy.name, f"{args.name}.{'.'.join(error.props)}"))


def _run_all(policy: StackValidationPolicy, args: StackValidationArgs, report: Report) -> None:
    def violation(text: str, urn: str | None = None) -> None:
        report.violations.append((policy.name, _name(urn) if urn else "", text))

    try:
        policy.validate(args, violation)
    except UnknownValueError as error:
        report.advisories.append((policy.name, ".".join(error.props)))


def _inputs(states: Sequence[State]) -> list[ResourceValidationArgs]:
    providers = _providers(states)
    return [
        ResourceValidationArgs(
            str(state["type"]),
            _props(state, "inputs"),
            str(state["urn"]),
            _name(str(state["urn"])),
            _options(state),
            _provider(state, providers),
        )
        for state in states
    ]


def _outputs(states: Sequence[State]) -> list[PolicyResource]:
    providers = _providers(states)
    resources = {
        str(state["urn"]): PolicyResource(
            str(state["type"]),
            _props(state, "outputs"),
            str(state["urn"]),
            _name(str(state["urn"])),
            _options(state),
            _provider(state, providers),
            None,
            [],
            {},
        )
        for state in states
    }
    for state in states:
        resource = resources[str(state["urn"])]
        resource.parent = resources.get(str(state.get("parent")))
        made_from = cast("Mapping[str, Sequence[str]]", state["propertyDependencies"])
        for key, urns in made_from.items():
            # The engine leaves out properties that were made from nothing, and resources that it doesn't have.
            if urns:
                resource.property_dependencies[key] = [resources[urn] for urn in urns if urn in resources]
    return list(resources.values())


def _providers(states: Sequence[State]) -> Mapping[str, State]:
    return {str(state["urn"]): state for state in states if str(state["type"]).startswith("pulumi:providers:")}


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]


def _props(state: State, side: str) -> Mapping[str, object]:
    wire = cast("dict[str, object]", _floats(state[side]))
    return unknown_checking_proxy(deserialize_properties(wire))


def _floats(value: object) -> object:
    """Numbers as the engine sends them."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _floats(member) for key, member in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_floats(element) for element in cast("list[object]", value)]
    return value


def _options(state: State) -> PolicyResourceOptions:
    parent = state.get("parent")
    return PolicyResourceOptions(
        bool(state["protect"]), [], None, [], PolicyCustomTimeouts(0, 0, 0), [], str(parent) if parent else None
    )


def _provider(state: State, providers: Mapping[str, State]) -> PolicyProviderResource | None:
    provider = providers.get(str(state.get("provider", "")).rpartition("::")[0])
    if provider is None:
        return None
    urn = str(provider["urn"])
    return PolicyProviderResource(str(provider["type"]), _props(provider, "inputs"), urn, _name(urn))
