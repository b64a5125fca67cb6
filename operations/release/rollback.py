"""`taskflow rollback`: back to the release before, or to a named one. Section: Emergency Rollback.

During a deployment ECS is asked to stop it, which returns to the revision before. In a steady state the service gets
the task definition of the newest successful release with another digest. Nothing is deregistered and no tag is read.
A service that was rolled back already is left as it is: the command can be run again at any time, and goes further
back only to a version that is named.
"""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import error_code, explained
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.deployment import can_be_stopped, is_in_progress
from operations.release.history import History
from operations.release.record import Record, ReleaseState
from operations.release.revision import TaskDefinition
from operations.release.service import ROLLED_BACK, SUCCESSFUL, Deployment, Revision

# Of StopServiceDeployment, for a deployment that ended meanwhile.
ENDED_MEANWHILE = {"ClientException", "ConflictException", "InvalidParameterException"}


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """One way back: stop `stop`, watch `watch`, or deploy `target`; none of them if the service is back already.

    `expected` are the statuses of the deployment with which the service is back.
    """

    stop: Deployment | None = None
    watch: Deployment | None = None
    target: TaskDefinition | None = None
    running: TaskDefinition
    change: str = ""
    expected: frozenset[str] = frozenset({SUCCESSFUL})


def rollback(context: Context, to: str | None = None) -> None:
    """Return to the release before, or to the version `to`; OperationError if no tasks of it run in the end."""
    operation = Operation(context=context, action="rollback", is_emergency=True)
    with operation.running():
        api = Api(context=context)
        record = _record(api)
        plan = _plan(api, record, to)
        if plan.change:
            operation.begin("roll back", [plan.change])
            _carry_out(api, plan, record, to)
        else:
            context.report.line(f"{plan.running.name} is running: the service was rolled back already.")
            context.report.line("To go further back, name the version: `taskflow rollback --to VERSION`.")
        running = api.definitions.read(api.service.state().task_definition)
        api.deployments.verify(running)
        api.check_health()
        context.report.done(f"{running.name} is running")
        context.report.values |= {"version": running.version, "digest": running.digest}
        if plan.change:
            _mark(api, plan, running)


def _record(api: Api) -> Record:
    """Return the release record. A rollback doesn't depend on it: ECS has the last 90 days."""
    try:
        return api.store.load()
    except (BotoCoreError, ClientError, OperationError) as error:
        problem = error if isinstance(error, OperationError) else explained(error, api.context.environment.region)
        api.context.report.warning(f"The release record can't be read: {problem.message}")
        return Record()


def _plan(api: Api, record: Record, to: str | None) -> _Plan:
    newest = api.newest_deployment()
    past = api.history([each for each in api.service.deployments() if each.is_over], record)
    running = api.definitions.read(api.service.state().task_definition)
    if to:
        return _to_version(api, past, record, running, newest, to)
    if newest and is_in_progress(newest):
        return _during(api, past, running, newest)
    if past.is_return:
        return _Plan(running=running)
    if past.previous is None:
        raise OperationError(
            "There is no earlier release to return to",
            code=ExitCode.REFUSED,
            advice="Release a mended version: `taskflow release VERSION`.",
        )
    return _deploy(api, past.previous, running)


def _during(api: Api, past: History, running: TaskDefinition, newest: Deployment) -> _Plan:
    """Stop a deployment that goes forward; watch one that goes back."""
    target = api.service.revisions([newest.target], api.state.container).get(newest.target)
    digests = [each.digest for each in past.standing]
    goes_back = target is not None and target.digest in digests[:-1]
    name = api.definitions.read(target.task_definition).name if target else "an unknown revision"
    if goes_back:
        return _Plan(watch=newest, running=running, change=f"watch the return to {name} that is running")
    if not can_be_stopped(newest):
        change = f"watch the rollback of {name} that is running"
        return _Plan(watch=newest, running=running, change=change, expected=ROLLED_BACK)
    back = api.definitions.read(past.running.task_definition).name if past.running else "the placeholder"
    change = f"stop the deployment of {name}; ECS returns to {back}"
    return _Plan(stop=newest, running=running, change=change, expected=ROLLED_BACK)


def _to_version(
    api: Api, past: History, record: Record, running: TaskDefinition, newest: Deployment | None, to: str
) -> _Plan:
    recorded = record.release(to)
    candidates = [api.definitions.read(each.task_definition) for each in past.standing]
    if recorded and recorded.revision and recorded.state is ReleaseState.RELEASED:
        candidates.append(api.definitions.read(recorded.revision))
    target = next((each for each in reversed(candidates) if each.version == to), None)
    if target is None:
        known = ", ".join(dict.fromkeys(each.version or each.number for each in reversed(candidates))) or "none"
        raise OperationError(
            f"No release {to} ran successfully in this stack",
            code=ExitCode.REFUSED,
            advice=f"Releases to return to, the newest first: {known}. To undo a rollback, release the version again "
            "with --again.",
        )
    if newest and is_in_progress(newest):
        revision = api.service.revisions([newest.target], api.state.container).get(newest.target)
        if revision and revision.task_definition == target.arn and can_be_stopped(newest):
            return _Plan(watch=newest, running=running, change=f"watch the deployment of {to} that is running")
    elif target.arn == running.arn:
        return _Plan(running=running)
    return _deploy(api, Revision(arn="", task_definition=target.arn, digest=target.digest), running)


def _deploy(api: Api, revision: Revision, running: TaskDefinition) -> _Plan:
    target = api.definitions.read(revision.task_definition)
    if not target.is_active:
        raise OperationError(
            f"ECS can't deploy {target.number}: somebody has deregistered it",
            code=ExitCode.REFUSED,
            advice="Name an older version with --to, or release a mended one.",
        )
    change = f"deploy {target.name} to {api.service.name}; {running.name} runs now"
    return _Plan(target=target, running=running, change=change)


def _carry_out(api: Api, plan: _Plan, record: Record, to: str | None) -> None:
    """Carry out the plan; make another one if the deployment that was to be stopped succeeded meanwhile."""
    if plan.stop and not _stop(api, plan.stop):
        api.context.step("The deployment ended before it was stopped")
        _carry_out(api, _plan(api, record, to), record, to)
        return
    deployment = api.deployments.start(plan.target) if plan.target else plan.stop or plan.watch
    if deployment is None:
        return
    details = api.deployments.watch(deployment)
    if details.get("status") in plan.expected:
        return
    if plan.stop and details.get("status") == SUCCESSFUL:
        _carry_out(api, _plan(api, record, to), record, to)
        return
    raise api.deployments.failure(details, plan.target.name if plan.target else "the deployment")


def _stop(api: Api, deployment: Deployment) -> bool:
    """Ask ECS to stop a deployment; return whether it could."""
    api.context.step(f"Stopping the deployment of {deployment.created_at:%H:%M} UTC")
    try:
        api.service.stop(deployment.arn)
    except ClientError as error:
        if error_code(error) in ENDED_MEANWHILE and not is_in_progress(api.service.newest_deployment()):
            return False
        raise
    return True


def _mark(api: Api, plan: _Plan, running: TaskDefinition) -> None:
    """Record which releases were rolled back: those after the running one. A failure is only a warning."""
    try:
        record = api.store.load()
        versions = [each.version for each in record.releases]
        newer = versions[: versions.index(running.version)] if running.version in versions else [plan.running.version]
        for version in newer:
            record = record.with_changes(version or "", state=ReleaseState.ROLLED_BACK)
        api.store.save(record)
    except (BotoCoreError, ClientError, OperationError) as error:
        problem = error if isinstance(error, OperationError) else explained(error, api.context.environment.region)
        api.context.report.warning(f"The release record wasn't updated: {problem.message}")
