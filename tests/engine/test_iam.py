"""Every IAM document that the stacks plan: read by AWS's own list of actions, and what roles and keys let happen."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest

from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import Both
from tests.engine.iam import Request, Statement, may, may_use_key
from tests.engine.tables import ATTACHED, DOCUMENTS, INLINE, ROLE, Made, made

if TYPE_CHECKING:
    from parliament.finding import Finding

pytestmark = pytest.mark.xdist_group("both-stacks")

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
KEY = "aws:kms/key:Key"
TASK, EXECUTION, ACCESS = "ecs-task-role", "ecs-execution-role", "access-task-role"


def documents(resources: Sequence[Made]) -> Iterator[tuple[str, str]]:
    """Give every document with what it belongs to."""
    for type_, name, inputs, _ in resources:
        keys = {ROLE: "assumeRolePolicy", INLINE: "policy", **DOCUMENTS}
        if type_ in keys:
            yield f"{type_.rpartition(':')[2]} {name}", str(inputs[keys[type_]])


# What parliament, which reads documents of principals, finds in others, and why it is in order there.
ACCEPTED: Mapping[str, Mapping[str, str]] = {
    "Role": {"MALFORMED: Statement contains neither Resource nor NotResource": "a trust policy belongs to its role"},
    "Key": {
        "RESOURCE_STAR": "in a key's own policy it is the key",
        "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition kms:EncryptionContext:aws:logs:arn for action kms:Describe": (
            "AWS's own policy for log groups says it so"
        ),
        "MISMATCHED_TYPE: Type mismatch: ArnLike requires a value of type Arn but given String": (
            "the context's value is an ARN, as AWS's own policy for log groups has it"
        ),
    },
}


def linted(kind: str, document: str) -> list[str]:
    """Give what parliament finds wrong with the document of a kind of resource."""
    with warnings.catch_warnings():
        # It reads its own list by a module that setuptools is giving up.
        warnings.simplefilter("ignore")
        import parliament

    policy = parliament.analyze_policy_string(document)
    found = [f"{finding.issue}: {finding.detail}" for finding in cast("Sequence[Finding]", policy.findings)]
    return [line for line in found if not any(line.startswith(known) for known in ACCEPTED.get(kind, {}))]


@pytest.mark.parametrize("stack", STACKS)
def test_every_document_is_as_awss_own_list_has_it(both: Both, stack: str) -> None:
    """Known actions only, on the kinds of resources that they take, under conditions that they know."""
    all_ = dict(documents(made(both[stack].resources)))
    found = {name: linted(name.partition(" ")[0], document) for name, document in all_.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert {name.partition(" ")[0] for name in all_} == {
        "Role", "RolePolicy", *(type_.rpartition(":")[2] for type_ in DOCUMENTS)
    }, "every kind is read"  # fmt: skip


def test_the_linter_finds_what_is_wrong() -> None:
    """Else its silence would say nothing."""
    for action, issue in (("s3:GetObjects", "UNKNOWN_ACTION"), ("sqs:SendMessage", "RESOURCE_MISMATCH")):
        wrong = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::bucket"}
        found = linted("RolePolicy", json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))
        assert [line for line in found if line.startswith(issue)]


class Account:
    """One stack's roles, and the keys of both, whose documents are judged together."""

    def __init__(self, both: Both, stack: str) -> None:
        self.stack, self.region = stack, REGIONS[stack]
        self.resources = made(both[stack].resources)
        production = made(both["production"].resources)
        self._keys = {name: _statements(i["policy"]) for type_, name, i, _ in production if type_ == KEY}
        self._keys |= {name: _statements(i["policy"]) for type_, name, i, _ in self.resources if type_ == KEY}
        self.arns = {name: str(out["arn"]) for type_, name, _, out in self.resources if type_ == KEY}

    def role(self, purpose: str) -> str:
        return f"taskflow-{purpose}{'-dr' if self.stack == 'dr' else ''}"

    def identity(self, role: str) -> list[Statement]:
        inline = (i for type_, _, i, _ in self.resources if type_ == INLINE and i["role"] == role)
        return [statement for inputs in inline for statement in _statements(inputs["policy"])]

    def may(self, purpose: str, action: str, resource: str, **context: str) -> bool:
        return may(self._request(purpose, action, resource, context), self.identity(self.role(purpose)))

    def may_use(self, purpose: str, action: str, key: str, arn: str | None = None, **context: str) -> bool:
        """Whether a role may use a key, by the key's name; `arn` where another stack made it."""
        asked = {
            {"via": "kms:ViaService", "bucket": "kms:EncryptionContext:aws:s3:arn"}[k]: v for k, v in context.items()
        }
        request = self._request(purpose, action, arn or self.arns[key], asked)
        return may_use_key(request, self.identity(self.role(purpose)), self._keys[key])

    def _request(self, purpose: str, action: str, resource: str, context: Mapping[str, str]) -> Request:
        principal = f"arn:aws:iam::{ACCOUNT}:role/{self.role(purpose)}"
        return Request(principal=principal, action=action, resource=resource, context=context)


def _statements(document: Value) -> list[Statement]:
    return json.loads(str(document))["Statement"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_uses_each_key_through_its_own_service_alone(both: Both, stack: str) -> None:
    account = Account(both, stack)
    region = account.region
    services = {
        "keys-messages": ("sqs", "kms:GenerateDataKey"),
        **({"keys-assets": ("s3", "kms:GenerateDataKey")} if stack == "production" else {}),
        "keys-secrets": ("secretsmanager", "kms:Decrypt"),
    }
    bucket = f"arn:aws:s3:::taskflow-{stack}-files-{ACCOUNT}"
    for key, (service, action) in services.items():
        assert account.may_use(TASK, action, key, via=f"{service}.{region}.amazonaws.com", bucket=bucket), key
        assert not account.may_use(TASK, action, key, bucket=bucket), f"{key} directly"
        other = "sqs" if service != "sqs" else "s3"
        assert not account.may_use(TASK, action, key, via=f"{other}.{region}.amazonaws.com", bucket=bucket), key
    for key in ("keys-data", "keys-logs", "keys-sessions"):
        for service in ("rds", "s3", "sqs", "secretsmanager"):
            assert not account.may_use(TASK, "kms:Decrypt", key, via=f"{service}.{region}.amazonaws.com"), key


def test_the_task_opens_no_other_bucket_under_the_same_key(both: Both) -> None:
    """The replication's role, and later the static assets, use it as well."""
    account = Account(both, "production")
    via = "s3.us-east-1.amazonaws.com"
    own, other = (f"arn:aws:s3:::taskflow-production-{name}-{ACCOUNT}" for name in ("files", "assets"))
    assert account.may_use(TASK, "kms:Decrypt", "keys-assets", via=via, bucket=own)
    assert not account.may_use(TASK, "kms:Decrypt", "keys-assets", via=via, bucket=other)


def test_dr_opens_what_production_copied_to_it(both: Both) -> None:
    """By the keys that production made in dr's region, under those keys' own policies."""
    account = Account(both, "dr")
    statements = account.identity(account.role(TASK))
    named = {str(arn) for s in statements for arn in _listed(s["Resource"]) if ":kms:" in str(arn)}
    secrets, assets = sorted(named - set(account.arns.values()))
    bucket = f"arn:aws:s3:::taskflow-production-files-copy-{ACCOUNT}"
    reads = {"via": "secretsmanager.us-west-2.amazonaws.com"}
    for purpose in (TASK, EXECUTION):
        assert account.may_use(purpose, "kms:Decrypt", "keys-secrets-copy", secrets, **reads), purpose
        assert account.may_use(purpose, "kms:Decrypt", "keys-secrets", **reads), f"{purpose}: Redis' own secret"
    writes = {"via": "s3.us-west-2.amazonaws.com", "bucket": bucket}
    assert account.may_use(TASK, "kms:GenerateDataKey", "keys-assets-copy", assets, **writes)
    assert account.may(TASK, "s3:PutObject", f"{bucket}/a")


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_reads_its_own_secrets_and_no_others(both: Both, stack: str) -> None:
    """Not the database's owner's, above all."""
    account = Account(both, stack)
    for purpose in (TASK, EXECUTION):
        own = [
            str(arn)
            for s in account.identity(account.role(purpose))
            for arn in _listed(s["Resource"])
            if ":secret:" in str(arn)
        ]
        assert {arn.rsplit("/", 1)[-1].rsplit("-", 1)[0] for arn in own} == {"database-application", "cache-auth"}
        for arn in own:
            assert account.may(purpose, "secretsmanager:GetSecretValue", arn)
            assert not account.may(purpose, "secretsmanager:PutSecretValue", arn)
        master = own[0].replace("database-application", "database-owner")
        assert not account.may(purpose, "secretsmanager:GetSecretValue", master)


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_sends_to_its_own_queue_and_takes_nothing_from_it(both: Both, stack: str) -> None:
    account = Account(both, stack)
    queue = f"arn:aws:sqs:{account.region}:{ACCOUNT}:taskflow-{stack}-jobs"
    assert account.may(TASK, "sqs:SendMessage", queue)
    assert not account.may(TASK, "sqs:SendMessage", f"{queue}-dead")
    assert not account.may(TASK, "sqs:ReceiveMessage", queue)
    assert not account.may(TASK, "sqs:PurgeQueue", queue)


@pytest.mark.parametrize("stack", STACKS)
def test_the_access_task_opens_sessions_and_nothing_else(both: Both, stack: str) -> None:
    account = Account(both, stack)
    assert account.may_use(ACCESS, "kms:Decrypt", "keys-sessions")
    assert not account.may_use(TASK, "kms:Decrypt", "keys-sessions")
    assert account.may(ACCESS, "ssmmessages:OpenDataChannel", "*")
    assert not account.may(TASK, "ssmmessages:OpenDataChannel", "*")
    for arn in (f"arn:aws:secretsmanager:{account.region}:{ACCOUNT}:secret:taskflow/{stack}/cache-auth-a1B2c3",):
        assert not account.may(ACCESS, "secretsmanager:GetSecretValue", arn)


@pytest.mark.parametrize("stack", STACKS)
def test_the_documents_two_roles_have_the_documents_policies_and_no_more(both: Both, stack: str) -> None:
    account = Account(both, stack)
    policies: dict[str, set[str]] = {account.role(TASK): set(), account.role(EXECUTION): set()}
    for type_, _, inputs, _ in account.resources:
        if type_ in (INLINE, ATTACHED) and str(inputs["role"]) in policies:
            policies[str(inputs["role"])].add(str(inputs.get("name") or inputs["policyArn"]))
    assert policies == {
        account.role(TASK): {
            "SecretsManagerReadOnly",
            "S3ReadWriteTaskflowBucket",
            "SQSSendMessage",
            "AuditLogWrite",
        },
        account.role(EXECUTION): {
            "SecretsManagerReadOnly",
            "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        },
    }


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]
