"""The audit's archive: a locked bucket in which nobody deletes in daily work, cheaper as it ages.

Section: Data Handling (data retention, 7 years). The lock keeps each version, the policy keeps the lock: it refuses
everybody to delete, to hide, or to loosen what keeps the records, whoever deploys this program included. Who has to
change one of these lifts the policy first, by hand, and the trail says so: see
docs/decisions/0022-the-archive-of-the-audit.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement
from components.shared.service_principals import let_in
from components.storage.buckets import Ending, Lock, PrivateBucket, private_bucket
from settings.audit import Archive as Settings

# By each of them a record is lost, hidden or let go before its time: of objects, and of the bucket.
OF_RECORDS = ("s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention")
OF_BUCKET = ("s3:DeleteBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration")


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An archive as it is wanted."""

    environment: Environment
    settings: Settings
    keys: KeysOutputs

    @staticmethod
    def name_in(environment: Environment) -> str:
        """Give the name of an environment's archive, which others may have to name too."""
        return environment.bucket("audit-archive")

    @property
    def name(self) -> str:
        """Give the bucket's name."""
        return self.name_in(self.environment)


def archive(logical: str, wanted: Archive, *, is_trails: bool, parent: pulumi.Resource) -> PrivateBucket:
    """Make the archive; `is_trails`: the account's trail writes to it, by the bucket's policy."""
    settings, arn = wanted.settings, f"arn:aws:s3:::{wanted.name}"
    return private_bucket(
        logical,
        name=wanted.name,
        key_arn=wanted.keys.audit,
        # The lock holds a version until its days are over, whatever the lifecycle says.
        ending=Ending(
            old_versions=1,
            objects=settings.retention,
            cheaper={"GLACIER_IR": settings.glacier_after, "DEEP_ARCHIVE": settings.deep_archive_after},
        ),
        parent=parent,
        statements=[*_kept(arn), *(_of_trail(arn, wanted.environment) if is_trails else ())],
        lock=Lock(mode=settings.lock_mode, days=settings.retention),
    )


def _kept(arn: str) -> Sequence[Statement]:
    return [
        {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource}
        for sid, actions, resource in (("RecordsStay", OF_RECORDS, f"{arn}/*"), ("LockStays", OF_BUCKET, arn))
    ]


def _of_trail(arn: str, environment: Environment) -> Sequence[Statement]:
    """Let CloudTrail look at the bucket and write below its own path, for the account's trail alone (AWS's own)."""
    return [
        let_in(
            "bucket",
            "cloudtrail.amazonaws.com",
            sid=sid,
            actions=action,
            resources=resource,
            account=environment.account,
            source_arn=environment.trail_arn,
            further=further,
        )
        for sid, action, resource, further in (
            ("TrailLooks", "s3:GetBucketAcl", arn, None),
            (
                "TrailWrites",
                "s3:PutObject",
                f"{arn}/AWSLogs/{environment.account}/*",
                {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            ),
        )
    ]
