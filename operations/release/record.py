"""The release record: what the commands did, in an SSM parameter that Pulumi doesn't own.

ECS forgets deployments after 90 days and stopped tasks after an hour; the record doesn't. It holds the last releases,
with the state of their migrations, and the versions whose migrations succeeded.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from components.shared.environment import Environment
from operations.frame.aws import Aws
from operations.frame.store import Entry, RecordStore

MAX_RELEASES, MAX_MIGRATED = 10, 80
MAX_REASON = 200


class MigrationState(StrEnum):
    """The state of a release's migration.

    STARTING: RunTask may or may not have been received. NOT_STARTED: ECS answered that it started nothing.
    """

    STARTING = "starting"
    NOT_STARTED = "not started"
    RUNNING = "running"
    FAILED = "failed"


class ReleaseState(StrEnum):
    """How far a release came."""

    STARTED = "started"
    RELEASED = "released"
    ROLLED_BACK = "rolled back"


class Migration(Entry):
    """One attempt to migrate: its token for RunTask, the revision it runs, and its task once that is known."""

    attempt: int
    token: str
    revision: str
    started_at: datetime
    state: MigrationState = MigrationState.STARTING
    task: str = ""
    reason: str = ""


class Release(Entry):
    """One release: its version and digest, its task definition once it is registered, and how far it came."""

    version: str
    digest: str
    ticket: str
    at: datetime
    revision: str = ""
    state: ReleaseState = ReleaseState.STARTED
    migration: Migration | None = None


class Record(Entry):
    """The releases, the newest first, and the versions whose migrations succeeded, the newest first."""

    format: Literal[1] = 1
    releases: tuple[Release, ...] = ()
    migrated: tuple[str, ...] = ()

    def release(self, version: str) -> Release | None:
        """Return a release by its version."""
        return next((each for each in self.releases if each.version == version), None)

    def with_release(self, release: Release) -> "Record":
        """Return the record with a release as the newest one, in place of its earlier entry."""
        others = [each for each in self.releases if each.version != release.version]
        return self.model_copy(update={"releases": (release, *others)[:MAX_RELEASES]})

    def with_changes(self, version: str, **changes: object) -> "Record":
        """Return the record with changed fields of a release, in its place."""
        releases = tuple(each.model_copy(update=changes) if each.version == version else each for each in self.releases)
        return self.model_copy(update={"releases": releases})

    def with_migrated(self, version: str) -> "Record":
        """Return the record with a version whose migration succeeded; its details aren't needed any more."""
        others = [each for each in self.migrated if each != version]
        return self.with_changes(version, migration=None).model_copy(
            update={"migrated": (version, *others)[:MAX_MIGRATED]}
        )


def record_store(aws: Aws, environment: Environment) -> RecordStore[Record]:
    """Return the store of a stack's release record. The oldest entries go first; the newest release stays."""

    def shorten(record: Record) -> Record:
        is_only = len(record.releases) == 1
        shorter = {"migrated": record.migrated[:-1]} if is_only else {"releases": record.releases[:-1]}
        return record.model_copy(update=shorter)

    return RecordStore(aws, environment, "release", model=Record, shorten=shorten)
