"""A rotation in steps, each of which is looked up before it is done.

1. Store a new value as pending. 2. Make it valid beside the old one. 3. Make it current. 4. Deploy: tasks read their
secrets when they start. 5. Make the old value invalid. 6. Remove the label of the rotation.

Until step 5 both values are valid, so that it may stop anywhere. A second run continues with the pending value.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import explained, is_transient
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.store import Entry, RecordStore
from operations.release.api import Api
from operations.release.migration import is_migrating
from operations.release.service import SUCCESSFUL
from operations.rotation.secret import Secret, Value, Versions

# Secrets Manager is eventually consistent, and replicates to the other region within seconds.
CURRENT_WITHIN = timedelta(minutes=10)
# Old tasks drain for a minute and a half, and ECS reports it with a delay.
STOPPED_WITHIN = timedelta(minutes=10)
BOTH_VALID = "Both values are valid. Run the same command again"


class Before(Entry):
    """What ran in a stack when the new value became current there: its newest deployment, and its tasks by id."""

    deployment: str = ""
    tasks: tuple[str, ...] = ()


class Rotation(Entry):
    """The record of a rotation: the version that it makes current, and by stack what ran before.

    Times of different clocks aren't compared. `retiring_from` is what the credential notes before its last step.
    """

    version: str = ""
    before: Mapping[str, Before] = {}
    retiring_from: datetime | None = None


class Credential(Protocol):
    """What is rotated: the database's password or the cache's token."""

    @property
    def action(self) -> str:
        """The command."""
        ...

    @property
    def title(self) -> str:
        """What it is called."""
        ...

    @property
    def secret(self) -> Secret:
        """Where it is stored."""
        ...

    def next_value(self, current: Value) -> Value:
        """Return the secret's next value."""
        ...

    def changes(self, current: Value) -> Sequence[str]:
        """Return what the second step will change, in words."""
        ...

    def accept(self, versions: Versions, *, is_new: bool) -> None:
        """Make the pending value valid beside the current one. `is_new`: no earlier run has begun with it."""
        ...

    def retire(self, value: Value, store: RecordStore[Rotation]) -> None:
        """Make every other value invalid; `value` is the current one."""
        ...


def rotate(context: Context, credential: Credential, *, stacks: Sequence[str]) -> None:
    """Rotate a credential; `stacks` are those whose tasks read it. OperationError if it can't be finished now."""
    operation = Operation(context=context, action=credential.action)
    with operation.running():
        secret = credential.secret
        versions = secret.versions()
        apis = [Api(context=context if stack == context.options.stack else context.of_stack(stack)) for stack in stacks]
        for api in apis:
            _require_quiet(api, versions, is_own=api.context is context)
        current = secret.value(versions.current)
        operation.begin(f"rotate {credential.title}", _changes(credential, versions, current, stacks))
        secret.require(versions)
        store = rotation_store(context, secret)
        if not versions.is_promoted:
            versions = _promote(context, credential, versions, current)
        for api in apis:
            _deploy_where_reachable(api, secret.name, versions.current, store, is_own=api.context is context)
        credential.retire(secret.value(versions.current), store)
        secret.finish(versions.current)
        context.report.done(f"Rotated {credential.title}: all tasks use the new value, and the old one is invalid")


def rotation_store(context: Context, secret: Secret) -> RecordStore[Rotation]:
    """Return the store of the rotation's record."""
    purpose = secret.name.rpartition("/")[2]
    return RecordStore(context.aws, context.environment, f"rotation/{purpose}", model=Rotation)


def _changes(credential: Credential, versions: Versions, current: Value, stacks: Sequence[str]) -> Sequence[str]:
    deploy = [f"deploy the running image again in {', '.join(stacks)}", "make the old value invalid"]
    if versions.is_promoted:
        return ["continue the rotation that an earlier run began: the new value is current", *deploy]
    begin = "continue with the pending value of an earlier run" if versions.pending else "store a new value as pending"
    return [begin, *credential.changes(current), "make the new value current", *deploy]


def _require_quiet(api: Api, versions: Versions, *, is_own: bool) -> None:
    """Refuse while a deployment or a migration runs; once the value is current, the deployment may be our own."""
    if versions.is_promoted:
        return
    try:
        newest = api.settled_deployment()
    except (BotoCoreError, ClientError, OperationError) as error:
        if is_own:
            raise
        api.context.report.warning(f"{api.context.environment.name} can't be read now: {error}")
        return
    if newest and not newest.is_over:
        raise OperationError(
            f"A deployment of {api.service.name} has been running since {newest.created_at:%H:%M} UTC",
            code=ExitCode.REFUSED,
            advice="Wait for it; `taskflow release` or `taskflow rollback` ends it.",
        )
    if is_own:
        require_no_migration(api)


def require_no_migration(api: Api) -> None:
    """Refuse while a migration runs: it and the change of roles could end each other."""
    for release in api.store.load().releases:
        if is_migrating(api.service, release, api.context.clock):
            raise OperationError(
                f"The migration of {release.version} is running",
                code=ExitCode.REFUSED,
                advice=f"Wait for it: `taskflow release {release.version}` shows how it ends.",
            )


def _promote(context: Context, credential: Credential, versions: Versions, current: Value) -> Versions:
    """Make a value valid that isn't current yet, then current; return the versions then."""
    secret = credential.secret
    is_new = versions.pending is None
    pending = secret.create(credential.next_value(current)) if is_new else versions.pending or ""
    context.step("Stored a new value as pending" if is_new else "Continuing with the pending value of an earlier run")
    expected = Versions(current=versions.current, pending=pending)
    credential.accept(expected, is_new=is_new)
    secret.require(expected)
    secret.promote(expected)
    context.step("The new value is current")
    return Versions(current=pending, pending=pending)


def _deploy_where_reachable(api: Api, secret: str, version: str, store: RecordStore[Rotation], *, is_own: bool) -> None:
    """Deploy a stack. Another one that doesn't answer keeps the old value valid; one without a service has no tasks."""
    context = api.context
    if not is_own and not _has_service(api):
        context.report.warning(f"{context.environment.name} has no service, so no task there has the old value")
        return
    try:
        _deploy(api, secret, version, store)
    except (BotoCoreError, ClientError) as error:
        if is_own or not is_transient(error):
            raise
        problem = explained(error, context.environment.region)
        raise OperationError(problem.message, code=problem.code, advice=f"{BOTH_VALID} once it answers.") from error


def _has_service(api: Api) -> bool:
    try:
        api.service.state()
    except OperationError:
        return False
    except (BotoCoreError, ClientError):
        # Whether it has one is unknown; the deployment reports the error.
        return True
    return True


def _deploy(api: Api, secret: str, version: str, store: RecordStore[Rotation]) -> None:
    """Return once no task runs that started before the new value was current in its region."""
    context = api.context
    _await_replica(context, secret, version)
    before = _before(api, version, store)
    newest = api.settled_deployment()
    if newest and not newest.is_over:
        context.step(f"Waiting for a deployment of {api.service.name}")
        api.deployments.watch(newest)
        newest = api.settled_deployment()
    # Read after the wait: a deployment that was rolled back must not be deployed again.
    definition = api.definitions.read(api.service.state().task_definition)
    is_since = newest is not None and newest.arn != before.deployment and newest.status == SUCCESSFUL
    if not is_since:
        deployment = api.deployments.start(definition, renew=True)
        details = api.deployments.watch(deployment, definition=definition)
        if details.get("status") != SUCCESSFUL:
            failure = api.deployments.failure(details, definition.name)
            raise OperationError(
                failure.message,
                advice="The old value remains valid. Run the same command again once the cause is gone.",
            )
    api.deployments.verify(definition)
    _require_stopped(api, before.tasks)


def _await_replica(context: Context, secret: str, version: str) -> None:
    """Wait until a version is current in the region of a stack."""
    own = Secret(context.aws, secret)

    def current() -> bool | None:
        return True if own.versions().current == version else None

    if not poll(context.clock, current, limit=CURRENT_WITHIN, interval=5):
        raise OperationError(
            f"The secret {secret} still has the old value in {context.environment.region}",
            code=ExitCode.UNFINISHED,
            advice=f"{BOTH_VALID} once Secrets Manager has replicated it.",
        )


def _before(api: Api, version: str, store: RecordStore[Rotation]) -> Before:
    """Return what ran when the value became current: from the record, or what runs now if an earlier run died."""
    stack = api.context.environment.stack
    record = store.load()
    if record.version == version and stack in record.before:
        return record.before[stack]
    newest = api.settled_deployment()
    tasks = tuple(task.get("taskArn", "").rpartition("/")[2] for task in api.service.tasks())
    now = Before(deployment=newest.arn if newest else "", tasks=tasks)

    def noted(known: Rotation) -> Rotation:
        others: Mapping[str, Before] = known.before if known.version == version else {}
        retiring_from = known.retiring_from if known.version == version else None
        return Rotation(version=version, before={**others, stack: now}, retiring_from=retiring_from)

    store.update(noted)
    return now


def _require_stopped(api: Api, tasks: Sequence[str]) -> None:
    """Wait until tasks have stopped: those that drain use the old value until the end."""
    left: list[str] = []

    def stopped() -> bool | None:
        known = api.service.tasks_by_id(tasks)
        left[:] = [task.get("taskArn", "") for task in known if task.get("lastStatus") != "STOPPED"]
        return None if left else True

    if not poll(api.context.clock, stopped, limit=STOPPED_WITHIN):
        names = ", ".join(arn.rpartition("/")[2] for arn in left)
        raise OperationError(
            f"Tasks of {api.service.name} with the old value still run: {names}",
            code=ExitCode.UNFINISHED,
            advice=f"{BOTH_VALID} once these tasks have stopped.",
        )
