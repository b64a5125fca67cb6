"""Production without writes: its service has no tasks, and nothing raises it again.

A minimum of 0 alone would not do: RegisterScalableTarget moves a service into the target's bounds, and a scaling policy
up to the maximum. With a maximum of 0 too, and scaling suspended, every way up is closed but a change of the target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from operations.dr.capacity import Bounds, ScalingTarget
from operations.dr.plan import capacity_values, standby_of
from operations.dr.record import Fence, RecoveryRecord, recovery_store
from operations.dr.replica import BACKING_UP, instance_of
from operations.dr.stacks import Stacks, asking, stacks_of
from operations.frame.context import INCIDENT, Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.stack_file import change_settings
from operations.frame.store import RecordStore
from operations.release.service import EcsService
from settings.stacks import RECOVERY

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

CLOSED = Bounds(minimum=0, maximum=0, is_suspended=True)
# A task drains for loadBalancer.deregistrationDelay and stops within task.stopTimeout; ECS says so later.
STOPPED_WITHIN = timedelta(minutes=10)
# RDS shows a promotion that was requested within seconds; an `up` that was killed may still be about to request it.
QUIET, QUIET_INTERVAL = timedelta(minutes=2), 15
TOO_LATE = "Continue the promotion. The way back is a fail-back: docs/runbooks/fail-over.md."


@dataclass(frozen=True, kw_only=True)
class ServiceTasks:
    """What writes to a stack's database: the tasks of its service, and one-off tasks."""

    context: Context

    @cached_property
    def target(self) -> ScalingTarget:
        """The service's scaling target."""
        return ScalingTarget(context=self.context)

    @cached_property
    def service(self) -> EcsService:
        """The service."""
        settings = self.context.settings.service
        return EcsService(self.context.aws, cluster=settings.cluster, name=settings.name)

    def writers(self) -> Sequence[str]:
        """Return the tasks that may write, by id: running or stopping ones, migrations, tasks of rotations."""
        stopping = [task for task in self.service.tasks("STOPPED") if task.get("lastStatus") != "STOPPED"]
        of_service = [_id(task) for task in (*self.service.tasks(), *stopping)]
        return sorted({*of_service, *self.one_off()})

    def one_off(self) -> Sequence[str]:
        """Return the tasks of migrations and rotations that run, by id."""
        own = {_id(task) for task in self.service.tasks()}
        families = (self.service.name, self.context.environment.database_family)
        return sorted({_id(task) for each in families for task in self.service.running_tasks(each)} - own)

    def fence(self, ticket: str) -> Fence:
        """Return what the service has now, to return to it; the settings' figures if it is stopped already."""
        bounds, desired = self.target.bounds(), self.service.state().desired
        settings, now = self.context.settings.service, self.context.clock.now()
        if bounds.maximum == 0:
            return Fence(
                ticket=ticket, at=now, desired=settings.desired_count, minimum=settings.min_count,
                maximum=settings.max_count,
            )  # fmt: skip
        return Fence(ticket=ticket, at=now, desired=desired, minimum=bounds.minimum, maximum=bounds.maximum)

    def close(self) -> bool:
        """Stop the service's tasks; return whether anything was left to do."""
        is_open = self.target.bounds() != CLOSED
        if is_open:
            self.target.change(CLOSED)
        is_scaled = self.service.state().desired != 0
        if is_scaled:
            self.service.scale(0)
        return is_open or is_scaled

    def open(self, fence: Fence) -> None:
        """Return the service to what it had."""
        self.target.change(Bounds(minimum=fence.minimum, maximum=fence.maximum))
        self.service.scale(fence.desired)


def _id(task: "TaskTypeDef") -> str:
    return task.get("taskArn", "").rpartition("/")[2]


def fence(context: Context) -> None:
    """Stop production's writes and keep it stopped; OperationError if a task still runs in the end."""
    stacks = stacks_of(context)
    operation = Operation(context=stacks.recovery, action="dr fence", tickets=(INCIDENT,), is_emergency=True)
    with operation.running():
        known = recovery_store(stacks.recovery).load().failback
        if known and known.promoted_at:
            raise OperationError(
                "A failback has promoted production's new database: production is to serve",
                code=ExitCode.REFUSED,
                advice="Continue it:",
                command=stacks.recovery.command("dr failback", operation.ticket),
            )
        with asking(stacks.production):
            count = len(ServiceTasks(context=stacks.production).writers())
        name = stacks.production.settings.service.name
        operation.begin(
            f"stop the writes of {stacks.production.environment.name}",
            [
                f"{name}: at least 0, at most 0 tasks, scaling suspended; {count} run now",
                "production answers no request until dr takes them, or until `taskflow dr fence --undo`",
            ],
        )
        with asking(stacks.production):
            stopped_at = close(stacks, operation.ticket or "")
        context.report.done(f"Production takes no writes since {stopped_at:%H:%M:%S} UTC, and isn't scaled again")


def close(stacks: Stacks, ticket: str) -> datetime:
    """Stop production's tasks, and record what it had; return since when none runs."""
    return Closing(
        service=ServiceTasks(context=stacks.production),
        store=recovery_store(stacks.recovery),
        ticket=ticket,
        read=lambda record: record.fence,
        write=lambda record, fence: record.model_copy(update={"fence": fence}),
        undo=stacks.recovery.command("dr fence --undo"),
    ).run()


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How a stack's tasks are stopped: `read` and `write` are the place of the fence in the record."""

    service: ServiceTasks
    store: RecordStore[RecoveryRecord]
    ticket: str
    read: Callable[[RecoveryRecord], Fence | None]
    write: Callable[[RecoveryRecord, Fence], RecoveryRecord]
    undo: str

    def run(self) -> datetime:
        """Stop the tasks; return since when none runs."""
        fence, context = self.read(self.store.load()), self.service.context
        if fence is None:
            # Written before the first change: a run that is killed must leave the way back.
            fence = self.service.fence(self.ticket)
            self._note(fence)
        was_open = self.service.close()
        if not was_open and fence.stopped_at and not self.service.writers():
            return fence.stopped_at
        await_stopped(self.service, self.undo)
        stopped_at = context.clock.now()
        self._note(fence.model_copy(update={"stopped_at": stopped_at}))
        context.step(f"No task of {context.environment.name} runs")
        return stopped_at

    def _note(self, fence: Fence) -> None:
        self.store.update(lambda record: self.write(record, fence))


def await_stopped(service: ServiceTasks, undo: str) -> None:
    """Return once no task of a stack writes; OperationError after the limit. `undo` is the command that returns it."""
    context = service.context
    progress, name = Progress(context=context), context.environment.name
    left: list[str] = []

    def stopped() -> bool | None:
        left[:] = service.writers()
        if left:
            progress.show(f"Waiting for {len(left)} tasks of {name} to stop")
        return None if left else True

    if not poll(context.clock, stopped, limit=STOPPED_WITHIN):
        raise OperationError(
            f"Tasks of {name} still run: {', '.join(left)}",
            code=ExitCode.UNFINISHED,
            advice=f"{name} isn't scaled up again. Run the same command again, or return it:",
            command=undo,
        )


def undo(context: Context) -> None:
    """Return production's service to what it was; OperationError once dr's database is promoted."""
    stacks = stacks_of(context)
    operation = Operation(context=stacks.recovery, action="dr fence", tickets=(INCIDENT,), is_emergency=True)
    with operation.running():
        record = recovery_store(stacks.recovery).load()
        if record.fence is None:
            raise OperationError(
                "Production wasn't stopped by `taskflow dr fence`, or was returned", code=ExitCode.REFUSED
            )
        standby = standby_of(stacks)
        require_replica(stacks.recovery, standby.name, may_be_promoted=standby.is_promoted, advice=TOO_LATE)
        before = record.fence
        name = stacks.production.settings.service.name
        changes = [f"{name}: {before.minimum} to {before.maximum} tasks, {before.desired} now"]
        if standby.is_promoted:
            changes.append(f"Pulumi.{RECOVERY}.yaml: {standby.setting}: false")
        operation.begin(f"return {stacks.production.environment.name}", changes)
        with asking(stacks.production):
            reopen(stacks)
        context.report.done(f"Production is scaled to {before.desired} tasks")


def reopen(stacks: Stacks) -> None:
    """Return production: first the stack file, so that no `up` promotes dr, then the service, then the record."""
    store = recovery_store(stacks.recovery)
    record = store.load()
    if record.promotion:
        before = record.promotion
        values = {standby_of(stacks).setting: False, **capacity_values(before.minimum, before.desired)}
        change_settings(stacks.recovery.folder, RECOVERY, values)
    if record.fence:
        ServiceTasks(context=stacks.production).open(record.fence)
    store.update(lambda known: known.model_copy(update={"fence": None, "promotion": None}))


def require_replica(context: Context, name: str, *, may_be_promoted: bool, advice: str) -> None:
    """Refuse once an instance is promoted, or is about to be: an `up` that was killed may have requested it."""
    end = context.clock.now() + (QUIET if may_be_promoted else timedelta(0))
    while True:
        found = instance_of(context, name)
        # RDS refuses a promotion while a backup runs.
        if not found.is_replica or found.status not in {"available", BACKING_UP}:
            state = "a primary" if not found.is_replica else found.status
            raise OperationError(
                f"{name} is {state}: no other instance may take writes beside it",
                code=ExitCode.REFUSED,
                advice=advice,
            )
        if context.clock.now() >= end:
            return
        context.clock.sleep(QUIET_INTERVAL)
