"""The audit archive: a bucket with object lock, with cheaper storage classes for older objects.

Section: Data Handling (data retention, 7 years). The object lock retains every version. The bucket policy protects the
lock: it denies every principal, including the one that deploys this program, to delete records or to change the lock
or the lifecycle. To change one of these, remove the policy by hand first; the trail records it (docs/decisions, 0022).
"""

from collections.abc import Sequence

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement
from components.shared.service_principals import allow_service
from components.storage.buckets import Lifecycle, ObjectLock, PrivateBucket, create_private_bucket
from settings.audit import Archive

# Denied on the records and on the bucket: each of them deletes or hides a record, or ends its retention early.
DENIED_ON_RECORDS = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectRetention",
)
DENIED_ON_BUCKET = ("s3:DeleteBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration")


def archive_name(environment: Environment) -> str:
    """Return the name of an environment's archive bucket."""
    return environment.audit_archive.bucket


def create_archive(
    logical: str,
    *,
    environment: Environment,
    settings: Archive,
    has_trail: bool,
    keys: KeysOutputs,
    parent: pulumi.Resource,
) -> PrivateBucket:
    """Create the archive; with `has_trail` its policy allows the account's trail to write to it."""
    name = archive_name(environment)
    arn = f"arn:aws:s3:::{name}"
    return create_private_bucket(
        logical,
        name=name,
        key_arn=keys.audit,
        # Versions expire after the lock's retention: the lock has precedence over the lifecycle.
        lifecycle=Lifecycle(
            noncurrent_days=1,
            expiration_days=settings.retention,
            transitions={"GLACIER_IR": settings.glacier_after, "DEEP_ARCHIVE": settings.deep_archive_after},
        ),
        parent=parent,
        statements=[*_denials(arn), *(_trail_access(arn, environment) if has_trail else ())],
        lock=ObjectLock(mode=settings.lock_mode, days=settings.retention),
    )


def _denials(arn: str) -> Sequence[Statement]:
    return [
        {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource}
        for sid, actions, resource in (
            ("RecordsStay", DENIED_ON_RECORDS, f"{arn}/*"),
            ("LockStays", DENIED_ON_BUCKET, arn),
        )
    ]


def _trail_access(arn: str, environment: Environment) -> Sequence[Statement]:
    """Allow the account's trail to read the bucket's ACL and to write below its prefix: AWS's documented statements."""
    return [
        allow_service(
            "bucket",
            "cloudtrail.amazonaws.com",
            sid=sid,
            actions=action,
            resources=resource,
            account=environment.account,
            source_arn=environment.trail_arn,
            extra_conditions=conditions,
        )
        for sid, action, resource, conditions in (
            ("TrailLooks", "s3:GetBucketAcl", arn, None),
            (
                "TrailWrites",
                "s3:PutObject",
                f"{arn}/AWSLogs/{environment.account}/*",
                {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            ),
        )
    ]
