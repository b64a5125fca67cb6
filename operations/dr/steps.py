"""The steps of a promotion, each looked up before it is done: writes, database, tasks, users."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.dr.candidate import Candidate
from operations.dr.capacity import ScalingTarget
from operations.dr.fence import ServiceTasks, close, reopen
from operations.dr.latch import await_origin, has_moved, is_on
from operations.dr.plan import LATCH_SETTING, Standby, promotion_values, standby_of
from operations.dr.record import RecoveryRecord, recovery_store
from operations.dr.replica import Lag, instance_of, lag_before, lag_of
from operations.dr.stacks import Stacks, asking
from operations.dr.targets import Mode
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.stack_file import change_settings
from operations.frame.store import RecordStore
from settings.stacks import RECOVERY

ANSWERS_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of one run, with the incident's ticket."""

    stacks: Stacks
    mode: Mode
    ticket: str

    @property
    def store(self) -> RecordStore[RecoveryRecord]:
        """The record of the recovery."""
        return recovery_store(self.stacks.recovery)

    @property
    def count(self) -> int:
        """The tasks from a promotion on: as many as production has."""
        return self.stacks.production.settings.service.desired_count

    @property
    def standby(self) -> Standby:
        """dr's instance that is promoted."""
        return standby_of(self.stacks)

    @property
    def database(self) -> str:
        """Its name."""
        return self.standby.name

    @property
    def candidate(self) -> Candidate:
        """It, as what is promoted."""
        standby = self.standby
        return Candidate(context=self.stacks.recovery, name=standby.name, may_be_promoted=standby.is_promoted)

    def note(self, **values: object) -> None:
        """Note times in the record."""

        def noted(known: RecoveryRecord) -> RecoveryRecord:
            promotion = known.promotion.model_copy(update=values) if known.promotion else None
            return known.model_copy(update={"promotion": promotion})

        self.store.update(noted)

    # The writes.

    def secure_writes(self) -> None:
        """Graceful: stop production and wait until dr has every write. Otherwise note until when dr has them."""
        recovery = self.stacks.recovery
        if self.mode is Mode.ACCEPT_LOSS:
            lag = lag_of(recovery, self.database)
            replayed_to = lag.replayed_to if lag else None
            before = lag_before(recovery, self.database, replayed_to) if replayed_to else None
            self.note(replayed_to=replayed_to, lag_seconds=before)
            return
        with asking(self.stacks.production):
            stopped_at = close(self.stacks, self.ticket)
        self.note(replayed_to=self._caught_up(stopped_at))
        with asking(self.stacks.production):
            left = ServiceTasks(context=self.stacks.production).writers()
        if left:
            raise OperationError(
                f"A task of production has started since: {', '.join(left)}. dr isn't promoted",
                advice="A migration or a rotation was begun. Wait for it, then run the same command again.",
            )

    def _caught_up(self, stopped_at: datetime) -> datetime:
        """Return until when dr has every write, once that is after the stop; else return production and raise."""
        found, seen = self.candidate.caught_up(stopped_at)
        if found is None:
            raise self._behind(seen)
        return found

    def _behind(self, lag: Lag | None) -> OperationError:
        """Return production's service to what it was, and the error."""
        until = f"has every write only until {lag.replayed_to:%H:%M:%S} UTC" if lag else "reports no lag"
        if self.standby.is_promoted:
            # An earlier run has begun the first `up`: whether dr is promoted isn't certain yet.
            return OperationError(
                f"dr {until}, and production is stopped",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on, or return production:",
                command=self.stacks.recovery.command("dr fence --undo", self.ticket),
            )
        with asking(self.stacks.production):
            reopen(self.stacks)
        return OperationError(
            f"dr {until}. It isn't promoted, and production's tasks were started again",
            advice="docs/runbooks/replica-lag.md. `taskflow dr status` shows the lag.",
        )

    # The database and its tasks.

    def promote_database(self) -> None:
        """Promote the database and raise the service by an `up`; return once the database is a writable primary."""
        recovery = self.stacks.recovery
        change_settings(recovery.folder, RECOVERY, promotion_values(self.standby, self.count))
        is_writable = instance_of(recovery, self.database).is_writable
        if not (is_writable and ScalingTarget(context=recovery).bounds().minimum >= self.count):
            recovery.step("`pulumi up` of dr: the database is promoted, and restarts")
            self._up()
        self.candidate.await_writable("No user is sent to dr")
        record = self.store.load()
        if record.promotion and record.promotion.promoted_at is None:
            self.note(promoted_at=recovery.clock.now())
        recovery.step(f"{self.database} is a writable primary")

    def _up(self) -> None:
        """Run `pulumi up`. If it fails, say where users are, and how production is returned while it can be."""
        recovery = self.stacks.recovery
        try:
            self.candidate.up()
        except OperationError as error:
            where = "Users are sent to dr" if is_on(recovery) else "No user is sent to dr"
            advice = f"{error.advice} {where}."
            if self.mode is Mode.GRACEFUL and instance_of(recovery, self.database).is_replica:
                advice += " Production is stopped: run this command again, or return it by `taskflow dr fence --undo`."
            raise OperationError(error.message, code=error.code, advice=advice, command=error.command) from error

    # The users.

    def move_users(self) -> None:
        """Turn the latch on by a second `up`; return once the origin's name leads to dr and users are answered."""
        recovery = self.stacks.recovery
        change_settings(recovery.folder, RECOVERY, {LATCH_SETTING: True})
        if not is_on(recovery):
            recovery.step("`pulumi up` of dr: the latch says that dr takes the traffic")
            self._up()
        await_origin(recovery, has_moved, "dr", "The latch is on, and the database is promoted")
        recovery.step(f"{recovery.environment.host_name('origin')} leads to dr")
        api, path = recovery.environment.host_name("api"), recovery.settings.load_balancer.health.path
        seen: list[str] = []

        def answers() -> bool | None:
            answer = recovery.https.get(api, path)
            seen[:] = [answer.problem or f"status {answer.status}"]
            return True if answer.status == 200 else None

        if not poll(recovery.clock, answers, limit=ANSWERS_WITHIN):
            raise OperationError(
                f"https://{api}{path} doesn't answer 200: {seen[0]}. dr has taken over",
                code=ExitCode.CHECK_FAILED,
                advice="docs/runbooks/outage.md, in dr: `taskflow smoke --stack dr`.",
            )
