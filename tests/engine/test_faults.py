"""A failure during an `up`: the next `up` creates exactly the missing resources, with no pending operations."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pulumi
import pytest

from sandbox.project import Project
from sandbox.values import Value
from sandbox.workspace import Sandbox
from tests.engine.both import BothStacks, inputs_of, of_type
from tests.engine.raw_resource import RawResource
from tests.engine.support import pending_operations, project_without_policies, run, sandboxed

# One resource of each important type, as in dr: a small program in which every fourth create fails.
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


def _original(value: Value) -> Value:
    """Return an exported input as the program set it: secrets decrypted, without metadata of the engine."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return json.loads(str(value["plaintext"]))
        return {key: _original(member) for key, member in value.items() if not key.startswith("__")}
    return [_original(element) for element in value] if isinstance(value, list) else value


def _chain(both: BothStacks) -> Callable[[], None]:
    """Return a program with one resource of each type; each depends on the previous one."""
    inputs = {
        type_: cast("Mapping[str, object]", _original(dict(inputs_of(of_type(both, "dr", type_)[0]))))
        for type_ in TYPES
    }

    def program() -> None:
        last: list[pulumi.Resource] = []
        for type_ in TYPES:
            last = [
                RawResource(type_, type_.rpartition(":")[2], inputs[type_], pulumi.ResourceOptions(depends_on=last))
            ]

    return program


def test_each_up_continues_after_the_failed_one(both: BothStacks, tmp_path: Path) -> None:
    """Creates fail one after the other: earlier resources stay, none is created twice, the next `up` continues."""
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
            assert [resource["type"] for resource in now["resources"]] == list(TYPES[:number])
            assert set(now["create_counts"].values()) <= {1}, "a resource was created twice"
            assert pending_operations(stack) == []


def creates_of_dr() -> int:
    golden = Path(__file__).parent.parent / "golden" / "dr.plan.txt"
    return sum(line.lstrip().startswith("aws:") and " " in line.strip() for line in golden.read_text().splitlines())


@pytest.fixture(scope="module")
def live_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """Yield a sandbox without policies: other tests evaluate the plan, this one the recovery."""
    world = tmp_path_factory.mktemp("faults") / "world.json"
    with sandboxed(project_without_policies(), world=world) as sandbox:
        yield sandbox, world


# By default the middle of the plan; with `thorough` each create of dr.
AT = [
    pytest.param(n, marks=() if n == creates_of_dr() // 2 else pytest.mark.thorough)
    for n in range(1, creates_of_dr() + 1)
]


@pytest.mark.parametrize("at", AT)
def test_the_second_up_creates_exactly_the_missing_resources(at: int, live_sandbox: tuple[Sandbox, Path]) -> None:
    sandbox, world = live_sandbox
    sandbox.reset()
    world.write_text(json.dumps({"fault": {"at": at}}))
    stack = sandbox.stack("dr")
    first = run(stack.up)
    assert not first.ok, "the injected failure did not reach the engine"
    assert "injected before the create" in first.text
    created = {t["urn"] for t in json.loads(world.read_text())["resources"]}
    second = run(stack.up)
    assert second.ok, second.text
    all_urns = {t["urn"] for t in json.loads(world.read_text())["resources"]}
    assert {p.urn for p in second.changed if p.type.startswith(("aws:", "random:"))} == all_urns - created
    assert pending_operations(stack) == []
    counts = json.loads(world.read_text())["create_counts"]
    assert {urn for urn, n in counts.items() if n != 1} == set(), "a resource was created twice"
