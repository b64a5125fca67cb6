"""FilesRestore: what S3 Batch Operations needs to make earlier versions of the API's files current again.

Sections: Backup & Recovery (S3 Data, Versioned), Access Controls. People only create the job (`taskflow objects
restore`): the job's role reads and writes, and only within the bucket of the files. So a restore needs no person who
may read files (docs/decisions/0042-restoring-files.md).
"""

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, policy_document, via_service
from components.shared.service_principals import trust_policy
from components.storage.buckets import Lifecycle, PrivateBucket, create_private_bucket
from components.storage.files import BucketOutputs
from components.storage.replication import CONTEXT

BATCH_OPERATIONS = "batchoperations.s3.amazonaws.com"
# Manifests and reports name users' files: they are kept until a restore has been reviewed.
RETENTION_DAYS = 30
# S3, Granting permissions for Batch Operations, Copy objects; with version ids the actions on versions are enough.
_READ = ("s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging")
_WRITE = ("s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging")


class FilesRestore(pulumi.ComponentResource):
    """The bucket of manifests and reports, and the role of the jobs. `files` is the bucket that this stack uses."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        role: str,
        files: BucketOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:storage:FilesRestore", name, None, opts)
        child_opts = pulumi.ResourceOptions(parent=self)
        bucket = create_private_bucket(
            name,
            name=environment.file_restores.bucket,
            key_arn=keys.assets,
            lifecycle=Lifecycle(noncurrent_days=1, expiration_days=RETENTION_DAYS),
            parent=self,
        )
        jobs = aws.iam.Role(
            name,
            name=role,
            description="Allows S3 Batch Operations to restore versions of the API's files",
            assume_role_policy=trust_policy(BATCH_OPERATIONS, environment=environment),
            opts=child_opts,
        )
        aws.iam.RolePolicy(
            name,
            name="RestoreFiles",
            role=jobs.id,
            policy=_permissions(environment, files, bucket, keys),
            opts=child_opts,
        )
        self.register_outputs({"bucket": bucket.name})


def _permissions(
    environment: Environment, files: BucketOutputs, bucket: PrivateBucket, keys: KeysOutputs
) -> pulumi.Output[str]:
    via, names = via_service("s3", environment.region), environment.file_restores
    return policy_document(
        allow("Read", _READ, [f"{files.arn}/*"]),
        allow("Write", _WRITE, [f"{files.arn}/*"]),
        allow("Manifest", ["s3:GetObject", "s3:GetObjectVersion"], [f"{bucket.arn}/{names.manifests}*"]),
        allow("Report", ["s3:PutObject"], [f"{bucket.arn}/{names.reports}*"]),
        allow(
            "Encrypt",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [files.key_arn],
            StringEquals={**via, CONTEXT: files.arn},
        ),
        # The manifest has S3's own key: AWS documents customer managed keys for reports, not for every manifest.
        allow("EncryptReport", ["kms:GenerateDataKey"], [keys.assets], StringEquals={**via, CONTEXT: bucket.arn}),
    )
