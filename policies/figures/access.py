"""Figures of IAM: roles, the permissions of each policy, and the reasons for each `*`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.figures.common import ACCOUNT
from policies.figures.compute import TOOLS_REPOSITORY

_SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/"
EXECUTION_POLICY = f"{_SERVICE_ROLE}AmazonECSTaskExecutionRolePolicy"

# IAM Roles: names are unique in an account, so those of the recovery stack have a suffix.
TASK_ROLE, EXECUTION_ROLE = "taskflow-ecs-task-role", "taskflow-ecs-execution-role"
ACCESS_TASK_ROLE, ACCESS_EXECUTION_ROLE = "taskflow-access-task-role", "taskflow-access-execution-role"
DATABASE_TASK_ROLE = "taskflow-database-task-role"
FILES_RESTORE_ROLE = "taskflow-files-restore-role"
RESTORE_VALIDATION_ROLE = "taskflow-restore-validation-role"
DATA_EXPORT_ROLE = "taskflow-data-export-role"
SUFFIXES: Mapping[str, str] = MappingProxyType({"production": "", "dr": "-dr"})

# The API's bucket: dr uses the copy of production's.
BUCKETS: Mapping[str, str] = MappingProxyType(
    {
        "production": f"taskflow-production-files-{ACCOUNT}",
        "dr": f"taskflow-production-files-copy-{ACCOUNT}",
    }
)


@dataclass(frozen=True, kw_only=True)
class RoleFigures:
    """A role's policies: inline ones by name, AWS managed ones by ARN."""

    inline: frozenset[str]
    attached: frozenset[str]


# IAM Roles; AuditLogWrite is required by Audit Logging, but not in the document's list of roles. Database Access: the
# roles of the task in the bastion's place, which read no secrets; the role of the task that creates the logins.
ROLES: Mapping[str, RoleFigures] = MappingProxyType(
    {
        TASK_ROLE: RoleFigures(
            inline=frozenset(
                {"SecretsManagerReadOnly", "S3ReadWriteTaskflowBucket", "SQSSendMessage", "AuditLogWrite"}
            ),
            attached=frozenset(),
        ),
        EXECUTION_ROLE: RoleFigures(
            inline=frozenset({"SecretsManagerReadOnly"}), attached=frozenset({EXECUTION_POLICY})
        ),
        ACCESS_TASK_ROLE: RoleFigures(inline=frozenset({"ExecuteCommand"}), attached=frozenset()),
        ACCESS_EXECUTION_ROLE: RoleFigures(inline=frozenset({"StartAccessTask"}), attached=frozenset()),
        DATABASE_TASK_ROLE: RoleFigures(inline=frozenset({"ReadLogins", "StartDatabaseTask"}), attached=frozenset()),
        FILES_RESTORE_ROLE: RoleFigures(inline=frozenset({"RestoreFiles"}), attached=frozenset()),
        RESTORE_VALIDATION_ROLE: RoleFigures(
            inline=frozenset({"ValidateRestores", "StartRestoreValidation"}), attached=frozenset()
        ),
        DATA_EXPORT_ROLE: RoleFigures(inline=frozenset({"ExportData", "StartDataExport"}), attached=frozenset()),
    }
)


_AWS = "arn:aws:iam::aws:policy"
VIEW, WATCH = f"{_AWS}/job-function/ViewOnlyAccess", f"{_AWS}/CloudWatchReadOnlyAccess"
ADMINISTRATOR, READ_ONLY = f"{_AWS}/AdministratorAccess", f"{_AWS}/ReadOnlyAccess"


@dataclass(frozen=True, kw_only=True)
class PersonFigures:
    """A role of people: its policies, and the kinds of ticket that a session is named after."""

    policies: RoleFigures
    tickets: frozenset[str]


_READ, _ADMINISTER = frozenset({VIEW, WATCH}), frozenset({ADMINISTRATOR})
_INCIDENT, _EITHER = frozenset({"incident"}), frozenset({"incident", "change"})

# Who Can Access, Database Access, Emergency Access. The account has them once, in production's stack.
PEOPLE_STACK, BOUNDARY, BREAK_GLASS = "production", "taskflow-people", "prod-break-glass"
PEOPLE: Mapping[str, PersonFigures] = MappingProxyType(
    {
        name: PersonFigures(policies=RoleFigures(inline=inline, attached=attached), tickets=tickets)
        for name, inline, attached, tickets in (
            ("taskflow-on-call", frozenset({"RollBack"}), _READ, _INCIDENT),
            ("taskflow-devops", frozenset[str](), _ADMINISTER, _EITHER),
            ("taskflow-dba", frozenset({"DataOperations"}), _READ, _EITHER),
            ("prod-db-access", frozenset({"DatabaseAccess"}), frozenset[str](), _INCIDENT),
            (BREAK_GLASS, frozenset[str](), _ADMINISTER, _INCIDENT),
        )
    }
)


# The roles of workflows' jobs (workflows.py), which the boundary limits too.
WORKFLOW_PREFIX = "taskflow-ci-"


@dataclass(frozen=True, kw_only=True)
class Denial:
    """What the boundary denies on resources (ARNs or patterns), to all but the exempt roles, by name."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    exempt: frozenset[str] = frozenset()


_ALL, _BREAK_GLASS = ("*",), frozenset({BREAK_GLASS})
_PEOPLE_ARNS = tuple(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in (*PEOPLE, f"{WORKFLOW_PREFIX}*"))
_GROUPS = tuple(
    f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}*"
    for region, stack in (("us-east-1", "production"), ("us-west-2", "dr"))
    for name in ("/taskflow/audit", f"/taskflow/{stack}/trail")
)
_FILES = tuple(f"arn:aws:s3:::taskflow-{stack}-files*/*" for stack in SUFFIXES)

# Access Controls: no users; records of access; no direct database writes; everything else needs the glass broken.
DENIALS = (
    Denial(
        actions=(
            "iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
            "iam:CreateServiceSpecificCredential", "iam:CreateUser", "iam:PutUserPolicy", "iam:UpdateAccessKey",
            "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate",
        ),
        resources=_ALL,
    ),
    Denial(
        actions=(
            "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary",
            "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
        ),
        resources=_PEOPLE_ARNS,
        exempt=_BREAK_GLASS,
    ),
    # Another identity provider could vouch for anyone.
    Denial(
        actions=(
            "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
            "iam:DeleteOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider",
            "iam:UpdateOpenIDConnectProviderThumbprint", "iam:UpdateSAMLProvider", "rolesanywhere:CreateTrustAnchor",
            "rolesanywhere:UpdateTrustAnchor",
        ),
        resources=_ALL,
        exempt=_BREAK_GLASS,
    ),
    Denial(
        actions=(
            "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion",
            "iam:SetDefaultPolicyVersion",
        ),
        resources=(f"arn:aws:iam::{ACCOUNT}:policy/{BOUNDARY}",),
        exempt=_BREAK_GLASS,
    ),
    Denial(
        actions=(
            "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging",
            "cloudtrail:UpdateTrail", "s3:BypassGovernanceRetention",
        ),
        resources=_ALL,
        exempt=_BREAK_GLASS,
    ),
    Denial(actions=("logs:DeleteLogGroup", "logs:DeleteLogStream"), resources=_GROUPS, exempt=_BREAK_GLASS),
    Denial(
        actions=("s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"),
        resources=_FILES,
        exempt=_BREAK_GLASS,
    ),
    Denial(actions=("sts:AssumeRole",), resources=_ALL, exempt=_BREAK_GLASS),
    Denial(
        actions=("ecs:ExecuteCommand", "rds-db:connect", "ssm:StartSession"),
        resources=_ALL,
        exempt=_BREAK_GLASS | {"prod-db-access"},
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Permission:
    """The permissions of a policy: actions on resources by ARN prefix, and on keys through one service, if it has one.

    `{region}`, `{account}`, `{stack}` and `{bucket}` in a prefix are replaced by the stack's.
    """

    actions: frozenset[str]
    resources: tuple[str, ...]
    service: str
    key_actions: frozenset[str]


_OF_SECRETS = "arn:aws:secretsmanager:{region}:{account}:secret:taskflow/"
_READ_SECRET = frozenset({"secretsmanager:getsecretvalue", "secretsmanager:describesecret"})
_SESSION_LOG = "arn:aws:logs:{region}:{account}:log-group:/taskflow/{stack}/sessions"
_ENCRYPT = frozenset({"kms:decrypt", "kms:generatedatakey"})

# IAM Roles: the names of the policies as AWS's actions, in lower case.
PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        "SecretsManagerReadOnly": Permission(
            actions=_READ_SECRET,
            # The application's secret, not the database owner's. It is production's; dr reads its replica.
            resources=(f"{_OF_SECRETS}production/database-application-", f"{_OF_SECRETS}{{stack}}/cache-auth-"),
            service="secretsmanager",
            key_actions=frozenset({"kms:decrypt"}),
        ),
        "S3ReadWriteTaskflowBucket": Permission(
            actions=frozenset(
                {
                    "s3:abortmultipartupload",
                    "s3:deleteobject",
                    "s3:getbucketlocation",
                    "s3:getobject",
                    "s3:listbucket",
                    "s3:listbucketmultipartuploads",
                    "s3:listmultipartuploadparts",
                    "s3:putobject",
                }
            ),
            resources=("arn:aws:s3:::{bucket}",),
            service="s3",
            key_actions=_ENCRYPT,
        ),
        "SQSSendMessage": Permission(
            actions=frozenset({"sqs:sendmessage"}),
            resources=("arn:aws:sqs:{region}:{account}:taskflow-{stack}-",),
            service="sqs",
            key_actions=_ENCRYPT,
        ),
        # Audit Logging: the application writes records, and people read them. CloudWatch Logs uses the key by itself.
        "AuditLogWrite": Permission(
            actions=frozenset({"logs:createlogstream", "logs:putlogevents"}),
            resources=("arn:aws:logs:{region}:{account}:log-group:/taskflow/audit:log-stream:",),
            service="",
            key_actions=frozenset(),
        ),
        # Database Access: the SSM agent in the access task opens a session, logs and decrypts it.
        "ExecuteCommand": Permission(
            actions=frozenset(
                {
                    "ssmmessages:createcontrolchannel",
                    "ssmmessages:createdatachannel",
                    "ssmmessages:opencontrolchannel",
                    "ssmmessages:opendatachannel",
                    "logs:createlogstream",
                    "logs:describeloggroups",
                    "logs:describelogstreams",
                    "logs:putlogevents",
                }
            ),
            resources=("*", _SESSION_LOG),
            service="",
            key_actions=frozenset({"kms:decrypt"}),
        ),
        # ECS pulls the tools image and writes the task's log. ECR itself uses the key.
        **dict.fromkeys(
            ("StartAccessTask", "StartDatabaseTask", "StartRestoreValidation", "StartDataExport"),
            Permission(
                actions=frozenset(
                    {
                        "ecr:batchchecklayeravailability",
                        "ecr:batchgetimage",
                        "ecr:getauthorizationtoken",
                        "ecr:getdownloadurlforlayer",
                        "logs:createlogstream",
                        "logs:putlogevents",
                    }
                ),
                resources=("*", f"arn:aws:ecr:{{region}}:{{account}}:repository/{TOOLS_REPOSITORY}", _SESSION_LOG),
                service="",
                key_actions=frozenset(),
            ),
        ),
        # Backup & Recovery: the validation finds a restored database, logs in to read, and reports.
        "ValidateRestores": Permission(
            actions=frozenset(
                {
                    "backup:listrestorejobs",
                    "backup:putrestorevalidationresult",
                    "rds:describedbinstances",
                    "rds-db:connect",
                }
            ),
            resources=(
                "*",
                "arn:aws:rds:{region}:{account}:db:awsbackup-restore-test-",
                "arn:aws:rds-db:{region}:{account}:dbuser:*/taskflow_readonly",
            ),
            service="",
            key_actions=frozenset(),
        ),
        # Data Handling, Data export: rows by the login that only reads, users' files, and the archive of them.
        "ExportData": Permission(
            actions=frozenset(
                {"s3:abortmultipartupload", "s3:getobject", "s3:listbucket", "s3:putobject", "rds-db:connect"}
            ),
            resources=(
                "arn:aws:s3:::{bucket}",
                "arn:aws:s3:::taskflow-{stack}-restores-{account}/exports/",
                "arn:aws:rds-db:{region}:{account}:dbuser:*/taskflow_readonly",
            ),
            service="s3",
            key_actions=_ENCRYPT,
        ),
        # The database task logs in as the master user, and checks a new password of the application.
        "ReadLogins": Permission(
            actions=_READ_SECRET,
            resources=(f"{_OF_SECRETS}production/database-owner-", f"{_OF_SECRETS}production/database-application-"),
            service="secretsmanager",
            key_actions=frozenset({"kms:decrypt"}),
        ),
        # Backup Schedule: jobs of S3 restore versions within the bucket; manifests and reports are in another one.
        "RestoreFiles": Permission(
            actions=frozenset(
                {
                    "s3:getobject",
                    "s3:getobjectversion",
                    "s3:getobjectversionacl",
                    "s3:getobjectversiontagging",
                    "s3:putobject",
                    "s3:putobjectacl",
                    "s3:putobjecttagging",
                }
            ),
            resources=("arn:aws:s3:::{bucket}/", "arn:aws:s3:::taskflow-{stack}-restores-{account}/"),
            service="s3",
            key_actions=_ENCRYPT,
        ),
    }
)

_RESTORE_JOBS = "AWS supports no resource for restore jobs (Service Authorization Reference, AWS Backup)"
_CHANNEL = "a session's channel has no ARN before it is open (Service Authorization Reference, ssmmessages)"

# The actions without an ARN, and why; any other action must name its resources.
WITHOUT_ARN: Mapping[str, str] = MappingProxyType(
    {
        "ssmmessages:createcontrolchannel": _CHANNEL,
        "ssmmessages:createdatachannel": _CHANNEL,
        "ssmmessages:opencontrolchannel": _CHANNEL,
        "ssmmessages:opendatachannel": _CHANNEL,
        "backup:listrestorejobs": _RESTORE_JOBS,
        "backup:putrestorevalidationresult": _RESTORE_JOBS,
        "ecs:listtasks": "tasks are listed by their cluster, which is a condition (ecs:cluster)",
        "logs:describeloggroups": "it lists all log groups of a region",
        "s3:createjob": "a job of S3 has no ARN before it is created; its operation is a condition",
        "s3:listjobs": "it lists all jobs of a region",
        "ecr:getauthorizationtoken": "a token is for a registry as a whole",
        "cloudwatch:describealarms": "CloudWatch authorizes it for all alarms of a region",
    }
)

# The AWS managed policies that a role may have, and why they are better than a customer managed one.
MANAGED_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        EXECUTION_POLICY: "the document requires it",
        f"{_SERVICE_ROLE}AmazonRDSEnhancedMonitoringRole": "RDS requires it by name",
        f"{_SERVICE_ROLE}AWSBackupServiceRolePolicyForBackup": "AWS keeps it up to date with AWS Backup",
        f"{_SERVICE_ROLE}AWSBackupServiceRolePolicyForRestores": "AWS Backup requires it for restore tests",
        f"{_SERVICE_ROLE}AWS_ConfigRole": "AWS keeps it up to date with the types that Config records",
    }
)

# Those that only the roles of people and workflows may have, within their boundary, and why.
PEOPLE_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        VIEW: "AWS keeps it up to date with the metadata of all services; it reads no data",
        WATCH: "AWS keeps it up to date with metrics, alarms and logs",
        ADMINISTRATOR: "changes of the infrastructure need every service",
        READ_ONLY: "AWS keeps it up to date with the settings of all services; reading data is denied beside it",
    }
)

# What a trust policy is for.
TRUST_ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity", "sts:TagSession")

# Access Controls: sessions limited to 1 hour.
SESSION_SECONDS = 3600

# Database Access: the task in the bastion's place, by the family that prod-db-access may start. RunTask lets its caller
# replace a command, but not an entry point: this one, with the seconds as its last part, ends every command.
ACCESS_FAMILY, DATABASE_FAMILY = "taskflow-{stack}-access", "taskflow-{stack}-database"
# Backup & Recovery: EventBridge starts it, by rules whose names begin with the family.
RESTORE_VALIDATION_FAMILY = "taskflow-{stack}-restore-validation"
# Data Handling, Data export: a command starts it.
DATA_EXPORT_FAMILY = "taskflow-{stack}-data-export"
ONE_OFF_ENTRY_POINT = ("/usr/bin/timeout", "--signal=KILL")

# What no other task than the database task may read, whatever region's copy it is.
OWNER_OF_DATABASE = "database-owner"

TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"
TRUSTED_SOURCE = f"arn:aws:ecs:{{region}}:{ACCOUNT}:*"
