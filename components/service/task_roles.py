"""TaskRoles: what tasks may do, and what ECS may do to start them.

Sections: IAM Roles, Audit Logging. The task role has the document's three permissions, each with the one key that it
needs, and that only through the service whose data it opens; and it may write its audit's records, which the document
asks of the application. The role of the short-lived access task can open a session and write its log; it reads no
secret.
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
from components.shared.iam import allow, document, through
from components.shared.service_principals import trust
from components.storage.files import BucketOutputs
from components.storage.job_queue import QueueOutputs
from settings.roles import Roles

TASKS = "ecs-tasks.amazonaws.com"
# The log group of sessions, by its purpose.
SESSIONS = "sessions"

# Agreeing on a session's two channels: AWS knows no resource for it.
CHANNELS = tuple(
    f"ssmmessages:{action}"
    for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
)


@dataclass(frozen=True, kw_only=True)
class RolesOutputs:
    """ARNs of the roles; `permissions` is what has to be there before a task starts with them."""

    task: pulumi.Output[str]
    execution: pulumi.Output[str]
    access_task: pulumi.Output[str]
    permissions: Sequence[pulumi.Resource]


class TaskRoles(pulumi.ComponentResource):
    """The roles of the API's tasks, of ECS when it starts them, and of the access task."""

    outputs: RolesOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Roles,
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
        self._own = pulumi.ResourceOptions(parent=self)

        task = self._role("task", settings.ecs_task_role, "What the API may do")
        execution = self._role("execution", settings.ecs_execution_role, "What ECS needs to start a task")
        access = self._role("access", settings.access_task_role, "What the short-lived access task may do")
        secrets = self._secrets(database, cache)
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
                opts=self._own,
            ),
        ]
        self._permission("access-sessions", access, "ExecuteCommand", self._sessions(keys))
        self.outputs = RolesOutputs(
            task=task.arn, execution=execution.arn, access_task=access.arn, permissions=permissions
        )
        self.register_outputs({})

    def _role(self, purpose: str, name: str, description: str) -> aws.iam.Role:
        environment = self._environment
        return aws.iam.Role(
            f"{self._name_prefix}-{purpose}",
            name=name,
            description=description,
            assume_role_policy=trust(TASKS, environment=environment, source_arn=environment.arn("ecs", "*")),
            opts=self._own,
        )

    def _permission(
        self, purpose: str, role: aws.iam.Role, name: str, policy: pulumi.Output[str]
    ) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            f"{self._name_prefix}-{purpose}", name=name, role=role.id, policy=policy, opts=self._own
        )

    def _secrets(self, database: PostgresOutputs, cache: RedisOutputs) -> pulumi.Output[str]:
        """Read the API's own secrets: not the database's owner's."""
        keys = pulumi.Output.all(database.secrets_key_arn, cache.auth_key_arn).apply(lambda arns: sorted(set(arns)))
        read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        return document(
            allow("Read", read, [database.application_secret_arn, cache.auth_secret_arn]),
            allow("Decrypt", ["kms:Decrypt"], keys, StringEquals=self._through("secretsmanager")),
        )

    def _bucket(self, files: BucketOutputs) -> pulumi.Output[str]:
        objects = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts",
                   "s3:PutObject")  # fmt: skip
        # With bucket keys a key is asked for the whole bucket.
        bucket = {"kms:EncryptionContext:aws:s3:arn": files.arn}
        return document(
            allow("Objects", objects, [f"{files.arn}/*"]),
            allow("List", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [files.arn]),
            allow(
                "Encrypt",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [files.key_arn],
                StringEquals={**self._through("s3"), **bucket},
            ),
        )

    def _queue(self, jobs: QueueOutputs) -> pulumi.Output[str]:
        return document(
            allow("Send", ["sqs:SendMessage"], [jobs.arn]),
            allow(
                "Encrypt",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [jobs.key_arn],
                StringEquals=self._through("sqs"),
            ),
        )

    def _sessions(self, keys: KeysOutputs) -> pulumi.Output[str]:
        environment = self._environment
        group = environment.arn("logs", f"log-group:{environment.log_group(SESSIONS)}")
        writes = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
        return document(
            allow("Session", CHANNELS, ["*"]),
            # The agent looks for its group in the list of all.
            allow("FindLog", ["logs:DescribeLogGroups"], ["*"]),
            allow("Log", writes, [group, f"{group}:*"]),
            allow("Decrypt", ["kms:Decrypt"], [keys.sessions]),
        )

    def _through(self, service: str) -> Mapping[str, str]:
        return through(service, self._environment.region)


def _records(audit: AuditOutputs) -> pulumi.Output[str]:
    """Write records, and neither read them nor anything of the group itself; its key is CloudWatch Logs' to use."""
    streams = f"{audit.records_arn}:log-stream:*"
    return document(allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams]))
