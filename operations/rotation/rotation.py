"""A rotation in steps, each of which is looked up before it is done.

1. Store a new value as pending. 2. Make it valid beside the old one. 3. Try it. 4. Make it current. 5. Deploy: tasks
read their secrets when they start. 6. Make the old value invalid. 7. Remove the label of the rotation.

Until step 6 both values are valid, so that it may stop anywhere. A second run continues with the pending value.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.store import Entry, RecordStore
from operations.release.api import Api
from operations.release.service import SUCCESSFUL
from operations.rotation.secret import Secret, Value, Versions

# Secrets Manager is eventually consistent, and replicates to the other region within seconds.
CURRENT_WITHIN = timedelta(minutes=10)


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
        """Return what the steps 2 and 3 will change, in words."""
        ...

    def accept(self, value: Value, created_at: datetime, *, is_new: bool) -> None:
        """Make a value valid beside the current one, and try it. `is_new`: no earlier run has begun with it."""
        ...

    def retire(self, value: Value) -> None:
        """Make every other value invalid; `value` is the current one."""
        ...


class Rotation(Entry):
    """The record of a rotation: the version that it made current, and when, so that tasks are compared with it."""

    version: str = ""
    promoted_at: datetime | None = None


def rotate(context: Context, credential: Credential, *, stacks: Sequence[str]) -> None:
    """Rotate a credential; `stacks` are those whose tasks read it. OperationError if it can't be finished now."""
    operation = Operation(context=context, action=credential.action)
    with operation.running():
        secret = credential.secret
        versions = secret.versions()
        current = secret.value(versions.current)
        apis = [Api(context=context if stack == context.options.stack else context.of_stack(stack)) for stack in stacks]
        for api in apis:
            _require_quiet(api, is_continued=versions.pending is not None)
        operation.begin(f"rotate {credential.title}", _changes(credential, versions, current, stacks))
        purpose = secret.name.rpartition("/")[2]
        store = RecordStore(context.aws, context.environment, f"rotation/{purpose}", model=Rotation)
        if not versions.is_promoted:
            versions = _promote(context, credential, versions, current)
        promoted_at = _promoted_at(context, store, versions.current)
        for api in apis:
            _deploy(api, secret.name, versions.current, promoted_at)
        credential.retire(secret.value(versions.current))
        secret.finish(versions.current)
        context.report.done(f"Rotated {credential.title}: all tasks use the new value, and the old one is invalid")


def _changes(credential: Credential, versions: Versions, current: Value, stacks: Sequence[str]) -> Sequence[str]:
    deploy = [f"deploy the running image again in {', '.join(stacks)}", "make the old value invalid"]
    if versions.is_promoted:
        return ["continue the rotation that an earlier run began: the new value is current", *deploy]
    begin = "continue with the pending value of an earlier run" if versions.pending else "store a new value as pending"
    return [begin, *credential.changes(current), "make the new value current", *deploy]


def _require_quiet(api: Api, *, is_continued: bool) -> None:
    """Refuse while a deployment runs, which may be a release; a continued rotation waits for its own."""
    newest = api.settled_deployment()
    if newest and not newest.is_over and not is_continued:
        raise OperationError(
            f"A deployment of {api.service.name} has been running since {newest.created_at:%H:%M} UTC",
            code=ExitCode.REFUSED,
            advice="Wait for it; `taskflow release` or `taskflow rollback` ends it.",
        )


def _promote(context: Context, credential: Credential, versions: Versions, current: Value) -> Versions:
    """Make a value valid that isn't current yet, then current; return the versions then."""
    secret = credential.secret
    is_new = versions.pending is None
    pending = secret.create(credential.next_value(current)) if is_new else versions.pending or ""
    context.step("Stored a new value as pending" if is_new else "Continuing with the pending value of an earlier run")
    credential.accept(secret.value(pending), secret.created_at(pending), is_new=is_new)
    secret.promote(Versions(current=versions.current, pending=pending))
    context.step("The new value is current")
    return Versions(current=pending, pending=pending)


def _promoted_at(context: Context, store: RecordStore[Rotation], version: str) -> datetime:
    """Return since when a version is current: from the record, or now if an earlier run died before it was written."""
    record = store.load()
    if record.version == version and record.promoted_at:
        return record.promoted_at
    now = context.clock.now()
    store.update(lambda _: Rotation(version=version, promoted_at=now))
    return now


def _deploy(api: Api, secret: str, version: str, promoted_at: datetime) -> None:
    """Return once every task of a service has started since the new value is current where it reads it."""
    context = api.context
    _await_replica(context, secret, version)
    definition = api.definitions.read(api.service.state().task_definition)
    newest = api.settled_deployment()
    if newest and not newest.is_over and newest.created_at < promoted_at:
        context.step(f"Waiting for a deployment of {api.service.name} that began before")
        api.deployments.watch(newest)
        newest = api.settled_deployment()
    is_since = newest is not None and newest.created_at >= promoted_at
    if newest is None or not is_since or (newest.is_over and newest.status != SUCCESSFUL):
        newest = api.deployments.start(definition, renew=True)
    details = api.deployments.watch(newest, definition=definition)
    if details.get("status") != SUCCESSFUL:
        failure = api.deployments.failure(details, definition.name)
        raise OperationError(
            failure.message,
            advice="The old value remains valid. Run the same command again once the cause is gone.",
        )
    api.deployments.verify(definition)
    _require_new_tasks(api, promoted_at)


def _await_replica(context: Context, secret: str, version: str) -> None:
    """Wait until a version is current in the region of a stack."""
    own = Secret(context.aws, secret)

    def current() -> bool | None:
        return True if own.versions().current == version else None

    if not poll(context.clock, current, limit=CURRENT_WITHIN, interval=5):
        raise OperationError(
            f"The secret {secret} still has the old value in {context.environment.region}",
            code=ExitCode.UNFINISHED,
            advice="Both values are valid. Run the same command again once Secrets Manager has replicated it.",
        )


def _require_new_tasks(api: Api, promoted_at: datetime) -> None:
    old = [task for task in api.service.tasks() if task.get("createdAt", promoted_at) < promoted_at]
    if old:
        names = ", ".join(task.get("taskArn", "").rpartition("/")[2] for task in old)
        raise OperationError(
            f"Tasks of {api.service.name} still have the old value: {names}",
            code=ExitCode.UNFINISHED,
            advice="Both values are valid. Run the same command again once these tasks have stopped.",
        )
