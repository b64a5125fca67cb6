"""Both stacks' planned resources as the engine hands them to the stand-in, and the stand-in's Check of one of them."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

import grpc
from pulumi.runtime.proto import provider_pb2

from sandbox.server import Account, Providers
from sandbox.structs import SECRET, SIGNATURE, to_struct
from sandbox.values import Value
from sandbox.world import World
from tests.components.recorded import recorded
from tests.sandbox.vpc.recording import CASES
from tests.settings.support import as_data, changed

STACKS = ("production", "dr")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One resource: its stack, type, name, and its inputs with secrets opened."""

    stack: str
    type: str
    name: str
    inputs: Mapping[str, Value]


class RefusedError(Exception):
    """The stand-in answered with an error."""


class _Context:
    def abort(self, _: grpc.StatusCode, details: str) -> NoReturn:
        raise RefusedError(details)


@functools.cache
def plan(stack: str) -> Sequence[Planned]:
    """Return all that a stack plans, the network's inner parts included, with every id known."""
    resources = recorded(changed(as_data(stack), {}), stack=stack)
    own = [Planned(stack=stack, type=t, name=n, inputs=_opened_all(i)) for (t, n), i in resources.items()]
    inner = [
        Planned(stack=stack, type=child["type"], name=child["name"], inputs=child["inputs"])
        for child in CASES["auto"].children
    ]
    # The engine is asked for resources in no fixed order.
    return sorted([*own, *inner], key=lambda resource: (resource.type, resource.name))


def first(token: str, name: str | None = None) -> Planned:
    """Return the first planned resource of a type, production's if it has one."""
    return next(r for r in planned(token) if name in (None, r.name))


def planned(token: str) -> Iterator[Planned]:
    """Yield the planned resources of a type, production's first."""
    return (r for stack in STACKS for r in plan(stack) if r.type == token)


def check(resource: Planned, account: Account | None = None) -> dict[str, str]:
    """Return what the stand-in's Check refuses: the property's path, and the message."""
    package = resource.type.split(":")[0]
    provider = Providers(account or Account(world=World()), package)
    urn = f"urn:pulumi:{resource.stack}::taskflow::{resource.type}::{resource.name}"
    request = provider_pb2.CheckRequest(urn=urn, news=to_struct(resource.inputs))
    response = provider.Check(request, cast("grpc.ServicerContext", _Context()))
    assert not any(failure.property for failure in response.failures), "the engine would print the value"
    return {failure.reason.split(": ")[0]: failure.reason for failure in response.failures}


def _opened_all(inputs: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _opened(value) for name, value in inputs.items()}


def _opened(value: Value) -> Value:
    """Open secrets as the engine does, and give whole numbers as ints."""
    if isinstance(value, dict):
        return _opened(value["value"]) if value.get(SIGNATURE) == SECRET else _opened_all(value)
    if isinstance(value, list):
        return [_opened(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
