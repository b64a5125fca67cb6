"""The steps of a failback, each looked up before it is done: new instance, switch, users, dr's new replica."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from operations.dr.backlog import pending_of, to_production
from operations.dr.candidate import Candidate
from operations.dr.capacity import Bounds, ScalingTarget, await_tasks
from operations.dr.failback_plan import A_STANDBY, FailbackPlan
from operations.dr.fence import CLOSED, Closing, ServiceTasks
from operations.dr.latch import await_origin, has_returned, is_on
from operations.dr.plan import SUCCESSOR_SETTING, capacity_values
from operations.dr.record import Failback, Fence, RecoveryRecord, recovery_store
from operations.dr.replica import instance_of, lag_of
from operations.dr.stacks import Stacks, asking
from operations.frame.context import Context, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import previewed, require_expected
from operations.frame.polling import poll
from operations.frame.pulumi import Step
from operations.frame.stack_file import change_settings
from operations.frame.store import RecordStore
from operations.recovery.rds import instance_of as description_of
from operations.release.api import Api
from operations.release.release import take_over
from operations.release.revision import TaskDefinition
from operations.release.service import SUCCESSFUL
from settings.load import load_file
from settings.stacks import PRIMARY, RECOVERY

# So far behind the new instance may be when dr stops. An idle primary's lag climbs to five minutes and falls again.
MAX_LAG, READY_WITHIN = timedelta(minutes=6), timedelta(hours=2)
# So many operations on files may be pending when users return: S3 needs minutes for them.
FEW_FILES = 100


@dataclass(frozen=True, kw_only=True)
class FailbackSteps:
    """The steps of one run, with the ticket of the incident."""

    stacks: Stacks
    operation: Operation
    plan: FailbackPlan

    @property
    def store(self) -> RecordStore[RecoveryRecord]:
        """The record of the recovery."""
        return recovery_store(self.stacks.recovery)

    @property
    def candidate(self) -> Candidate:
        """Production's new instance."""
        return Candidate(context=self.stacks.production, name=self.plan.name, may_be_promoted=self.may_be_promoted)

    @property
    def may_be_promoted(self) -> bool:
        """Whether an `up` may have asked for its promotion, by the stack file or the record."""
        known = self.store.load().failback
        return self.plan.is_promoted or (known is not None and known.promoting_at is not None)

    def failback(self) -> Failback:
        """Return the record of this failback; OperationError if there is none, which another run has ended."""
        found = self.store.load().failback
        if found is None:
            raise OperationError(
                "There is no failback: none was begun, or it was ended or undone", code=ExitCode.REFUSED
            )
        return found

    def note(self, **values: object) -> None:
        """Note times in the record."""

        def noted(known: RecoveryRecord) -> RecoveryRecord:
            failback = known.failback.model_copy(update=values) if known.failback else None
            return known.model_copy(update={"failback": failback})

        self.store.update(noted)

    # Nothing changes for users.

    def prepare(self) -> None:
        """Create production's new instance, and return once it has nearly caught up with dr's."""
        production, name = self.stacks.production, self.plan.name
        change_settings(production.folder, PRIMARY, self.plan.of_production)
        production.step(f"`pulumi up` of {PRIMARY}: {name}, which replicates {self.plan.source}, and its replica")
        # Also if nothing is planned: it shows that no other `up` runs, before users depend on one.
        production.pulumi.up(PRIMARY)
        progress = Progress(context=production)

        def is_near() -> bool | None:
            found, lag = instance_of(production, name), lag_of(production, name)
            if found.problem:
                raise OperationError(
                    f"{name} doesn't replicate: {found.problem}", advice="docs/runbooks/replica-lag.md"
                )
            files = self.pending_files()
            words = f"{name} is {found.status}, " + (f"{lag.seconds:.0f} s behind" if lag else "and reports no lag yet")
            progress.show(f"{words}; {files:.0f} operations on files are pending" if files else words)
            is_caught_up = lag is not None and lag.seconds <= MAX_LAG.total_seconds() and files <= FEW_FILES
            return True if is_caught_up and found.can_be_promoted else None

        if not poll(production.clock, is_near, limit=READY_WITHIN, interval=30):
            raise OperationError(
                f"{name} hasn't caught up within two hours. dr serves as before",
                code=ExitCode.UNFINISHED,
                advice="docs/runbooks/replica-lag.md. Then run the same command again.",
            )

    def pending_files(self) -> float:
        """Return how many operations on files S3 hasn't replicated to production yet; 0 also if it doesn't say."""
        direction = to_production(self.stacks)
        return (pending_of(self.stacks.production, direction).operations or 0) if direction else 0

    # Users get errors.

    def stop(self) -> None:
        """Stop dr's tasks, and return once production's new instance has every write; else start them again."""
        production, recovery = self.stacks.production, self.stacks.recovery
        may_be_promoted = self.may_be_promoted
        if may_be_promoted:
            # The promotion that an earlier run has asked for may be under way: RDS refuses a second request meanwhile.
            with asking(production):
                self.candidate.settled()
        else:
            self._require_promotable()
        stopped_at = self._closing.run()
        with asking(production):
            found, lag = self.candidate.caught_up(stopped_at)
        problem = ""
        if found is None:
            until = f"has every write only until {lag.replayed_to:%H:%M:%S} UTC" if lag else "reports no lag"
            problem = f"{self.plan.name} {until}"
        elif left := ServiceTasks(context=recovery).writers():
            problem = f"A task of dr has started since: {', '.join(left)}"
        elif not may_be_promoted:
            with asking(production):
                others = ServiceTasks(context=production).writers()
            problem = f"A task of production has started: {', '.join(others)}" if others else ""
        if not problem:
            return
        if may_be_promoted:
            # An earlier run has begun the promotion: whether it is done isn't certain yet.
            advice = "Run the same command again to wait on."
            raise OperationError(f"{problem}, and dr is stopped", code=ExitCode.UNFINISHED, advice=advice)
        self.reopen()
        raise OperationError(
            f"{problem}. Nothing was promoted, and dr's tasks were started again",
            advice="docs/runbooks/dr-failback.md. Then run the same command again.",
        )

    def _require_promotable(self) -> None:
        """Refuse while RDS would refuse the promotion, such as during a backup: users would wait for its end."""
        with asking(self.stacks.production):
            found = instance_of(self.stacks.production, self.plan.name)
        if not found.can_be_promoted:
            waits = f", and {found.pending} waits for a restart" if found.pending else ""
            raise OperationError(
                f"{found.name} is {found.status}{waits}: it can't be promoted now. dr serves as before",
                code=ExitCode.REFUSED,
                advice="Wait, then run the same command again.",
            )

    @property
    def _closing(self) -> Closing:
        def write(record: RecoveryRecord, fence: Fence) -> RecoveryRecord:
            failback = record.failback.model_copy(update={"fence": fence}) if record.failback else None
            return record.model_copy(update={"failback": failback})

        return Closing(
            service=ServiceTasks(context=self.stacks.recovery),
            store=self.store,
            ticket=self.operation.ticket or "",
            read=lambda record: record.failback.fence if record.failback else None,
            write=write,
            undo=self.stacks.recovery.command("dr failback --undo", self.operation.ticket),
        )

    def reopen(self) -> None:
        """Return dr to what it was, production's stack file first, so that no `up` promotes the new instance."""
        folder = self.stacks.production.folder
        # Another person's file may not have the successor.
        if load_file(folder, PRIMARY).rds.successor:
            change_settings(folder, PRIMARY, {SUCCESSOR_SETTING: False})
        fence = self.failback().fence
        if fence:
            ServiceTasks(context=self.stacks.recovery).open(fence)
        self.store.update(lambda known: known.model_copy(update={"failback": None}))

    def promote(self, steps: Sequence[Step]) -> None:
        """Promote production's new instance by an `up` of what users wait for; return once it takes writes."""
        production, name = self.stacks.production, self.plan.name
        if self.failback().promoting_at is None:
            self.note(promoting_at=production.clock.now())
        change_settings(production.folder, PRIMARY, self.plan.switch)
        urgent = self.plan.urgent(steps)
        if urgent:
            production.step(f"`pulumi up` of {PRIMARY}: {name} is promoted, and new tasks get its address")
            self.candidate.up(*urgent)
        self.candidate.await_writable("No task of production runs yet")
        if self.failback().promoted_at is None:
            self.note(promoted_at=production.clock.now())
        production.step(f"{name} is a writable primary")

    def start_production(self) -> None:
        """Deploy what dr runs to production, with the new address, and start its tasks."""
        production, service = self.stacks.production, ServiceTasks(context=self.stacks.production)
        api, address = Api(context=production), self._required_address(production, self.plan.name)
        fence = self.store.load().fence or service.fence(self.operation.ticket or "")

        def start() -> None:
            # An earlier run may have started them, and scaling may have added some since.
            if service.target.bounds() == CLOSED or service.service.state().desired < fence.desired:
                service.open(fence)

        if service.target.bounds() != CLOSED and self._serves(api, address):
            # A release since then stays.
            start()
        else:
            self._take_over(api, start=start)
        await_tasks(production, fence.desired, "Its database is promoted, and users are still sent to dr")

    @staticmethod
    def _serves(api: Api, address: str) -> bool:
        newest = api.settled_deployment()
        running = api.definitions.read(api.service.state().task_definition)
        return running.database == address and (newest is None or newest.status == SUCCESSFUL)

    @staticmethod
    def _required_address(context: Context, name: str) -> str:
        """Return the address of an instance; OperationError unless new tasks of the stack get it."""
        description = description_of(context.aws, name)
        address = str(description["Endpoint"]["Address"]) if description else ""
        if not address or Api(context=context).definitions.database() != address:
            raise OperationError(
                f"New tasks of {context.environment.name} wouldn't get the address of {name}",
                advice="Its template of tasks has another one: was another file deployed? Run the same command again.",
            )
        return address

    def _take_over(self, api: Api, start: Callable[[], None]) -> None:
        running = running_in(self.stacks)
        take_over(api, self.operation, version=running.version or "", digest=running.digest or "", start=start)

    def return_users(self) -> None:
        """Turn the latch off by an `up` of dr; return once the origin's name leads to production and it answers."""
        recovery = self.stacks.recovery
        change_settings(recovery.folder, RECOVERY, self.plan.latch)
        if is_on(recovery):
            recovery.step("`pulumi up` of dr: the latch no longer says that dr takes the traffic")
            recovery.pulumi.up(RECOVERY)
        await_origin(recovery, has_returned, "production", "The latch is off, and production's tasks run")
        Api(context=self.stacks.production).check_health()
        now = recovery.clock.now()

        def serving(known: RecoveryRecord) -> RecoveryRecord:
            failback = known.failback.model_copy(update={"serving_at": now}) if known.failback else None
            return known.model_copy(update={"fence": None, "failback": failback})

        self.store.update(serving)

    # Users are with production.

    def stand_by(self) -> None:
        """Give dr a new replica, its tasks the replica's address, and the number of tasks of a standby."""
        recovery = self.stacks.recovery
        _, steps = previewed(recovery, self.plan.of_recovery, self.plan.is_of_standby, A_STANDBY)
        change_settings(recovery.folder, RECOVERY, self.plan.of_recovery)
        # A run that was killed later has left its number of tasks in the file, which comes last.
        if any(self.plan.is_of_replica(each) for each in steps):
            recovery.step(
                f"`pulumi up` of {RECOVERY}: {self.plan.replica} is created, which replicates {self.plan.name}"
            )
            recovery.pulumi.up(RECOVERY)
        self._required_address(recovery, self.plan.replica)
        self._take_over(Api(context=recovery), start=self._open_recovery)
        await_tasks(recovery, self._standby_fence().desired, "Production serves users; dr isn't ready to take over")

    def _standby_fence(self) -> Fence:
        """Return what dr's service had before its promotion, or before the failback if that isn't known."""
        record, fence = self.store.load(), self.failback().fence
        if fence is None:
            raise OperationError("The record of the failback doesn't say how dr was scaled", code=ExitCode.REFUSED)
        before = record.promotion
        values = {"desired": before.desired, "minimum": before.minimum} if before else {}
        return fence.model_copy(update=values)

    def _open_recovery(self) -> None:
        """Start dr's tasks. They have the replica's address: before that they could have written to the old primary."""
        recovery, fence = self.stacks.recovery, self._standby_fence()
        before = self.store.load().promotion
        if before:
            change_settings(recovery.folder, RECOVERY, capacity_values(before.minimum, before.desired))
        steps = recovery.pulumi.preview(RECOVERY)
        require_expected(steps, self.plan.is_of_standby, A_STANDBY, RECOVERY)
        if steps:
            recovery.step(f"`pulumi up` of {RECOVERY}: at least {fence.minimum} tasks")
            recovery.pulumi.up(RECOVERY)
        target = ScalingTarget(context=recovery)
        wanted = Bounds(minimum=fence.minimum, maximum=fence.maximum)
        if target.bounds() != wanted:
            target.change(wanted)
        ServiceTasks(context=recovery).service.scale(fence.desired)

    def complete(self) -> None:
        """Deploy what production's new instance has besides, as a primary: alarms, and backups."""
        production = self.stacks.production
        steps = production.pulumi.preview(PRIMARY)
        require_expected(steps, self.plan.is_of_switch, "what the new instance lacks", PRIMARY)
        if steps:
            production.step(f"`pulumi up` of {PRIMARY}: alarms and backups of {self.plan.name}")
            production.pulumi.up(PRIMARY)


def running_in(stacks: Stacks) -> TaskDefinition:
    """Return what dr runs."""
    api = Api(context=stacks.recovery)
    return api.definitions.read(api.service.state().task_definition)
