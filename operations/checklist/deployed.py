"""Whether a deployment has succeeded: migrations, tasks, health, smoke tests, and the half hour after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from operations.checklist.judgement import Finding, Verdict, failed, passed
from operations.checklist.subject import Subject
from operations.frame.errors import OperationError
from operations.release.comparison import Comparison, Measured
from operations.release.record import MigrationState, Release
from operations.release.service import Deployment, short
from operations.smoke.checks import Result, Status, health
from operations.smoke.smoke import results_of, summary_of

ROLL_BACK = "Run `taskflow rollback`, or find another cause first."
# So many failed checks are named.
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A version after its deployment. `waits`: wait until the time for the comparison is over."""

    subject: Subject
    waits: bool = True

    @cached_property
    def deployment(self) -> Deployment | None:
        """The newest deployment if the version's image runs after it; None otherwise."""
        newest = self.subject.newest
        reached = self.subject.api.revision(newest.reached) if newest and newest.reached else None
        return newest if reached and reached.digest == self.subject.digest else None

    @property
    def deployed_at(self) -> datetime | None:
        """When the deployment was over."""
        return (self.deployment.finished_at or self.deployment.created_at) if self.deployment else None

    def migrations(self) -> Finding:
        """Check the release record for the version's migrations."""
        record, version = self.subject.record, self.subject.version
        return judge_migrations(version, record.release(version), is_migrated=version in record.migrated)

    def service(self) -> Finding:
        """Check the image of all running tasks."""
        subject = self.subject
        if subject.running.digest != subject.digest:
            return _not_running(subject)
        newest = subject.newest
        if newest and not newest.is_over:
            return failed("its deployment is still running", "Wait: `taskflow release` watches it.")
        mismatches = subject.api.deployments.mismatches(subject.running)
        if mismatches:
            return failed(
                f"not all tasks run {short(subject.digest)}: {'; '.join(mismatches[:NAMED])}",
                "An old task may take minutes to stop. Otherwise: `taskflow release` verifies it again.",
            )
        return passed(f"all running tasks have {short(subject.digest)}")

    def health(self) -> Finding:
        """Check the health path from outside."""
        context, host = self.subject.context, self.subject.api.health_host
        check = health(host, context.settings.load_balancer.health.path)
        result = check.result(context.https, context.clock.sleep)
        detail = f"{host}: {result.detail}"
        return passed(detail) if result.status is Status.PASSED else failed(detail, ROLL_BACK)

    def smoke(self) -> Finding:
        """Make the smoke tests."""
        results = results_of(self.subject.context)
        self.subject.context.report.values["checks"] = [vars(each) for each in results]
        return judge_smoke([each for each in results if each.status is Status.FAILED], summary_of(results))

    @cached_property
    def measured(self) -> Mapping[str, Measured] | None:
        """Error rate and latency by alarm; None if the time isn't over and isn't waited for."""
        comparison = Comparison(context=self.subject.context)
        return comparison.since(self.deployment, waits=self.waits) if self.deployment else None

    def metric(self, alarm: str) -> Finding:
        """Compare a metric after the deployment with the time before it."""
        if self.deployment is None:
            return _not_running(self.subject)
        if self.measured is None:
            minutes = self.subject.context.settings.releases.watch
            return Finding(verdict=Verdict.OPEN, detail=f"{minutes} minutes are not over yet")
        return judge_metric(self.measured[alarm])


def _not_running(subject: Subject) -> Finding:
    return failed(f"{subject.running.name} runs", f"Name the version that runs, or release {subject.version} first.")


def judge_migrations(version: str, release: Release | None, *, is_migrated: bool) -> Finding:
    """Judge the record's state of the migrations."""
    if is_migrated:
        return passed("succeeded")
    migration = release.migration if release else None
    if migration is None:
        return failed("not run", f"`taskflow release {version}` runs them.")
    reason = f": {migration.reason}" if migration.state is MigrationState.FAILED and migration.reason else ""
    return failed(f"{migration.state}{reason}", f"`taskflow release {version}` shows how they end.")


def judge_smoke(failures: list[Result], summary: str) -> Finding:
    """Judge the smoke tests; name those that failed."""
    if not failures:
        return passed(summary)
    named = "; ".join(f"{each.host} {each.check}: {each.detail}" for each in failures[:NAMED])
    return failed(f"{summary}. {named}", "`taskflow smoke` shows all. After a release: `taskflow rollback`.")


def judge_metric(measured: Measured) -> Finding:
    """Judge a metric against the time before. Without data it is unknown, which is no pass."""
    if measured.is_firing:
        return failed(f"in ALARM; {measured.words}", ROLL_BACK)
    if measured.is_worse:
        return failed(measured.words, ROLL_BACK)
    if measured.after is None:
        raise OperationError(
            "CloudWatch has no data for this period", advice="See the dashboard: perhaps no request arrived."
        )
    return passed(measured.words)
