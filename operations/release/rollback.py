"""`taskflow rollback`: back to the release before, or to a named one. Section: Emergency Rollback.

The release to return to is decided first, and confirmed. During a deployment of another one ECS is asked to stop it,
which returns to the revision before; what is left is deployed. Nothing is deregistered and no tag is read. A service
that was rolled back within the last hour is left as it is: the command can be run again at any time, and goes further
back only to a version that is named.
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
WATCH_ADVICE = "It keeps running. Run the same command again to watch it; --to with another version stops it."


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The release to return to (None: whatever runs after the stop), the newest deployment, and what runs now."""

    goal: TaskDefinition | None
    running: TaskDefinition
    newest: Deployment | None
    changes: Sequence[str]


def rollback(context: Context, to: str | None = None) -> None:
    """Return to the release before, or to the version `to`; OperationError if its tasks don't run in the end."""
    operation = Operation(context=context, action="rollback", is_emergency=True)
    with operation.running():
        api = Api(context=context)
        plan = _plan(api, _record(api), to)
        running = plan.running
        if plan.changes:
            operation.details["from"] = plan.running.number
            operation.begin(f"roll back to {to}" if to else "roll back", plan.changes)
            running = _carry_out(api, plan)
            operation.details |= {"digest": running.digest, "task_definition": running.number}
        else:
            context.report.line(f"{running.name} is running: there is nothing to roll back.")
            context.report.line("To go further back, name the version: `taskflow rollback --to VERSION`.")
        if not context.options.dry_run:
            _mark(api, running)
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


# The release to return to.


def _plan(api: Api, record: Record, to: str | None) -> _Plan:
    newest = api.settled_deployment()
    running = api.definitions.read(api.service.state().task_definition)
    past = api.history(record)
    pending = newest if newest and newest.reached is None else None
    if to:
        goal = _named(api, past, to)
    elif pending:
        goal = _continued(api, past, pending)
    else:
        goal = _before(api, past, running)
    if goal and not goal.is_active:
        raise OperationError(
            f"ECS can't deploy {goal.number}: it was deregistered",
            code=ExitCode.REFUSED,
            advice=f"Name another version with --to: {_names(api, past)}.",
        )
    _require_same_database(api, goal, running)
    changes = _changes(api, past, goal, running, pending)
    return _Plan(goal=goal, running=running, newest=newest, changes=changes)


def _require_same_database(api: Api, goal: TaskDefinition | None, running: TaskDefinition) -> None:
    """Refuse a release from before a cutover or a failover: its tasks would use the replaced database."""
    if goal is None or goal.arn == running.arn or goal.database is None:
        return
    current = api.definitions.database()
    if goal.database != current:
        raise OperationError(
            f"{goal.name} ran with another database, {goal.database}; now it is {current}",
            code=ExitCode.REFUSED,
            advice="Release that version anew, which gives it the present address:",
            command=api.context.command(f"release {goal.version or 'VERSION'} --again"),
        )


def _named(api: Api, past: History, to: str) -> TaskDefinition:
    """Return a release that ran: one that a rollback passes, or one that was rolled back by mistake."""
    arns = [each.task_definition for each in (*past.succeeded, *past.standing)]
    definitions = (api.definitions.read(arn) for arn in dict.fromkeys(reversed(arns)))
    named = next((each for each in definitions if each.version == to), None)
    if named is None:
        raise OperationError(
            f"No release {to} ran successfully in this stack",
            code=ExitCode.REFUSED,
            advice=f"Releases to return to, the newest first: {_names(api, past)}.",
        )
    return named


def _continued(api: Api, past: History, pending: Deployment) -> TaskDefinition | None:
    """Return the release that a deployment without a result returns to, or the one that it was to replace.

    A deployment that goes back, or deploys the running release again, is continued; one that goes forward is undone.
    """
    target = api.revision(pending.target)
    digests = [each.digest for each in past.standing]
    is_same = past.running is not None and target is not None and target.task_definition == past.running.task_definition
    if target and (target.digest in digests[:-1] or is_same):
        return api.definitions.read(target.task_definition)
    return api.definitions.read(past.running.task_definition) if past.running else None


def _before(api: Api, past: History, running: TaskDefinition) -> TaskDefinition:
    """Return the release before the running one; the running one if that was a return within the last hour."""
    if past.returned_at:
        if api.context.clock.now() - past.returned_at <= SAME_INCIDENT:
            return running
        raise OperationError(
            f"{running.name} has been running since the rollback of {past.returned_at:%Y-%m-%d %H:%M} UTC",
            code=ExitCode.REFUSED,
            advice=f"To go further back, name the version with --to: {_names(api, past)}.",
        )
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
    return api.definitions.read(past.previous.task_definition)


def _names(api: Api, past: History) -> str:
    arns = dict.fromkeys(each.task_definition for each in reversed(past.standing))
    return ", ".join(api.definitions.read(arn).name for arn in arns) or "none"


def _changes(
    api: Api, past: History, goal: TaskDefinition | None, running: TaskDefinition, pending: Deployment | None
) -> Sequence[str]:
    """Return the steps in words; none if the goal runs."""
    name = goal.name if goal else "the placeholder"
    warning = ", which was rolled back before," if goal and goal.digest in past.returned_from else ""
    if pending is None:
        is_there = goal is not None and goal.arn == running.arn
        return [] if is_there else [f"deploy {name}{warning} to {api.service.name}; {running.name} runs now"]
    definition = api.definition_of(pending.target)
    other = api.definitions.read(definition).name if definition else "an unknown revision"
    if pending.is_over:
        return [f"deploy {name} again: the deployment of {other} ended as {pending.status}"]
    if goal and definition == goal.arn and can_be_stopped(pending):
        return [f"watch the deployment of {name} that is running"]
    if can_be_stopped(pending):
        return [f"stop the deployment of {other}", f"return to {name}{warning}"]
    return [f"wait for the deployment of {other} to end: {pending.status}", f"return to {name}{warning}"]


# The way there.


def _carry_out(api: Api, plan: _Plan) -> TaskDefinition:
    """End what runs, deploy what is left; return the task definition that runs then."""
    newest = api.settled_deployment()
    if (newest.arn if newest else None) != (plan.newest.arn if plan.newest else None):
        raise OperationError(
            "Another deployment has begun since the plan was shown. Nothing was done",
            code=ExitCode.REFUSED,
            advice="Run the same command again to see the new plan.",
        )
    if newest and not newest.is_over and not _is_of(api, newest, plan.goal):
        _end(api, newest)
        newest = api.settled_deployment()
    running = api.definitions.read(api.service.state().task_definition)
    if plan.goal is None or (running.arn == plan.goal.arn and newest and newest.reached):
        return running
    deployment = api.deployments.start(plan.goal)
    details = api.deployments.watch(deployment, definition=plan.goal, advice=WATCH_ADVICE)
    if details.get("status") != SUCCESSFUL:
        raise api.deployments.failure(details, plan.goal.name, is_return=True)
    return plan.goal


def _is_of(api: Api, deployment: Deployment, goal: TaskDefinition | None) -> bool:
    """Whether a running deployment deploys the goal: then it is watched."""
    return goal is not None and can_be_stopped(deployment) and api.definition_of(deployment.target) == goal.arn


def _end(api: Api, deployment: Deployment) -> None:
    """Stop a deployment that goes forward, and wait until it is over; ECS returns to the revision before it."""
    if can_be_stopped(deployment):
        api.context.step(f"Stopping the deployment of {deployment.created_at:%H:%M} UTC")
        try:
            api.service.stop(deployment.arn)
        except ClientError as error:
            if error_code(error) not in ENDED_MEANWHILE:
                raise
            api.context.step("It can't be stopped any more")
    details = api.deployments.watch(deployment, advice=WATCH_ADVICE)
    if details.get("status") not in ROLLED_BACK:
        api.context.step(f"It ended as {details.get('status', 'unknown')}")


def _mark(api: Api, running: TaskDefinition) -> None:
    """Record which releases were rolled back, and which one runs, for the time after ECS has forgotten it.

    A failure is only a warning.
    """
    try:
        record = api.store.load()
        returned_from = api.history(record).returned_from

        def marked(record: Record) -> Record:
            for each in record.releases:
                if each.digest == running.digest:
                    record = record.with_changes(each.version, state=ReleaseState.RELEASED, revision=running.arn)
                elif each.digest in returned_from:
                    record = record.with_changes(each.version, state=ReleaseState.ROLLED_BACK)
            return record

        if marked(record) != record:
            api.store.update(marked)
    except (BotoCoreError, ClientError, OperationError) as error:
        api.context.report.warning(f"The release record wasn't updated: {_message(api, error)}")


def _message(api: Api, error: BotoCoreError | ClientError | OperationError) -> str:
    problem = error if isinstance(error, OperationError) else explained(error, api.context.environment.region)
    return problem.message
