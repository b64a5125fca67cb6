"""A failure in the middle of an `up`: the next `up` makes exactly what is missing, and nothing is left pending."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pulumi
import pytest

from sandbox.project import Project
from sandbox.values import Value
from sandbox.workspace import Sandbox
from tests.engine.both import Both, inputs_of, of_type
from tests.engine.raw_resource import Raw
from tests.engine.support import pending, run, sandboxed, without_policies

# Of each type that matters most, one resource as dr has it: a small program in which every fourth create fails.
STEP = 4
TYPES = (
    "aws:acm/certificate:Certificate",
    "aws:backup/vault:Vault",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecs/service:Service",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/instance:Instance",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sqs/queue:Queue",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:wafv2/webAcl:WebAcl",
)


def _opened(value: Value) -> Value:
    """Give an exported input as the program gave it: secrets opened, and without the engine's own notes."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return json.loads(str(value["plaintext"]))
        return {key: _opened(member) for key, member in value.items() if not key.startswith("__")}
    return [_opened(element) for element in value] if isinstance(value, list) else value


def _chain(both: Both) -> Callable[[], None]:
    """Make one resource of each type, each after the one before."""
    inputs = {
        type_: cast("Mapping[str, object]", _opened(dict(inputs_of(of_type(both, "dr", type_)[0])))) for type_ in TYPES
    }

    def program() -> None:
        last: list[pulumi.Resource] = []
        for type_ in TYPES:
            last = [Raw(type_, type_.rpartition(":")[2], inputs[type_], pulumi.ResourceOptions(depends_on=last))]

    return program


def test_each_up_makes_what_the_failed_one_before_left_out(both: Both, tmp_path: Path) -> None:
    """Creates fail, one after the other: all before it stays, nothing is made twice, and the next `up` goes on."""
    world = tmp_path / "world.json"
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.one.yaml").write_text("config:\n  aws:region: us-west-2\n")
    with sandboxed(Project(folder=tmp_path), world=world) as sandbox:
        stack = sandbox.stack("one", program=_chain(both))
        for number in (*range(0, len(TYPES), STEP), len(TYPES)):
            failing = TYPES[number] if number < len(TYPES) else None
            before: dict[str, object] = json.loads(world.read_text()) if world.exists() else {}
            fault = {"at": 1, "type": failing} if failing else None
            world.write_text(json.dumps({**before, "fault": fault}))
            up = run(stack.up)
            assert up.ok is (failing is None), up.text
            assert ("injected before the create" in up.text) is (failing is not None)
            now = json.loads(world.read_text())
            assert [thing["type"] for thing in now["things"]] == list(TYPES[:number])
            assert set(now["made"].values()) <= {1}, "something was made twice"
            assert pending(stack) == []


def creates_of_dr() -> int:
    golden = Path(__file__).parent.parent / "golden" / "dr.plan.txt"
    return sum(line.lstrip().startswith("aws:") and " " in line.strip() for line in golden.read_text().splitlines())


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """Give a sandbox on the project, without its policies: other tests judge the plan, this one the recovery."""
    world = tmp_path_factory.mktemp("faults") / "world.json"
    with sandboxed(without_policies(), world=world) as sandbox:
        yield sandbox, world


# Alone, the middle of the plan; thorough, each create of dr.
AT = [
    pytest.param(n, marks=() if n == creates_of_dr() // 2 else pytest.mark.thorough)
    for n in range(1, creates_of_dr() + 1)
]


@pytest.mark.parametrize("at", AT)
def test_the_second_up_makes_exactly_what_is_missing(at: int, standing: tuple[Sandbox, Path]) -> None:
    sandbox, world = standing
    sandbox.reset()
    world.write_text(json.dumps({"fault": {"at": at}}))
    stack = sandbox.stack("dr")
    first = run(stack.up)
    assert not first.ok, "the injected failure did not reach the engine"
    assert "injected before the create" in first.text
    made = {t["urn"] for t in json.loads(world.read_text())["things"]}
    second = run(stack.up)
    assert second.ok, second.text
    every = {t["urn"] for t in json.loads(world.read_text())["things"]}
    assert {p.urn for p in second.changed if p.type.startswith(("aws:", "random:"))} == every - made
    assert pending(stack) == []
    counts = json.loads(world.read_text())["made"]
    assert {urn for urn, n in counts.items() if n != 1} == set(), "something was made twice"
