"""A plan's resources as the engine sends them to a policy pack: the requests of its protocol."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

State = Mapping[str, object]
# The engine's mark for a value without a form in JSON.
_SIGNATURE = "4dabf18193072939515e22adb298388d"


def resource_requests(states: Sequence[State]) -> list[analyzer_pb2.AnalyzeRequest]:
    """Return one request for each resource, with its inputs."""
    providers = _providers(states)
    return [
        analyzer_pb2.AnalyzeRequest(properties=_struct(state["inputs"]), **_attributes(state, providers))
        for state in states
    ]


def stack_request(states: Sequence[State]) -> analyzer_pb2.AnalyzeStackRequest:
    """Return the request about the whole stack, with each resource's outputs."""
    providers = _providers(states)
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                properties=_struct(state["outputs"]),
                **_attributes(state, providers),
                parent=str(state.get("parent", "")),
                # The engine leaves out properties without dependencies.
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in cast("Mapping[str, list[str]]", state["propertyDependencies"]).items()
                    if urns
                },
            )
            for state in states
        ]
    )


def _attributes(state: State, providers: Mapping[str, State]) -> dict[str, Any]:
    """Return the fields of a resource in both kinds of requests, except its properties."""
    return {
        "urn": str(state["urn"]),
        "type": str(state["type"]),
        "name": _name(state),
        "options": _options(state),
        "provider": _provider(state, providers),
    }


def _name(state: State) -> str:
    return str(state["urn"]).split("::", 3)[-1]


def _options(state: State) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(protect=bool(state["protect"]), parent=str(state.get("parent", "")))


def _providers(states: Sequence[State]) -> Mapping[str, State]:
    return {str(state["urn"]): state for state in states if str(state["type"]).startswith("pulumi:providers:")}


def _provider(state: State, providers: Mapping[str, State]) -> analyzer_pb2.AnalyzerProviderResource | None:
    provider = providers.get(str(state.get("provider", "")).rpartition("::")[0])
    if provider is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        urn=str(provider["urn"]),
        type=str(provider["type"]),
        name=_name(provider),
        properties=_struct(provider["inputs"]),
    )


def _struct(properties: object) -> struct_pb2.Struct:
    return json_format.ParseDict(cast("dict[str, object]", _encoded(properties)), struct_pb2.Struct())


def _encoded(value: object) -> object:
    """Return a value with its secrets as the engine sends them; an exported state has them as JSON text."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        if "plaintext" in members and _SIGNATURE in members:
            return {_SIGNATURE: members[_SIGNATURE], "value": _encoded(json.loads(str(members["plaintext"])))}
        return {key: _encoded(member) for key, member in members.items()}
    return [_encoded(element) for element in cast("list[object]", value)] if isinstance(value, list) else value
