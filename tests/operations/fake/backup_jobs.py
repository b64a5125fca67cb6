"""What `taskflow backup` reads beyond the newest backups: AWS Backup's jobs, buckets and log groups.

Jobs come in pages of two, in no order; AWS Backup lists those of the last 30 days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest

from tests.operations.fake.backups import Backups
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.task_definitions import ACCOUNT, REGION
from tests.operations.fake.wire import ServiceError

PAGE = 2
KEPT = timedelta(days=30)
GIB = 1024**3
REGIONS = {"production": REGION, "dr": "us-west-2"}


@dataclass(kw_only=True)
class BackupJobs:
    """The jobs of a stack: by default four weeks, all well. A test changes the lists."""

    clock: FakeClock
    stack: str
    backups: Backups
    # As AWS Backup answers.
    backup_jobs: list[dict[str, Any]] = field(init=False)
    copy_jobs: list[dict[str, Any]] = field(init=False)
    restore_jobs: list[dict[str, Any]] = field(init=False)
    # Times by status of the recovery points in this region's vault of the other region's copies, by vault.
    copies: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict[str, list[tuple[datetime, str]]])
    # Days for which recovery points are kept; None: without an end.
    kept: int | None = 90
    # By bucket: the versioning's status, and the replication rule's (None: no rules).
    versioning: dict[str, str] = field(init=False)
    rules: dict[str, str | None] = field(init=False)
    # By name: the retention; None: without an end.
    log_groups: dict[str, int | None] = field(init=False)

    def __post_init__(self) -> None:
        now = self.clock.now()
        self.backup_jobs = [self.job("BackupJobId", week, now - timedelta(days=1 + 7 * week)) for week in range(4)]
        self.copy_jobs = [self.job("CopyJobId", week, now - timedelta(hours=22 + 168 * week)) for week in range(4)]
        self.restore_jobs = [self.test(week, now - timedelta(hours=3 + 168 * week)) for week in range(4)]
        names = [f"taskflow-{self.stack}-{kind}-{ACCOUNT}" for kind in ("files", "assets")]
        if self.stack == "dr":
            names = [f"taskflow-production-files-copy-{ACCOUNT}"]
        self.versioning, self.rules = dict.fromkeys(names, "Enabled"), dict.fromkeys(names, "Enabled")
        name = f"taskflow-{self.stack}"
        self.log_groups = {
            f"/taskflow/{self.stack}/api": 90,
            f"/taskflow/{self.stack}/sessions": 90,
            f"/taskflow/{self.stack}/flow-logs": 90,
            "/taskflow/audit": 90,
            f"/aws/events/{name}": 90,
            f"/aws/rds/instance/{name}/postgresql": 90,
            f"/aws/ecs/containerinsights/{name}/performance": 90,
            f"aws-waf-logs-{name}": 90,
            "RDSOSMetrics": 90,
            # Of another application.
            "/other/app": None,
        }

    @property
    def _vault(self) -> str:
        return f"arn:aws:backup:{REGIONS.get(self.stack, REGION)}:{ACCOUNT}:backup-vault:taskflow-{self.stack}"

    @property
    def _plan(self) -> str:
        region = REGIONS.get(self.stack, REGION)
        return f"arn:aws:backup:{region}:{ACCOUNT}:restore-testing-plan:taskflow_{self.stack}_restore_test-1234"

    def job(self, key: str, number: int, at: datetime, **changed: Any) -> dict[str, Any]:
        """Return a backup or a copy."""
        own = {"BackupVaultName": f"taskflow-{self.stack}"} if key == "BackupJobId" else {
            "SourceBackupVaultArn": self._vault
        }  # fmt: skip
        return {
            key: f"{key[:4].lower()}-{number}",
            "CreationDate": at,
            "State": "COMPLETED",
            "BackupSizeInBytes": 120 * GIB,
            "ResourceArn": self.backups.arn,
            **own,
            **changed,
        }

    def test(self, number: int, at: datetime, **changed: Any) -> dict[str, Any]:
        """Return a restore of the restore testing plan."""
        return {
            "RestoreJobId": f"restore-{number}",
            "SourceResourceArn": self.backups.arn,
            "CreationDate": at,
            "CompletionDate": at + timedelta(minutes=38),
            "RecoveryPointCreationDate": at - timedelta(days=1),
            "Status": "COMPLETED",
            "BackupSizeInBytes": 120 * GIB,
            "CreatedBy": {"RestoreTestingPlanArn": self._plan},
            "ValidationStatus": "SUCCESSFUL",
            "ValidationStatusMessage": "14 tables, 118 GB, PostgreSQL 15.17",
            "DeletionStatus": "SUCCESSFUL",
            **changed,
        }

    def list_backup_jobs(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        jobs = [each for each in self.backup_jobs if each["BackupVaultName"] == request["ByBackupVaultName"]]
        return self._listed("BackupJobs", jobs, request)

    def list_copy_jobs(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._listed("CopyJobs", self.copy_jobs, request)

    def list_restore_jobs(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._listed("RestoreJobs", self.restore_jobs, request)

    def _listed(self, key: str, jobs: Sequence[dict[str, Any]], request: Mapping[str, Any]) -> Mapping[str, Any]:
        since = max(_time(request["ByCreatedAfter"]), self.clock.now() - KEPT)
        found = [job for job in jobs if job["CreationDate"] >= since]
        start = int(request.get("NextToken") or 0)
        end = start + PAGE
        return {key: found[start:end], **({"NextToken": str(end)} if end < len(found) else {})}

    def list_recovery_points_by_backup_vault(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        vault = request["BackupVaultName"]
        if vault in self.copies:
            points = [
                {"Status": status, "CreationDate": at, "ResourceArn": self.backups.arn}
                for at, status in self.copies[vault]
            ]
            answer: dict[str, Any] = {"RecoveryPoints": points}
        else:
            answer = dict(self.backups.list_recovery_points_by_backup_vault(request))
        lifecycle = {"Lifecycle": {"DeleteAfterDays": self.kept}} if self.kept else {}
        return {**answer, "RecoveryPoints": [{**point, **lifecycle} for point in answer["RecoveryPoints"]]}

    def describe_log_groups(
        self, request: Mapping[str, Any], databases: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return a page of the log groups with a prefix, those of the database's instances among them."""
        groups = {name: dict(group) for name, group in databases.items()}
        for name, days in self.log_groups.items():
            group = groups.setdefault(name, {"logGroupName": name})
            group.pop("retentionInDays", None)
            group |= {"retentionInDays": days} if days else {}
        names = sorted(name for name in groups if name.startswith(request["logGroupNamePrefix"]))
        start = int(request.get("nextToken") or 0)
        end = start + PAGE
        page = [groups[name] for name in names[start:end]]
        return {"logGroups": page, **({"nextToken": str(end)} if end < len(names) else {})}

    # S3's protocol is REST with XML: status and content.

    def get_bucket_versioning(self, request: AWSPreparedRequest) -> tuple[int, str]:
        """Answer GetBucketVersioning: a bucket that never had versions has no status."""
        status = self.versioning.get(self._bucket(request), "")
        element = f"<Status>{status}</Status>" if status else ""
        return 200, f"<VersioningConfiguration>{element}</VersioningConfiguration>"

    def get_bucket_replication(self, request: AWSPreparedRequest) -> tuple[int, str]:
        """Answer GetBucketReplication: without rules it is an error."""
        bucket = self._bucket(request)
        status = self.rules.get(bucket)
        if status is None:
            return 404, "<Error><Code>ReplicationConfigurationNotFoundError</Code><Message>none</Message></Error>"
        rule = (
            f"<Rule><ID>everything</ID><Status>{status}</Status><Destination><Bucket>arn:aws:s3:::{bucket}-copy</Bucket>"
            "</Destination></Rule>"
        )
        role = f"arn:aws:iam::{ACCOUNT}:role/replication"
        return 200, f"<ReplicationConfiguration><Role>{role}</Role>{rule}</ReplicationConfiguration>"

    def _bucket(self, request: AWSPreparedRequest) -> str:
        url = urlsplit(request.url)
        of_path = url.path.strip("/").split("/")[0]
        bucket = of_path or url.netloc.split(".")[0]
        if bucket not in self.versioning:
            raise ServiceError("NoSuchBucket", bucket, 404)
        return bucket


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
