"""Figures of IAM: roles, the permissions of each policy, and the reasons for each `*`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.figures.common import ACCOUNT

_SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/"
EXECUTION_POLICY = f"{_SERVICE_ROLE}AmazonECSTaskExecutionRolePolicy"

# IAM Roles: names are unique in an account, so those of the recovery stack have a suffix.
TASK_ROLE, EXECUTION_ROLE = "taskflow-ecs-task-role", "taskflow-ecs-execution-role"
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


# IAM Roles; AuditLogWrite is required by Audit Logging, but not in the document's list of roles.
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
    }
)


@dataclass(frozen=True, kw_only=True)
class Permission:
    """The permissions of a policy: actions on resources by ARN prefix, and on keys through one service.

    `{region}`, `{account}`, `{stack}` and `{bucket}` in a prefix are replaced by the stack's.
    """

    actions: frozenset[str]
    resources: tuple[str, ...]
    service: str
    key_actions: frozenset[str]


_ENCRYPT = frozenset({"kms:decrypt", "kms:generatedatakey"})

# IAM Roles: the names of the policies as AWS's actions, in lower case.
PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        "SecretsManagerReadOnly": Permission(
            actions=frozenset({"secretsmanager:getsecretvalue", "secretsmanager:describesecret"}),
            # The application's secret, not the database owner's. It is production's; dr reads its replica.
            resources=(
                "arn:aws:secretsmanager:{region}:{account}:secret:taskflow/production/database-application-",
                "arn:aws:secretsmanager:{region}:{account}:secret:taskflow/{stack}/cache-auth-",
            ),
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
    }
)

_CHANNEL = "a session's channel has no ARN before it is open (Service Authorization Reference, ssmmessages)"

# The actions without an ARN, and why; any other action must name its resources.
WITHOUT_ARN: Mapping[str, str] = MappingProxyType(
    {
        "ssmmessages:createcontrolchannel": _CHANNEL,
        "ssmmessages:createdatachannel": _CHANNEL,
        "ssmmessages:opencontrolchannel": _CHANNEL,
        "ssmmessages:opendatachannel": _CHANNEL,
        "logs:describeloggroups": "it lists all log groups of a region",
        "ecr:getauthorizationtoken": "a token is for a registry as a whole",
    }
)

# The AWS managed policies that a role may have, and why they are better than a customer managed one.
MANAGED_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        EXECUTION_POLICY: "the document requires it",
        f"{_SERVICE_ROLE}AmazonRDSEnhancedMonitoringRole": "RDS requires it by name",
        f"{_SERVICE_ROLE}AWSBackupServiceRolePolicyForBackup": "AWS keeps it up to date with AWS Backup",
        f"{_SERVICE_ROLE}AWS_ConfigRole": "AWS keeps it up to date with the types that Config records",
    }
)

# Access Controls: sessions limited to 1 hour.
SESSION_SECONDS = 3600
TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"
TRUSTED_SOURCE = f"arn:aws:ecs:{{region}}:{ACCOUNT}:*"
