"""What the pack knows by itself of the document's roles: their names, what each policy may do, and why a `*` stands.

Nothing of the program is read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.figures.common import ACCOUNT

_SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/"
EXECUTION_POLICY = f"{_SERVICE_ROLE}AmazonECSTaskExecutionRolePolicy"

# IAM Roles: names are the account's, so the recovery stack's end in its own.
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
    """What the document gives a role: policies of its own by name, and AWS's by ARN."""

    inline: frozenset[str]
    attached: frozenset[str]


# IAM Roles; and what Audit Logging asks of the application, which the document's roles have no name for.
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
    """What a policy of the document may do: actions on resources that begin so, and on keys through one service.

    `{region}`, `{account}`, `{stack}` and `{bucket}` in a beginning are the stack's own.
    """

    actions: frozenset[str]
    resources: tuple[str, ...]
    service: str
    key_actions: frozenset[str]


_ENCRYPT = frozenset({"kms:decrypt", "kms:generatedatakey"})

# IAM Roles: what the names of the policies say, in the words of AWS' actions, in lower case.
PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        "SecretsManagerReadOnly": Permission(
            actions=frozenset({"secretsmanager:getsecretvalue", "secretsmanager:describesecret"}),
            # The application's own, not the database owner's. The database's secret is production's; dr reads its copy.
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
        # Audit Logging: records are written by the application, and read by people. CloudWatch Logs encrypts by itself.
        "AuditLogWrite": Permission(
            actions=frozenset({"logs:createlogstream", "logs:putlogevents"}),
            resources=("arn:aws:logs:{region}:{account}:log-group:/taskflow/audit:log-stream:",),
            service="",
            key_actions=frozenset(),
        ),
    }
)

_CHANNEL = "a session's channel has no ARN before it is open (Service Authorization Reference, ssmmessages)"

# Why AWS takes no ARN for an action; an action that isn't here has to name its resources.
UNNAMEABLE: Mapping[str, str] = MappingProxyType(
    {
        "ssmmessages:createcontrolchannel": _CHANNEL,
        "ssmmessages:createdatachannel": _CHANNEL,
        "ssmmessages:opencontrolchannel": _CHANNEL,
        "ssmmessages:opendatachannel": _CHANNEL,
        "logs:describeloggroups": "it lists all groups of a region, and is asked before one is chosen",
        "ecr:getauthorizationtoken": "a token is for a registry as a whole",
    }
)

# AWS's own policies that a role may have, and why one of ours wouldn't do.
MANAGED: Mapping[str, str] = MappingProxyType(
    {
        EXECUTION_POLICY: "the document's own",
        f"{_SERVICE_ROLE}AmazonRDSEnhancedMonitoringRole": "RDS asks for it by name",
        f"{_SERVICE_ROLE}AWSBackupServiceRolePolicyForBackup": "AWS keeps it in step with what its backups need",
        f"{_SERVICE_ROLE}AWS_ConfigRole": "AWS keeps it in step with the kinds of things that Config records",
    }
)

# Access Controls: sessions limited to 1 hour.
SESSION_SECONDS = 3600
TASKS = "ecs-tasks.amazonaws.com"
TRUSTED = f"arn:aws:ecs:{{region}}:{ACCOUNT}:*"
