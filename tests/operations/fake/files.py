"""A versioned bucket, and S3 Batch Operations that copies versions in it.

Its traps are S3's: versions and delete markers are listed apart, a page ends within a file, keys are URL-encoded, times
are in whole seconds, an ETag of a copy differs, a job works by and by and is listed late.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from botocore.awsrequest import AWSPreparedRequest

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.rest_xml import body_of, decoded, encoded, error, operation_model
from tests.operations.fake.task_definitions import ACCOUNT

MAX_COPY = 5 * 1024**3
# A job's seconds until it copies, and for each file.
PREPARATION, PER_FILE = 20.0, 1.0


@dataclass(frozen=True, kw_only=True)
class FileVersion:
    """A version or a delete marker (no content)."""

    id: str
    at: datetime
    content: str | None
    size: int
    storage_class: str = "STANDARD"


@dataclass(kw_only=True)
class Job:
    """A job: the versions that it copies, in order, and how far it is."""

    id: str
    description: str
    created: datetime
    tasks: list[tuple[str, str]]
    succeeded: int = 0
    failed: int = 0
    ended: datetime | None = None
    status: str = ""

    @property
    def done(self) -> int:
        return self.succeeded + self.failed


@dataclass(kw_only=True)
class Files:
    """The bucket of the API's files, the one of manifests, and the jobs."""

    clock: FakeClock
    stack: str
    versions: dict[str, list[FileVersion]] = field(default_factory=dict[str, list[FileVersion]])
    manifests: dict[str, bytes] = field(default_factory=dict[str, bytes])
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    page: int = 3
    # So long a new job isn't listed.
    hidden: timedelta = timedelta(0)
    # Files that the job's role may not copy.
    denied: set[str] = field(default_factory=set[str])
    copies: int = 0
    ids: int = 0

    def __post_init__(self) -> None:
        self.clock.listeners.append(self.advance)

    @property
    def bucket(self) -> str:
        return f"taskflow-production-files{'-copy' if self.stack == 'dr' else ''}-{ACCOUNT}"

    @property
    def restores(self) -> str:
        return f"taskflow-{self.stack}-restores-{ACCOUNT}"

    # What users do.

    def put(self, key: str, content: str, *, size: int | None = None, storage_class: str = "STANDARD") -> None:
        size = len(content) if size is None else size
        self._add(key, content, size, storage_class)

    def delete(self, key: str) -> None:
        self._add(key, None, 0, "STANDARD")

    def _add(self, key: str, content: str | None, size: int, storage_class: str) -> None:
        self.ids += 1
        version = FileVersion(
            id=f"v{self.ids:04}",
            at=self.clock.now().replace(microsecond=0),
            content=content,
            size=size,
            storage_class=storage_class,
        )
        self.versions.setdefault(key, []).insert(0, version)

    def state(self) -> dict[str, str]:
        """Return the contents of the files that are there."""
        return {key: found[0].content for key, found in self.versions.items() if found[0].content is not None}

    # S3.

    def answer(self, name: str, request: AWSPreparedRequest) -> tuple[int, str, Mapping[str, str]] | None:
        """Answer an operation; None for another bucket."""
        operation = operation_model(name)
        parameters = decoded(operation, request)
        if name == "s3 PutObject":
            return self._put_object(parameters, body_of(request)) if parameters["Bucket"] == self.restores else None
        if name == "s3 ListObjectVersions":
            assert parameters["Bucket"] == self.bucket
            assert parameters["ExpectedBucketOwner"] == ACCOUNT
            answer = self._list_versions(parameters)
            # The model has one storage class of a version, S3 all of them.
            standard = [{**each, "StorageClass": "STANDARD"} for each in answer["Versions"]]
            return 200, encoded(operation, answer, checked={**answer, "Versions": standard}), {}
        assert parameters["AccountId"] == ACCOUNT
        if name == "s3control CreateJob":
            return self._create_job(parameters)
        answer = self._list_jobs(parameters) if name.endswith("ListJobs") else {"Job": self._job(parameters["JobId"])}
        return 200, encoded(operation, answer), {}

    def _put_object(self, parameters: Mapping[str, Any], body: bytes) -> tuple[int, str, Mapping[str, str]]:
        assert parameters["ServerSideEncryption"] == "AES256"
        self.manifests[parameters["Key"]] = body
        return 200, "", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}  # noqa: S324  (S3's ETag)

    def _list_versions(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        assert parameters["EncodingType"] == "url"
        after = (unquote(parameters.get("KeyMarker", "")), parameters.get("VersionIdMarker", ""))
        entries = list(self._entries(parameters.get("Prefix", ""), *after))
        shown, is_truncated = entries[: self.page], len(entries) > self.page
        answer: dict[str, Any] = {
            "IsTruncated": is_truncated,
            "EncodingType": "url",
            "Versions": [],
            "DeleteMarkers": [],
        }
        for key, version, is_latest in shown:
            entry = {"Key": quote(key), "VersionId": version.id, "IsLatest": is_latest, "LastModified": version.at}
            if version.content is None:
                answer["DeleteMarkers"].append(entry)
            else:
                etag = hashlib.sha256(version.id.encode()).hexdigest()[:32]
                answer["Versions"].append(
                    {**entry, "Size": version.size, "StorageClass": version.storage_class, "ETag": f'"{etag}"'}
                )
        if is_truncated:
            answer |= {"NextKeyMarker": quote(shown[-1][0]), "NextVersionIdMarker": shown[-1][1].id}
        return answer

    def _entries(self, prefix: str, key_marker: str, version_marker: str) -> Iterator[tuple[str, FileVersion, bool]]:
        """Yield the versions after the markers, by key, the newest first."""
        for key in sorted(key for key in self.versions if key.startswith(prefix) and key >= key_marker):
            found = self.versions[key]
            start = 0
            if key == key_marker:
                ids = [each.id for each in found]
                start = ids.index(version_marker) + 1 if version_marker else len(ids)
            for number, version in enumerate(found[start:], start=start):
                yield key, version, number == 0

    # S3 Batch Operations.

    def _create_job(self, parameters: Mapping[str, Any]) -> tuple[int, str, Mapping[str, str]]:
        token, manifest = parameters["ClientRequestToken"], parameters["Manifest"]
        operation = operation_model("s3control CreateJob")
        if token in self.tokens:
            return 200, encoded(operation, {"JobId": self.tokens[token]}), {}
        suffix = "-dr" if self.stack == "dr" else ""
        assert parameters["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/taskflow-files-restore-role{suffix}"
        assert parameters["Operation"]["S3PutObjectCopy"] == {"TargetResource": f"arn:aws:s3:::{self.bucket}"}
        assert parameters["Report"]["Bucket"] == f"arn:aws:s3:::{self.restores}"
        assert manifest["Spec"]["Fields"] == ["Bucket", "Key", "VersionId"]
        bucket, _, key = manifest["Location"]["ObjectArn"].removeprefix("arn:aws:s3:::").partition("/")
        body = self.manifests.get(key, b"")
        if bucket != self.restores or manifest["Location"]["ETag"] != hashlib.md5(body).hexdigest():  # noqa: S324
            return 400, error("InvalidRequest", "The manifest isn't there"), {}
        rows = list(csv.reader(io.StringIO(body.decode())))
        assert {row[0] for row in rows} == {self.bucket}
        job = Job(
            id=f"0000{len(self.jobs):04}-0000-4000-8000-000000000000",
            description=parameters["Description"],
            created=self.clock.now(),
            tasks=[(unquote(row[1]), row[2]) for row in rows],
        )
        self.jobs[job.id] = job
        self.tokens[token] = job.id
        return 200, encoded(operation, {"JobId": job.id}), {}

    def _list_jobs(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        listed = [id_ for id_, job in self.jobs.items() if self.clock.now() - job.created >= self.hidden]
        start = int(parameters.get("NextToken", "0"))
        token = {"NextToken": str(start + 1)} if start + 1 < len(listed) else {}
        keys = ("JobId", "Description", "Operation", "Priority", "Status", "CreationTime", "TerminationDate",
                "ProgressSummary")  # fmt: skip
        jobs = [self._job(id_) for id_ in listed[start : start + 1]]
        return {"Jobs": [{key: job[key] for key in keys if key in job} for job in jobs], **token}

    def _job(self, id_: str) -> dict[str, Any]:
        job = self.jobs[id_]
        return {
            "JobId": job.id,
            "Description": job.description,
            "Priority": 10,
            "Status": self._status(job),
            "CreationTime": job.created,
            "ProgressSummary": {
                "TotalNumberOfTasks": len(job.tasks),
                "NumberOfTasksSucceeded": job.succeeded,
                "NumberOfTasksFailed": job.failed,
            },
            **({"TerminationDate": job.ended} if job.ended else {}),
        }

    def _status(self, job: Job) -> str:
        if job.status:
            return job.status
        age = self.clock.now() - job.created
        return "New" if age < timedelta(seconds=5) else "Preparing" if age.total_seconds() < PREPARATION else "Active"

    def advance(self) -> None:
        """Copy what is due."""
        for job in self.jobs.values():
            due = ((self.clock.now() - job.created).total_seconds() - PREPARATION) / PER_FILE
            while not job.status and job.done < len(job.tasks) and job.done < due:
                self._copy(job, *job.tasks[job.done])
            if not job.status and job.done == len(job.tasks):
                job.status, job.ended = "Complete", self.clock.now()

    def _copy(self, job: Job, key: str, id_: str) -> None:
        source = next((each for each in self.versions.get(key, []) if each.id == id_), None)
        is_possible = (
            source is not None
            and source.content is not None
            and source.storage_class not in {"GLACIER", "DEEP_ARCHIVE"}
            and source.size <= MAX_COPY
        )
        if not is_possible or key in self.denied:
            job.failed += 1
            return
        assert source
        self._add(key, source.content, source.size, "STANDARD")
        job.succeeded += 1
        self.copies += 1
