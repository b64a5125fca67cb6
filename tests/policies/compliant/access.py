"""The compliant roles as plain data: the document's two, and the one of the access task."""

import json
from collections.abc import Mapping, Sequence

from tests.policies.compliant.data import ACCOUNT, REGIONS
from tests.policies.plan import Plan, Ref

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

TASK, EXECUTION, SESSION = "Role roles-task", "Role roles-execution", "Role roles-access"
SECRETS, BUCKET, QUEUE, RECORDS = (f"RolePolicy roles-task-{name}" for name in ("secrets", "bucket", "queue", "audit"))
EXECUTION_SECRETS, SESSIONS = "RolePolicy roles-execution-secrets", "RolePolicy roles-access-sessions"

Statement = dict[str, object]


def add_access(plan: Plan) -> None:
    """Add a stack's roles with their policies."""
    suffix = "-dr" if plan.stack == "dr" else ""
    region = REGIONS.get(plan.stack, "us-east-1")
    for name, physical in (
        ("task", "ecs-task-role"),
        ("execution", "ecs-execution-role"),
        ("access", "access-task-role"),
    ):
        role = plan.add(
            ROLE,
            f"roles-{name}",
            None,
            name=f"taskflow-{physical}{suffix}",
            assumeRolePolicy=document(trust_statement(region)),
            maxSessionDuration=3600,
        )
        role.computed = {"arn": f"arn:aws:iam::{ACCOUNT}:role/taskflow-{physical}{suffix}"}
    by_policy = statements(plan.stack)
    for key, name in (
        (SECRETS, "SecretsManagerReadOnly"),
        (BUCKET, "S3ReadWriteTaskflowBucket"),
        (QUEUE, "SQSSendMessage"),
        (RECORDS, "AuditLogWrite"),
    ):
        _policy(plan, key, TASK, name, by_policy[name])
    _policy(plan, EXECUTION_SECRETS, EXECUTION, "SecretsManagerReadOnly", by_policy["SecretsManagerReadOnly"])
    _policy(plan, SESSIONS, SESSION, "ExecuteCommand", by_policy["ExecuteCommand"])
    plan.add(ATTACHMENT, "roles-execution", None, role=Ref(to=EXECUTION), policyArn=EXECUTION_POLICY)


def _policy(plan: Plan, key: str, role: str, name: str, allowed: Sequence[Statement]) -> None:
    plan.add(ROLE_POLICY, key.partition(" ")[2], None, name=name, role=Ref(to=role), policy=document(*allowed))


def document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust_statement(region: str, **changed: object) -> Statement:
    """Return the statement that allows ECS to assume a role for its tasks, with some elements changed."""
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:{ACCOUNT}:*"},
    }
    whole = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return {key: value for key, value in {**whole, **changed}.items() if value is not None}


def allow(actions: Sequence[str], *resources: str, **more: object) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources), **more}


def via_service(service: str, region: str) -> Statement:
    """Return the condition on the use of a key through one service."""
    return {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}


def statements(stack: str) -> Mapping[str, Sequence[Statement]]:
    """Return the statements of each policy in a stack, by the policy's name."""
    region = REGIONS.get(stack, "us-east-1")
    key = f"arn:aws:kms:{region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    copy = "-copy" if stack == "dr" else ""
    bucket = f"arn:aws:s3:::taskflow-production-files{copy}-{ACCOUNT}"
    secret = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:taskflow"
    group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/taskflow/{stack}/sessions"
    encrypt = ["kms:Decrypt", "kms:GenerateDataKey"]
    channels = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"]
    return {
        "SecretsManagerReadOnly": (
            allow(
                ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                f"{secret}/production/database-application-a1B2c3",
                f"{secret}/{stack}/cache-auth-a1B2c3",
            ),
            allow(["kms:Decrypt"], key, Condition=via_service("secretsmanager", region)),
        ),
        "S3ReadWriteTaskflowBucket": (
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{bucket}/*"),
            allow(["s3:ListBucket"], bucket),
            allow(encrypt, key, Condition=via_service("s3", region)),
        ),
        "SQSSendMessage": (
            allow(["sqs:SendMessage"], f"arn:aws:sqs:{region}:{ACCOUNT}:taskflow-{stack}-jobs"),
            allow(encrypt, key, Condition=via_service("sqs", region)),
        ),
        "AuditLogWrite": (
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/taskflow/audit:log-stream:*",
            ),
        ),
        "ExecuteCommand": (
            allow([f"ssmmessages:{action}" for action in channels], "*"),
            allow(["logs:DescribeLogGroups"], "*"),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], group, f"{group}:*"),
            allow(["kms:Decrypt"], key),
        ),
    }
