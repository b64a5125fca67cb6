"""TaskRoles: the permissions of tasks, and of ECS to start them.

Sections: IAM Roles, Audit Logging, Database Access. The task role has the document's three permissions, each with the
one key that it needs, usable only through the service whose data it encrypts. It may also write audit records, which
the document requires of the application. The role of the short-lived access task can open a session and write its log,
the role with which ECS starts it can pull its image. Neither can read secrets: RunTask lets its caller replace a task's
command, and its role by any other one that the caller may pass. Only the database task's role reads the master user's
secret; the data export's reads rows and users' files. No role of people but DevOps and break-glass may pass either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.audit import AuditOutputs
from components.data.postgres import PostgresOutputs
from components.data.redis import RedisOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement, allow, policy_document, via_service
from components.shared.service_principals import trust_policy
from components.storage.files import BucketOutputs
from components.storage.job_queue import QueueOutputs
from components.storage.replication import CONTEXT
from settings.roles import Roles

TASKS = "ecs-tasks.amazonaws.com"
# The application keeps each user's files below this prefix, then the user's id.
USERS = "users/"
# The end of the key of an export.
ARCHIVE = "archive.tar.age"
# The purpose of the log group of sessions.
SESSIONS = "sessions"

# The two channels of a session. AWS supports no resource for these actions.
CHANNELS = tuple(
    f"ssmmessages:{action}"
    for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
)


@dataclass(frozen=True, kw_only=True)
class RolesOutputs:
    """ARNs of the roles; resources that start tasks depend on `permissions`."""

    task: pulumi.Output[str]
    execution: pulumi.Output[str]
    access_task: pulumi.Output[str]
    access_execution: pulumi.Output[str]
    database_task: pulumi.Output[str]
    restore_validation: pulumi.Output[str]
    data_export: pulumi.Output[str]
    permissions: Sequence[pulumi.Resource]


class TaskRoles(pulumi.ComponentResource):
    """The task role and the execution role of the API, those of the access task, and one of each other one-off task.

    `tools_repository` is the name of the repository with the image of one-off tasks.
    """

    outputs: RolesOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Roles,
        tools_repository: str,
        database: PostgresOutputs,
        cache: RedisOutputs,
        files: BucketOutputs,
        jobs: QueueOutputs,
        audit: AuditOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:service:TaskRoles", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._child_opts = pulumi.ResourceOptions(parent=self)

        task = self._role("task", settings.ecs_task_role, "Permissions of the API")
        execution = self._role("execution", settings.ecs_execution_role, "Permissions of ECS to start tasks")
        access = self._role("access", settings.access_task_role, "Permissions of the short-lived access task")
        starter = self._role(
            "access-execution", settings.access_execution_role, "Permissions of ECS to start the access task"
        )
        logins = self._role("database", settings.database_task_role, "Permissions of the task for database logins")
        validation = self._role(
            "restore-validation", settings.restore_validation_role, "Permissions of the validation of restore tests"
        )
        gathering = self._role("data-export", settings.data_export_role, "Permissions of the export of a person's data")
        secrets = self._secrets(
            [database.application_secret_arn, cache.auth_secret_arn], [database.secrets_key_arn, cache.auth_key_arn]
        )
        permissions: list[pulumi.Resource] = [
            self._permission("task-secrets", task, "SecretsManagerReadOnly", secrets),
            self._permission(
                "task-bucket", task, f"S3ReadWrite{environment.application.capitalize()}Bucket", self._bucket(files)
            ),
            self._permission("task-queue", task, "SQSSendMessage", self._queue(jobs)),
            self._permission("task-audit", task, "AuditLogWrite", _records(audit)),
            self._permission("execution-secrets", execution, "SecretsManagerReadOnly", secrets),
            aws.iam.RolePolicyAttachment(
                f"{name}-execution",
                role=execution.name,
                policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
                opts=self._child_opts,
            ),
        ]
        self._permission("access-sessions", access, "ExecuteCommand", self._sessions(keys))
        start = self._start(tools_repository)
        self._permission("access-start", starter, "StartAccessTask", policy_document(*start))
        owner = self._secrets([database.master_secret_arn, database.application_secret_arn], [database.secrets_key_arn])
        self._permission("database-secrets", logins, "ReadLogins", owner)
        self._permission("database-start", logins, "StartDatabaseTask", policy_document(*start))
        self._permission(
            "restore-validation-check", validation, "ValidateRestores", policy_document(*_validation(environment))
        )
        self._permission("restore-validation-start", validation, "StartRestoreValidation", policy_document(*start))
        self._permission("data-export-gather", gathering, "ExportData", self._gather(files, keys))
        self._permission("data-export-start", gathering, "StartDataExport", policy_document(*start))
        self.outputs = RolesOutputs(
            task=task.arn,
            execution=execution.arn,
            access_task=access.arn,
            access_execution=starter.arn,
            database_task=logins.arn,
            restore_validation=validation.arn,
            data_export=gathering.arn,
            permissions=permissions,
        )
        self.register_outputs({})

    def _role(self, purpose: str, name: str, description: str) -> aws.iam.Role:
        environment = self._environment
        return aws.iam.Role(
            f"{self._name_prefix}-{purpose}",
            name=name,
            description=description,
            assume_role_policy=trust_policy(TASKS, environment=environment, source_arn=environment.arn("ecs", "*")),
            opts=self._child_opts,
        )

    def _permission(
        self, purpose: str, role: aws.iam.Role, name: str, policy: pulumi.Output[str]
    ) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            f"{self._name_prefix}-{purpose}", name=name, role=role.id, policy=policy, opts=self._child_opts
        )

    def _secrets(self, secrets: Sequence[pulumi.Input[str]], keys: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
        """Allow to read secrets, each encrypted with one of the keys."""
        unique = pulumi.Output.all(*keys).apply(lambda arns: sorted(set(arns)))
        read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        return policy_document(
            allow("Read", read, secrets),
            allow("Decrypt", ["kms:Decrypt"], unique, StringEquals=self._via("secretsmanager")),
        )

    def _bucket(self, files: BucketOutputs) -> pulumi.Output[str]:
        objects = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts",
                   "s3:PutObject")  # fmt: skip
        # With bucket keys the encryption context is the ARN of the bucket.
        bucket = {"kms:EncryptionContext:aws:s3:arn": files.arn}
        return policy_document(
            allow("Objects", objects, [f"{files.arn}/*"]),
            allow("List", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [files.arn]),
            allow(
                "Encrypt",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [files.key_arn],
                StringEquals={**self._via("s3"), **bucket},
            ),
        )

    def _gather(self, files: BucketOutputs, keys: KeysOutputs) -> pulumi.Output[str]:
        """Allow to read users' files and rows, what a command has prepared, and to write the archive."""
        environment, names = self._environment, self._environment.file_restores
        bucket, via = f"arn:aws:s3:::{names.bucket}", self._via("s3")
        return policy_document(
            allow("ListFiles", ["s3:ListBucket"], [files.arn], StringLike={"s3:prefix": f"{USERS}*"}),
            allow("ReadFiles", ["s3:GetObject"], [f"{files.arn}/{USERS}*"]),
            allow("DecryptFiles", ["kms:Decrypt"], [files.key_arn], StringEquals={**via, CONTEXT: files.arn}),
            # Bound to the login: a cutover gives the database another resource id.
            allow("Login", ["rds-db:connect"], [_reader(environment)]),
            allow("Prepared", ["s3:GetObject"], [f"{bucket}/{names.exports}*/input/*"]),
            allow(
                "Archive",
                ["s3:AbortMultipartUpload", "s3:PutObject"],
                [f"{bucket}/{names.exports}*/{ARCHIVE}"],
            ),
            allow(
                "EncryptArchive",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [keys.assets],
                StringEquals={**via, CONTEXT: bucket},
            ),
        )

    def _queue(self, jobs: QueueOutputs) -> pulumi.Output[str]:
        return policy_document(
            allow("Send", ["sqs:SendMessage"], [jobs.arn]),
            allow(
                "Encrypt",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [jobs.key_arn],
                StringEquals=self._via("sqs"),
            ),
        )

    def _sessions(self, keys: KeysOutputs) -> pulumi.Output[str]:
        writes = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
        return policy_document(
            allow("Session", CHANNELS, ["*"]),
            # The SSM agent lists all log groups to find its own.
            allow("FindLog", ["logs:DescribeLogGroups"], ["*"]),
            allow("Log", writes, self._session_log()),
            allow("Decrypt", ["kms:Decrypt"], [keys.sessions]),
        )

    def _start(self, repository: str) -> Sequence[Statement]:
        """Allow to pull one image and to write one log. ECR decrypts the image itself."""
        pulls = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
        return (
            # A token is for the registry as a whole.
            allow("SignIn", ["ecr:GetAuthorizationToken"], ["*"]),
            allow("Pull", pulls, [self._environment.arn("ecr", f"repository/{repository}")]),
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], self._session_log()),
        )

    def _session_log(self) -> Sequence[str]:
        """Return the ARNs of the log group of sessions and of its streams."""
        environment = self._environment
        group = environment.arn("logs", f"log-group:{environment.log_group_name(SESSIONS)}")
        return (group, f"{group}:*")

    def _via(self, service: str) -> Mapping[str, str]:
        return via_service(service, self._environment.region)


def _validation(environment: Environment) -> Sequence[Statement]:
    """Allow to find a restored database, to log in to it, and to report and read results.

    The login is bound to the database's resource id, which isn't known before the restore; it only reads.
    """
    return (
        # AWS Backup's prefix of the databases that it restores for tests.
        allow("Find", ["rds:DescribeDBInstances"], [environment.arn("rds", "db:awsbackup-restore-test-*")]),
        allow("Login", ["rds-db:connect"], [_reader(environment)]),
        # AWS supports no resource for these actions.
        allow("Results", ["backup:ListRestoreJobs", "backup:PutRestoreValidationResult"], ["*"]),
    )


def _reader(environment: Environment) -> str:
    """Return the ARN of the login that only reads, on any database."""
    return environment.arn("rds-db", f"dbuser:*/{environment.application}_readonly")


def _records(audit: AuditOutputs) -> pulumi.Output[str]:
    """Allow to write records, not to read them or change the log group. CloudWatch Logs itself uses the key."""
    streams = f"{audit.records_log_group_arn}:log-stream:*"
    return policy_document(allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams]))
