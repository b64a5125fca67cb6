"""The inputs of all resources of the program, run without the engine; the sandbox's world provides ids and outputs."""

import json
from collections.abc import Mapping
from typing import NoReturn, cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_all_config, set_mocks

from sandbox.__main__ import PROJECT
from sandbox.kinds.table import KINDS
from sandbox.values import Value
from sandbox.workspace import run_program
from sandbox.world import Provider, World
from settings.stack import PROJECT as NAME

# By type and logical name.
RecordedResources = dict[tuple[str, str], Mapping[str, Value]]

ORIGIN_SECRET = {
    "taskflow:originSecret": "Current0Current0Current0Current0",
    "taskflow:pagerDutyUrl": "https://events.pagerduty.com/integration/current/enqueue",
}
ROTATING = {**ORIGIN_SECRET, "taskflow:originSecretPrevious": "Previous0Previous0Previous0Prev0"}

# Outputs of awsx's component; its children are not recorded.
VPC_OUTPUTS: Mapping[str, Value] = {
    "vpcId": "vpc-1",
    "publicSubnetIds": ["subnet-public-1", "subnet-public-2"],
    "privateSubnetIds": ["subnet-private-1", "subnet-private-2"],
    "isolatedSubnetIds": ["subnet-data-1", "subnet-data-2"],
    "routeTables": [],
}


class _Recording(Mocks):
    def __init__(self, provider: Provider) -> None:
        self.resources: RecordedResources = {}
        self._world = World()
        self._provider = provider

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Value]]:
        inputs = cast("dict[str, Value]", args.inputs)
        if args.typ == "awsx:ec2:Vpc":
            return args.name, dict(VPC_OUTPUTS)
        if args.typ not in KINDS:
            return args.name, inputs
        self.resources[args.typ, args.name] = inputs
        created = self._world.create(args.typ, f"{args.typ} {args.name}", {"name": args.name, **inputs}, self._provider)
        # The same password in each run, so that only changed settings cause differences.
        return created.id, {
            **created.outputs,
            **({"result": "Generated0Generated0Generated0"} if args.typ.startswith("random:") else {}),
        }

    def call(self, args: MockCallArgs) -> NoReturn:
        raise AssertionError(f"{args.token}: the program must not look anything up")


def record_resources(
    values: Mapping[str, str], *, stack: str, secrets: Mapping[str, str] = ORIGIN_SECRET
) -> RecordedResources:
    """Return the inputs of all resources that the program registers with these settings, as Pulumi passes them."""
    accounts = cast("list[str]", json.loads(values["aws:allowedAccountIds"]))
    mocks = _Recording(Provider(region=values["aws:region"], allowed_accounts=tuple(accounts)))
    set_mocks(mocks, project=NAME, stack=stack, preview=False)
    set_all_config({**values, **secrets}, list(secrets))
    pulumi.runtime.test(lambda: run_program(PROJECT))()
    return mocks.resources
