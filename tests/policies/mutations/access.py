"""Changes that violate the rules about access. Data only."""

import json
from collections.abc import Mapping

from tests.policies.compliant.access import (
    ACCOUNT,
    ATTACHMENT,
    BUCKET,
    EXECUTION,
    EXECUTION_POLICY,
    EXECUTION_SECRETS,
    QUEUE,
    RECORDS,
    REGIONS,
    ROLE_POLICY,
    SECRETS,
    TASK,
    allow,
    document,
    trust_statement,
    via_service,
)
from tests.policies.compliant.storage import bucket_arns, tls_only
from tests.policies.mutations.database import PRODUCTION
from tests.policies.mutations.mutation import Change, Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Plan, Ref

REGION = REGIONS["production"]
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET_ARN = f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:taskflow-production-jobs"
STREAMS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/taskflow/audit:log-stream:*"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:taskflow/production"
OWN = f"{SECRET}/cache-auth-a1B2c3"
READ = "secretsmanager:GetSecretValue"
PARAMETERS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/taskflow/production"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/taskflow-production/*"
DATABASES = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:"
SECRETS_ONLY = via_service("secretsmanager", REGION)
# A policy without one of the document's names.
OTHER = "RolePolicy people-dba"
COPY_ARN = f"arn:aws:s3:::taskflow-production-files-copy-{ACCOUNT}"


def _statements(key: str, *statements: Mapping[str, object]) -> Change:
    """Replace the statements of a policy."""
    return sets(key, "policy", document(*statements))


TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def _wildcard(label: str, *statements: Mapping[str, object]) -> Mutation:
    """A violation of access-wildcards by a policy without one of the document's names."""
    return mutation(label, _statements(OTHER, *statements), "access-wildcards@people-dba", stacks=PRODUCTION)


WILDCARDS = (
    *(
        _wildcard(label, statement)
        for label, statement in (
            ("every action", allow(["*"], QUEUE_ARN)),
            ("every action of a service", allow(["sqs:*"], QUEUE_ARN)),
            ("every read action", allow(["sqs:Get*"], QUEUE_ARN)),
            ("an action with a wildcard letter", allow(["sqs:SendMessag?"], QUEUE_ARN)),
            ("a wildcard action as one text", {"Effect": "Allow", "Action": "s3:*", "Resource": BUCKET_ARN}),
            ("all actions but some", {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": QUEUE_ARN}),
            ("all resources but one", {"Effect": "Allow", "Action": ["sqs:SendMessage"], "NotResource": [QUEUE_ARN]}),
            ("all resources", allow(["sqs:SendMessage"], "*")),
            ("all resources by another wildcard", allow(["sqs:SendMessage"], "?*")),
            ("all resources of a service", allow(["sqs:SendMessage"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:*")),
            ("a resource of any account", allow(["sqs:SendMessage"], QUEUE_ARN.replace(ACCOUNT, "*"))),
            ("a resource in any region", allow(["sqs:SendMessage"], QUEUE_ARN.replace(REGION, "*"))),
            ("every key", allow(["kms:Decrypt"], f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*")),
            ("every secret", allow([READ], f"{SECRET.rpartition(':')[0]}:*")),
            ("every role", allow(["iam:PassRole"], f"arn:aws:iam::{ACCOUNT}:role/*", Condition=TO_TASKS)),
            ("every bucket", allow(["s3:GetObject"], "arn:aws:s3:::*")),
            ("buckets by a wildcard", allow(["s3:GetObject"], "arn:aws:s3:::taskflow-*/*")),
            ("a name instead of an ARN", allow(["sqs:SendMessage"], "taskflow-production-jobs")),
            ("all resources for an action with an ARN", allow(["logs:DescribeLogGroups", "logs:PutLogEvents"], "*")),
            ("another account's queue", allow(["sqs:SendMessage"], QUEUE_ARN.replace(ACCOUNT, "111122223333"))),
            ("an unknown effect", {"Effect": "allow", "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}),
            ("an unknown element", {**allow(["sqs:SendMessage"], QUEUE_ARN), "Actions": "*"}),
        )
    ),
    *(
        mutation(label, sets(OTHER, "policy", value), "access-wildcards@people-dba", stacks=PRODUCTION)
        for label, value in (
            ("a policy without statements", "{}"),
            ("a policy that isn't JSON", "Allow *"),
            ("a policy document that isn't set", REMOVED),
        )
    ),
    mutation(
        "a customer managed policy that allows everything",
        adds("aws:iam/policy:Policy", "added", policy=document(allow(["*"], "*"))),
        "access-wildcards@added",
    ),
)


def permission(label: str, key: str, *statements: Mapping[str, object]) -> Mutation:
    """A violation of access-permissions by one of the document's policies."""
    return mutation(
        label, _statements(key, *statements), f"access-permissions@{key.partition(' ')[2]}", stacks=PRODUCTION
    )


CONDITIONS = tuple(
    mutation(
        f"{label}{suffix}",
        _statements(OTHER, allow([action], resource, **condition)),
        "access-conditions@people-dba",
        stacks=PRODUCTION,
    )
    for label, action, resource, other in (
        ("a role passed to any service", "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/taskflow-a", {}),
        ("a task in any cluster", "ecs:RunTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/taskflow-a:1", {}),
        ("tasks of any cluster", "ecs:ListTasks", "*", {}),
        ("sessions of others", "ssm:TerminateSession", f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/incident-*",
         {"StringEquals": {"ssm:resourceTag/aws:ssmmessages:session-id": "*"}}),
        ("others' sessions again", "ssm:ResumeSession", f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/incident-*", {}),
        ("records of incidents overwritten", "ssm:PutParameter", f"{PARAMETERS}/incident/*",
         {"StringNotEquals": {"ssm:Overwrite": "false"}}),
        ("a service with any task", "ecs:UpdateService", SERVICE,
         {"StringEqualsIfExists": {"ecs:enable-execute-command": "false"}}),
        ("a service with sessions", "ecs:UpdateService", SERVICE,
         {"StringEqualsIfExists": {"ecs:enable-execute-command": "true"}}),
        ("a database deleted", "rds:DeleteDBInstance", f"{DATABASES}taskflow-recovery-*",
         {"Null": {"aws:ResourceTag/RestoredFrom": "true"}}),
        ("a database changed", "rds:ModifyDBInstance", f"{DATABASES}taskflow-recovery-*", {}),
        ("a database tagged as restored", "rds:AddTagsToResource", f"{DATABASES}taskflow-recovery-*",
         {"Null": {"aws:ResourceTag/Application": "false"}}),
        ("any job of S3", "s3:CreateJob", "*", {"StringEquals": {"s3:RequestJobOperation": "S3PutObjectTagging"}}),
    )
    for suffix, condition in (("", {}), (" by another value", {"Condition": other}))[: 2 if other else 1]
)  # fmt: skip

PERMISSIONS = (
    mutation(
        "another account's secret",
        _statements(SECRETS, allow([READ], OWN.replace(ACCOUNT, "111111111111"))),
        "access-permissions@roles-task-secrets",
        "access-wildcards@roles-task-secrets",
        stacks=PRODUCTION,
    ),
    *(
        permission(label, key, *statements)
        for label, key, statements in (
            ("writing a secret", SECRETS, [allow(["secretsmanager:PutSecretValue"], OWN)]),
            (
                "the database owner's secret",
                SECRETS,
                [allow([READ], f"{SECRET}/database-owner-a1B2c3")],
            ),
            (
                "another region's secret",
                SECRETS,
                [allow([READ], OWN.replace(REGION, "eu-west-1"))],
            ),
            ("direct use of a key for secrets", SECRETS, [allow(["kms:Decrypt"], KEY)]),
            (
                "a key for secrets through S3",
                SECRETS,
                [allow(["kms:Decrypt"], KEY, Condition=via_service("s3", REGION))],
            ),
            (
                "a key of another region for secrets",
                SECRETS,
                [allow(["kms:Decrypt"], KEY.replace(REGION, "us-west-2"), Condition=SECRETS_ONLY)],
            ),
            (
                "encrypting with the key for secrets",
                SECRETS,
                [allow(["kms:Encrypt"], KEY, Condition=SECRETS_ONLY)],
            ),
            ("the execution role writing a secret", EXECUTION_SECRETS, [allow(["secretsmanager:UpdateSecret"], OWN)]),
            ("another bucket", BUCKET, [allow(["s3:GetObject"], "arn:aws:s3:::taskflow-production-audit/*")]),
            (
                "the copy of the bucket",
                BUCKET,
                [allow(["s3:GetObject"], f"{COPY_ARN}/*")],
            ),
            ("writing the bucket's policy", BUCKET, [allow(["s3:PutBucketPolicy"], BUCKET_ARN)]),
            ("deleting object versions", BUCKET, [allow(["S3:DeleteObjectVersion"], f"{BUCKET_ARN}/*")]),
            ("direct use of a key for files", BUCKET, [allow(["kms:Decrypt"], KEY)]),
            (
                "a key with an optional condition",
                BUCKET,
                [
                    allow(
                        ["kms:Decrypt"],
                        KEY,
                        Condition={"StringEqualsIfExists": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
                    )
                ],
            ),
            ("reading a queue", QUEUE, [allow(["sqs:ReceiveMessage"], QUEUE_ARN)]),
            ("another stack's queue", QUEUE, [allow(["sqs:SendMessage"], QUEUE_ARN.replace("production", "dr"))]),
            ("direct use of a key for messages", QUEUE, [allow(["kms:GenerateDataKey"], KEY)]),
            ("reading audit records", RECORDS, [allow(["logs:GetLogEvents"], STREAMS)]),
            ("deleting audit records", RECORDS, [allow(["logs:DeleteLogStream"], STREAMS)]),
            (
                "audit records in another log group",
                RECORDS,
                [allow(["logs:PutLogEvents"], STREAMS.replace("/taskflow/audit", "/taskflow/production/trail"))],
            ),
            ("a key for audit records", RECORDS, [allow(["kms:GenerateDataKey"], KEY)]),
        )
    ),
)


def _trust(label: str, *statements: Mapping[str, object]) -> Mutation:
    # Only roles of workflows trust GitHub at all.
    rules = ("access-trust", *(["access-workflows"] if "GitHub" in label else []))
    at = [f"{rule}@roles-task" for rule in rules]
    return mutation(label, sets(TASK, "assumeRolePolicy", document(*statements)), *at, stacks=PRODUCTION)


PEOPLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
GITHUB_KEY = "token.actions.githubusercontent.com"

TRUST = (
    *(
        _trust(label, trust_statement(REGION, **changed))
        for label, changed in (
            (
                "tasks of any account",
                {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"}}},
            ),
            ("tasks of any region", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
            ("a service without conditions", {"Condition": None}),
            ("every action of tasks", {"Action": "*"}),
            ("another action of tasks", {"Action": ["sts:AssumeRole", "iam:PassRole"]}),
            ("anyone", {"Principal": "*", "Condition": MFA}),
            ("people of another account", {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Condition": MFA}),
            ("people without MFA", {"Principal": PEOPLE, "Condition": None}),
            (
                "people with optional MFA",
                {
                    "Principal": PEOPLE,
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
                },
            ),
            (
                "people with MFA excluded",
                {
                    "Principal": PEOPLE,
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ),
            ("all of GitHub", {"Principal": GITHUB, "Condition": {"StringEquals": {f"{GITHUB_KEY}:aud": "sts"}}}),
            (
                "GitHub for any audience",
                {"Principal": GITHUB, "Condition": {"StringLike": {f"{GITHUB_KEY}:sub": "repo:a"}}},
            ),
            (
                "GitHub by any subject",
                {
                    "Principal": GITHUB,
                    "Condition": {
                        "StringEquals": {f"{GITHUB_KEY}:aud": "sts"},
                        "StringLike": {f"{GITHUB_KEY}:sub": "*"},
                    },
                },
            ),
            ("a canonical user", {"Principal": {"CanonicalUser": "0123"}}),
            ("all principals but one", {"Principal": None, "NotPrincipal": PEOPLE}),
            ("no principal", {"Principal": None}),
            ("an unreadable trust policy", {"Effect": "allow"}),
        )
    ),
    mutation("no trust policy", sets(TASK, "assumeRolePolicy", REMOVED), "access-trust@roles-task"),
    mutation("a trust policy without statements", sets(TASK, "assumeRolePolicy", "{}"), "access-trust@roles-task"),
    mutation("sessions of twelve hours", sets(TASK, "maxSessionDuration", 43200), "access-trust@roles-task"),
)


def _allowing(service: str, **changed: object) -> str:
    """Return a document that allows a service an action without conditions, with some elements changed."""
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "x:Do"}
    return document({**statement, **changed})


BY_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
BALANCER_LOGS = f"arn:aws:s3:::taskflow-production-load-balancer-logs-{ACCOUNT}"
BALANCERS = "logdelivery.elasticloadbalancing"
GROUP_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
WRITING = {"Action": "logs:PutLogEvents", "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/a:*"}


def _balancer_logs(path: str, **changed: object) -> Change:
    """Allow load balancers to write to a path of their log bucket."""
    own = json.loads(_allowing(BALANCERS, Action="s3:PutObject", Resource=f"{BALANCER_LOGS}/{path}", **changed))
    statements = [tls_only("s3", *bucket_arns(BALANCER_LOGS.rpartition(":")[2])), *own["Statement"]]
    return sets("BucketPolicy origin-logs", "policy", document(*statements))


SERVICES = (
    mutation(
        "a role for an unknown service",
        sets(TASK, "assumeRolePolicy", _allowing("lambda", Action="sts:AssumeRole")),
        "access-services@roles-task",
    ),
    *(
        mutation(
            f"a role under a condition key that {service} doesn't send",
            sets(f"Role {name}", "assumeRolePolicy", _allowing(service, Action="sts:AssumeRole", Condition=condition)),
            f"access-services@{name}",
            stacks=PRODUCTION,
        )
        for name, service, condition in (
            ("audit-trail", "cloudtrail", BY_ACCOUNT),
            ("audit-delivery", "firehose", {"ArnLike": {"aws:SourceArn": f"arn:aws:firehose:*:{ACCOUNT}:*"}}),
        )
    ),
    mutation(
        "a load balancer's logs under a condition key that it doesn't send",
        _balancer_logs(f"access/AWSLogs/{ACCOUNT}/*", Condition=BY_ACCOUNT),
        "access-services@origin-logs",
        stacks=PRODUCTION,
    ),
    mutation(
        "logs of any account's load balancers",
        _balancer_logs("access/*"),
        "storage-bucket-closed@origin-logs",
        stacks=PRODUCTION,
    ),
    mutation(
        "a queue for an unknown service",
        sets(
            "QueuePolicy jobs",
            "policy",
            document(tls_only("sqs", QUEUE_ARN), *json.loads(_allowing("lambda", Resource=QUEUE_ARN))["Statement"]),
        ),
        "access-services@jobs",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            label,
            adds(GROUP_POLICY, "added", policyDocument=_allowing(service, **WRITING, **condition)),
            "access-services@added",
        )
        for label, service, condition in (
            ("a log group for an unknown service", "lambda", {}),
            ("logs under a condition key that EventBridge doesn't send", "events", {"Condition": BY_ACCOUNT}),
            ("logs that require a source", "events", {"Condition": {"Null": {"aws:SourceArn": "false"}}}),
            (
                "logs of an organization that EventBridge doesn't send",
                "events",
                {"Condition": {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-1/*"}}},
            ),
            (
                "logs from an address that EventBridge doesn't send",
                "events",
                {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
            ),
        )
    ),
)

USERS = tuple(
    mutation(f"a {kind}", adds(f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}", "added"), "access-no-users@added")
    for kind in ("User", "AccessKey", "Group", "UserLoginProfile", "GroupMembership", "SshKey", "UserPolicyAttachment")
)


SENDS = document(allow(["sqs:SendMessage"], QUEUE_ARN))
ADMINISTRATORS = "arn:aws:iam::aws:policy/AdministratorAccess"
BY_ECS = "RolePolicyAttachment roles-execution"


def _without_roles(plan: Plan) -> None:
    """Rename the task role of a stack with a service."""
    if "Service service" not in plan.resources:
        plan.add("aws:ecs/service:Service", "service", None)
    plan.set(TASK, "name", "another-role")


ROLES = (
    mutation("a service without the document's roles", _without_roles, "access-roles@"),
    mutation(
        "an additional policy",
        adds(
            ROLE_POLICY,
            "added",
            role=Ref(to=TASK),
            name="Extra",
            policy=SENDS,
        ),
        "access-roles@added",
    ),
    mutation(
        "a policy without a name",
        adds(ROLE_POLICY, "added", role=Ref(to=TASK), policy=SENDS),
        "access-roles@added",
    ),
    mutation("a missing policy", removes(QUEUE), "access-roles@roles-task"),
    mutation(
        "a policy under another name",
        sets(QUEUE, "name", "Queue"),
        "access-roles@roles-task",
        "access-roles@roles-task-queue",
    ),
    mutation(
        "a policy of the other role",
        sets(QUEUE, "role", Ref(to=EXECUTION)),
        "access-roles@roles-task",
        "access-roles@roles-task-queue",
    ),
    mutation("a policy without a role", sets(QUEUE, "role", REMOVED), "access-roles@roles-task"),
    mutation(
        "an AWS managed policy for the task role",
        adds(
            ATTACHMENT,
            "added",
            role=Ref(to=TASK),
            policyArn=EXECUTION_POLICY,
        ),
        "access-roles@added",
    ),
    mutation("an execution role without its policy", removes(BY_ECS), "access-roles@roles-execution"),
)

ATTACHED = (
    *(
        mutation(
            label,
            sets(BY_ECS, "policyArn", arn),
            "access-attachments@roles-execution",
            "access-roles@roles-execution",
        )
        for label, arn in (
            ("the power users' policy", "arn:aws:iam::aws:policy/PowerUserAccess"),
            ("an attachment without a policy", REMOVED),
        )
    ),
    mutation(
        "the administrators' policy on a role of tasks",
        sets(BY_ECS, "policyArn", ADMINISTRATORS),
        "access-people@roles-execution",
        "access-roles@roles-execution",
    ),
    mutation(
        "inline policies",
        sets(TASK, "inlinePolicies", [{"name": "a", "policy": "{}"}]),
        "access-attachments@roles-task",
    ),
    mutation(
        "managed policies of the role itself",
        sets(TASK, "managedPolicyArns", [ADMINISTRATORS]),
        "access-attachments@roles-task",
    ),
    *(
        mutation(f"a {kind}", adds(f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}", "added"), "access-attachments@added")
        for kind in ("PolicyAttachment", "RolePoliciesExclusive", "RolePolicyAttachmentsExclusive")
    ),
)

CHANGES = (*WILDCARDS, *CONDITIONS, *PERMISSIONS, *TRUST, *SERVICES, *USERS, *ROLES, *ATTACHED)
