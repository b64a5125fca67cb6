"""Jobs of S3 Batch Operations that copy versions within the bucket of the files.

S3 runs them with a role that people can't assume. A job of the same restore is found by its description, for 90 days.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.objects.judgement import Window

# S3, job statuses: these change no more.
ENDED = frozenset({"Complete", "Failed", "Cancelled"})
# A job of a hundred thousand files has a manifest of some megabytes.
FILES_PER_JOB = 100_000
# A person's session ends after an hour: the next run waits on.
WAIT = timedelta(hours=6)
INTERVAL = 15.0

Job = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RestoreJobs:
    """The jobs of one restore. `id` is the same for each run of the same command, and tells no key."""

    context: Context
    bucket: str
    id: str

    @property
    def reports(self) -> str:
        """Where S3 writes what it did with each file."""
        names = self.context.environment.file_restores
        return f"s3://{names.bucket}/{names.reports}{self.id}/"

    def all(self) -> Sequence[Job]:
        """Return the jobs of this restore, also those that have ended."""
        found: list[Job] = []
        token: dict[str, str] = {}
        while True:
            page = self.context.aws.s3control.list_jobs(AccountId=self._account, **token)
            found += [job for job in page.get("Jobs", []) if job.get("Description") == self._description]
            if "NextToken" not in page:
                return found
            token = {"NextToken": page["NextToken"]}

    def create(self, manifest: bytes, *, earlier: int) -> str:
        """Upload a manifest and start its job; return the job's id.

        After a lost answer the same request returns the same job. `earlier` is the number of jobs before: without it
        S3 would answer a repeated restore of the same files with the old job.
        """
        token = hashlib.sha256(f"{self.id} {earlier} ".encode() + manifest).hexdigest()
        names = self.context.environment.file_restores
        key = f"{names.manifests}{self.id}/{token}.csv"
        uploaded = self.context.aws.s3.put_object(
            Bucket=names.bucket,
            Key=key,
            Body=manifest,
            # AWS's pages disagree on manifests with a customer managed key; S3's own is always supported.
            ServerSideEncryption="AES256",
            ExpectedBucketOwner=self._account,
        )
        return self.context.aws.s3control.create_job(
            AccountId=self._account,
            ConfirmationRequired=False,
            ClientRequestToken=token,
            Description=self._description,
            Priority=10,
            RoleArn=self.context.environment.role_arn(self.context.settings.roles.files_restore_role),
            # Metadata and tags are those of the version; the key and the class are the bucket's.
            Operation={"S3PutObjectCopy": {"TargetResource": f"arn:aws:s3:::{self.bucket}"}},
            Manifest={
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]},
                "Location": {"ObjectArn": f"arn:aws:s3:::{names.bucket}/{key}", "ETag": uploaded["ETag"].strip('"')},
            },
            Report={
                "Bucket": f"arn:aws:s3:::{names.bucket}",
                "Prefix": f"{names.reports}{self.id}",
                "Format": "Report_CSV_20180820",
                "Enabled": True,
                "ReportScope": "AllTasks",
                "ExpectedBucketOwner": self._account,
            },
        )["JobId"]

    def wait(self, ids: Sequence[str]) -> Sequence[Job]:
        """Return jobs once they have ended."""
        progress = Progress(context=self.context)
        jobs: dict[str, Job] = {}

        def ended() -> bool | None:
            for each in ids:
                if jobs.get(each, {}).get("Status") not in ENDED:
                    answer = self.context.aws.s3control.describe_job(AccountId=self._account, JobId=each)
                    jobs[each] = answer["Job"]
            progress.show(_progress(list(jobs.values())))
            return True if all(job.get("Status") in ENDED for job in jobs.values()) else None

        if poll(self.context.clock, ended, limit=WAIT, interval=INTERVAL) is None:
            raise OperationError(
                f"The restore isn't finished after {WAIT // timedelta(hours=1)} hours; S3 is still working",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on.",
            )
        return list(jobs.values())

    @property
    def _account(self) -> str:
        return self.context.environment.account

    @property
    def _description(self) -> str:
        return f"taskflow objects restore {self.id}"


def window_of(job: Job) -> Window:
    """Return the time in which a job copied."""
    return Window(start=job["CreationTime"], end=job.get("TerminationDate"))


def is_running(job: Job) -> bool:
    """Whether S3 may still copy files of a job."""
    return job.get("Status") not in ENDED


def _progress(jobs: Sequence[Job]) -> str:
    """Return the jobs' progress in a line."""
    parts = [job.get("ProgressSummary", {}) for job in jobs]
    total, succeeded, failed = (
        sum(part.get(name, 0) for part in parts)
        for name in ("TotalNumberOfTasks", "NumberOfTasksSucceeded", "NumberOfTasksFailed")
    )
    statuses = ", ".join(dict.fromkeys(str(job.get("Status", "")).lower() for job in jobs))
    return f"S3 is copying ({statuses}): {succeeded:,} of {total:,} files{f', {failed:,} failed' if failed else ''}"
