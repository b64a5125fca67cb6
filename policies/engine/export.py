"""Judges an exported state in this process, as the engine's `policy analyze` would: for tests and tools."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.engine.exemptions import Exemption, exemptions_rule, is_exempt
from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import AnyRule, ResourceRule

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # the engine's mark for a secret


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A stack's state: its inputs for resource rules, its outputs for stack rules."""

    inputs: tuple[Resource, ...]
    stack: Stack


@dataclass(frozen=True, kw_only=True)
class ExportFinding:
    """A violation by a resource (None: by the stack), or an unknown value that leaves a rule undecided on it."""

    rule: str
    urn: str | None
    text: str
    is_unknown: bool = False


def read_export(text: str) -> Exported:
    """Return the state in the JSON of `pulumi stack export`, without resources that are pending deletion.

    Raise ValueError for any other JSON.
    """
    document = _object(cast("object", json.loads(text)), "the state")
    deployment = _object(document.get("deployment", document), "deployment")
    states = [_object(state, "resources") for state in _list(deployment.get("resources"), "deployment.resources")]
    return read_states([state for state in states if not state.get("delete")])


def read_states(live: Sequence[Mapping[str, object]]) -> Exported:
    """Return the resources of an exported state, as rules read them."""
    providers = {str(state["urn"]): reveal(_object(state.get("inputs") or {}, "inputs")) for state in live}
    return Exported(
        inputs=tuple(from_state(state, "inputs", providers) for state in live),
        stack=Stack.of_resources(from_state(state, "outputs", providers) for state in live),
    )


def from_state(state: Mapping[str, object], side: str, providers: Mapping[str, object]) -> Resource:
    """Return a resource of a state; `side` is inputs or outputs, `providers` the inputs of each resource by URN."""
    stored = _object(state.get(side) or {}, side)
    properties = _object(reveal(stored), side)
    if side == "outputs" and "id" in state:
        properties = {"id": state["id"], **properties}
    dependencies = cast("Mapping[str, Sequence[str]]", state.get("propertyDependencies") or {})
    provider = providers.get(str(state.get("provider", "")).rpartition("::")[0])
    parent = state.get("parent")
    return Resource(
        urn=str(state["urn"]),
        type=str(state["type"]),
        properties=properties,
        protect=bool(state.get("protect", False)),
        parent=str(parent) if parent else None,
        # The engine, too, leaves out dependencies on missing resources.
        property_urns={key: tuple(urn for urn in urns if urn in providers) for key, urns in dependencies.items()}
        if side == "outputs"
        else None,
        provider=_object(provider, "provider") if provider else None,
        hidden=frozenset(key for key, value in properties.items() if value == UNKNOWN_STRING_VALUE != stored.get(key)),
    )


def judge(
    exported: Exported, rules: Sequence[AnyRule], exemptions: Sequence[Exemption], today: date
) -> tuple[ExportFinding, ...]:
    """Return the findings of the rules, and of the rule about exemptions, on a state."""
    reported: list[ExportFinding] = []
    for rule in (*rules, exemptions_rule(exemptions, rules, lambda: today)):
        if isinstance(rule, ResourceRule):
            findings = (finding for resource in exported.inputs for finding in rule.findings(resource))
        else:
            findings = rule.findings(exported.stack)
        for finding in findings:
            if not is_exempt(exemptions, rule.id, finding.resource, today):
                is_unknown = isinstance(finding.verdict, Unknown)
                name = finding.resource.name if finding.resource else "the stack"
                verdict = ".".join(finding.verdict.path) if isinstance(finding.verdict, Unknown) else finding.verdict
                urn = finding.resource.urn if finding.resource else None
                text = rule.message(name, verdict)
                reported.append(ExportFinding(rule=rule.id, urn=urn, text=text, is_unknown=is_unknown))
    return tuple(reported)


def reveal(value: object) -> object:
    """Return the value with its secrets in plain text where the state contains it, and unknown elsewhere.

    A secret may be of any type, such as a list of rules, so it can't be a placeholder text.
    """
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        if members.get(_SIGNATURE) == _SECRET:
            plain = members.get("plaintext")
            return cast("object", json.loads(plain)) if isinstance(plain, str) else UNKNOWN_STRING_VALUE
        return {key: reveal(member) for key, member in members.items()}
    if isinstance(value, list):
        return [reveal(element) for element in cast("list[object]", value)]
    return value


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"not an exported state: {what} isn't an object")  # noqa: TRY004  # the file is wrong, not a type
    return cast("Mapping[str, object]", value)


def _list(value: object, what: str) -> Iterable[object]:
    if not isinstance(value, list):
        raise ValueError(f"not an exported state: {what} isn't a list")  # noqa: TRY004  # the file is wrong, not a type
    return cast("list[object]", value)
