"""The jobs of AWS Backup: backups, copies and restore tests, each with how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.frame.context import Context

COMPLETED = "COMPLETED"
# AWS Backup's states of a job that ended without a result; PARTIAL is a composite job of which a part failed.
FAILED_STATES = frozenset({"ABORTED", "EXPIRED", "FAILED", "PARTIAL"})
VALIDATED = "SUCCESSFUL"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A backup or a copy."""

    id: str
    kind: str
    created_at: datetime
    state: str
    message: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class RestoreTest:
    """A restore of a restore testing plan, and its validation; `validation` is empty if there was none."""

    id: str
    source: str
    created_at: datetime
    completed_at: datetime | None
    snapshot_at: datetime | None
    status: str
    message: str
    validation: str
    validation_message: str
    deletion: str
    size: int

    @property
    def duration(self) -> timedelta | None:
        """How long the restore took, without its validation."""
        return self.completed_at - self.created_at if self.completed_at else None

    @property
    def is_proof(self) -> bool:
        """Whether it shows that the snapshot can be restored."""
        return self.status == COMPLETED and self.validation == VALIDATED


def backup_jobs(context: Context, since: datetime) -> Sequence[Job]:
    """Return the jobs that store snapshots in the stack's vault, the newest first."""
    pages = context.aws.backup.get_paginator("list_backup_jobs").paginate(
        ByBackupVaultName=context.environment.name, ByCreatedAfter=since
    )
    return _newest_first(
        Job(
            id=each.get("BackupJobId", ""),
            kind="backup",
            created_at=each["CreationDate"],
            state=each.get("State", ""),
            message=each.get("StatusMessage", ""),
            size=each.get("BackupSizeInBytes", 0),
        )
        for page in pages
        for each in page["BackupJobs"]
        if "CreationDate" in each
    )


def copy_jobs(context: Context, since: datetime) -> Sequence[Job]:
    """Return the copies of the stack's snapshots to the recovery region, the newest first."""
    source = context.environment.arn("backup", f"backup-vault:{context.environment.name}")
    pages = context.aws.backup.get_paginator("list_copy_jobs").paginate(ByCreatedAfter=since)
    return _newest_first(
        Job(
            id=each.get("CopyJobId", ""),
            kind="copy",
            created_at=each["CreationDate"],
            state=each.get("State", ""),
            message=each.get("StatusMessage", ""),
            size=each.get("BackupSizeInBytes", 0),
        )
        for page in pages
        for each in page["CopyJobs"]
        if each.get("SourceBackupVaultArn") == source and "CreationDate" in each
    )


def restore_tests(context: Context, since: datetime) -> Sequence[RestoreTest]:
    """Return the restores of the stack's restore testing plan, the newest first.

    Restores by people are no tests. The plan's ARN ends in an id, which its restores tell.
    """
    environment = context.environment
    plan = f"{environment.arn('backup', f'restore-testing-plan:{environment.restore_testing_plan}')}-"
    pages = context.aws.backup.get_paginator("list_restore_jobs").paginate(ByCreatedAfter=since)
    found = [
        _test(each)
        for page in pages
        for each in page["RestoreJobs"]
        if each.get("CreatedBy", {}).get("RestoreTestingPlanArn", "").startswith(plan)
    ]
    return sorted(found, key=lambda test: test.created_at, reverse=True)


def _test(job: Any) -> RestoreTest:
    return RestoreTest(
        id=job.get("RestoreJobId", ""),
        source=job.get("SourceResourceArn", "").rpartition(":")[2],
        created_at=job["CreationDate"],
        completed_at=job.get("CompletionDate"),
        snapshot_at=job.get("RecoveryPointCreationDate"),
        status=job.get("Status", ""),
        message=job.get("StatusMessage", ""),
        validation=job.get("ValidationStatus", ""),
        validation_message=job.get("ValidationStatusMessage", ""),
        deletion=job.get("DeletionStatus", ""),
        size=job.get("BackupSizeInBytes", 0),
    )


def _newest_first(jobs: Any) -> Sequence[Job]:
    return sorted(jobs, key=lambda job: job.created_at, reverse=True)
