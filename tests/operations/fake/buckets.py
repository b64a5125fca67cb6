"""Versioned buckets as their lifecycle leaves them, night after night: what S3 lists at a time.

A key's history are puts and deletions. In each night S3 chooses what is over, and removes it up to some days later.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.rest_xml import encoded, operation_model

PAGE = 2
RULE: Mapping[str, Any] = {
    "ID": "ending",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 60},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


@dataclass(kw_only=True)
class Version:
    """A version or a delete marker. `late` is how long S3 takes to remove it once it is over."""

    key: str
    written: datetime
    is_marker: bool = False
    late: timedelta = timedelta(hours=20)

    id: str = ""


@dataclass(kw_only=True)
class Bucket:
    """A bucket: its history, its uploads by key, its rules and its lock."""

    rules: list[dict[str, Any]] = field(default_factory=lambda: [dict(RULE)])
    history: list[Version] = field(default_factory=list[Version])
    uploads: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    lock_days: int | None = None

    def put(self, key: str, at: datetime, **more: Any) -> None:
        self.history.append(Version(key=key, written=at, id=f"v{len(self.history)}", **more))

    def delete(self, key: str, at: datetime, **more: Any) -> None:
        self.put(key, at, is_marker=True, **more)

    def left(self, now: datetime) -> list[Version]:
        """Return what is there, by key, the newest first."""
        return [each for each in self._ordered(now) if now < self.end(each)]

    def end(self, version: Version) -> datetime:
        """Return when a version is gone, by going through the nights from its first day on."""
        older, newer = self._neighbours(version)
        rule: Mapping[str, Any] = self.rules[0] if self.rules else {}
        days = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
        markers = rule.get("Expiration", {}).get("ExpiredObjectDeleteMarker")
        night = version.written.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(1000):
            night += timedelta(days=1)
            is_over = newer is not None and days is not None and night - newer.written >= timedelta(days=days)
            is_alone = (
                version.is_marker and markers and newer is None and all(self.end(each) <= night for each in older)
            )
            if is_over or is_alone:
                return night + version.late
        return version.written + timedelta(days=10_000)

    def _neighbours(self, version: Version) -> tuple[list[Version], Version | None]:
        same = [each for each in self.history if each.key == version.key]
        place = same.index(version)
        return same[:place], same[place + 1] if place + 1 < len(same) else None

    def _ordered(self, now: datetime) -> Iterator[Version]:
        for key in sorted({each.key for each in self.history}):
            yield from reversed([each for each in self.history if each.key == key and each.written <= now])

    def is_latest(self, version: Version) -> bool:
        return self._neighbours(version)[1] is None


@dataclass(kw_only=True)
class Buckets:
    """All buckets by name."""

    clock: FakeClock
    buckets: dict[str, Bucket] = field(default_factory=dict[str, Bucket])

    def handlers(self) -> Mapping[str, Callable[[AWSPreparedRequest], tuple[int, str] | None]]:
        """Return the operations, for Wire.raw."""
        return {
            "s3 ListObjectVersions": self._versions,
            "s3 ListMultipartUploads": self._uploads,
            "s3 GetBucketLifecycleConfiguration": self._lifecycle,
            "s3 GetObjectLockConfiguration": self._lock,
        }

    def _asked(self, request: AWSPreparedRequest) -> tuple[Bucket | None, Mapping[str, str]]:
        url = urlsplit(request.url)
        name = url.netloc.partition(".s3")[0] if ".s3" in url.netloc else url.path.strip("/")
        query = {key: values[0] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        return self.buckets.get(name), query

    def _versions(self, request: AWSPreparedRequest) -> tuple[int, str]:
        bucket, query = self._asked(request)
        if bucket is None:
            return error("NoSuchBucket", 404)
        left = [each for each in bucket.left(self.clock.now()) if each.key.startswith(query.get("prefix", ""))]
        start = int(query.get("version-id-marker", "0"))
        shown, rest = left[start : start + PAGE], left[start + PAGE :]
        body: dict[str, Any] = {
            "IsTruncated": bool(rest),
            "Versions": [_listed(bucket, each) for each in shown if not each.is_marker],
            "DeleteMarkers": [_listed(bucket, each) for each in shown if each.is_marker],
        }
        if rest:
            body |= {"NextKeyMarker": shown[-1].key, "NextVersionIdMarker": str(start + PAGE)}
        return 200, encoded(operation_model("s3 ListObjectVersions"), body)

    def _uploads(self, request: AWSPreparedRequest) -> tuple[int, str]:
        bucket, query = self._asked(request)
        if bucket is None:
            return error("NoSuchBucket", 404)
        uploads = [
            {"UploadId": "u", "Key": key, "Initiated": at}
            for key, at in bucket.uploads
            if key.startswith(query.get("prefix", ""))
        ]
        return 200, encoded(operation_model("s3 ListMultipartUploads"), {"IsTruncated": False, "Uploads": uploads})

    def _lifecycle(self, request: AWSPreparedRequest) -> tuple[int, str]:
        bucket, _ = self._asked(request)
        if bucket is None:
            return error("NoSuchBucket", 404)
        if not bucket.rules:
            return error("NoSuchLifecycleConfiguration", 404)
        return 200, encoded(operation_model("s3 GetBucketLifecycleConfiguration"), {"Rules": bucket.rules})

    def _lock(self, request: AWSPreparedRequest) -> tuple[int, str]:
        bucket, _ = self._asked(request)
        if bucket is None or bucket.lock_days is None:
            return error("ObjectLockConfigurationNotFoundError", 404)
        retention = {"Mode": "GOVERNANCE", "Days": bucket.lock_days}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        return 200, encoded(operation_model("s3 GetObjectLockConfiguration"), {"ObjectLockConfiguration": lock})


def _listed(bucket: Bucket, version: Version) -> Mapping[str, Any]:
    return {
        "Key": version.key,
        "VersionId": version.id,
        "IsLatest": bucket.is_latest(version),
        "LastModified": version.written,
    }


def error(code: str, status: int) -> tuple[int, str]:
    """Return an error of S3."""
    return status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"


def expiring(days: int) -> Sequence[dict[str, Any]]:
    """Return the rules of a bucket of logs."""
    return [{**RULE, "Expiration": {"Days": days}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]
