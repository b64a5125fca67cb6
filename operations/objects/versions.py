"""The versions of files as S3 lists them, one file after another, whatever their number.

S3 lists versions and delete markers apart, each from the newest to the oldest, with times in whole seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from operations.frame.context import Context

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of a file, or a delete marker."""

    id: str
    at: datetime
    size: int = 0
    is_marker: bool = False
    is_latest: bool = False
    storage_class: str = "STANDARD"


@dataclass(frozen=True, kw_only=True)
class History:
    """A file: its key and its versions and delete markers, the newest first."""

    key: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which files: one by its key, or all below a prefix."""

    bucket: str
    prefix: str
    is_key: bool = False

    def includes(self, key: str) -> bool:
        """Whether a file belongs to it: S3 only lists by prefix."""
        return key == self.prefix if self.is_key else key.startswith(self.prefix)


@dataclass(kw_only=True)
class _Pages:
    """Collects the versions of a file over pages: a page may end within a file."""

    files: dict[str, list[Version]] = field(default_factory=dict[str, list[Version]])

    def add(self, page: "ListObjectVersionsOutputTypeDef") -> None:
        # Versions first: the sort below leaves them before a marker of the same second.
        for each in chain(page.get("Versions", ()), page.get("DeleteMarkers", ())):
            self.files.setdefault(each.get("Key", ""), []).append(_version(each))

    def complete(self, continues: str | None) -> Iterator[History]:
        """Yield the files that are complete: all but the one with which the next page may begin."""
        for key in sorted(self.files):
            if key != continues:
                yield History(key=key, versions=_ordered(self.files.pop(key)))


def histories(context: Context, scope: Scope) -> Iterator[History]:
    """Yield the files of a scope, by key; no more than a page and one file are in memory."""
    pages = _Pages()
    paginator = context.aws.s3.get_paginator("list_object_versions")
    for page in paginator.paginate(
        Bucket=scope.bucket, Prefix=scope.prefix, ExpectedBucketOwner=context.environment.account
    ):
        pages.add(page)
        continues = page.get("NextKeyMarker") if page.get("IsTruncated") else None
        yield from (history for history in pages.complete(continues) if scope.includes(history.key))
        if scope.is_key and continues is not None and not scope.includes(continues):
            # The file itself comes before all others that begin with its key.
            return


def _version(entry: Mapping[str, Any]) -> Version:
    return Version(
        id=entry.get("VersionId", ""),
        at=entry["LastModified"],
        size=entry.get("Size", 0),
        # Only versions have a size.
        is_marker="Size" not in entry,
        is_latest=entry.get("IsLatest", False),
        storage_class=entry.get("StorageClass", "STANDARD"),
    )


def _ordered(versions: list[Version]) -> tuple[Version, ...]:
    """Return versions and markers, the newest first.

    Within one second S3 shows no order of a version and a marker, but for the latest: the version counts as the newer
    one, so that a restore rather brings a file back than leaves it deleted.
    """
    return tuple(sorted(versions, key=lambda each: (each.is_latest, each.at), reverse=True))
