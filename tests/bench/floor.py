"""The benchmark's floor: the planned resources, created directly from the same SDK classes."""

import asyncio
import importlib
import keyword
import re
from collections.abc import Callable, Mapping, Sequence

import pulumi

from sandbox.__main__ import STACKS
from sandbox.shapes import Field, Shape, resource_shape
from sandbox.structs import SIGNATURE
from sandbox.values import UNKNOWN, Value
from tests.engine.support import run, sandboxed

Plan = Mapping[str, Sequence[Mapping[str, Value]]]


def plan_both_stacks() -> Plan:
    """Preview both stacks; return their resources (type, name, inputs) without the children of awsx's Vpc."""
    with sandboxed() as sandbox:
        plans = {stack: run(sandbox.stack(stack).preview).planned for stack in STACKS}
    return {
        stack: [
            {"type": p.type, "name": p.name, "inputs": dict(p.inputs)}
            for p in planned
            if p.type.startswith("aws:") and "awsx:ec2:Vpc$" not in p.urn
        ]
        for stack, planned in plans.items()
    }


def floor_program(plan: Plan) -> Callable[[], None]:
    """Return a program that creates a stack's resources with literal inputs, and awsx's Vpc."""

    def program() -> None:
        _create_vpc()
        for resource in plan[pulumi.get_stack()]:
            type_, inputs = str(resource["type"]), resource["inputs"]
            assert isinstance(inputs, dict)
            visible = {k: v for k, v in inputs.items() if not k.startswith("__")}
            _class(type_)(f"bare-{resource['name']}", **_arguments(visible, resource_shape(type_).inputs))

    return program


def _create_vpc() -> None:
    import pulumi_awsx as awsx

    from settings.load import load

    network = load().network
    types = awsx.ec2.SubnetType
    tiers = (
        (types.PUBLIC, network.public_subnets),
        (types.PRIVATE, network.private_subnets),
        (types.ISOLATED, network.data_subnets),
    )
    awsx.ec2.Vpc(
        "bare",
        cidr_block=network.cidr_block,
        availability_zone_names=list(network.availability_zones),
        subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
        subnet_specs=[awsx.ec2.SubnetSpecArgs(type=tier, cidr_blocks=list(blocks)) for tier, blocks in tiers],
    )


def _class(token: str) -> Callable[..., pulumi.CustomResource]:
    _, module, name = token.split(":")
    service = module.split("/")[0]
    service = f"{service}_" if keyword.iskeyword(service) else service
    return getattr(importlib.import_module(f"pulumi_aws.{service}"), name)


def _arguments(values: Mapping[str, Value], fields: Mapping[str, Field]) -> dict[str, object]:
    return {_snake(name): _literal(value, fields[name].shape) for name, value in values.items() if name in fields}


def _literal(value: Value, shape: Shape) -> object:
    # A preview shows nothing of a property that contains a secret, which may be a list of blocks.
    if value == UNKNOWN or (isinstance(value, dict) and SIGNATURE in value):
        return _unknown()
    if isinstance(value, list) and shape.of:
        return [_literal(item, shape.of) for item in value]
    if isinstance(value, dict) and shape.kind == "object" and shape.fields:
        return _arguments(value, shape.fields)
    return value


def _unknown() -> pulumi.Output[object]:
    """Return an output that is unknown in a preview, like AWS's computed outputs."""
    value, is_known = asyncio.Future[object](), asyncio.Future[bool]()
    value.set_result(None)
    is_known.set_result(False)
    return pulumi.Output(set(), value, is_known)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
