"""The bucket with exports of a person's data, the user's files, and the task that gathers both."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.one_off import Task
from tests.operations.fake.rest_xml import body_of, decoded, encoded, error, operation_model
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import RawAnswer

INPUTS = ("contents.json", "queries.sql", "audit.jsonl")
SECONDS = 90


@dataclass(frozen=True, kw_only=True)
class Stored:
    body: bytes
    at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class Exports:
    """What S3 has of exports, by key; an object that a task stores is there once the task has ended."""

    clock: FakeClock
    stack: str = "production"
    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])
    # The files of all users: size by key.
    files: dict[str, int] = field(default_factory=dict[str, int])
    page: int = 2
    # How the next tasks end, and how often an archive was made.
    exit_code: int | None = 0
    made: int = 0
    rows: int = 12
    # So many bytes of an archive arrive.
    cut: int | None = None

    @property
    def bucket(self) -> str:
        return f"taskflow-{self.stack}-restores-{ACCOUNT}"

    @property
    def files_bucket(self) -> str:
        return f"taskflow-production-files{'-copy' if self.stack == 'dr' else ''}-{ACCOUNT}"

    def handlers(self) -> Mapping[str, Callable[[AWSPreparedRequest], RawAnswer | None]]:
        """Return the operations, for Wire.raw."""
        return {
            "s3 PutObject": self._put,
            "s3 HeadObject": self._head,
            "s3 GetObject": self._get,
            "s3 ListObjectsV2": self._list,
        }

    def archives(self) -> list[bytes]:
        return [each.body for key, each in self.objects.items() if key.endswith("archive.tar.age")]

    def inputs(self) -> dict[str, str]:
        """Return what was prepared for the only export, by name."""
        return {key.rpartition("/")[2]: each.body.decode() for key, each in self.objects.items() if "/input/" in key}

    def run(self, task: Task) -> tuple[float, int | None]:
        """Gather: it needs what a command prepares, and stores the archive as its last step."""
        assert not task.command, "the definition's command"
        path = f"exports/{task.environment['EXPORT']}"
        inputs = {name: self.objects[f"{path}/input/{name}"].body for name in INPUTS}
        if self.exit_code == 0:
            prefix = f"users/{task.environment['SUBJECT']}/"
            self.made += 1
            self.objects[f"{path}/archive.tar.age"] = Stored(
                body=f"{task.environment['RECIPIENT']} {self.made}".encode() * 50,
                at=self.clock.now() + timedelta(seconds=SECONDS),
                metadata={
                    "rows": str(self.rows),
                    "records": str(inputs["audit.jsonl"].count(b"\n")),
                    "files": str(sum(key.startswith(prefix) for key in self.files)),
                },
            )
        return SECONDS, self.exit_code

    def _asked(self, name: str, request: AWSPreparedRequest) -> Mapping[str, Any]:
        parameters = decoded(operation_model(name), request)
        assert parameters["ExpectedBucketOwner"] == ACCOUNT
        return parameters

    def _put(self, request: AWSPreparedRequest) -> RawAnswer:
        parameters = self._asked("s3 PutObject", request)
        assert parameters["Bucket"] == self.bucket
        body = body_of(request)
        self.objects[parameters["Key"]] = Stored(body=body, at=self.clock.now())
        return 200, "", {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}

    def _found(self, name: str, request: AWSPreparedRequest) -> Stored | None:
        parameters = self._asked(name, request)
        assert parameters["Bucket"] == self.bucket
        found = self.objects.get(parameters["Key"])
        return found if found and found.at <= self.clock.now() else None

    def _head(self, request: AWSPreparedRequest) -> RawAnswer:
        found = self._found("s3 HeadObject", request)
        # An answer to HEAD has no body, so that the code is the status.
        return (200, "", _headers(found)) if found else (404, "", {})

    def _get(self, request: AWSPreparedRequest) -> RawAnswer:
        found = self._found("s3 GetObject", request)
        if found is None:
            return 404, error("NoSuchKey", "The specified key does not exist."), {}
        is_archive = not found.body.startswith(b"{")
        return 200, found.body[: self.cut] if is_archive else found.body, _headers(found)

    def _list(self, request: AWSPreparedRequest) -> RawAnswer | None:
        if self.files_bucket not in request.url:
            return None
        parameters = self._asked("s3 ListObjectsV2", request)
        after = parameters.get("ContinuationToken", "")
        keys = [key for key in sorted(self.files) if key.startswith(parameters["Prefix"]) and key > after]
        shown, is_truncated = keys[: self.page], len(keys) > self.page
        answer: dict[str, Any] = {
            "IsTruncated": is_truncated,
            "Contents": [{"Key": key, "Size": self.files[key]} for key in shown],
            **({"NextContinuationToken": shown[-1]} if is_truncated else {}),
        }
        return 200, encoded(operation_model("s3 ListObjectsV2"), answer)


def _headers(found: Stored) -> Mapping[str, str]:
    return {
        "Content-Length": str(len(found.body)),
        "Last-Modified": format_datetime(found.at, usegmt=True),
        **{f"x-amz-meta-{name}": value for name, value in found.metadata.items()},
    }


def audit_lines(exports: Exports) -> list[dict[str, Any]]:
    """Return the audit records that were prepared."""
    return [json.loads(line) for line in exports.inputs()["audit.jsonl"].splitlines()]
