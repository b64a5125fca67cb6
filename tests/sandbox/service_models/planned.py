"""Both stacks' planned resources as the engine sends them to the stand-in, and the stand-in's Check."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

import grpc
from pulumi.runtime.proto import provider_pb2

from sandbox.server import SharedState, StandIn
from sandbox.structs import SECRET, SIGNATURE, to_struct
from sandbox.values import Value
from sandbox.world import World
from tests.components.recorded import record_resources
from tests.sandbox.vpc.recording import CASES
from tests.settings.support import as_data, changed

STACKS = ("production", "dr")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One resource: its stack, type, name and inputs, with secrets as plain values."""

    stack: str
    type: str
    name: str
    inputs: Mapping[str, Value]


class RejectedError(Exception):
    """The stand-in returned an error."""


class _Context:
    def abort(self, _: grpc.StatusCode, details: str) -> NoReturn:
        raise RejectedError(details)


@functools.cache
def plan(stack: str) -> Sequence[Planned]:
    """Return all planned resources of a stack, including the VPC's children, with all ids known."""
    resources = record_resources(changed(as_data(stack), {}), stack=stack)
    registered = [Planned(stack=stack, type=t, name=n, inputs=_plain_inputs(i)) for (t, n), i in resources.items()]
    vpc_children = [
        Planned(stack=stack, type=child["type"], name=child["name"], inputs=child["inputs"])
        for child in CASES["auto"].children
    ]
    # The order of registration varies.
    return sorted([*registered, *vpc_children], key=lambda resource: (resource.type, resource.name))


def first(token: str, name: str | None = None) -> Planned:
    """Return the first planned resource of a type, production's if it has one."""
    return next(r for r in planned(token) if name in (None, r.name))


def planned(token: str) -> Iterator[Planned]:
    """Yield the planned resources of a type, production's first."""
    return (r for stack in STACKS for r in plan(stack) if r.type == token)


def check(resource: Planned, shared: SharedState | None = None) -> dict[str, str]:
    """Return the failures of the stand-in's Check, by the property's path."""
    package = resource.type.split(":")[0]
    provider = StandIn(shared or SharedState(world=World()), package)
    urn = f"urn:pulumi:{resource.stack}::taskflow::{resource.type}::{resource.name}"
    request = provider_pb2.CheckRequest(urn=urn, news=to_struct(resource.inputs))
    response = provider.Check(request, cast("grpc.ServicerContext", _Context()))
    assert not any(failure.property for failure in response.failures), "the engine would print the value"
    return {failure.reason.split(": ")[0]: failure.reason for failure in response.failures}


def _plain_inputs(inputs: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _plain(value) for name, value in inputs.items()}


def _plain(value: Value) -> Value:
    """Unwrap secrets as the engine does, and convert whole numbers to ints."""
    if isinstance(value, dict):
        return _plain(value["value"]) if value.get(SIGNATURE) == SECRET else _plain_inputs(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
