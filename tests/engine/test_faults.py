"""A failure in the middle of an `up`: the next `up` makes exactly what is missing, and nothing is left pending."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.__main__ import project
from sandbox.workspace import Sandbox
from tests.engine.support import pending, run, sandboxed

# One create of each type that dr makes; all of them in turn by `make test-faults`.
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "order" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-create")
        orders = [{"at": n} for n in range(1, creates_of_dr() + 1)] if every else [{"at": 1, "type": t} for t in TYPES]
        metafunc.parametrize("order", orders, ids=[str(o.get("type", o["at"])).rsplit(":", 1)[-1] for o in orders])


def creates_of_dr() -> int:
    golden = Path(__file__).parent.parent / "golden" / "dr.plan.txt"
    return sum(line.lstrip().startswith("aws:") and " " in line.strip() for line in golden.read_text().splitlines())


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """Give a sandbox on the project, without its policies: other tests judge the plan, this one the recovery."""
    world = tmp_path_factory.mktemp("faults") / "world.json"
    with sandboxed(replace(project(), policies=None), world=world) as sandbox:
        yield sandbox, world


def test_the_second_up_makes_exactly_what_is_missing(order: dict[str, object], standing: tuple[Sandbox, Path]) -> None:
    sandbox, world = standing
    sandbox.reset()
    world.write_text(json.dumps({"fault": order}))
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
