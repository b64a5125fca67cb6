"""One change for each thing about access that a rule guards. Data only."""

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
    SESSIONS,
    TASK,
    allow,
    document,
    through,
    trusting,
)
from tests.policies.compliant.storage import of_bucket, tls_only
from tests.policies.mutations.database import PRODUCTION
from tests.policies.mutations.mutation import Change, Mutation, adds, removes, sets, told
from tests.policies.plan import REMOVED, Plan, Ref

REGION = REGIONS["production"]
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET_ARN = f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:taskflow-production-jobs"
STREAMS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/taskflow/audit:log-stream:*"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:taskflow/production"
OWN = f"{SECRET}/cache-auth-a1B2c3"
READ = "secretsmanager:GetSecretValue"
SECRETS_ONLY = through("secretsmanager", REGION)
COPY_ARN = f"arn:aws:s3:::taskflow-production-files-copy-{ACCOUNT}"


def _says(key: str, *own: Mapping[str, object]) -> Change:
    """Let a policy say something else."""
    return sets(key, "policy", document(*own))


def _wild(label: str, *own: Mapping[str, object]) -> Mutation:
    """What the wildcards' rule tells of a policy that has a name of its own."""
    change = _says(SESSIONS, *own)
    return told(label, change, "access-wildcards@roles-access-sessions", stacks=PRODUCTION)


WILDCARDS = (
    *(
        _wild(label, own)
        for label, own in (
            ("every action", allow(["*"], QUEUE_ARN)),
            ("every action of a service", allow(["sqs:*"], QUEUE_ARN)),
            ("every reading action", allow(["sqs:Get*"], QUEUE_ARN)),
            ("actions with any letter", allow(["sqs:SendMessag?"], QUEUE_ARN)),
            ("an action as one text with a pattern", {"Effect": "Allow", "Action": "s3:*", "Resource": BUCKET_ARN}),
            ("all but an action", {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": QUEUE_ARN}),
            ("all but a thing", {"Effect": "Allow", "Action": ["sqs:SendMessage"], "NotResource": [QUEUE_ARN]}),
            ("everything", allow(["sqs:SendMessage"], "*")),
            ("everything by another pattern", allow(["sqs:SendMessage"], "?*")),
            ("everything of a service", allow(["sqs:SendMessage"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:*")),
            ("every account's things", allow(["sqs:SendMessage"], f"arn:aws:sqs:{REGION}:*:taskflow-production-jobs")),
            ("every region's things", allow(["sqs:SendMessage"], f"arn:aws:sqs:*:{ACCOUNT}:taskflow-production-jobs")),
            ("every key", allow(["kms:Decrypt"], f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*")),
            ("every secret", allow([READ], f"{SECRET.rpartition(':')[0]}:*")),
            ("every role", allow(["iam:PassRole"], f"arn:aws:iam::{ACCOUNT}:role/*")),
            ("every bucket", allow(["s3:GetObject"], "arn:aws:s3:::*")),
            ("buckets of a pattern", allow(["s3:GetObject"], "arn:aws:s3:::taskflow-*/*")),
            ("no ARN at all", allow(["sqs:SendMessage"], "taskflow-production-jobs")),
            ("everything beside what has no ARN", allow(["logs:DescribeLogGroups", "logs:PutLogEvents"], "*")),
            ("an effect that isn't one", {"Effect": "allow", "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}),
            ("an element that nobody knows", {**allow(["sqs:SendMessage"], QUEUE_ARN), "Actions": "*"}),
        )
    ),
    told("no statement", sets(SESSIONS, "policy", "{}"), "access-wildcards@roles-access-sessions"),
    told("no JSON", sets(SESSIONS, "policy", "Allow *"), "access-wildcards@roles-access-sessions"),
    told("a policy without a document", sets(SESSIONS, "policy", REMOVED), "access-wildcards@roles-access-sessions"),
    told(
        "a policy of its own kind that allows everything",
        adds("aws:iam/policy:Policy", "added", policy=document(allow(["*"], "*"))),
        "access-wildcards@added",
    ),
)


def _within(label: str, key: str, *own: Mapping[str, object]) -> Mutation:
    """What the permissions' rule tells of one of the document's policies."""
    return told(label, _says(key, *own), f"access-permissions@{key.partition(' ')[2]}", stacks=PRODUCTION)


PERMISSIONS = (
    *(
        _within(label, key, *own)
        for label, key, own in (
            ("a secret that is written", SECRETS, [allow(["secretsmanager:PutSecretValue"], OWN)]),
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
            (
                "another account's secret",
                SECRETS,
                [allow([READ], OWN.replace(ACCOUNT, "111111111111"))],
            ),
            ("secrets under a key of its own", SECRETS, [allow(["kms:Decrypt"], KEY)]),
            ("secrets under a key through S3", SECRETS, [allow(["kms:Decrypt"], KEY, Condition=through("s3", REGION))]),
            (
                "secrets under a key of another region",
                SECRETS,
                [allow(["kms:Decrypt"], KEY.replace(REGION, "us-west-2"), Condition=SECRETS_ONLY)],
            ),
            (
                "secrets that are encrypted",
                SECRETS,
                [allow(["kms:Encrypt"], KEY, Condition=SECRETS_ONLY)],
            ),
            ("starting tasks with a written secret", EXECUTION_SECRETS, [allow(["secretsmanager:UpdateSecret"], OWN)]),
            ("another bucket", BUCKET, [allow(["s3:GetObject"], "arn:aws:s3:::taskflow-production-audit/*")]),
            (
                "the copy of the bucket",
                BUCKET,
                [allow(["s3:GetObject"], f"{COPY_ARN}/*")],
            ),
            ("the bucket's policy", BUCKET, [allow(["s3:PutBucketPolicy"], BUCKET_ARN)]),
            ("old versions for ever", BUCKET, [allow(["S3:DeleteObjectVersion"], f"{BUCKET_ARN}/*")]),
            ("files under a key of its own", BUCKET, [allow(["kms:Decrypt"], KEY)]),
            (
                "a key that may pass over its condition",
                BUCKET,
                [
                    allow(
                        ["kms:Decrypt"],
                        KEY,
                        Condition={"StringEqualsIfExists": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
                    )
                ],
            ),
            ("a queue that is read", QUEUE, [allow(["sqs:ReceiveMessage"], QUEUE_ARN)]),
            ("another stack's queue", QUEUE, [allow(["sqs:SendMessage"], QUEUE_ARN.replace("production", "dr"))]),
            ("messages under a key of its own", QUEUE, [allow(["kms:GenerateDataKey"], KEY)]),
            ("records that are read", RECORDS, [allow(["logs:GetLogEvents"], STREAMS)]),
            ("records that are taken back", RECORDS, [allow(["logs:DeleteLogStream"], STREAMS)]),
            (
                "records in another group",
                RECORDS,
                [allow(["logs:PutLogEvents"], STREAMS.replace("/taskflow/audit", "/taskflow/production/trail"))],
            ),
            ("records under a key", RECORDS, [allow(["kms:GenerateDataKey"], KEY)]),
        )
    ),
)


def _trusts(label: str, *own: Mapping[str, object]) -> Mutation:
    return told(label, sets(TASK, "assumeRolePolicy", document(*own)), "access-trust@roles-task", stacks=PRODUCTION)


PEOPLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
GITHUB_KEY = "token.actions.githubusercontent.com"

TRUST = (
    *(
        _trusts(label, trusting(REGION, **changed))
        for label, changed in (
            (
                "tasks of any account",
                {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"}}},
            ),
            ("tasks of any region", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
            ("a service without conditions", {"Condition": None}),
            ("anybody", {"Principal": "*", "Condition": MFA}),
            ("another account's people", {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Condition": MFA}),
            ("people without a second factor", {"Principal": PEOPLE, "Condition": None}),
            (
                "people whose second factor may lack",
                {
                    "Principal": PEOPLE,
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
                },
            ),
            (
                "people with no second factor at all",
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
            ("all but somebody", {"Principal": None, "NotPrincipal": PEOPLE}),
            ("nobody", {"Principal": None}),
            ("a trust that can't be read", {"Effect": "allow"}),
        )
    ),
    told("no trust policy", sets(TASK, "assumeRolePolicy", REMOVED), "access-trust@roles-task"),
    told("a trust policy that says nothing", sets(TASK, "assumeRolePolicy", "{}"), "access-trust@roles-task"),
    told("sessions of twelve hours", sets(TASK, "maxSessionDuration", 43200), "access-trust@roles-task"),
)


def _lets(service: str, **changed: object) -> str:
    """Return a document that lets a service do something, under no condition."""
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "x:Do"}
    return document({**statement, **changed})


BY_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
BALANCER_LOGS = f"arn:aws:s3:::taskflow-production-load-balancer-logs-{ACCOUNT}"
BALANCERS = "logdelivery.elasticloadbalancing"
GROUP_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"


def _balancer_logs(path: str, **changed: object) -> Change:
    """Let load balancers write to a path of their logs' bucket."""
    own = json.loads(_lets(BALANCERS, Action="s3:PutObject", Resource=f"{BALANCER_LOGS}/{path}", **changed))
    statements = [tls_only("s3", *of_bucket(BALANCER_LOGS.rpartition(":")[2])), *own["Statement"]]
    return sets("BucketPolicy origin-logs", "policy", document(*statements))


SERVICES = (
    told(
        "a role for a service that isn't known",
        sets(TASK, "assumeRolePolicy", _lets("lambda", Action="sts:AssumeRole")),
        "access-services@roles-task",
    ),
    *(
        told(
            f"a role by a key that {service} doesn't send",
            sets(f"Role {name}", "assumeRolePolicy", _lets(service, Action="sts:AssumeRole", Condition=condition)),
            f"access-services@{name}",
            stacks=PRODUCTION,
        )
        for name, service, condition in (
            ("audit-trail", "cloudtrail", BY_ACCOUNT),
            ("audit-delivery", "firehose", {"ArnLike": {"aws:SourceArn": f"arn:aws:firehose:*:{ACCOUNT}:*"}}),
        )
    ),
    told(
        "a load balancer's logs by a key that it doesn't send",
        _balancer_logs(f"access/AWSLogs/{ACCOUNT}/*", Condition=BY_ACCOUNT),
        "access-services@origin-logs",
        stacks=PRODUCTION,
    ),
    told(
        "logs of any account's load balancers",
        _balancer_logs("access/*"),
        "storage-bucket-closed@origin-logs",
        stacks=PRODUCTION,
    ),
    told(
        "a queue for a service that isn't known",
        sets(
            "QueuePolicy jobs",
            "policy",
            document(tls_only("sqs", QUEUE_ARN), *json.loads(_lets("lambda", Resource=QUEUE_ARN))["Statement"]),
        ),
        "access-services@jobs",
        stacks=PRODUCTION,
    ),
    *(
        told(label, adds(GROUP_POLICY, "added", policyDocument=policy), "access-services@added")
        for label, policy in (
            ("logs of a service that isn't known", _lets("lambda")),
            ("logs by a key that EventBridge doesn't send", _lets("events", Condition=BY_ACCOUNT)),
            ("logs of a source that has to be named", _lets("events", Condition={"Null": {"aws:SourceArn": "false"}})),
            (
                "logs of an organization that EventBridge doesn't send",
                _lets("events", Condition={"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-1/*"}}),
            ),
            (
                "logs from an address that EventBridge doesn't send",
                _lets("events", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            ),
        )
    ),
)

USERS = tuple(
    told(f"a {kind}", adds(f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}", "added"), "access-no-users@added")
    for kind in ("User", "AccessKey", "Group", "UserLoginProfile", "GroupMembership", "SshKey", "UserPolicyAttachment")
)


SENDS = document(allow(["sqs:SendMessage"], QUEUE_ARN))
ADMINISTRATORS = "arn:aws:iam::aws:policy/AdministratorAccess"
BY_ECS = "RolePolicyAttachment roles-execution"


def _without_roles(plan: Plan) -> None:
    """A stack with a service, whose task role has another name."""
    if "Service service" not in plan.resources:
        plan.add("aws:ecs/service:Service", "service", None)
    plan.set(TASK, "name", "another-role")


ROLES = (
    told("a service without its roles", _without_roles, "access-roles@"),
    told(
        "a policy too many",
        adds(
            ROLE_POLICY,
            "added",
            role=Ref(to=TASK),
            name="Extra",
            policy=SENDS,
        ),
        "access-roles@added",
    ),
    told(
        "a policy without a name",
        adds(ROLE_POLICY, "added", role=Ref(to=TASK), policy=SENDS),
        "access-roles@added",
    ),
    told("a permission too few", removes(QUEUE), "access-roles@roles-task"),
    told(
        "a permission under another name",
        sets(QUEUE, "name", "Queue"),
        "access-roles@roles-task",
        "access-roles@roles-task-queue",
    ),
    told(
        "a permission of another role",
        sets(QUEUE, "role", Ref(to=EXECUTION)),
        "access-roles@roles-task",
        "access-roles@roles-task-queue",
    ),
    told("a permission of no role", sets(QUEUE, "role", REMOVED), "access-roles@roles-task"),
    told(
        "a task with AWS's policy",
        adds(
            ATTACHMENT,
            "added",
            role=Ref(to=TASK),
            policyArn=EXECUTION_POLICY,
        ),
        "access-roles@added",
    ),
    told("no policy to start tasks with", removes(BY_ECS), "access-roles@roles-execution"),
)

ATTACHED = (
    *(
        told(
            label,
            sets(BY_ECS, "policyArn", arn),
            "access-attachments@roles-execution",
            "access-roles@roles-execution",
        )
        for label, arn in (
            ("the administrators' policy", ADMINISTRATORS),
            ("the power users' policy", "arn:aws:iam::aws:policy/PowerUserAccess"),
            ("no policy of AWS's", REMOVED),
        )
    ),
    told(
        "policies inside a role",
        sets(TASK, "inlinePolicies", [{"name": "a", "policy": "{}"}]),
        "access-attachments@roles-task",
    ),
    told(
        "AWS's policies inside a role",
        sets(TASK, "managedPolicyArns", [ADMINISTRATORS]),
        "access-attachments@roles-task",
    ),
    *(
        told(f"a {kind}", adds(f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}", "added"), "access-attachments@added")
        for kind in ("PolicyAttachment", "RolePoliciesExclusive", "RolePolicyAttachmentsExclusive")
    ),
)

CHANGES = (*WILDCARDS, *PERMISSIONS, *TRUST, *SERVICES, *USERS, *ROLES, *ATTACHED)
