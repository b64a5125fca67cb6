"""The compliant roles as plain data: the document's two, those of one-off tasks, and those of people."""

import json
from collections.abc import Mapping, Sequence

from tests.policies.compliant.data import ACCOUNT, REGIONS
from tests.policies.plan import Plan, Ref

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

TASK, EXECUTION, SESSION = "Role roles-task", "Role roles-execution", "Role roles-access"
SECRETS, BUCKET, QUEUE, RECORDS = (f"RolePolicy roles-task-{name}" for name in ("secrets", "bucket", "queue", "audit"))
EXECUTION_SECRETS, SESSIONS = "RolePolicy roles-execution-secrets", "RolePolicy roles-access-sessions"
SESSION_EXECUTION, SESSION_START = "Role roles-access-execution", "RolePolicy roles-access-start"
LOGINS = "Role roles-database"
RESTORE, RESTORE_FILES = "Role restores", "RolePolicy restores"
VALIDATION_ROLE = "Role roles-restore-validation"
VALIDATION_CHECK, VALIDATION_START = (f"RolePolicy roles-restore-validation-{name}" for name in ("check", "start"))
EXPORT_ROLE = "Role roles-data-export"
EXPORT_GATHER, EXPORT_START = (f"RolePolicy roles-data-export-{name}" for name in ("gather", "start"))
LOGIN_SECRETS, LOGIN_START = "RolePolicy roles-database-secrets", "RolePolicy roles-database-start"

Statement = dict[str, object]


def add_access(plan: Plan) -> None:
    """Add a stack's roles with their policies."""
    suffix = "-dr" if plan.stack == "dr" else ""
    region = REGIONS.get(plan.stack, "us-east-1")
    for name, physical in (
        ("task", "ecs-task-role"),
        ("execution", "ecs-execution-role"),
        ("access", "access-task-role"),
        ("access-execution", "access-execution-role"),
        ("database", "database-task-role"),
        ("restore-validation", "restore-validation-role"),
        ("data-export", "data-export-role"),
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
    _restore_role(plan, suffix)
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
    _policy(plan, SESSION_START, SESSION_EXECUTION, "StartAccessTask", by_policy["StartAccessTask"])
    _policy(plan, LOGIN_SECRETS, LOGINS, "ReadLogins", by_policy["ReadLogins"])
    _policy(plan, LOGIN_START, LOGINS, "StartDatabaseTask", by_policy["StartAccessTask"])
    _policy(plan, RESTORE_FILES, RESTORE, "RestoreFiles", by_policy["RestoreFiles"])
    _policy(plan, VALIDATION_CHECK, VALIDATION_ROLE, "ValidateRestores", by_policy["ValidateRestores"])
    _policy(plan, VALIDATION_START, VALIDATION_ROLE, "StartRestoreValidation", by_policy["StartAccessTask"])
    _policy(plan, EXPORT_GATHER, EXPORT_ROLE, "ExportData", by_policy["ExportData"])
    _policy(plan, EXPORT_START, EXPORT_ROLE, "StartDataExport", by_policy["StartAccessTask"])
    plan.add(ATTACHMENT, "roles-execution", None, role=Ref(to=EXECUTION), policyArn=EXECUTION_POLICY)
    if plan.stack != "dr":
        _people(plan)
        _workflows(plan)


def _restore_role(plan: Plan, suffix: str) -> None:
    """Add the role of S3's jobs."""
    trust = {"Principal": {"Service": "batchoperations.s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = plan.add(
        ROLE,
        "restores",
        None,
        name=f"taskflow-files-restore-role{suffix}",
        assumeRolePolicy=document({"Effect": "Allow", **trust}),
        maxSessionDuration=3600,
    )
    role.computed = {"arn": f"arn:aws:iam::{ACCOUNT}:role/taskflow-files-restore-role{suffix}"}


READ = ("job-function/ViewOnlyAccess", "CloudWatchReadOnlyAccess")
CENTER = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_People_0123456789abcdef"
# By purpose: the role's name, its tickets, its own policy and AWS's.
PEOPLE: Mapping[str, tuple[str, Sequence[str], str, Sequence[str]]] = {
    "on-call": ("taskflow-on-call", ["incident-?*"], "RollBack", READ),
    "devops": ("taskflow-devops", ["change-?*", "incident-?*"], "", ("AdministratorAccess",)),
    "dba": ("taskflow-dba", ["change-?*", "incident-?*"], "DataOperations", READ),
    "database-access": ("prod-db-access", ["incident-?*"], "DatabaseAccess", ()),
    "break-glass": ("prod-break-glass", ["incident-?*"], "", ("AdministratorAccess",)),
}
BOUNDARY = "Policy people-boundary"


def _people(plan: Plan) -> None:
    """Add the roles of people and their boundary."""
    boundary = plan.add(
        POLICY, "people-boundary", None, name="taskflow-people", policy=document(*boundary_statements())
    )
    boundary.computed = {"arn": f"arn:aws:iam::{ACCOUNT}:policy/taskflow-people"}
    for purpose, (name, tickets, own, managed) in PEOPLE.items():
        role = plan.add(
            ROLE,
            f"people-{purpose}",
            None,
            name=name,
            assumeRolePolicy=document(*people_statements(tickets)),
            maxSessionDuration=3600,
            permissionsBoundary=Ref(to=boundary.key, output="arn"),
        )
        if own:
            statement = allow(
                ["ecs:UpdateService"],
                f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/taskflow-production/*",
                Condition={
                    "StringEqualsIfExists": {"ecs:enable-execute-command": "false"},
                    "ArnLikeIfExists": {"ecs:task-definition": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/a:*"},
                },
            )
            _policy(plan, f"RolePolicy people-{purpose}", role.key, own, [statement])
        for policy in managed:
            arn = f"arn:aws:iam::aws:policy/{policy}"
            plan.add(
                ATTACHMENT, f"people-{purpose}-{policy.rpartition('/')[2]}", None, role=Ref(to=role.key), policyArn=arn
            )


ISSUER = "token.actions.githubusercontent.com"
OIDC_PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
INFRASTRUCTURE, APPLICATION = "taskflow@1234567/infrastructure@234567890", "taskflow@1234567/taskflow@345678901"
MAIN, PULL, TAG = "refs/heads/main", "refs/pull/*/merge", "refs/tags/v*"
# By job: repository, environment, workflow file, the file's reference of Git and the run's, own policies and AWS's.
WORKFLOWS: Mapping[str, tuple[str, str, str, str, str, Sequence[str], Sequence[str]]] = {
    "preview": (INFRASTRUCTURE, "preview", "preview.yml", PULL, PULL, ["ReadState"], ()),
    "plan": (INFRASTRUCTURE, "plan", "deploy.yml", MAIN, MAIN, ["ReadState"], ()),
    "deploy-production": (INFRASTRUCTURE, "production", "deploy.yml", MAIN, MAIN, [], ("AdministratorAccess",)),
    "deploy-dr": (INFRASTRUCTURE, "dr", "deploy.yml", MAIN, MAIN, [], ("AdministratorAccess",)),
    "nightly": (INFRASTRUCTURE, "nightly", "nightly.yml", MAIN, MAIN, ["ReadState", "NoData"], ("ReadOnlyAccess",)),
    "build": (APPLICATION, "build", "release.yml", MAIN, TAG, ["PushImage"], ()),
    "release": (
        APPLICATION, "release", "release.yml", MAIN, TAG, ["Release", "PublishAssets"],
        ("job-function/ViewOnlyAccess",),
    ),
}  # fmt: skip


def _workflows(plan: Plan) -> None:
    """Add GitHub's identity provider and the roles of workflows."""
    plan.add(OIDC_PROVIDER, "delivery", None, url=f"https://{ISSUER}", clientIdLists=["sts.amazonaws.com"])
    for job, (*_, own, managed) in WORKFLOWS.items():
        role = plan.add(
            ROLE,
            f"delivery-{job}",
            None,
            name=f"taskflow-ci-{job}",
            assumeRolePolicy=document(workflow_statement(job)),
            maxSessionDuration=3600,
            permissionsBoundary=Ref(to=BOUNDARY, output="arn"),
        )
        for name in own:
            few = [allow(["s3:ListBucket"], "arn:aws:s3:::states")]
            found = data_denials() if name == "NoData" else [migration()] if name == "Release" else few
            _policy(plan, f"RolePolicy delivery-{job}-{name}", role.key, name, found)
        for policy in managed:
            arn = f"arn:aws:iam::aws:policy/{policy}"
            plan.add(
                ATTACHMENT, f"delivery-{job}-{policy.rpartition('/')[2]}", None, role=Ref(to=role.key), policyArn=arn
            )


DATA = [
    "athena:GetQueryResults", "athena:GetQueryResultsStream", "dynamodb:BatchGetItem", "dynamodb:GetItem",
    "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", "kinesis:GetRecords", "logs:FilterLogEvents",
    "logs:GetLogEvents", "logs:GetLogRecord", "logs:GetQueryResults", "logs:StartLiveTail", "logs:StartQuery",
    "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion", "sqs:ReceiveMessage", "ssm:GetParameter",
    "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath",
]  # fmt: skip
OBJECTS = ["s3:GetObject", "s3:GetObjectVersion"]
STATES = [f"arn:aws:s3:::taskflow-pulumi-state-{region}/*" for region in ("us-east-1", "us-west-2")]


def data_denials(
    actions: Sequence[str] = DATA,
    *,
    objects: Sequence[str] = OBJECTS,
    kept: Sequence[str] = STATES,
    resource: str = "*",
    **elements: object,
) -> list[Statement]:
    """Return the denials of data beside ReadOnlyAccess; `elements` are of both."""
    rest = {"Effect": "Deny", "Action": list(objects), "NotResource": list(kept)}
    return [{**_deny(list(actions), [resource]), **elements}, {**rest, **elements}]  # fmt: skip


def migration(**condition: object) -> Statement:
    """Return what runs the migration, with more conditions or others."""
    where = {
        "ArnEquals": {"ecs:cluster": f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/taskflow-production"},
        "StringEqualsIfExists": {"ecs:enable-execute-command": "false"},
        **condition,
    }
    return allow(
        ["ecs:RunTask"], f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/taskflow-*-production:*",
        Condition={key: value for key, value in where.items() if value},
    )  # fmt: skip


def workflow_statement(job: str, changed: Mapping[str, object] | None = None, **elements: object) -> Statement:
    """Return the statement of a trust policy; `changed` replaces values of its condition by key, None removes one."""
    repository, environment, workflow, file_reference, run_reference, _, _ = WORKFLOWS[job]
    claims: dict[str, object] = {
        f"{ISSUER}:{claim}": value
        for claim, value in {
            "aud": "sts.amazonaws.com",
            "sub": f"repo:{repository}:environment:{environment}",
            "job_workflow_ref": f"taskflow/infrastructure/.github/workflows/{workflow}@{file_reference}",
            "ref": run_reference,
        }.items()
    }
    claims["sts:RoleSessionName"] = "change-?*"
    operators = {key: "StringLike" if "*" in str(value) else "StringEquals" for key, value in claims.items()}
    condition: dict[str, dict[str, object]] = {}
    for key, value in {**claims, **(changed or {})}.items():
        if value is not None:
            condition.setdefault(operators[key], {})[key] = value
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
        **elements,
    }


def people_statements(tickets: Sequence[str], **mfa: object) -> Sequence[Statement]:
    """Return the statements of a trust policy: people of IAM with MFA, of IAM Identity Center, and the identity."""
    required = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
    session = {"sts:RoleSessionName": list(tickets), "sts:SourceIdentity": "?*"}
    return (
        _assume(f"arn:aws:iam::{ACCOUNT}:user/alice", StringLike=session, **{**required, **mfa}),
        _assume(CENTER, StringLike=session),
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:SetSourceIdentity",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": CENTER}, "StringLike": {"sts:SourceIdentity": "?*"}},
        },
    )


def _assume(person: str, **conditions: object) -> Statement:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": person}, **conditions},
    }


def boundary_statements() -> Sequence[Statement]:
    """Return the statements of the boundary: everything, but what no one may do, or only break-glass."""
    roles = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name, _, _, _ in PEOPLE.values()}
    others = {"ArnNotEquals": {"aws:PrincipalArn": roles["prod-break-glass"]}}
    logins = {"ArnNotEquals": {"aws:PrincipalArn": [roles["prod-break-glass"], roles["prod-db-access"]]}}
    east, west = (f"arn:aws:logs:{region}:{ACCOUNT}:log-group:" for region in ("us-east-1", "us-west-2"))
    return (
        allow(["*"], "*"),
        _deny(
            ["iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
             "iam:CreateServiceSpecificCredential", "iam:CreateUser", "iam:PutUserPolicy", "iam:UpdateAccessKey",
             "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate"], ["*"]),
        _deny(
            ["iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
             "iam:DeleteOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider",
             "iam:UpdateOpenIDConnectProviderThumbprint", "iam:UpdateSAMLProvider", "rolesanywhere:CreateTrustAnchor",
             "rolesanywhere:UpdateTrustAnchor"], ["*"], Condition=others),
        _deny(
            ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary",
             "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
             "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"],
            [*roles.values(), f"arn:aws:iam::{ACCOUNT}:role/taskflow-ci-*"], Condition=others),
        _deny(
            ["iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion",
             "iam:SetDefaultPolicyVersion"],
            [f"arn:aws:iam::{ACCOUNT}:policy/taskflow-people"], Condition=others),
        _deny(
            ["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging",
             "cloudtrail:UpdateTrail", "s3:BypassGovernanceRetention"], ["*"], Condition=others),
        _deny(
            ["logs:DeleteLogGroup", "logs:DeleteLogStream"],
            [f"{east}/taskflow/audit*", f"{east}/taskflow/production/trail*", f"{west}/taskflow/audit*",
             f"{west}/taskflow/dr/trail*"], Condition=others),
        _deny(
            ["s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"],
            ["arn:aws:s3:::taskflow-production-files*/*", "arn:aws:s3:::taskflow-dr-files*/*"], Condition=others),
        _deny(["sts:AssumeRole"], ["*"], Condition=others),
        _deny(["ecs:ExecuteCommand", "rds-db:connect", "ssm:StartSession"], ["*"], Condition=logins),
    )  # fmt: skip


def _deny(actions: Sequence[str], resources: Sequence[str], **more: object) -> Statement:
    return {"Effect": "Deny", "Action": list(actions), "Resource": list(resources), **more}


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
    read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    logins = [f"{secret}/production/database-{name}-a1B2c3" for name in ("owner", "application")]
    channels = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"]
    return {
        "SecretsManagerReadOnly": (
            allow(read, f"{secret}/production/database-application-a1B2c3", f"{secret}/{stack}/cache-auth-a1B2c3"),
            allow(["kms:Decrypt"], key, Condition=via_service("secretsmanager", region)),
        ),
        "ReadLogins": (
            allow(read, *logins),
            allow(["kms:Decrypt"], key, Condition=via_service("secretsmanager", region)),
        ),
        "S3ReadWriteTaskflowBucket": (
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{bucket}/*"),
            allow(["s3:ListBucket"], bucket),
            allow(encrypt, key, Condition=via_service("s3", region)),
        ),
        "RestoreFiles": (
            allow(["s3:GetObjectVersion", "s3:PutObject"], f"{bucket}/*"),
            allow(["s3:GetObject"], f"arn:aws:s3:::taskflow-{stack}-restores-{ACCOUNT}/manifests/*"),
            allow(["s3:PutObject"], f"arn:aws:s3:::taskflow-{stack}-restores-{ACCOUNT}/reports/*"),
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
        "ValidateRestores": (
            allow(["rds:DescribeDBInstances"], f"arn:aws:rds:{region}:{ACCOUNT}:db:awsbackup-restore-test-*"),
            allow(["rds-db:connect"], f"arn:aws:rds-db:{region}:{ACCOUNT}:dbuser:*/taskflow_readonly"),
            allow(["backup:ListRestoreJobs", "backup:PutRestoreValidationResult"], "*"),
        ),
        "ExportData": (
            allow(["s3:ListBucket"], bucket),
            allow(["s3:GetObject"], f"{bucket}/users/*"),
            allow(["rds-db:connect"], f"arn:aws:rds-db:{region}:{ACCOUNT}:dbuser:*/taskflow_readonly"),
            allow(["s3:PutObject"], f"arn:aws:s3:::taskflow-{stack}-restores-{ACCOUNT}/exports/*"),
            allow(encrypt, key, Condition=via_service("s3", region)),
        ),
        "StartAccessTask": (
            allow(["ecr:GetAuthorizationToken"], "*"),
            allow(["ecr:BatchGetImage"], f"arn:aws:ecr:{region}:{ACCOUNT}:repository/taskflow-tools"),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{group}:*"),
        ),
    }
