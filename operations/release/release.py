"""`taskflow release`: digest, migration, deployment, verification, in this order; each step is done once.

Every step is looked up before it is done, in ECS or in the release record. So the command continues where an earlier
run of it stopped, whatever stopped it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.assets import WebAssets
from operations.release.comparison import Comparison
from operations.release.deployment import RUNBOOK, is_in_progress
from operations.release.migration import Migrations
from operations.release.record import Record, Release, ReleaseState
from operations.release.registry import digest_of, image_of
from operations.release.revision import TaskDefinition
from operations.release.service import ROLLED_BACK, SUCCESSFUL, Deployment, short
from settings.stacks import RECOVERY

# The tags that the registry keeps forever (components/storage/image_registry.py).
VERSION = re.compile(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]{1,40})?")


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


@dataclass(kw_only=True)
class _Plan:
    """What is left to do for a release. `deployment` is that of an earlier run which isn't over."""

    version: str
    digest: str
    request: Mapping[str, Any]
    definition: TaskDefinition | None
    record: Record
    running: TaskDefinition
    is_running: bool
    deployment: Deployment | None
    migrates: bool
    warnings: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        """The release as people call it."""
        return f"{self.version} ({short(self.digest)})"


def release(context: Context, options: ReleaseOptions) -> None:
    """Release a version; return when its tasks run and are verified, raise OperationError otherwise."""
    operation = Operation(context=context, action="release")
    with operation.running():
        api = Api(context=context)
        assets = _assets(context, options)
        plan = _plan(api, options)
        changes = _changes(api, plan, assets)
        if changes:
            operation.begin(f"release {plan.name}", changes)
            _carry_out(api, plan, options, operation)
        else:
            context.report.done(f"{plan.name} is running already")
            api.deployments.verify(plan.running)
        if assets:
            assets.publish(plan.version)
        if options.watch:
            Comparison(context=context).watch()
        if context.settings.backup.recovery and not options.same_image:
            context.report.command(f"Next: taskflow release {plan.version} --stack {RECOVERY} --digest {plan.digest}")
        context.report.values |= {"version": plan.version, "digest": plan.digest}


def _assets(context: Context, options: ReleaseOptions) -> WebAssets | None:
    return WebAssets.of(context, options.assets) if options.assets else None


def _plan(api: Api, options: ReleaseOptions) -> _Plan:
    context = api.context
    running = api.definitions.read(api.state.task_definition)
    version, digest = _target(context, options, running)
    record = api.store.load()
    request = api.definitions.wanted(image_of(context, digest))
    definition = api.definitions.registered(request)
    newest = api.newest_deployment()
    deployment = _own_deployment(api, newest, definition)
    is_running = deployment is None and definition is not None and definition.arn == running.arn
    plan = _Plan(
        version=version,
        digest=digest,
        request=request,
        definition=definition,
        record=record,
        running=running,
        is_running=is_running,
        deployment=deployment,
        migrates=_is_writable(context) and not options.same_image and deployment is None and not is_running,
        warnings=_alarms_that_ecs_ignores(api),
    )
    if deployment is None and not is_running and not options.again:
        _require_untried(api, plan, newest, same_image=options.same_image)
    return plan


def _target(context: Context, options: ReleaseOptions, running: TaskDefinition) -> tuple[str, str]:
    """Return version and digest to release."""
    if options.same_image:
        if running.digest is None or running.version is None:
            raise OperationError(
                "No release runs yet, so there is no image to keep",
                code=ExitCode.REFUSED,
                advice="Release a version: `taskflow release v1.0.0`.",
            )
        return running.version, running.digest
    version = options.version or ""
    if not VERSION.fullmatch(version):
        raise OperationError(
            f"{version or 'No version'} is not a version" if version else "No version to release",
            code=ExitCode.USAGE,
            advice="A version is the tag of a release, such as v1.5.0; --same-image keeps the running image.",
        )
    digest = digest_of(context, version)
    if options.digest and options.digest != digest:
        raise OperationError(
            f"The registry has another image for {version}: {digest}, not {options.digest}",
            code=ExitCode.REFUSED,
            advice="Compare the build's output. Tags can't be changed, so it is another build.",
        )
    return version, digest


def _own_deployment(api: Api, newest: Deployment | None, definition: TaskDefinition | None) -> Deployment | None:
    """Return the deployment of this release that an earlier run started and that isn't over."""
    if newest is None or not is_in_progress(newest):
        return None
    target = api.service.revisions([newest.target], api.state.container).get(newest.target)
    if target and definition and target.task_definition == definition.arn:
        return newest
    name = api.definitions.read(target.task_definition).name if target else "another revision"
    raise OperationError(
        f"A deployment of {name} has been running since {newest.created_at:%H:%M} UTC",
        code=ExitCode.REFUSED,
        advice="Wait for it, or stop it with `taskflow rollback`.",
    )


def _require_untried(api: Api, plan: _Plan, newest: Deployment | None, *, same_image: bool) -> None:
    """Refuse what was rolled back: a second deployment of it fails in the same way."""
    if newest and newest.status in ROLLED_BACK:
        failed = api.service.revisions([newest.target], api.state.container).get(newest.target)
        is_same = plan.definition is not None and failed is not None and failed.task_definition == plan.definition.arn
        if is_same or (failed and failed.digest == plan.digest and not same_image):
            raise api.deployments.failure(api.service.details(newest.arn), plan.name)
    past = api.history([each for each in api.service.deployments() if each.is_over], plan.record)
    if not same_image and plan.digest in past.returned_from:
        raise OperationError(
            f"{plan.name} was rolled back before",
            code=ExitCode.REFUSED,
            advice=f"Release a mended version. To deploy the same image all the same, add --again. {RUNBOOK}",
        )


def _is_writable(context: Context) -> bool:
    """Whether the stack's database is a primary: a replica receives the migrations of its source."""
    rds = context.settings.rds
    return rds.source is None or bool(rds.promoted)


def _alarms_that_ecs_ignores(api: Api) -> list[str]:
    """Return the deployment alarms that are in ALARM: ECS ignores them for a deployment that starts now."""
    names = api.state.deployment_alarms
    if not names:
        return []
    answer = api.context.aws.cloudwatch.describe_alarms(AlarmNames=list(names), StateValue="ALARM")
    return [each.get("AlarmName", "") for each in answer["MetricAlarms"]]


def _changes(api: Api, plan: _Plan, assets: WebAssets | None) -> Sequence[str]:
    """Return what is left to do, in words; nothing if the release runs and is recorded."""
    changes: list[str] = []
    running = plan.running.name
    recorded = plan.record.release(plan.version)
    if plan.migrates and plan.version not in plan.record.migrated:
        command = " ".join(api.context.settings.releases.migration_command)
        changes.append(f"migrate the database: {command}")
    if plan.deployment:
        changes.append(f"watch the deployment that has been running since {plan.deployment.created_at:%H:%M} UTC")
    elif not plan.is_running:
        changes.append(f"deploy it to {api.service.name}: {api.state.desired} tasks; {running} runs now")
    elif recorded is None or recorded.state is not ReleaseState.RELEASED:
        changes.append("verify the running tasks and record the release")
    if assets:
        changes.append(f"publish {assets.summary}")
    changes += [
        f"Note: alarm {name} is in ALARM, so ECS won't use it to roll back this release" for name in plan.warnings
    ]
    return changes


def _carry_out(api: Api, plan: _Plan, options: ReleaseOptions, operation: Operation) -> None:
    context, version, save = api.context, plan.version, api.store.save
    entry = _entry(plan, operation.ticket or "", context.clock.now(), same_image=options.same_image)
    record = save(plan.record.with_release(entry))
    definition = plan.definition or api.definitions.register(plan.request, version)
    if not options.same_image:
        record = save(record.with_changes(version, revision=definition.arn))
    operation.details |= {"digest": plan.digest, "task_definition": definition.number}
    if plan.migrates:
        migrations = Migrations(
            context=context, store=api.store, service=api.service, state=api.state, definitions=api.definitions
        )
        record = migrations.ensure(record, entry, definition, retry=options.retry_migration)
    if not plan.is_running:
        deployment = plan.deployment or api.deployments.start(definition)
        details = api.deployments.watch(deployment)
        if details.get("status") != SUCCESSFUL:
            if details.get("status") in ROLLED_BACK and not options.same_image:
                save(record.with_changes(version, state=ReleaseState.ROLLED_BACK))
            raise api.deployments.failure(details, plan.name)
    api.deployments.verify(definition)
    save(record.with_changes(version, revision=definition.arn, state=ReleaseState.RELEASED))
    context.report.done(f"{plan.name} is released")


def _entry(plan: _Plan, ticket: str, at: datetime, *, same_image: bool) -> Release:
    """Return the release's entry in the record; a migration that was begun stays in it.

    With the same image the release stays what it is, in its running revision, until the new one runs.
    """
    old = plan.record.release(plan.version)
    migration = old.migration if old and old.digest == plan.digest else None
    entry = Release(version=plan.version, digest=plan.digest, ticket=ticket, at=at, migration=migration)
    is_released = {"state": ReleaseState.RELEASED, "revision": plan.running.arn}
    return entry.model_copy(update=is_released) if same_image else entry
