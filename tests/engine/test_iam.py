"""Every IAM policy of both stacks, checked against AWS's list of actions, and the access that roles and keys allow."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest

from reports.access_table import ATTACHED, DOCUMENTS, INLINE, ROLE
from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks
from tests.engine.iam import ACCOUNT, REGIONS, Request, Statement, is_allowed, is_key_use_allowed, statements_of
from tests.engine.tables import ResourceRow, resource_rows

if TYPE_CHECKING:
    from parliament.finding import Finding

pytestmark = pytest.mark.xdist_group("both-stacks")

KEY = "aws:kms/key:Key"
TASK, EXECUTION, ACCESS = "ecs-task-role", "ecs-execution-role", "access-task-role"
ACCESS_EXECUTION, DATABASE = "access-execution-role", "database-task-role"


def policy_documents(resources: Sequence[ResourceRow]) -> Iterator[tuple[str, str]]:
    """Yield every policy document with its resource."""
    for type_, name, inputs, _ in resources:
        keys = {ROLE: "assumeRolePolicy", INLINE: "policy", **DOCUMENTS}
        if type_ in keys:
            yield f"{type_.rpartition(':')[2]} {name}", str(inputs[keys[type_]])


# Findings of parliament, which expects identity policies, in other policies, and why they are accepted.
ACCEPTED: Mapping[str, Mapping[str, str]] = {
    "Role": {
        "MALFORMED: Statement contains neither Resource nor NotResource": "a trust policy applies to its role",
        "UNKNOWN_FEDERATION_SOURCE: arn:aws:iam::987654321098:oidc-provider/token.actions.githubusercontent.com": (
            "parliament knows providers of SAML and of people only"
        ),
    },
    "RolePolicy": {
        "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition kms:ResourceAliases for action kms:": (
            "AWS documents the key for every action on a KMS key, in IAM policies"
        ),
        "UNKNOWN_ACTION: Unknown action ecs:StopServiceDeployment": "newer than parliament's list",
        "RESOURCE_STAR: ['ecs:ListTasks']": "limited to a cluster by a condition",
        "RESOURCE_STAR: ['cloudwatch:DescribeAlarms']": "CloudWatch authorizes it for all alarms of a region",
    },
    "Policy": {"RESOURCE_STAR": "a boundary grants nothing, and denies on all resources"},
    "Key": {
        "RESOURCE_STAR": "in a key policy it is the key itself",
        "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition kms:EncryptionContext:aws:logs:arn for action kms:Describe": (
            "as in AWS's policy for log groups"
        ),
        "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition kms:EncryptionContext:aws:athena:arn for action kms:": (
            "as in AWS's policy for Athena's managed results"
        ),
        "MISMATCHED_TYPE: Type mismatch: ArnLike requires a value of type Arn but given String": (
            "the encryption context is an ARN, as in AWS's policy for log groups"
        ),
    },
}


def linted(kind: str, document: str) -> list[str]:
    """Return parliament's findings for the policy of a kind of resource, except the accepted ones."""
    with warnings.catch_warnings():
        # parliament imports a module that setuptools has deprecated.
        warnings.simplefilter("ignore")
        import parliament

    policy = parliament.analyze_policy_string(document)
    found = [f"{finding.issue}: {finding.detail}" for finding in cast("Sequence[Finding]", policy.findings)]
    return [line for line in found if not any(line.startswith(known) for known in ACCEPTED.get(kind, {}))]


@pytest.mark.parametrize("stack", STACKS)
def test_every_policy_is_valid_by_awss_list_of_actions(both: BothStacks, stack: str) -> None:
    """Only known actions, on resources and under conditions that they support."""
    policies = dict(policy_documents(resource_rows(both[stack].resources)))
    found = {name: linted(name.partition(" ")[0], document) for name, document in policies.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}
    kinds = {"Role", "RolePolicy", *(type_.rpartition(":")[2] for type_ in DOCUMENTS)}
    # The boundary of people, which the account has once.
    kinds -= {"Policy"} if stack == "dr" else set()
    assert {name.partition(" ")[0] for name in policies} == kinds, "a kind of policy is not checked"


def test_the_linter_finds_violations() -> None:
    """Otherwise the absence of findings would prove nothing."""
    for action, issue in (("s3:GetObjects", "UNKNOWN_ACTION"), ("sqs:SendMessage", "RESOURCE_MISMATCH")):
        wrong = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::bucket"}
        found = linted("RolePolicy", json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))
        assert [line for line in found if line.startswith(issue)]


class Account:
    """The roles of one stack, and the keys of both."""

    def __init__(self, both: BothStacks, stack: str) -> None:
        self.stack, self.region = stack, REGIONS[stack]
        self.resources = resource_rows(both[stack].resources)
        production = resource_rows(both["production"].resources)
        self._keys = {name: statements_of(i["policy"]) for type_, name, i, _ in production if type_ == KEY}
        self._keys |= {name: statements_of(i["policy"]) for type_, name, i, _ in self.resources if type_ == KEY}
        self.arns = {name: str(out["arn"]) for type_, name, _, out in self.resources if type_ == KEY}

    def role(self, purpose: str) -> str:
        return f"taskflow-{purpose}{'-dr' if self.stack == 'dr' else ''}"

    def identity(self, role: str) -> list[Statement]:
        inline = (i for type_, _, i, _ in self.resources if type_ == INLINE and i["role"] == role)
        return [statement for inputs in inline for statement in statements_of(inputs["policy"])]

    def may(self, purpose: str, action: str, resource: str, **context: str) -> bool:
        return is_allowed(self._request(purpose, action, resource, context), self.identity(self.role(purpose)))

    def may_use(self, purpose: str, action: str, key: str, arn: str | None = None, **context: str) -> bool:
        """Whether a role may use a key; `arn` is required if another stack owns the key."""
        conditions = {
            {"via": "kms:ViaService", "bucket": "kms:EncryptionContext:aws:s3:arn"}[k]: v for k, v in context.items()
        }
        request = self._request(purpose, action, arn or self.arns[key], conditions)
        return is_key_use_allowed(request, self.identity(self.role(purpose)), self._keys[key])

    def _request(self, purpose: str, action: str, resource: str, context: Mapping[str, str]) -> Request:
        principal = f"arn:aws:iam::{ACCOUNT}:role/{self.role(purpose)}"
        return Request(principal=principal, action=action, resource=resource, context=context)


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_uses_each_key_only_through_its_service(both: BothStacks, stack: str) -> None:
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


def test_the_task_decrypts_no_other_bucket_with_the_same_key(both: BothStacks) -> None:
    """The replication role and the static assets use the key too."""
    account = Account(both, "production")
    via = "s3.us-east-1.amazonaws.com"
    files, assets = (f"arn:aws:s3:::taskflow-production-{name}-{ACCOUNT}" for name in ("files", "assets"))
    assert account.may_use(TASK, "kms:Decrypt", "keys-assets", via=via, bucket=files)
    assert not account.may_use(TASK, "kms:Decrypt", "keys-assets", via=via, bucket=assets)


def test_dr_decrypts_productions_copies(both: BothStacks) -> None:
    """With production's keys in dr's region, under their key policies."""
    account = Account(both, "dr")
    statements = account.identity(account.role(TASK))
    key_arns = {str(arn) for s in statements for arn in _as_list(s["Resource"]) if ":kms:" in str(arn)}
    secrets, assets = sorted(key_arns - set(account.arns.values()))
    bucket = f"arn:aws:s3:::taskflow-production-files-copy-{ACCOUNT}"
    reads = {"via": "secretsmanager.us-west-2.amazonaws.com"}
    for purpose in (TASK, EXECUTION):
        assert account.may_use(purpose, "kms:Decrypt", "keys-secrets-copy", secrets, **reads), purpose
        assert account.may_use(purpose, "kms:Decrypt", "keys-secrets", **reads), f"{purpose}: Redis' own secret"
    writes = {"via": "s3.us-west-2.amazonaws.com", "bucket": bucket}
    assert account.may_use(TASK, "kms:GenerateDataKey", "keys-assets-copy", assets, **writes)
    assert account.may(TASK, "s3:PutObject", f"{bucket}/a")


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_reads_only_its_secrets(both: BothStacks, stack: str) -> None:
    """Above all not that of the master user."""
    account = Account(both, stack)
    for purpose in (TASK, EXECUTION):
        secret_arns = [
            str(arn)
            for s in account.identity(account.role(purpose))
            for arn in _as_list(s["Resource"])
            if ":secret:" in str(arn)
        ]
        assert {arn.rsplit("/", 1)[-1].rsplit("-", 1)[0] for arn in secret_arns} == {
            "database-application",
            "cache-auth",
        }
        for arn in secret_arns:
            assert account.may(purpose, "secretsmanager:GetSecretValue", arn)
            assert not account.may(purpose, "secretsmanager:PutSecretValue", arn)
        master = secret_arns[0].replace("database-application", "database-owner")
        assert not account.may(purpose, "secretsmanager:GetSecretValue", master)


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_only_sends_to_its_queue(both: BothStacks, stack: str) -> None:
    account = Account(both, stack)
    queue = f"arn:aws:sqs:{account.region}:{ACCOUNT}:taskflow-{stack}-jobs"
    assert account.may(TASK, "sqs:SendMessage", queue)
    assert not account.may(TASK, "sqs:SendMessage", f"{queue}-dead")
    assert not account.may(TASK, "sqs:ReceiveMessage", queue)
    assert not account.may(TASK, "sqs:PurgeQueue", queue)


@pytest.mark.parametrize("stack", STACKS)
def test_the_access_task_only_opens_sessions(both: BothStacks, stack: str) -> None:
    account = Account(both, stack)
    assert account.may_use(ACCESS, "kms:Decrypt", "keys-sessions")
    assert not account.may_use(TASK, "kms:Decrypt", "keys-sessions")
    assert account.may(ACCESS, "ssmmessages:OpenDataChannel", "*")
    assert not account.may(TASK, "ssmmessages:OpenDataChannel", "*")
    secret = f"arn:aws:secretsmanager:{account.region}:{ACCOUNT}:secret:taskflow/{stack}/cache-auth-a1B2c3"
    assert not account.may(ACCESS, "secretsmanager:GetSecretValue", secret)


@pytest.mark.parametrize("stack", STACKS)
def test_the_data_export_reads_users_files_and_rows_and_writes_its_archive(both: BothStacks, stack: str) -> None:
    account, region, copy = Account(both, stack), REGIONS[stack], "-copy" if stack == "dr" else ""
    files = f"arn:aws:s3:::taskflow-production-files{copy}-{ACCOUNT}"
    restores = f"arn:aws:s3:::taskflow-{stack}-restores-{ACCOUNT}"
    export, login = f"{restores}/exports/0123/change-1/4567", f"arn:aws:rds-db:{region}:{ACCOUNT}:dbuser:db-1"
    cases: tuple[tuple[str, str, Mapping[str, str], bool], ...] = (
        ("s3:GetObject", f"{files}/users/u-1/a", {}, True),
        ("s3:GetObject", f"{files}/shared/a", {}, False),
        ("s3:PutObject", f"{files}/users/u-1/a", {}, False),
        ("s3:DeleteObject", f"{files}/users/u-1/a", {}, False),
        ("s3:ListBucket", files, {"s3:prefix": "users/u-1/"}, True),
        ("s3:ListBucket", files, {"s3:prefix": ""}, False),
        ("s3:GetObject", f"{export}/input/queries.sql", {}, True),
        ("s3:GetObject", f"{export}/archive.tar.age", {}, False),
        ("s3:PutObject", f"{export}/archive.tar.age", {}, True),
        ("s3:PutObject", f"{export}/input/queries.sql", {}, False),
        ("s3:GetObject", f"{restores}/manifests/a", {}, False),
        ("rds-db:connect", f"{login}/taskflow_readonly", {}, True),
        ("rds-db:connect", f"{login}/taskflow_app_a", {}, False),
    )
    for action, resource, context, expected in cases:
        assert account.may("data-export-role", action, resource, **context) is expected, (action, resource)
    via = f"s3.{region}.amazonaws.com"
    assert account.may_use("data-export-role", "kms:GenerateDataKey", "keys-assets", via=via, bucket=restores)
    assert not account.may_use("data-export-role", "kms:GenerateDataKey", "keys-assets", bucket=restores)


@pytest.mark.parametrize("stack", STACKS)
def test_ecs_pulls_only_the_tools_image_for_the_access_task(both: BothStacks, stack: str) -> None:
    """Its caller may replace the task's role by this one, so it reads no secrets and no image of the API."""
    account = Account(both, stack)
    tools, api = (f"arn:aws:ecr:{account.region}:{ACCOUNT}:repository/taskflow-{name}" for name in ("tools", "api"))
    for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"):
        assert account.may(ACCESS_EXECUTION, f"ecr:{action}", tools)
        assert not account.may(ACCESS_EXECUTION, f"ecr:{action}", api)
    assert account.may(ACCESS_EXECUTION, "ecr:GetAuthorizationToken", "*")
    logs = f"arn:aws:logs:{account.region}:{ACCOUNT}:log-group:/taskflow"
    assert account.may(ACCESS_EXECUTION, "logs:PutLogEvents", f"{logs}/{stack}/sessions:log-stream:a")
    assert not account.may(ACCESS_EXECUTION, "logs:PutLogEvents", f"{logs}/audit:log-stream:a")
    assert not account.may_use(ACCESS_EXECUTION, "kms:Decrypt", "keys-secrets")
    actions = {str(a) for s in account.identity(account.role(ACCESS_EXECUTION)) for a in _as_list(s["Action"])}
    assert not any(action.startswith("secretsmanager:") for action in actions)


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_database_task_reads_the_master_users_secret(both: BothStacks, stack: str) -> None:
    account = Account(both, stack)
    read = "secretsmanager:GetSecretValue"
    statements = account.identity(account.role(DATABASE))
    arns = [str(arn) for each in statements for arn in _as_list(each["Resource"]) if ":secret:" in str(arn)]
    (owner,) = (arn for arn in arns if "/production/database-owner-" in arn)
    (application,) = (arn for arn in arns if "/production/database-application-" in arn)
    assert account.may(DATABASE, read, owner)
    assert account.may(DATABASE, read, application)
    assert not account.may(DATABASE, read, owner.replace("database-owner", "cache-auth"))
    assert not account.may(DATABASE, "secretsmanager:PutSecretValue", application)
    for role in (TASK, EXECUTION, ACCESS, ACCESS_EXECUTION):
        assert not account.may(role, read, owner)


@pytest.mark.parametrize("stack", STACKS)
def test_the_two_roles_have_only_the_policies_of_the_document(both: BothStacks, stack: str) -> None:
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


def _as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]
