"""`taskflow release`: digest, migration, deployment, verification, in this order; each step is done once.

Every step is looked up before it is done, in ECS or in the release record. So the command continues where an earlier
run of it stopped, whatever stopped it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.assets import WebAssets
from operations.release.comparison import Comparison
from operations.release.deployment import RUNBOOK
from operations.release.migration import Migrations, is_migrating
from operations.release.record import Record, Release, ReleaseState
from operations.release.registry import digest_of, image_of
from operations.release.revision import TaskDefinition
from operations.release.service import ROLLED_BACK, SUCCESSFUL, Deployment, short
from settings.stacks import RECOVERY

# The tags that the registry keeps forever (components/storage/image_registry.py).
VERSION = re.compile(r"v\d{1,5}\.\d{1,5}\.\d{1,5}(-[0-9A-Za-z.-]{1,20})?")


@dataclass(frozen=True, kw_only=True)
class ReleaseOptions:
    """What to release: a version, or the running image with changed settings; and how."""

    version: str | None
    same_image: bool = False
    digest: str | None = None
    again: bool = False
    retry_migration: bool = False
    assets: Path | None = None
    watch: bool = False


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What is left to do for a release. `deployment` is that of an earlier run which hasn't finished."""

    version: str
    digest: str
    request: Mapping[str, Any]
    definition: TaskDefinition | None
    record: Record
    running: TaskDefinition
    newest: Deployment | None
    deployment: Deployment | None
    is_running: bool
    migrates: bool

    @property
    def name(self) -> str:
        """The release as people call it."""
        return f"{self.version} ({short(self.digest)})"


def release(context: Context, options: ReleaseOptions) -> None:
    """Release a version; return when its tasks run and are verified, raise OperationError otherwise."""
    operation = Operation(context=context, action="release")
    with operation.running():
        api = Api(context=context)
        assets = WebAssets.of(context, options.assets) if options.assets else None
        plan = _plan(api, options)
        changes = _changes(api, plan, assets)
        if changes:
            operation.begin(f"release {plan.name}", [*changes, *_warnings(api, plan)])
            _carry_out(api, plan, options, operation)
        else:
            context.report.done(f"{plan.name} is running already")
            api.deployments.verify(plan.running)
        if assets:
            assets.publish(plan.version)
        if options.watch:
            Comparison(context=context).watch(api.service.newest_deployment())
        context.report.values |= {"version": plan.version, "digest": plan.digest}
        if context.settings.backup.recovery and not options.same_image:
            context.report.command(f"Next: taskflow release {plan.version} --stack {RECOVERY} --digest {plan.digest}")


def renew(api: Api, operation: Operation, *, prepare: Callable[[TaskDefinition], None] | None = None) -> None:
    """Bring changed settings to the running tasks, within another command that has begun; also after a rollback.

    `prepare` is called with the new task definition before it is deployed.
    """
    options = ReleaseOptions(version=None, same_image=True, again=True)
    plan = _plan(api, options)
    if prepare and not plan.is_running and plan.deployment is None:
        definition = plan.definition or api.definitions.register(plan.request, plan.version)
        prepare(definition)
        plan = replace(plan, definition=definition)
    if _changes(api, plan, None):
        _carry_out(api, plan, options, operation)
    else:
        api.deployments.verify(plan.running)


def take_over(api: Api, operation: Operation, *, version: str, digest: str, start: Callable[[], None]) -> None:
    """Deploy what the other region runs to a service that has no tasks, then `start` them; it may have been done.

    Its migrations ran in the other region, on the same data.
    """
    options = ReleaseOptions(version=version, digest=digest, again=True)
    api.store.update(lambda record: record.with_migrated(version))
    _carry_out(api, _plan(api, options), options, operation, start=start)


def _plan(api: Api, options: ReleaseOptions) -> _Plan:
    context = api.context
    newest = api.settled_deployment()
    running = api.definitions.read(api.service.state().task_definition)
    record = api.store.load()
    version, digest = _running_release(api, newest, record) if options.same_image else _target(context, options)
    request = api.definitions.wanted(image_of(context, digest))
    definition = api.definitions.registered(request)
    deployment = _own_deployment(api, newest, definition)
    is_unfinished = newest is not None and newest.is_unfinished
    is_running = deployment is None and definition is not None and definition.arn == running.arn and not is_unfinished
    is_pending = deployment is None and not is_running
    plan = _Plan(
        version=version,
        digest=digest,
        request=request,
        definition=definition,
        record=record,
        running=running,
        newest=newest,
        deployment=deployment,
        is_running=is_running,
        migrates=is_writable(context) and not options.same_image and is_pending,
    )
    if is_pending:
        _require_untried(api, plan, options)
    if plan.migrates:
        _require_no_other_migration(api, plan)
    return plan


def _running_release(api: Api, newest: Deployment | None, record: Record) -> tuple[str, str]:
    """Return version and digest of the release that runs, for `--same-image`."""
    running = api.history(record).running
    definition = api.definitions.read(running.task_definition) if running else None
    if definition is None or definition.digest is None or definition.version is None:
        raise OperationError(
            "No release runs yet, so there is no image to keep",
            code=ExitCode.REFUSED,
            advice="Release a version: `taskflow release v1.0.0`.",
        )
    target = api.revision(newest.target) if newest and newest.reached is None else None
    if target and target.digest != definition.digest:
        raise OperationError(
            f"The last deployment, of another image than {definition.name}, hasn't succeeded",
            code=ExitCode.REFUSED,
            advice="Wait for it, or run `taskflow rollback`.",
        )
    return definition.version, definition.digest


def _target(context: Context, options: ReleaseOptions) -> tuple[str, str]:
    """Return version and digest to release."""
    version = options.version or ""
    require_version(version, keeps_image="; --same-image keeps the running image")
    digest = digest_of(context, version)
    if options.digest and options.digest != digest:
        raise OperationError(
            f"The registry has another image for {version}: {digest}, not {options.digest}",
            code=ExitCode.REFUSED,
            advice="Compare the build's output. Tags can't be changed, so it is another build.",
        )
    return version, digest


def require_version(version: str, *, keeps_image: str = "") -> None:
    """Require the form of a version; `keeps_image` completes the advice."""
    if not VERSION.fullmatch(version):
        raise OperationError(
            f"{version} is not a version" if version else "No version to release",
            code=ExitCode.USAGE,
            advice=f"A version is the tag of a release, such as v1.5.0{keeps_image}.",
        )


def _own_deployment(api: Api, newest: Deployment | None, definition: TaskDefinition | None) -> Deployment | None:
    """Return the deployment of this release that an earlier run started and that hasn't finished."""
    if newest is None or newest.is_over:
        return None
    target = api.definition_of(newest.target)
    if target and definition and target == definition.arn:
        return newest
    name = api.definitions.read(target).name if target else "another revision"
    raise OperationError(
        f"A deployment of {name} has been running since {newest.created_at:%H:%M} UTC",
        code=ExitCode.REFUSED,
        advice="Wait for it, or stop it with `taskflow rollback`.",
    )


def _require_untried(api: Api, plan: _Plan, options: ReleaseOptions) -> None:
    """Refuse what was rolled back: a second deployment of it fails in the same way.

    With --again that is allowed, but only once: a run that was killed, and whose deployment ECS has rolled back
    since, has failed.
    """
    recorded = plan.record.release(plan.version)
    newest = plan.newest
    if newest and newest.status in ROLLED_BACK:
        failed = api.revision(newest.target)
        is_same = plan.definition is not None and failed is not None and failed.task_definition == plan.definition.arn
        is_image = failed is not None and failed.digest == plan.digest and not options.same_image
        is_this_run = (
            recorded is not None and recorded.state is ReleaseState.STARTED and recorded.at <= newest.created_at
        )
        if (is_same or is_image) and (is_this_run or not options.again):
            if is_this_run and not api.context.options.dry_run:
                _record_state(api, plan.version, ReleaseState.ROLLED_BACK)
            raise api.deployments.failure(api.service.details(newest.arn), plan.name)
    if options.same_image or options.again:
        return
    past = api.history(plan.record)
    is_standing = plan.digest in {each.digest for each in past.standing}
    is_recorded = recorded is not None and recorded.state is ReleaseState.ROLLED_BACK
    if (is_recorded and not is_standing) or plan.digest in past.returned_from:
        raise OperationError(
            f"{plan.name} was rolled back before",
            code=ExitCode.REFUSED,
            advice=f"Release a fixed version. To deploy the same image all the same, add --again. {RUNBOOK}",
        )


def _require_no_other_migration(api: Api, plan: _Plan) -> None:
    """Refuse while the migration of another version runs: two of them at once may break the schema."""
    for other in plan.record.releases:
        if other.version != plan.version and other.migration and is_migrating(api.service, other, api.context.clock):
            raise OperationError(
                f"The migration of {other.version} is running",
                code=ExitCode.REFUSED,
                advice=f"Wait for it: `taskflow release {other.version}` shows how it ends.",
            )


def is_writable(context: Context) -> bool:
    """Whether the stack's database is a primary: a replica receives the migrations of its source."""
    return context.settings.rds.serves_writes()


def _warnings(api: Api, plan: _Plan) -> Sequence[str]:
    """Name the deployment alarms that are in ALARM: ECS ignores them for a deployment that starts now."""
    names = api.state.deployment_alarms
    if plan.is_running or plan.deployment or not names:
        return ()
    answer = api.context.aws.cloudwatch.describe_alarms(AlarmNames=list(names), StateValue="ALARM")
    return [
        f"Note: alarm {each.get('AlarmName', '')} is in ALARM, so ECS won't use it to roll back this release"
        for each in answer["MetricAlarms"]
    ]


def _changes(api: Api, plan: _Plan, assets: WebAssets | None) -> Sequence[str]:
    """Return what is left to do, in words; nothing if the release runs and is recorded."""
    changes: list[str] = []
    recorded = plan.record.release(plan.version)
    if plan.migrates and plan.version not in plan.record.migrated:
        command = " ".join(api.context.settings.releases.migration_command)
        changes.append(f"migrate the database: {command}")
    if plan.deployment:
        changes.append(f"watch the deployment that has been running since {plan.deployment.created_at:%H:%M} UTC")
    elif not plan.is_running:
        changes.append(f"deploy it to {api.service.name}: {api.state.desired} tasks; {plan.running.name} runs now")
    elif recorded is None or recorded.state is not ReleaseState.RELEASED:
        changes.append("verify the running tasks and record the release")
    if assets:
        changes.append(f"publish {assets.summary}")
    return changes


def _carry_out(
    api: Api, plan: _Plan, options: ReleaseOptions, operation: Operation, *, start: Callable[[], None] = lambda: None
) -> None:
    context, version = api.context, plan.version
    entry = _entry(plan, operation.ticket or "", context.clock.now(), same_image=options.same_image)
    api.store.update(lambda record: record.with_release(entry))
    definition = plan.definition or api.definitions.register(plan.request, version)
    operation.details |= {"digest": plan.digest, "task_definition": definition.number}
    if plan.migrates:
        Migrations(
            context=context, store=api.store, service=api.service, state=api.state, definitions=api.definitions
        ).ensure(entry, definition, retry=options.retry_migration)
    if not plan.is_running:
        deployment = plan.deployment or _start(api, plan, definition)
        details = api.deployments.watch(deployment, definition=definition)
        if details.get("status") != SUCCESSFUL:
            if details.get("status") in ROLLED_BACK and not options.same_image:
                _record_state(api, version, ReleaseState.ROLLED_BACK)
            raise api.deployments.failure(details, plan.name)
    start()
    api.deployments.verify(definition)
    _record_state(api, version, ReleaseState.RELEASED, revision=definition.arn)
    if not is_writable(context):
        # The database is a replica of one that this version has migrated.
        api.store.update(lambda record: record.with_migrated(version))
    context.report.done(f"{plan.name} is released")


def _start(api: Api, plan: _Plan, definition: TaskDefinition) -> Deployment:
    """Start the deployment if nothing has changed since the plan was confirmed: a migration may take an hour."""
    newest = api.settled_deployment()
    if newest and not newest.is_over and api.definition_of(newest.target) == definition.arn:
        # Another run of this release has started it.
        return newest
    if (newest.arn if newest else None) != (plan.newest.arn if plan.newest else None):
        running = api.definitions.read(api.service.state().task_definition).name
        raise OperationError(
            f"The service was changed during the migration; it has {running} now",
            advice="Run the same command again if the release is still wanted: it doesn't migrate again.",
        )
    return api.deployments.start(definition)


def _record_state(api: Api, version: str, state: ReleaseState, **changes: object) -> None:
    api.store.update(lambda record: record.with_changes(version, state=state, **changes))


def _entry(plan: _Plan, ticket: str, at: datetime, *, same_image: bool) -> Release:
    """Return the release's entry in the record; a migration that was begun stays in it.

    With the same image the release stays what it is, in its running revision, until the new one runs.
    """
    old = plan.record.release(plan.version)
    migration = old.migration if old and old.digest == plan.digest else None
    started = old.at if old and old.state is ReleaseState.STARTED else at
    entry = Release(version=plan.version, digest=plan.digest, ticket=ticket, at=started, migration=migration)
    is_released = {"state": ReleaseState.RELEASED, "revision": plan.running.arn}
    return entry.model_copy(update=is_released) if same_image else entry
