"""`taskflow rollback`: back to the release before, or to a named one. Section: Emergency Rollback.

During a deployment ECS is asked to stop it, which returns to the revision before. In a steady state the service gets
the task definition of the newest successful release with another digest. Nothing is deregistered and no tag is read.
A service that was rolled back within the last hour is left as it is: the command can be run again at any time, and
goes further back only to a version that is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import error_code, explained
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.deployment import can_be_stopped
from operations.release.history import History
from operations.release.record import Record, ReleaseState
from operations.release.revision import TaskDefinition
from operations.release.service import ROLLED_BACK, SUCCESSFUL, Deployment

# Of StopServiceDeployment, for a deployment that ended meanwhile.
ENDED_MEANWHILE = {"ClientException", "ConflictException", "InvalidParameterException"}
# A rollback that is run again belongs to the same incident for so long.
SAME_INCIDENT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """One step back: stop or watch `deployment`, or deploy `target`; neither if the service is back already.

    `expected` is the status of the deployment with which the step is done.
    """

    running: TaskDefinition
    past: History
    change: str = ""
    deployment: Deployment | None = None
    is_stop: bool = False
    target: TaskDefinition | None = None
    expected: str = SUCCESSFUL


def rollback(context: Context, to: str | None = None) -> None:
    """Return to the release before, or to the version `to`; OperationError if no tasks of it run in the end."""
    operation = Operation(context=context, action="rollback", is_emergency=True)
    with operation.running():
        api = Api(context=context)
        plan = _plan(api, _record(api), to)
        if plan.change:
            operation.details["from"] = plan.running.number
            operation.begin(f"roll back to {to}" if to else "roll back", _changes(plan, to))
            running = _carry_out(api, plan, to)
            operation.details |= {"digest": running.digest, "task_definition": running.number}
        else:
            running = plan.running
            context.report.line(f"{running.name} is running: the service was rolled back already.")
            context.report.line("To go further back, name the version: `taskflow rollback --to VERSION`.")
        if not context.options.dry_run:
            _mark(api)
        api.deployments.verify(running)
        api.check_health()
        context.report.done(f"{running.name} is running")
        context.report.values |= {"version": running.version, "digest": running.digest}


def _record(api: Api) -> Record:
    """Return the release record. A rollback doesn't depend on it: ECS has the last 90 days."""
    try:
        return api.store.load()
    except (BotoCoreError, ClientError, OperationError) as error:
        api.context.report.warning(f"The release record can't be read: {_message(api, error)}")
        return Record()


def _plan(api: Api, record: Record, to: str | None) -> _Plan:
    newest = api.settled_deployment()
    running = api.definitions.read(api.service.state().task_definition)
    past = api.history(record)
    if newest and not newest.is_over:
        return _during(api, past, running, newest)
    if to:
        return _to_version(api, past, running, to)
    if past.is_unfinished and past.running:
        # The newest deployment ended without a result: some tasks may be its own.
        return _deploy(api, past, past.running.task_definition, running)
    if past.returned_at:
        return _returned(api, past, running)
    if past.running and past.running.task_definition != running.arn:
        raise OperationError(
            f"{running.name} runs, and ECS doesn't know how it was deployed",
            code=ExitCode.REFUSED,
            advice=f"Name the version with --to: {_names(api, past)}.",
        )
    if past.previous is None:
        raise OperationError(
            "There is no earlier release to return to",
            code=ExitCode.REFUSED,
            advice="Release a fixed version: `taskflow release VERSION`.",
        )
    return _deploy(api, past, past.previous.task_definition, running)


def _during(api: Api, past: History, running: TaskDefinition, newest: Deployment) -> _Plan:
    """Stop a deployment that goes forward; watch one that goes back or is ending."""
    target = api.revision(newest.target)
    digests = [each.digest for each in past.standing]
    goes_back = target is not None and target.digest in digests[:-1]
    name = api.definitions.read(target.task_definition).name if target else "an unknown revision"
    if goes_back and can_be_stopped(newest):
        change = f"watch the return to {name}, which is running"
        return _Plan(deployment=newest, running=running, past=past, change=change)
    if not can_be_stopped(newest):
        change = f"watch how the deployment of {name} ends: {newest.status.lower().replace('_', ' ')}"
        return _Plan(deployment=newest, running=running, past=past, change=change, expected=_back(goes_back=goes_back))
    back = api.definitions.read(past.running.task_definition).name if past.running else "the placeholder"
    change = f"stop the deployment of {name}; ECS returns to {back}"
    return _Plan(
        deployment=newest, is_stop=True, running=running, past=past, change=change, expected=_back(goes_back=False)
    )


def _back(*, goes_back: bool) -> str:
    """Return the status with which a deployment that ends is a rollback: a return that ECS rolls back is none."""
    (rolled_back,) = ROLLED_BACK
    return SUCCESSFUL if goes_back else rolled_back


def _returned(api: Api, past: History, running: TaskDefinition) -> _Plan:
    """Leave a service as it is that has just been rolled back; ask for a version if that was long ago."""
    age = api.context.clock.now() - past.returned_at if past.returned_at else timedelta(0)
    if age > SAME_INCIDENT:
        raise OperationError(
            f"{running.name} has been running since the rollback of {past.returned_at:%Y-%m-%d %H:%M} UTC",
            code=ExitCode.REFUSED,
            advice=f"To go further back, name the version with --to: {_names(api, past)}.",
        )
    return _Plan(running=running, past=past)


def _to_version(api: Api, past: History, running: TaskDefinition, to: str) -> _Plan:
    """Deploy a release that ran: one that a rollback passes, or one that was rolled back by mistake."""
    arns = [each.task_definition for each in (*past.succeeded, *past.standing)]
    definitions = (api.definitions.read(arn) for arn in dict.fromkeys(reversed(arns)))
    target = next((each for each in definitions if each.version == to), None)
    if target is None:
        raise OperationError(
            f"No release {to} ran successfully in this stack",
            code=ExitCode.REFUSED,
            advice=f"Releases to return to, the newest first: {_names(api, past)}.",
        )
    if target.arn == running.arn and not past.is_unfinished:
        return _Plan(running=running, past=past)
    return _deploy(api, past, target.arn, running)


def _names(api: Api, past: History) -> str:
    arns = dict.fromkeys(each.task_definition for each in reversed(past.standing))
    return ", ".join(api.definitions.read(arn).name for arn in arns) or "none"


def _deploy(api: Api, past: History, definition: str, running: TaskDefinition) -> _Plan:
    target = api.definitions.read(definition)
    if not target.is_active:
        raise OperationError(
            f"ECS can't deploy {target.number}: it was deregistered",
            code=ExitCode.REFUSED,
            advice="Name another version with --to, or release a fixed one.",
        )
    warning = ", which was rolled back before" if target.digest in past.returned_from else ""
    change = f"deploy {target.name}{warning} to {api.service.name}; {running.name} runs now"
    return _Plan(target=target, running=running, past=past, change=change)


def _changes(plan: _Plan, to: str | None) -> Sequence[str]:
    is_first = plan.deployment is not None and to is not None
    return [plan.change, *([f"then deploy {to}, if it doesn't run by then"] if is_first else [])]


def _carry_out(api: Api, plan: _Plan, to: str | None) -> TaskDefinition:
    """Carry out the plan, and what is left after it; return the task definition that runs then."""
    if plan.is_stop and plan.deployment and not _stop(api, plan.deployment):
        api.context.step("The deployment ended before it was stopped")
        return _go_on(api, to)
    deployment = api.deployments.start(plan.target) if plan.target else plan.deployment
    if deployment is None:
        return plan.running
    details = api.deployments.watch(deployment)
    status = details.get("status", "")
    if status == plan.expected and plan.target:
        return plan.target
    if status == plan.expected:
        reached = details.get("rollback", {}).get("serviceRevisionArn") if status in ROLLED_BACK else deployment.target
        definition = api.definition_of(reached or "")
        running = api.definitions.read(definition or api.service.state().task_definition)
        return _go_on(api, to) if to and running.version != to else running
    if plan.target is None and status not in ROLLED_BACK:
        # It succeeded before ECS could stop it, or ended without a result.
        return _go_on(api, to)
    name = plan.target.name if plan.target else "the return"
    raise api.deployments.failure(details, name, is_return=True)


def _go_on(api: Api, to: str | None) -> TaskDefinition:
    """Plan and carry out the next step, now that the deployment is over."""
    plan = _plan(api, _record(api), to)
    if not plan.change:
        return plan.running
    api.context.step(f"Next: {plan.change}")
    return _carry_out(api, plan, to)


def _stop(api: Api, deployment: Deployment) -> bool:
    """Ask ECS to stop a deployment; return whether it could."""
    api.context.step(f"Stopping the deployment of {deployment.created_at:%H:%M} UTC")
    try:
        api.service.stop(deployment.arn)
    except ClientError as error:
        newest = api.service.newest_deployment()
        if error_code(error) in ENDED_MEANWHILE and (newest is None or newest.is_over):
            return False
        raise
    return True


def _mark(api: Api) -> None:
    """Record which releases were rolled back, for the time after ECS has forgotten it. A failure is only a warning."""
    try:
        record = api.store.load()
        returned_from = api.history(record).returned_from
        versions = [
            each.version
            for each in record.releases
            if each.digest in returned_from and each.state is not ReleaseState.ROLLED_BACK
        ]
        for version in versions:
            api.store.update(
                lambda record, version=version: record.with_changes(version, state=ReleaseState.ROLLED_BACK)
            )
    except (BotoCoreError, ClientError, OperationError) as error:
        api.context.report.warning(f"The release record wasn't updated: {_message(api, error)}")


def _message(api: Api, error: BotoCoreError | ClientError | OperationError) -> str:
    problem = error if isinstance(error, OperationError) else explained(error, api.context.environment.region)
    return problem.message
