"""The stand-ins' answers, through the engine, with small programs."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_random
import pytest
from pulumi.automation import OpType

from sandbox.project import Project
from sandbox.workspace import Sandbox
from tests.engine.raw_resource import RawResource
from tests.engine.support import pending_operations, resources, run, sandboxed

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
SUBNET = "aws:ec2/subnet:Subnet"
VPC = "aws:ec2/vpc:Vpc"
VPC_INPUTS = {"cidrBlock": "10.0.0.0/16"}


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Yield a sandbox of a project with two stacks; each test has its own program."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    for stack in ("one", "two"):
        (folder / f"Pulumi.{stack}.yaml").write_text(
            "config:\n  aws:region: eu-west-1\n  aws:allowedAccountIds: ['111122223333']\n"
            "  aws:defaultTags: {tags: {Application: small}}\n"
        )
    with sandboxed(Project(folder=folder), world=folder / "world.json") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """Return the sandbox without stacks and resources."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def account(sandbox: Sandbox) -> "Account":
    return Account(sandbox.project.folder / "world.json")


@dataclass
class Account:
    """The world's file, which a test edits from outside."""

    file: Path

    def set(self, **values: object) -> None:
        data: dict[str, object] = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.file.write_text(json.dumps({**data, **values}))

    def resources(self, type_: str | None = None) -> list[dict[str, dict[str, object]]]:
        all_resources = json.loads(self.file.read_text())["resources"]
        return [resource for resource in all_resources if type_ in (None, resource["type"])]


def network() -> None:
    vpc = RawResource(VPC, "vpc", VPC_INPUTS)
    RawResource(SUBNET, "subnet", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"})
    pulumi.export("arn", vpc.arn)


def test_computed_outputs_are_unknown_in_a_preview_and_have_awss_form_after_up(sandbox: Sandbox) -> None:
    stack = sandbox.stack("one", program=network)
    assert "arn: [unknown]" in run(stack.preview).text
    stack.up()
    arn = str(stack.outputs()["arn"].value)
    assert arn.startswith("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-")
    subnet = next(r for r in resources(stack) if r["type"] == SUBNET)
    inputs, outputs = subnet["inputs"], subnet["outputs"]
    assert isinstance(inputs, dict)
    assert isinstance(outputs, dict)
    assert arn.endswith(str(inputs["vpcId"]))
    assert outputs["tagsAll"] == {"Application": "small"}


def test_a_wrong_account_is_rejected(sandbox: Sandbox, account: Account) -> None:
    account.set(account="999999999999")
    preview = run(sandbox.stack("one", program=network).preview)
    assert not preview.ok
    assert "AWS account ID not allowed: 999999999999" in preview.text


def test_a_second_provider_that_differs_is_rejected(sandbox: Sandbox) -> None:
    def program() -> None:
        RawResource(VPC, "vpc", VPC_INPUTS)
        east = pulumi.ProviderResource("aws", "east", {"region": "us-east-1"})
        RawResource(VPC, "other", VPC_INPUTS, pulumi.ResourceOptions(provider=east))

    preview = run(sandbox.stack("one", program=program).preview)
    assert not preview.ok
    assert "one aws provider in a stack" in preview.text


@pytest.mark.parametrize(
    ("type_", "properties", "message"),
    [
        (VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok: the SDK has no such property"),
        (SUBNET, {"cidrBlock": "10.0.0.0/24"}, "vpcId: missing, required by the SDK"),
        (VPC, {**VPC_INPUTS, "enableDnsSupport": "true"}, "enableDnsSupport: a boolean is expected, not str 'true'"),
        (LOG_GROUP, {"retentionInDays": "90"}, "retentionInDays: an integer is expected, not str '90'"),
        (VPC, {**VPC_INPUTS, "tags": {"a": 1}}, "tags.a: a string is expected, not int 1"),
        (
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            {"vpcId": "vpc-1", "serviceName": "s", "dnsOptions": {"recordIpType": "ipv4"}},
            "dnsOptions.recordIpType: the SDK has no such property",
        ),
        ("aws:ec2/vpc:Network", VPC_INPUTS, "no row for this type"),
        (
            LOG_GROUP,
            {"name": "ab "},
            "name: 'ab ' does not match [\\.\\-_/#A-Za-z0-9]+ (logs CreateLogGroup logGroupName)",
        ),
    ],
)
def test_inputs_that_violate_the_sdks_types_or_awss_models_fail_the_preview(
    sandbox: Sandbox, type_: str, properties: Mapping[str, object], message: str
) -> None:
    preview = run(sandbox.stack("one", program=lambda: RawResource(type_, "example", properties) and None).preview)
    assert not preview.ok
    assert message in preview.text


def test_an_invalid_secret_is_not_printed(sandbox: Sandbox) -> None:
    def program() -> None:
        RawResource(
            "aws:rds/instance:Instance",
            "example",
            {"instanceClass": "db.t4g.micro", "password": pulumi.Output.secret("Hidden/word")},
        )

    preview = run(sandbox.stack("one", program=program).preview)
    assert not preview.ok
    assert "password: (hidden: may be a secret) does not match" in preview.text
    assert "Hidden" not in preview.text


def test_only_look_ups_that_need_no_account_are_answered(sandbox: Sandbox) -> None:
    def program() -> None:
        zones = pulumi.runtime.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {})
        pulumi.export("zones", zones.value["names"])

    assert "eu-west-1a" in run(sandbox.stack("one", program=program).preview).text

    def forbidden() -> None:
        pulumi.runtime.invoke("aws:rds/getInstance:getInstance", {"dbInstanceIdentifier": "x"})

    preview = run(sandbox.stack("two", program=forbidden).preview)
    assert not preview.ok
    assert "doesn't support the look-up aws:rds/getInstance:getInstance" in preview.text


def test_a_refresh_detects_a_change_from_outside_and_up_reverts_it(sandbox: Sandbox, account: Account) -> None:
    stack = sandbox.stack(
        "one", program=lambda: RawResource(LOG_GROUP, "logs", {"name": "/logs", "retentionInDays": 90}) and None
    )
    stack.up()

    changed = account.resources()
    changed[0]["outputs"]["retentionInDays"] = 1
    account.set(resources=changed)
    assert stack.refresh().get(OpType.UPDATE) == 1
    up = run(stack.up)
    assert [(p.type, p.operation) for p in up.changed] == [(LOG_GROUP, "update")]
    assert account.resources(LOG_GROUP)[0]["outputs"]["retentionInDays"] == 90


def test_a_refresh_detects_a_deletion_from_outside_and_up_creates_the_resource(
    sandbox: Sandbox, account: Account
) -> None:
    stack = sandbox.stack("one", program=network)
    stack.up()
    account.set(resources=account.resources(VPC))
    assert stack.refresh().get(OpType.DELETE) == 1
    assert [(p.type, p.operation) for p in run(stack.up).changed] == [(SUBNET, "create")]


def test_a_name_taken_by_the_other_stack_is_rejected(sandbox: Sandbox) -> None:
    def program() -> None:
        RawResource(LOG_GROUP, "logs", {"name": "/small/logs"})

    sandbox.stack("one", program=program).up()
    second = run(sandbox.stack("two", program=program).up)
    assert not second.ok
    assert "ResourceAlreadyExistsException" in second.text
    assert "logs" in second.text


def program_with(properties: dict[str, object], type_: str = SUBNET) -> Callable[[], None]:
    def program() -> None:
        RawResource(type_, "example", properties)

    return program


@pytest.mark.parametrize(
    ("type_", "before", "after", "steps"),
    [
        (SUBNET, {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}, {"tags": {"Name": "x"}}, ["update"]),
        (
            SUBNET,
            {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"},
            {"cidrBlock": "10.0.1.0/24"},
            ["create-replacement", "replace", "delete-replaced"],
        ),
        (LOG_GROUP, {"retentionInDays": 90}, {"retentionInDays": 365}, ["update"]),
        (
            LOG_GROUP,
            {"name": "/a", "retentionInDays": 90},
            {"region": "us-west-2"},
            ["delete-replaced", "replace", "create-replacement"],
        ),
    ],
    ids=[
        "in place",
        "replacement, created first",
        "retention in place",
        "replacement, deleted first for its fixed name",
    ],
)
def test_a_change_is_in_place_or_a_replacement_as_in_the_table(
    sandbox: Sandbox, type_: str, before: dict[str, object], after: dict[str, object], steps: list[str]
) -> None:
    properties = dict(before)
    stack = sandbox.stack("one", program=program_with(properties, type_))
    stack.up()
    properties.update(after)
    up = run(stack.up)
    assert up.ok, up.text
    assert [p.operation for p in up.changed if p.type == type_] == steps


def test_a_protected_resource_is_not_replaced(sandbox: Sandbox) -> None:
    properties: dict[str, object] = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}
    stack = sandbox.stack(
        "one", program=lambda: RawResource(SUBNET, "example", properties, pulumi.ResourceOptions(protect=True)) and None
    )
    stack.up()
    properties["cidrBlock"] = "10.0.1.0/24"
    preview = run(stack.preview)
    assert not preview.ok
    assert "protect" in preview.text


def test_after_a_fault_following_a_create_the_name_is_taken_and_no_operation_is_pending(
    sandbox: Sandbox, account: Account
) -> None:
    """The engine doesn't know the created resource: the second `up` fails with its name, and an import adds it.

    `pulumi import` needs a language host; the resource option `import_` has the same effect.
    """
    imported = pulumi.ResourceOptions()

    def program() -> None:
        RawResource(LOG_GROUP, "example", {"name": "/small/logs"}, imported)

    stack = sandbox.stack("one", program=program)
    account.set(fault={"at": 1, "when": "after"})
    assert "injected after the create" in run(stack.up).text
    second = run(stack.up)
    assert not second.ok
    assert "example" in second.text
    assert "ResourceAlreadyExistsException" in second.text
    imported.import_ = "/small/logs"
    third = run(stack.up)
    assert third.ok, third.text
    imported.import_ = None
    assert run(stack.up).changed == []
    assert pending_operations(stack) == []
    assert len(account.resources(LOG_GROUP)) == 1


def test_a_random_password_follows_its_inputs_is_stable_and_secret(sandbox: Sandbox, account: Account) -> None:
    def program() -> None:
        pulumi_random.RandomPassword("password", length=40, min_special=3, override_special="!&#", upper=False)

    stack = sandbox.stack("one", program=program)
    stack.up()
    (password,) = account.resources("random:index/randomPassword:RandomPassword")
    result = str(password["outputs"]["result"])
    assert len(result) == 40
    assert sum(letter in "!&#" for letter in result) >= 3
    assert result == result.lower()
    assert run(stack.up).changed == []
    (state,) = (r for r in resources(stack) if r["type"] == "random:index/randomPassword:RandomPassword")
    outputs = state["outputs"]
    assert isinstance(outputs, dict)
    assert isinstance(outputs["result"], dict), "the state has the password in plain text"
