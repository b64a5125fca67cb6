"""Whether staging has run the version's image for a day, in an account of its own and with a profile of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.checklist.judgement import Finding, age, failed, passed
from operations.checklist.subject import Subject
from operations.frame.errors import ExitCode, OperationError
from operations.release.service import SUCCESSFUL, Deployment, EcsService, short

# "Staging verification complete (24+ hours)".
VERIFIED_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Staging:
    """The newest deployment of staging, its image, since when it runs, and the desired tasks."""

    newest: Deployment | None
    digest: str | None
    since: datetime | None
    desired: int


def staging(subject: Subject) -> Finding:
    """Check the service of the settings' staging account."""
    context, settings = subject.context, subject.context.settings.releases.staging
    if settings is None or subject.staging_profile is None:
        raise OperationError(
            "no credentials of the staging account",
            code=ExitCode.USAGE,
            advice="Name a profile of the staging account with --staging-profile.",
        )
    aws = context.of_profile(subject.staging_profile, settings.region)
    account = aws.sts.get_caller_identity()["Account"]
    if account != settings.account:
        raise OperationError(
            f"the profile {subject.staging_profile} is for the account {account}; staging is in {settings.account}",
            advice="Name a profile of the staging account with --staging-profile.",
        )
    service = EcsService(aws, cluster=settings.cluster, name=settings.service)
    state = service.state()
    past = list(_until_other(service, state.container))
    newest, digest = past[0] if past else (None, None)
    times = [each.finished_at or each.created_at for each, _ in past]
    seen = Staging(newest=newest, digest=digest, since=min(times, default=None), desired=state.desired)
    return judge(seen, subject.digest, context.clock.now())


def judge(seen: Staging, digest: str, now: datetime) -> Finding:
    """Judge what staging runs, and for how long."""
    deploy = "Deploy the version to staging, and let it run there for 24 hours."
    if seen.newest is None:
        return failed("staging has no deployment", deploy)
    if not seen.newest.is_over:
        return failed("a deployment is running in staging", "Wait for it, and then for 24 hours.")
    if seen.digest != digest:
        return failed(f"staging runs {short(seen.digest)}, not {short(digest)}", deploy)
    if not seen.desired or seen.since is None:
        return failed("staging runs no tasks", deploy)
    if now - seen.since < VERIFIED_AFTER:
        ready = seen.since + VERIFIED_AFTER
        return failed(f"in staging for {age(now - seen.since)}, not 24 h", f"Wait until {ready:%Y-%m-%d %H:%M} UTC.")
    return passed(f"the same image has been in staging for {age(now - seen.since)}")


def _until_other(service: EcsService, container: str) -> Iterable[tuple[Deployment, str | None]]:
    """Return the newest deployment and those before it that ended with its image, with the image's digest.

    A deployment with another result ends the time in which the image has run.
    """
    first: str | None = None
    for number, deployment in enumerate(service.deployments()):
        reached = deployment.reached
        revision = service.revisions([reached], container).get(reached) if reached else None
        digest = revision.digest if revision else None
        if number and (digest is None or digest != first):
            return
        first = digest
        yield deployment, digest
        if deployment.status != SUCCESSFUL:
            return
