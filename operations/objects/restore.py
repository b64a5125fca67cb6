"""`taskflow objects restore`: deleted or overwritten files become what they were before a time.

Section: Backup Schedule (S3 Data, Versioned). An old version is copied over as the newest: a copy is replicated and
recorded, while the removal of a delete marker isn't replicated. People need no permission to read files: S3's job does.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.sizes import size_of
from operations.objects.jobs import FILES_PER_JOB, RestoreJobs, is_running, window_of
from operations.objects.judgement import Outcome, Target
from operations.objects.survey import Survey, survey
from operations.objects.versions import Scope, Version

ACTION = "objects restore"
# A listed file, and not all of a million in `--json`.
LISTED = 1000


@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """The command's options. Exactly one of `prefix` and `key` is set."""

    before: str
    prefix: str | None = None
    key: str | None = None
    deleted_only: bool = False
    only_list: bool = False


@dataclass(frozen=True, kw_only=True)
class _Restore:
    """One restore: which files, to which time."""

    context: Context
    scope: Scope
    target: Target

    @property
    def jobs(self) -> RestoreJobs:
        # A digest: S3 and CloudTrail show the description, and a key may name a person.
        parts = (self.scope.bucket, self.scope.prefix, self.scope.is_key, self.target.before, self.target.deleted_only)
        id_ = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
        return RestoreJobs(context=self.context, bucket=self.scope.bucket, id=id_)

    @property
    def title(self) -> str:
        return f"as before {self.target.before:%Y-%m-%d %H:%M:%S} UTC"

    def survey(self) -> Survey:
        """Judge the files, with what earlier jobs of this restore have done."""
        return survey(self.context, self.scope, self.target, [window_of(job) for job in self.jobs.all()])


def restore(context: Context, options: RestoreOptions) -> None:
    """Restore files, or list their versions; OperationError unless every file is as it was."""
    this = _Restore(context=context, scope=_scope(context, options), target=_target(context, options))
    if options.only_list:
        _list(this)
        return
    operation = Operation(context=context, action=ACTION)
    with operation.running():
        _finish_earlier(this)
        found = this.survey()
        _show(this, found)
        if found.count == 0:
            _require_all(this, found, 0)
            context.report.done(f"Nothing is left to restore among {_files(found.counts.total())}")
            return
        operation.begin(f"restore users' files {this.title}", _changes(this, found))
        operation.details |= {"count": found.count, "bytes": found.size}
        _copy(this, found)
        left = this.survey()
        _require_all(this, left, found.count)
        context.report.done(f"{_files(found.count, 'is', 'are')} {this.title}")
        context.report.line("What S3 did with each file, for 30 days:")
        context.report.command(f"  aws s3 ls --recursive {this.jobs.reports}")


def _finish_earlier(this: _Restore) -> None:
    """Wait for jobs that an earlier run of the same command started; a dry run doesn't."""
    running = [str(job["JobId"]) for job in this.jobs.all() if is_running(job)]
    if running and not this.context.options.dry_run:
        this.context.step("An earlier run of this restore is still copying")
        this.jobs.wait(running)


def _copy(this: _Restore, found: Survey) -> None:
    """Start the jobs and wait for them."""
    earlier = len(this.jobs.all())
    ids = [this.jobs.create(manifest, earlier=earlier) for manifest in found.manifests(FILES_PER_JOB)]
    this.context.step(f"Job{'s' if len(ids) > 1 else ''} {', '.join(ids)} of S3 Batch Operations")
    for job in this.jobs.wait(ids):
        reasons = [str(each.get("FailureReason", "")) for each in job.get("FailureReasons", [])]
        if job.get("Status") != "Complete":
            detail = f": {'; '.join(filter(None, reasons))}" if any(reasons) else ""
            this.context.report.warning(f"Job {job.get('JobId')} is {str(job.get('Status')).lower()}{detail}")


def _require_all(this: _Restore, left: Survey, wanted: int) -> None:
    """Require that no file is left that should have been restored."""
    if left.count:
        raise OperationError(
            f"{left.count:,} of {_files(wanted)} couldn't be restored by S3's job",
            advice="S3's report has the reason for each. Then run the same command again: it restores what is left.",
            command=f"aws s3 ls --recursive {this.jobs.reports}",
        )
    if left.skipped:
        counts = ", ".join(f"{left.counts[each]:,} {each}" for each in left.skipped)
        raise OperationError(
            f"Not all files can be restored by a job: {counts}",
            code=ExitCode.CHECK_FAILED,
            advice="All others are as they were. docs/runbooks/objects-restore.md has the steps for these.",
        )


def _changes(this: _Restore, found: Survey) -> Sequence[str]:
    where = f"{'key' if this.scope.is_key else 'prefix'} {this.scope.prefix or '(all)'}"
    days = this.context.settings.storage.bucket.old_versions
    replaced = found.counts[Outcome.REPLACED]
    files = f"{_files(found.count)} ({size_of(found.size)}) of {this.scope.bucket}, {where}"
    undone = f"undo what users changed since then in {_files(replaced)} (not with --deleted-only)"
    return [
        f"{files}: copy an earlier version over it",
        f"keep what is there now as earlier versions, for {days} days, and replicate the copies",
        *([undone] if replaced else []),
        "bring back also what was deleted on a user's request since then: delete that again",
    ]


def _show(this: _Restore, found: Survey) -> None:
    """Show what was found, and what is lost for ever."""
    report = this.context.report
    report.values |= {"files": {each.name.lower(): found.counts[each] for each in Outcome}, "bytes": found.size}
    report.table(
        ("files", "outcome", "first"),
        [[f"{found.counts[each]:,}", str(each), "\n".join(found.first.get(each, []))] for each in found.counts],
    )
    days = this.context.settings.storage.bucket.old_versions
    if this.target.before < this.context.clock.now() - timedelta(days=days):
        report.warning(
            f"S3 deletes old versions {days} days after they were replaced or deleted: of files that were replaced or "
            f"deleted more than {days} days ago, the state of {this.target.before:%Y-%m-%d} is lost for ever, and they "
            "count as unchanged or created since"
        )


def _list(this: _Restore) -> None:
    """Print each file that differs from then, and the version that was current."""
    context = this.context
    context.caller()
    listed: list[dict[str, str]] = []

    def see(outcome: Outcome, key: str, version: Version | None) -> None:
        if outcome is Outcome.UNCHANGED:
            return
        at = f"{version.at:%Y-%m-%d %H:%M:%S}" if version else "-"
        context.report.command(f"{at:19}  {outcome}  {key}")
        if len(listed) < LISTED:
            listed.append({"key": key, "outcome": str(outcome), "versionId": version.id if version else ""})

    windows = [window_of(job) for job in this.jobs.all()]
    found = survey(context, this.scope, this.target, windows, see=see)
    _show(this, found)
    context.report.values |= {"listed": listed}


def _scope(context: Context, options: RestoreOptions) -> Scope:
    if (options.prefix is None) == (options.key is None):
        raise OperationError(
            "Either --prefix or --key names the files", code=ExitCode.USAGE, advice='All of them: --prefix "".'
        )
    copy_of = context.settings.storage.bucket.copy_of
    return Scope(
        bucket=copy_of.bucket if copy_of else context.environment.bucket_name("files"),
        prefix=options.prefix if options.prefix is not None else options.key or "",
        is_key=options.key is not None,
    )


def _target(context: Context, options: RestoreOptions) -> Target:
    try:
        time = datetime.fromisoformat(options.before)
        before = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise OperationError(
            f"--before {options.before} is not a time",
            code=ExitCode.USAGE,
            advice="Use a time in UTC such as 2026-03-31T14:30:00: a repeated run needs exactly the same one.",
        ) from None
    if before > context.clock.now():
        raise OperationError(f"--before {options.before} is in the future", code=ExitCode.USAGE)
    return Target(before=before.replace(microsecond=0), deleted_only=options.deleted_only)


def _files(count: int, one: str = "", many: str = "") -> str:
    """Return a number of files, with a verb if there is one."""
    return f"{count:,} {'file' if count == 1 else 'files'} {one if count == 1 else many}".rstrip()
