"""An engine that records registrations, and recorded runs of the real awsx."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast

from sandbox.values import UNKNOWN, Value
from sandbox.vpc.engine import Child
from sandbox.vpc.vpc import construct

RECORDED_RUNS = Path(__file__).parent / "data" / "awsx_vpc.json"
NAME = "production"
COMPONENT = "awsx:ec2:Vpc"
VPC = f"aws:ec2/vpc:Vpc {NAME}"
ECR = "com.amazonaws.us-east-1.ecr.api"
S3 = "com.amazonaws.us-east-1.s3"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
# The id prefixes in the recorded runs; an Eip's id differs from its allocation id, to distinguish the two.
PREFIXES = {
    "Eip": "eip",
    "InternetGateway": "igw",
    "NatGateway": "nat",
    "Route": "r",
    "RouteTable": "rtb",
    "RouteTableAssociation": "rtbassoc",
    "SecurityGroup": "sg",
    "SecurityGroupRule": "sgrule",
    "Subnet": "subnet",
    "Vpc": "vpc",
    "VpcEndpoint": "vpce",
}


class RecordedChild(TypedDict):
    """A child in a recorded run; `parent` is its parent's type and name."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Value]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run of the real component: its arguments, its children in the order of type and name, its look-ups."""

    arguments: dict[str, Value]
    children: list[RecordedChild]
    lookups: list[str]


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One call of `register`; children are identified by type and name."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Value]
    depends_on: list[str]
    uses: dict[str, list[str]]

    @property
    def key(self) -> str:
        """Type and name."""
        return f"{self.type} {self.name}"


@dataclass(kw_only=True)
class Recorder:
    """An engine in an `up`, or in a preview before the first `up`; `omitted` outputs are missing in the state."""

    preview: bool = False
    region_zones: Sequence[str] = ZONES
    omitted: frozenset[str] = frozenset()
    registered: list[Registered] = field(default_factory=list[Registered])
    warnings: list[str] = field(default_factory=list[str])
    lookups: list[str] = field(default_factory=list[str])

    def register(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, Value],
        *,
        parent: Child | None,
        depends_on: Sequence[Child],
        uses: Mapping[str, Sequence[Child]],
    ) -> Child:
        child = Registered(
            type=kind,
            name=name,
            parent=parent.urn if parent else f"{COMPONENT} {NAME}",
            inputs=dict(inputs),
            depends_on=[c.urn for c in depends_on],
            uses={key: [c.urn for c in children] for key, children in uses.items()},
        )
        self.registered.append(child)
        computed: dict[str, Value] = {"ipv6CidrBlock": "", "allocationId": f"eipalloc-{name}"}
        known = {} if self.preview else {k: v for k, v in computed.items() if k not in self.omitted}
        prefix = PREFIXES[kind.rsplit(":", 1)[1]]
        return Child(urn=child.key, id=UNKNOWN if self.preview else f"{prefix}-{name}", state={**known, **inputs})

    def zones(self) -> list[str]:
        self.lookups.append("aws:index/getAvailabilityZones:getAvailabilityZones")
        return list(self.region_zones)

    def reference(self, child: Child) -> Value:
        return {"reference": child.urn}

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def of(self, type_: str) -> list[Registered]:
        """Return the children of a type, by the last part of its name, in the order of registration."""
        return [child for child in self.registered if child.type.endswith(f":{type_}")]

    def inputs_of(self, type_: str, name: str) -> list[Value]:
        """Return one input of the children of a type, None where it is missing."""
        return [child.inputs.get(name) for child in self.of(type_)]

    def blocks(self) -> list[str]:
        """Return the subnets' blocks in the order of registration."""
        return [str(block) for block in self.inputs_of("Subnet", "cidrBlock")]


def build(arguments: Mapping[str, Value], engine: Recorder | None = None) -> tuple[Recorder, dict[str, Value]]:
    """Construct a VPC; return the engine with the registered children, and the outputs."""
    recorder = engine or Recorder()
    return recorder, construct(NAME, arguments, recorder)


def with_arguments(**arguments: Value) -> dict[str, Value]:
    """Return the arguments of the case auto with some replaced, or removed where the value is None."""
    merged = {**CASES["auto"].arguments, **arguments}
    return {key: value for key, value in merged.items() if value is not None}


class _Difference(TypedDict, total=False):
    arguments: dict[str, Value]
    changed: dict[str, dict[str, Value]]
    removed: list[str]
    added: list[RecordedChild]
    lookups: list[str]


class _Base(TypedDict):
    arguments: dict[str, Value]
    children: list[RecordedChild]
    lookups: list[str]


class _Runs(TypedDict):
    outputs: list[str]
    notes: list[str]
    base: _Base
    cases: dict[str, _Difference]


def _case(base: _Base, difference: _Difference) -> Case:
    arguments = {**base["arguments"], **difference.get("arguments", {})}
    replaced = difference.get("changed", {})
    children = [
        RecordedChild(
            type=child["type"],
            name=child["name"],
            parent=child["parent"],
            inputs={**child["inputs"], **replaced.get(f"{child['type']} {child['name']}", {})},
        )
        # The component itself is registered by the engine, before construct.
        for child in base["children"]
        if child["type"] != COMPONENT and f"{child['type']} {child['name']}" not in difference.get("removed", [])
    ]
    children += difference.get("added", [])
    return Case(
        arguments={key: value for key, value in arguments.items() if value is not None},
        children=sorted(children, key=lambda child: (child["type"], child["name"])),
        lookups=difference.get("lookups", base["lookups"]),
    )


_runs = cast("_Runs", json.loads(RECORDED_RUNS.read_text()))
OUTPUTS = _runs["outputs"]
CASES = {name: _case(_runs["base"], difference) for name, difference in _runs["cases"].items()}
