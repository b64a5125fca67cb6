"""The task that gathers a person's data: what it is given, how it is found again, and its archive.

Everything of one export is below `exports/<hash of the person>/<ticket>/<hash of the options>/` in the bucket of the
commands' temporary files, and the task is marked with the same words. So a run with the same options finds both.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from components.shared.environment import DATA_EXPORT
from operations.audit.criteria import Criteria
from operations.audit.query import complete_answer
from operations.audit.time_range import TimeRange
from operations.data.subject import Subject
from operations.frame.aws import error_code
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.one_off import OneOffTasks, started
from operations.release.revision import TaskDefinitions

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

# As in components/service/task_roles.py, which the commands may not import: it needs the SDK.
ARCHIVE = "archive.tar.age"
# The task ends itself after an hour; some minutes are for its start.
LIMIT = timedelta(minutes=70)
MAX_RECORDS = 100_000
# The task's disk has 200 GiB; files move from it into the archive one by one.
MAX_BYTES = 180 * 1024**3
CHUNK = 1024 * 1024
NOT_INCLUDED = (
    "logs: no personal data but network addresses, which can't be searched by person; they end after 90 days",
    "backups, old versions of files, the cache, queues: copies of the same data, which end by themselves",
    "audit records of the other region, if it has served: the export from that stack has them",
    "what other companies were sent, and what people wrote in tickets and incidents",
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Whose data, for which key, by which queries, and since when audit records."""

    subject: Subject
    recipient: str
    queries: str
    since: str
    ticket: str

    @property
    def digest_of_queries(self) -> str:
        """Return the SHA-256 of the file of queries."""
        return hashlib.sha256(self.queries.encode()).hexdigest()

    @property
    def id(self) -> str:
        """Return a hash of the options: others are another export."""
        options = "\n".join((self.recipient, self.since, self.digest_of_queries))
        return hashlib.sha256(options.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A complete archive in S3. `counts` are the rows, records and files in it; `contents` is what was gathered."""

    key: str
    size: int
    made_at: datetime
    counts: Mapping[str, int]
    contents: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ExportTask:
    """The task of one export."""

    context: Context
    request: Request

    @property
    def digest(self) -> str:
        """Return the hash by which audit records and keys name the person."""
        return self.request.subject.digest(self.context.environment.application)

    @property
    def path(self) -> str:
        """Return what is the same for each run with the same options, and for no other."""
        return f"{self.digest}/{self.request.ticket}/{self.request.id}"

    def archive(self) -> Archive | None:
        """Return the archive; None if there is none yet."""
        key = f"{self._prefix}/{ARCHIVE}"
        try:
            found = self.context.aws.s3.head_object(**self._object(key))
        except ClientError as error:
            if error_code(error) in {"404", "NoSuchKey"}:
                return None
            raise
        contents = self.context.aws.s3.get_object(**self._object(f"{self._prefix}/input/contents.json"))
        return Archive(
            key=key,
            size=found["ContentLength"],
            made_at=found["LastModified"],
            counts={name: int(found["Metadata"].get(name, 0)) for name in ("rows", "records", "files")},
            contents=json.loads(contents["Body"].read()),
        )

    def files(self) -> tuple[int, int]:
        """Return number and size of the person's files; OperationError if they don't fit on the task's disk."""
        count = size = 0
        pages = self.context.aws.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._files, Prefix=self.request.subject.prefix, ExpectedBucketOwner=self.context.environment.account
        )
        for page in pages:
            for each in page.get("Contents", []):
                count, size = count + 1, size + each.get("Size", 0)
        if size > MAX_BYTES:
            raise OperationError(
                f"The files have {size / 1024**3:,.0f} GiB, and the task's disk has 200",
                code=ExitCode.REFUSED,
                advice="docs/runbooks/data-export.md shows how to export them apart.",
            )
        return count, size

    def gather(self, range_: TimeRange, count: int, size: int) -> Archive:
        """Return the archive once the task has stored it: the one that runs already, or a new one."""
        left = self._api.service.one_off_tasks(self._family, self._started_by, "RUNNING")
        if left:
            self.context.step("An earlier run has started the task")
            arn = left[0].get("taskArn", "")
        else:
            self._prepare(range_, count, size)
            arn = self._start()
        task = self._wait(arn)
        archive = self.archive()
        # A task that stored its archive has succeeded, whatever ended it then.
        if archive is None:
            self._tasks.show_log(*self._definitions.logs_of(task.get("taskDefinitionArn", ""), arn))
            raise OperationError(
                f"The data export failed: {self._tasks.failure(task) or 'it stored no archive'}",
                advice="The log above has the reason: docs/runbooks/data-export.md. Then run the same command again.",
            )
        return archive

    def write(self, archive: Archive, file: IO[bytes]) -> None:
        """Write the archive to a file; OperationError if it isn't complete."""
        body = self.context.aws.s3.get_object(**self._object(archive.key))["Body"]
        size = 0
        for chunk in body.iter_chunks(CHUNK):
            file.write(chunk)
            size += len(chunk)
        if size != archive.size:
            raise OperationError(
                f"{size:,} of {archive.size:,} bytes were downloaded",
                code=ExitCode.UNREACHABLE,
                advice="Run the same command again.",
            )

    def _prepare(self, range_: TimeRange, count: int, size: int) -> None:
        """Store what the archive has besides rows and files: the audit records, the queries, and what it contains."""
        self.context.step(f"Searching the audit records, {range_}")
        answer = complete_answer(self.context, Criteria(user=self.request.subject.id), range_, MAX_RECORDS)
        environment, request = self.context.environment, self.request
        contents = {
            "application": environment.application,
            "stack": environment.stack,
            "subject": request.subject.id,
            "ticket": request.ticket,
            "recipient": request.recipient,
            "gatheredAt": self.context.clock.now().isoformat(),
            "database.jsonl": {"queries": "queries.sql", "sha256": request.digest_of_queries},
            "files": {"count": count, "bytes": size},
            "audit.jsonl": {
                "records": len(answer.records),
                "from": range_.start.isoformat(),
                "until": range_.end.isoformat(),
            },
            "notIncluded": list(NOT_INCLUDED),
        }
        lines = "".join(f"{json.dumps(record.document())}\n" for record in answer.records)
        for name, text in (
            ("contents.json", f"{json.dumps(contents, indent=2)}\n"),
            ("queries.sql", request.queries),
            ("audit.jsonl", lines),
        ):
            self.context.aws.s3.put_object(**self._object(f"{self._prefix}/input/{name}"), Body=text.encode())

    def _start(self) -> str:
        self.context.step("Starting the data export")
        answer = self._api.service.run_task(
            self._family,
            self._api.state,
            environment={
                "SUBJECT": self.request.subject.id,
                "RECIPIENT": self.request.recipient,
                "EXPORT": self.path,
            },
            started_by=self._started_by,
            token=str(uuid.uuid4()),
            container=DATA_EXPORT,
        )
        arn, problem = started(answer)
        if problem:
            raise OperationError(f"ECS didn't start the data export: {problem}", advice="Run the same command again.")
        return arn

    def _wait(self, arn: str) -> "TaskTypeDef":
        task = self._tasks.wait(
            arn,
            limit=LIMIT,
            forgotten=lambda: OperationError(
                "ECS no longer knows the data export", advice="Run the same command again."
            ),
        )
        if task is None:
            raise OperationError(
                "The data export still runs", code=ExitCode.UNFINISHED, advice="Run the same command again."
            )
        return task

    @property
    def _prefix(self) -> str:
        return f"{self.context.environment.file_restores.exports}{self.path}"

    @property
    def _started_by(self) -> str:
        # At most 128 letters, digits, hyphens, slashes and underscores (ECS); a ticket has no others.
        return f"export/{self.path}"

    @property
    def _family(self) -> str:
        return self.context.environment.data_export_family

    @property
    def _files(self) -> str:
        copy_of = self.context.settings.storage.bucket.copy_of
        return copy_of.bucket if copy_of else self.context.environment.bucket_name("files")

    @cached_property
    def _api(self) -> Api:
        return Api(context=self.context)

    @property
    def _tasks(self) -> OneOffTasks:
        return OneOffTasks(
            context=self.context, service=self._api.service, container=DATA_EXPORT, title="The data export"
        )

    @cached_property
    def _definitions(self) -> TaskDefinitions:
        return TaskDefinitions(
            self.context.aws, family=self._family, template_family=self._family, container=DATA_EXPORT
        )

    def _object(self, key: str) -> Any:
        """Return the arguments that name an object of this account's bucket."""
        environment = self.context.environment
        return cast(
            "Any",
            {"Bucket": environment.file_restores.bucket, "Key": key, "ExpectedBucketOwner": environment.account},
        )
