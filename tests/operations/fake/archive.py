"""The audit archive: what the delivery stream writes, S3's list of it, and Athena's queries over it.

Athena is SQLite over the lines of the files, so that an engine parses and runs the SQL of the commands. Only UNNEST,
which SQLite lacks, is replaced: the table has a row for each log event already.
"""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.log_events import LogEvent
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import ServiceError

UNNEST = "CROSS JOIN UNNEST(logevents) AS entry (event_id, event_time, message)"
COLUMNS = ("datehour", "messagetype", "loggroup", "logstream", "event_id", "event_time", "message")
QUERY = "11111111-2222-3333-4444-555555555555"


@dataclass(kw_only=True)
class ArchiveFile:
    """An object of the archive; `restored_until` is the end of a restored copy's life."""

    body: bytes
    written: datetime
    storage_class: str = "STANDARD"
    restored_until: datetime | None = None
    is_restoring: bool = False

    def is_readable(self, now: datetime) -> bool:
        restored = self.restored_until is not None and self.restored_until > now and not self.is_restoring
        return self.storage_class not in {"GLACIER", "DEEP_ARCHIVE"} or restored


@dataclass(kw_only=True)
class Archive:
    """The bucket and its search."""

    clock: FakeClock
    stack: str
    files: dict[str, ArchiveFile] = field(default_factory=dict[str, ArchiveFile])
    page: int = 1000
    # The states that GetQueryExecution answers, one after another; the last one stays.
    states: list[str] = field(default_factory=lambda: ["QUEUED", "RUNNING", "SUCCEEDED"])
    reason: str = ""
    statements: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    results: list[list[str | None]] = field(default_factory=list[list[str | None]])
    _seen: int = 0

    @property
    def bucket(self) -> str:
        return f"taskflow-{self.stack}-audit-archive-{ACCOUNT}"

    def deliver(
        self, events: Sequence[LogEvent], arrived: datetime, group: str = "/taskflow/audit", **options: Any
    ) -> str:
        """Write a file as the delivery stream does with the batches of a subscription; return its key."""
        batches = [_batch(group, [event]) for event in events]
        control = _batch(group, [], "CONTROL_MESSAGE")
        # The processors: decompression, then a delimiter; then the file's own compression.
        body = gzip.compress(b"".join(gzip.decompress(batch) + b"\n" for batch in (control, *batches)))
        key = f"records/{arrived:%Y/%m/%d/%H}/taskflow-{self.stack}-audit-1-{arrived:%Y-%m-%d-%H-%M-%S}.json.gz"
        self.files[key] = ArchiveFile(body=body, written=arrived + timedelta(minutes=15), **options)
        return key

    def list_objects(self, request: AWSPreparedRequest) -> tuple[int, str] | None:
        """Answer ListObjectsV2 of this bucket; None for another one."""
        url = urlsplit(request.url)
        if not url.netloc.startswith(f"{self.bucket}.") and not url.path.startswith(f"/{self.bucket}"):
            return None
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        after = asked.get("continuation-token") or asked.get("start-after", "")
        keys = [key for key in sorted(self.files) if key.startswith(asked["prefix"]) and key > after]
        shown, is_truncated = keys[: self.page], len(keys) > self.page
        token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if is_truncated else ""
        contents = "".join(self._content(key, request) for key in shown)
        truncated = f"<IsTruncated>{str(is_truncated).lower()}</IsTruncated>"
        return 200, f"<ListBucketResult>{truncated}{token}{contents}</ListBucketResult>"

    def _content(self, key: str, request: AWSPreparedRequest) -> str:
        file = self.files[key]
        status = ""
        # S3 shows it only to a request that asks for it.
        is_asked = "RestoreStatus" in str(request.headers.get("x-amz-optional-object-attributes", ""))
        if is_asked and (file.is_restoring or file.restored_until):
            until = file.restored_until
            expiry = f"<RestoreExpiryDate>{until:%Y-%m-%dT%H:%M:%SZ}</RestoreExpiryDate>" if until else ""
            state = f"<IsRestoreInProgress>{str(file.is_restoring).lower()}</IsRestoreInProgress>"
            status = f"<RestoreStatus>{state}{expiry}</RestoreStatus>"
        return (
            f"<Contents><Key>{escape(key)}</Key><LastModified>{file.written:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<Size>{len(file.body)}</Size><StorageClass>{file.storage_class}</StorageClass>{status}</Contents>"
        )

    # Athena.

    def start_query_execution(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["WorkGroup"] != f"taskflow-{self.stack}-audit":
            raise ServiceError("InvalidRequestException", f"WorkGroup {request['WorkGroup']} is not found.")
        sql = request["QueryString"]
        for parameter in request.get("ExecutionParameters", ()):
            # Athena puts the text of a parameter in the place of its mark.
            assert "?" in sql, "more parameters than marks"
            sql = sql.replace("?", parameter, 1)
        assert "?" not in sql, "more marks than parameters"
        self.statements.append(sql)
        self._seen = 0
        self.results = self._run(sql)
        return {"QueryExecutionId": QUERY}

    def get_query_execution(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        state = self.states[min(self._seen, len(self.states) - 1)]
        self._seen += 1
        reason = {"StateChangeReason": self.reason} if self.reason else {}
        return {"QueryExecution": {"QueryExecutionId": QUERY, "Status": {"State": state, **reason}}}

    def get_query_results(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        header: list[str | None] = ["event_time", "event_id", "logstream", "message"]
        rows = [header, *self.results]
        offset, size = int(request.get("NextToken", "0")), request.get("MaxResults", 1000)
        token = {"NextToken": str(offset + size)} if offset + size < len(rows) else {}
        data = [
            {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
            for row in rows[offset : offset + size]
        ]
        return {"ResultSet": {"Rows": data}, **token}

    def stop_query_execution(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.stopped.append(request["QueryExecutionId"])
        return {}

    def _run(self, sql: str) -> list[list[str | None]]:
        assert UNNEST in sql, sql
        connection = sqlite3.connect(":memory:")
        database = f"taskflow_{self.stack}_audit"
        connection.execute(f"ATTACH ':memory:' AS {database}")
        connection.create_function("json_extract_scalar", 2, _json_extract_scalar)
        connection.execute(f"CREATE TABLE {database}.records ({', '.join(COLUMNS)})")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO {database}.records VALUES ({marks})", list(self._rows()))  # noqa: S608
        found = connection.execute(sql.replace(UNNEST, "")).fetchall()
        return [[None if value is None else str(value) for value in row] for row in found]

    def _rows(self) -> Iterator[tuple[object, ...]]:
        """Yield each log event of the files that Athena reads, as the table's SerDe and projection see them."""
        for key, file in self.files.items():
            match = re.fullmatch(r"records/(\d{4}/\d{2}/\d{2}/\d{2})/[^/]+\.gz", key)
            if not match or not file.is_readable(self.clock.now()):
                continue
            for line in gzip.decompress(file.body).decode().splitlines():
                batch = {name.lower(): value for name, value in json.loads(line).items()}
                envelope = (match[1], batch["messagetype"], batch["loggroup"], batch["logstream"])
                for event in batch["logevents"]:
                    yield (*envelope, event["id"], event["timestamp"], event["message"])


def _batch(group: str, events: Sequence[LogEvent], kind: str = "DATA_MESSAGE") -> bytes:
    """Return what CloudWatch Logs sends to a subscription: one gzipped JSON object."""
    document = {
        "messageType": kind,
        "owner": ACCOUNT,
        "logGroup": group,
        "logStream": events[0].stream if events else "",
        "subscriptionFilters": ["taskflow-production-archive"],
        "logEvents": [{"id": each.id, "timestamp": each.timestamp, "message": each.message} for each in events],
    }
    return gzip.compress(json.dumps(document).encode())


def _json_extract_scalar(text: str, path: str) -> str | None:
    """Return a scalar by its path, as Athena does: null if the text isn't JSON or has no such scalar."""
    try:
        value = json.loads(text)[path.removeprefix("$.")]
    except (ValueError, KeyError, TypeError):
        return None
    return None if value is None or isinstance(value, dict | list) else str(value)
