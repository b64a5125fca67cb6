"""What only production's region knows. It may be unknown, and refuses no promotion."""

from collections.abc import Callable, Sequence

from operations.checklist.judgement import Finding, Verdict, failed, not_needed, passed
from operations.dr.backlog import Pending, failures_of, pending_of, to_production, to_recovery
from operations.dr.fence import ServiceTasks
from operations.dr.latch import is_on
from operations.dr.local import judge_certificates
from operations.dr.replica import unsent
from operations.dr.sight import Sight
from operations.dr.targets import TARGETS, Mode
from operations.frame.context import Context
from operations.frame.errors import OperationError
from operations.release.api import Api
from operations.release.revision import TaskDefinition
from operations.release.service import short
from operations.rotation.secret import CURRENT

# Bytes of WAL. An idle primary's replicas have received everything but the last page or two.
IDLE = 2**20


def lag(sight: Sight) -> Finding:
    """Check until when the replica has every write, and tell idleness from a lag.

    The time since the last transaction says nothing by itself: production may have committed none. Its replication slot
    has the bytes that the slowest replica hasn't received; none means that dr has everything.
    """
    if not sight.instance.is_replica:
        return not_needed("promoted")
    found, limit = sight.lag, TARGETS[Mode.ACCEPT_LOSS].loss
    advice = "docs/runbooks/replica-lag.md"
    if found is None:
        return failed("CloudWatch has no sample of the lag of the last minutes", advice)
    detail = f"{found.seconds:.0f} s since the last write that dr has, of {found.replayed_to:%H:%M:%S} UTC"
    if found.seconds <= limit.total_seconds():
        return passed(f"{detail}; limit {limit.total_seconds():.0f} s")
    name = sight.stacks.production.settings.rds.serving_identifier()
    try:
        slot = sight.of_production(lambda production: unsent(production, name))
    except OperationError as error:
        detail = f"{detail}; {error.message}, so it isn't known whether production wrote since"
        return Finding(verdict=Verdict.UNKNOWN, detail=detail)
    if slot and slot.value <= IDLE:
        return passed(f"{detail}; production is idle: nothing is unsent")
    size = f"{slot.value / 2**20:.0f} MiB unsent" if slot else "production has no sample of its slots"
    return failed(f"{detail}; {size}", advice)


def same_release(sight: Sight) -> Finding:
    """Compare the running images."""
    theirs = sight.of_production(_running)
    if theirs.digest == sight.running.digest:
        return passed(f"{short(theirs.digest)} in both")
    return failed(
        f"production runs {theirs.name}, dr {sight.running.name}",
        f"`taskflow release {theirs.version or 'VERSION'} --stack dr`",
    )


def _running(production: Context) -> TaskDefinition:
    api = Api(context=production)
    return api.definitions.read(api.state.task_definition)


def secrets(sight: Sight) -> Finding:
    """Check that Secrets Manager has replicated the current values."""
    region = sight.recovery.environment.region
    own = sight.recovery.settings.rds.secrets
    behind: list[str] = []
    replicas = [own.application, own.master] if own else []
    for arn in replicas:
        # AWS appends a hyphen and six characters to the name.
        name = arn.partition(":secret:")[2][:-7]
        problem = sight.of_production(lambda production, name=name: _replication(production, name, region))
        theirs = sight.of_production(lambda production, name=name: _current(production, name))
        if problem or theirs != _current(sight.recovery, arn):
            behind.append(f"{name}: {problem or 'another version is current'}")
    if behind:
        return failed(
            "; ".join(behind), "A rotation replicates within a minute. Otherwise see the secret's replication."
        )
    return passed(f"{len(replicas)} in sync")


def _replication(production: Context, name: str, region: str) -> str:
    """Return what is wrong with a secret's replica in a region; empty text if nothing is."""
    answer = production.aws.secretsmanager.describe_secret(SecretId=name)
    found = [each for each in answer.get("ReplicationStatus", []) if each.get("Region") == region]
    if not found:
        return "not replicated"
    status = found[0].get("Status", "")
    return "" if status == "InSync" else f"{status} {found[0].get('StatusMessage', '')}".strip()


def _current(context: Context, name: str) -> str:
    versions = context.aws.secretsmanager.describe_secret(SecretId=name).get("VersionIdsToStages", {})
    return next((version for version, labels in versions.items() if CURRENT in labels), "")


def certificates(sight: Sight) -> Finding:
    """Check the certificates of the hosts that users request, which are in production's region."""
    environment = sight.recovery.environment
    hosts = [environment.domain, environment.host_name("api"), environment.host_name("origin")]
    return sight.of_production(lambda production: judge_certificates(production, hosts))


def files(sight: Sight) -> Finding:
    """Check the replication of files to dr: what is pending, and what failed, which S3 doesn't retry."""
    direction = to_recovery(sight.stacks)
    if direction is None:
        return not_needed("no copy")
    failures = sight.of_production(lambda production: failures_of(production, direction))
    return _judge_replication(failures, lambda: pending_of(sight.recovery, direction))


def files_back(sight: Sight) -> Finding:
    """Check the replication of files to production, which a failback waits for.

    Failures are published in dr's region, and known without production's; what is pending isn't.
    """
    direction = to_production(sight.stacks)
    if direction is None or sight.instance.is_replica:
        return not_needed("dr stores none before a promotion")
    failures = failures_of(sight.recovery, direction)
    return _judge_replication(
        failures, lambda: sight.of_production(lambda production: pending_of(production, direction))
    )


def _judge_replication(failures: float, read_pending: Callable[[], Pending]) -> Finding:
    if failures:
        return failed(f"{failures:.0f} operations failed within 30 min", "docs/runbooks/replication-failed.md")
    pending = read_pending()
    size = (pending.size or 0.0) / 2**20
    return passed(f"{pending.operations or 0.0:.0f} operations, {size:.1f} MiB pending, none failed within 30 min")


def one_writer(sight: Sight) -> Finding:
    """Check that production's tasks don't run beside a promoted dr: they would write to the old database."""
    if sight.instance.is_replica:
        fence = sight.record.fence
        if fence is None:
            return passed("production")
        return failed(
            f"production is stopped since {fence.at:%H:%M} UTC, and dr is a replica: no region takes writes",
            "Continue the promotion, or return production: `taskflow dr fence --undo`.",
        )
    return _of_failback(sight) if sight.record.failback else _of_promoted(sight)


def _of_promoted(sight: Sight) -> Finding:
    """Judge who writes once dr is promoted."""
    try:
        left = sight.of_production(lambda production: ServiceTasks(context=production).writers())
    except OperationError as error:
        if sight.record.fence and sight.record.fence.stopped_at:
            return passed(f"dr; production is stopped since {sight.record.fence.stopped_at:%Y-%m-%d %H:%M} UTC")
        # It may come back at any moment.
        return failed(
            f"dr; {error.message}, and its tasks write to the old database once it returns",
            "Run `taskflow dr fence` as soon as it answers, before anything else.",
        )
    if left:
        return failed(_both(left, is_latched=is_on(sight.recovery)), "Run `taskflow dr fence` now.")
    return passed("dr; no task of production runs")


def _of_failback(sight: Sight) -> Finding:
    """Judge who writes while a failback is under way, which stops dr before production starts."""
    here = ServiceTasks(context=sight.recovery).writers()
    there = sight.of_production(lambda production: ServiceTasks(context=production).writers())
    advice = "Continue the failback: `taskflow dr failback`."
    if here and there:
        counts = f"{len(here)} tasks of dr and {len(there)} of production"
        return failed(f"BOTH: {counts}", "Run `taskflow dr fence` now, then continue the failback.")
    if here:
        return passed("dr; a failback is prepared")
    return failed(f"{'production' if there else 'no region'}; a failback is under way, dr is stopped", advice)


def _both(left: Sequence[str], *, is_latched: bool) -> str:
    who = "jobs of its queue; users are with dr" if is_latched else "users too"
    return f"BOTH: {len(left)} tasks of production write to the old database ({who})"
