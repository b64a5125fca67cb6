"""`taskflow dr promote`: the recovery region takes over, step by step. Decisions 0010, 0019 and 0046.

1. What would make it fail is looked up, all of it before anything is changed. 2. Graceful: production stops, and dr
catches up. 3. The first `up`: database and capacity. 4. A writable database, four healthy tasks with the release.
5. The second `up`: the latch. 6. The origin's name leads to dr, and users are answered.

Each step is looked up before it is done, in AWS, in the stack file or in the recovery's record. Without `--graceful`
nothing in us-east-1 and no global control plane is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from operations.checklist.judgement import GOOD, finding_of
from operations.dr.capacity import ScalingTarget, healthy_targets
from operations.dr.fence import ProductionService, close, reopen
from operations.dr.latch import has_moved, is_on
from operations.dr.measure import Measured, measured, show
from operations.dr.plan import LATCH_SETTING, previewed, promotion_values
from operations.dr.primary import lag
from operations.dr.readiness import Row, refusals
from operations.dr.record import Promotion, RecoveryRecord, recovery_store
from operations.dr.replica import Lag, instance_of, lag_of
from operations.dr.sight import Sight
from operations.dr.stacks import Stacks, asking, stacks_of
from operations.dr.targets import Mode
from operations.frame.context import INCIDENT, Operation, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.stack_file import change_settings
from operations.frame.store import RecordStore
from operations.incident.access import approver, require_open
from operations.incident.record import Incident, Kind, entry_of, incident_store
from operations.release.api import Api
from settings.stacks import RECOVERY

ACCESS = "A promotion of dr"
# RDS commits something on an idle primary every five minutes, and CloudWatch shows it a minute or two later.
CAUGHT_UP_WITHIN = timedelta(minutes=10)
# After the `up`, which itself waits for RDS.
WRITABLE_WITHIN, HEALTHY_WITHIN = timedelta(minutes=30), timedelta(minutes=15)
# Three checks ten seconds apart, a TTL of a minute (decision 0019), and resolvers that keep an answer longer.
MOVED_WITHIN, ANSWERS_WITHIN = timedelta(minutes=10), timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class PromoteOptions:
    """How the promotion begins; None: not named, which is refused."""

    mode: Mode | None
    approved_by: str = ""


def promote(context: Context, options: PromoteOptions) -> None:
    """Let the recovery region take over; return when it serves users, raise OperationError otherwise."""
    stacks = stacks_of(context)
    operation = Operation(context=stacks.recovery, action="dr promote", tickets=(INCIDENT,), is_emergency=True)
    with operation.running():
        _Takeover(stacks=stacks, operation=operation, mode=_mode(options)).run(options)


def _mode(options: PromoteOptions) -> Mode:
    if options.mode is None:
        raise OperationError(
            "How dr takes over must be named: --graceful or --accept-loss",
            code=ExitCode.USAGE,
            advice="--graceful stops production's writes first and loses nothing; production's ECS must answer. "
            "--accept-loss loses the writes that dr lacks; `taskflow dr status` shows until when it has all.",
        )
    return options.mode


@dataclass(kw_only=True)
class _Takeover:
    """One run of the command."""

    stacks: Stacks
    operation: Operation
    mode: Mode
    began_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began_at = self.stacks.recovery.clock.now()

    @property
    def _store(self) -> RecordStore[RecoveryRecord]:
        return recovery_store(self.stacks.recovery)

    @property
    def _count(self) -> int:
        """The tasks from a promotion on: as many as production has."""
        return self.stacks.production.settings.service.desired_count

    @property
    def _database(self) -> str:
        return self.stacks.recovery.settings.rds.identifier

    def run(self, options: PromoteOptions) -> None:
        """Do what is left to do."""
        recovery = self.stacks.recovery
        incident = self._incident()
        approval = self._approval(incident, options.approved_by)
        instance = instance_of(recovery, self._database)
        record = self._store.load()
        if not instance.is_replica and is_on(recovery) and record.promotion and record.promotion.serving_at:
            recovery.report.done("dr serves users already")
            show(recovery.report, measured(record.promotion, incident))
            return
        if instance.is_replica:
            self._require_ready()
        changes = previewed(recovery, promotion_values(self._count)) if instance.is_replica else ()
        self.operation.begin(
            self._target(), self._words([str(each) for each in changes], is_replica=instance.is_replica)
        )
        if approval:
            incident_store(recovery).add(
                incident, entry_of(recovery, Kind.RECOVERY_APPROVED, self.operation.principal, text=approval)
            )
        self._begin_record()
        if instance.is_replica:
            self._secure_writes()
        self._promote_database()
        self._await_tasks()
        self._move_users()
        self._end(incident)

    # Before anything is changed.

    def _incident(self) -> Incident:
        ticket = self.operation.ticket or ""
        found = incident_store(self.stacks.recovery).find(ticket)
        return require_open(ticket, found, ACCESS, command=self.stacks.recovery.command)

    def _approval(self, incident: Incident, approved_by: str) -> str:
        """Return who approves now; empty if the incident has an approval already."""
        if any(each.kind is Kind.RECOVERY_APPROVED for each in incident.entries):
            return ""
        return approver(self.stacks.recovery, approved_by, self.operation.principal, ACCESS)

    def _require_ready(self) -> None:
        """Refuse with every reason at once."""
        sight = Sight(stacks=self.stacks)
        reasons = [_reason(row) for row in refusals(sight, self.mode)]
        if self.mode is Mode.GRACEFUL:
            reasons += graceful_reasons(sight)
        elif self._production_answers():
            reasons.append(
                "production answers /health, so it takes writes: use --graceful, or stop it by `taskflow dr fence`"
            )
        if reasons:
            raise OperationError(
                "dr can't be promoted; nothing was changed:\n" + "\n".join(reasons),
                code=ExitCode.REFUSED,
                advice="`taskflow dr status` shows all that is known.",
            )

    def _production_answers(self) -> bool:
        """Whether the origin's name, which leads to production before a promotion, answers the health path."""
        recovery = self.stacks.recovery
        path = recovery.settings.load_balancer.health.path
        return recovery.https.get(recovery.environment.host_name("origin"), path).status == 200

    def _target(self) -> str:
        return {
            Mode.GRACEFUL: "take over from production without loss",
            Mode.ACCEPT_LOSS: "take over, and lose what dr lacks",
        }[self.mode]

    def _words(self, changes: Sequence[str], *, is_replica: bool) -> Sequence[str]:
        words: list[str] = []
        if is_replica and self.mode is Mode.GRACEFUL:
            words += ["stop production's tasks: users get errors until dr serves", "wait until dr has every write"]
        if is_replica and self.mode is Mode.ACCEPT_LOSS:
            words += [self._loss_in_words(), "production isn't stopped: `taskflow dr fence` must, once it answers"]
        words += [f"Pulumi.{RECOVERY}.yaml: {each}" for each in changes]
        words += ["`pulumi up` of dr: promote the database, one way"] if is_replica else ["continue the promotion"]
        return [*words, f"wait for {self._count} healthy tasks, then send users to dr: {LATCH_SETTING}, `pulumi up`"]

    def _loss_in_words(self) -> str:
        lag = lag_of(self.stacks.recovery, self._database)
        if lag is None:
            return "lose an unknown number of writes: CloudWatch has no sample of the lag of the last minutes"
        return f"lose what production wrote after {lag.replayed_to:%H:%M:%S} UTC, {lag.seconds:.0f} s before the sample"

    def _begin_record(self) -> None:
        """Record the promotion, unless an earlier run of it has: that one knows what the stack file said before."""
        settings = self.stacks.recovery.settings.service
        entry = Promotion(
            ticket=self.operation.ticket or "", mode=self.mode, began_at=self.began_at,
            minimum=settings.min_count, desired=settings.desired_count,
        )  # fmt: skip

        def begun(known: RecoveryRecord) -> RecoveryRecord:
            earlier = known.promotion
            # One of an earlier incident is over.
            if earlier is None or earlier.ticket != entry.ticket:
                kept = earlier if earlier and earlier.promoted_at is None else entry
                return known.model_copy(
                    update={"promotion": entry.model_copy(update={"minimum": kept.minimum, "desired": kept.desired})}
                )
            mode = earlier.mode if earlier.promoted_at else self.mode
            return known.model_copy(update={"promotion": earlier.model_copy(update={"mode": mode})})

        self._store.update(begun)

    def _note(self, **values: object) -> None:
        def noted(known: RecoveryRecord) -> RecoveryRecord:
            promotion = known.promotion.model_copy(update=values) if known.promotion else None
            return known.model_copy(update={"promotion": promotion})

        self._store.update(noted)

    # The writes.

    def _secure_writes(self) -> None:
        """Graceful: stop production and wait until dr has every write. Otherwise note until when dr has them."""
        recovery = self.stacks.recovery
        if self.mode is Mode.ACCEPT_LOSS:
            lag = lag_of(recovery, self._database)
            self._note(replayed_to=lag.replayed_to if lag else None)
            return
        with asking(self.stacks.production):
            stopped_at = close(self.stacks, self.operation.ticket or "")
        self._note(replayed_to=self._caught_up(stopped_at))
        with asking(self.stacks.production):
            left = ProductionService(context=self.stacks.production).writers()
        if left:
            raise OperationError(
                f"A task of production has started since: {', '.join(left)}. dr isn't promoted",
                advice="A migration or a rotation was begun. Wait for it, then run the same command again.",
            )

    def _caught_up(self, stopped_at: datetime) -> datetime:
        """Return until when dr has every write, once that is after the stop; else return production and raise."""
        recovery, seen = self.stacks.recovery, list[Lag]()
        progress = Progress(context=recovery)

        def caught_up() -> datetime | None:
            lag = lag_of(recovery, self._database)
            seen[:] = [lag] if lag else seen
            words = f"{lag.replayed_to:%H:%M:%S}" if lag else "an unknown time"
            progress.show(f"dr has every write until {words}; production stopped at {stopped_at:%H:%M:%S}")
            return lag.replayed_to if lag and lag.replayed_to > stopped_at else None

        found = poll(recovery.clock, caught_up, limit=CAUGHT_UP_WITHIN, interval=15)
        if found is None:
            raise self._behind(seen[0] if seen else None)
        return found

    def _behind(self, lag: Lag | None) -> OperationError:
        """Return production's service to what it was, and the error."""
        until = f"has every write only until {lag.replayed_to:%H:%M:%S} UTC" if lag else "reports no lag"
        if self.stacks.recovery.settings.rds.promoted:
            # An earlier run has begun the first `up`: whether dr is promoted isn't certain yet.
            return OperationError(
                f"dr {until}, and production is stopped",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on, or return production:",
                command=self.stacks.recovery.command("dr fence --undo", self.operation.ticket),
            )
        with asking(self.stacks.production):
            reopen(self.stacks)
        return OperationError(
            f"dr {until}. It isn't promoted, and production's tasks were started again",
            advice="docs/runbooks/replica-lag.md. `taskflow dr status` shows the lag.",
        )

    # The database and its tasks.

    def _promote_database(self) -> None:
        recovery = self.stacks.recovery
        change_settings(recovery.folder, RECOVERY, promotion_values(self._count))
        if not (self._is_writable() and ScalingTarget(context=recovery).bounds().minimum >= self._count):
            recovery.step("`pulumi up` of dr: the database is promoted, and restarts")
            self._up()
        progress = Progress(context=recovery)

        def writable() -> bool | None:
            if self._is_writable():
                return True
            progress.show(f"{self._database} is {instance_of(recovery, self._database).status}")
            return None

        if not poll(recovery.clock, writable, limit=WRITABLE_WITHIN):
            raise OperationError(
                f"{self._database} isn't a writable primary yet. No user is sent to dr",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on.",
            )
        record = self._store.load()
        if record.promotion and record.promotion.promoted_at is None:
            self._note(promoted_at=recovery.clock.now())
        recovery.step(f"{self._database} is a writable primary")

    def _is_writable(self) -> bool:
        return instance_of(self.stacks.recovery, self._database).is_writable

    def _up(self) -> None:
        """Run `pulumi up`. If it fails, say where users are, and how production is returned while it can be."""
        recovery = self.stacks.recovery
        try:
            recovery.pulumi.up(RECOVERY)
        except OperationError as error:
            where = "No user is sent to dr" if not is_on(recovery) else "Users are sent to dr"
            advice = f"{error.advice} {where}."
            if self.mode is Mode.GRACEFUL and instance_of(recovery, self._database).is_replica:
                advice += " Production is stopped: run this command again, or return it by `taskflow dr fence --undo`."
            raise OperationError(error.message, code=error.code, advice=advice, command=error.command) from error

    def _await_tasks(self) -> None:
        """Wait for as many healthy tasks as production has, all with the release."""
        recovery = self.stacks.recovery
        api = Api(context=recovery)
        definition = api.definitions.read(api.service.state().task_definition)
        progress, seen = Progress(context=recovery), list[str]()

        def healthy() -> bool | None:
            count, others = healthy_targets(recovery), api.deployments.mismatches(definition)
            seen[:] = [f"{count} of {self._count} tasks are healthy", *others]
            progress.show("; ".join(seen))
            return True if count >= self._count and not others else None

        if definition.digest is None:
            raise OperationError(
                "The placeholder runs in dr. The database is promoted, and no user is sent to dr",
                advice="Release what production ran: `taskflow release VERSION --stack dr`. Then run this command again.",
            )
        if not poll(recovery.clock, healthy, limit=HEALTHY_WITHIN):
            raise OperationError(
                f"{'; '.join(seen)}. The database is promoted, and no user is sent to dr",
                code=ExitCode.UNFINISHED,
                advice="docs/runbooks/service-down.md, in dr. Then run the same command again.",
            )

    # The users.

    def _move_users(self) -> None:
        recovery = self.stacks.recovery
        change_settings(recovery.folder, RECOVERY, {LATCH_SETTING: True})
        if not is_on(recovery):
            recovery.step("`pulumi up` of dr: the latch says that dr takes the traffic")
            self._up()
        progress, origin = Progress(context=recovery), recovery.environment.host_name("origin")

        def moved() -> bool | None:
            progress.show(f"Waiting until {origin} leads to dr")
            return True if has_moved(recovery) else None

        if not poll(recovery.clock, moved, limit=MOVED_WITHIN):
            raise OperationError(
                f"{origin} doesn't lead to dr from here. The latch is on, and the database is promoted",
                code=ExitCode.CHECK_FAILED,
                advice=f"A resolver may keep its answer: `dig +short {origin}` elsewhere. Then run the command again.",
            )
        recovery.step(f"{origin} leads to dr")
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

    def _end(self, incident: Incident) -> None:
        recovery = self.stacks.recovery
        record = self._store.load()
        if record.promotion and record.promotion.serving_at is None:
            self._note(serving_at=recovery.clock.now())
            record = self._store.load()
        if record.promotion is None:
            return
        found = measured(record.promotion, incident)
        self.operation.details |= found.details
        text = "dr serves users" if record.promotion.mode is Mode.GRACEFUL else "dr serves users; writes may be lost"
        incident_store(recovery).add(incident, entry_of(recovery, Kind.NOTE, self.operation.principal, text=text))
        recovery.report.done("dr serves users")
        show(recovery.report, found)
        recovery.report.line("Next", "bold")
        recovery.report.bullet(f"commit Pulumi.{RECOVERY}.yaml: another `up` with the old file would be refused")
        if not (record.fence and record.fence.stopped_at):
            recovery.report.bullet(
                "production's tasks weren't stopped: once us-east-1 answers they write to the old database. First then:"
            )
            recovery.report.command(f"    {recovery.command('dr fence', self.operation.ticket)}")
        recovery.report.bullet("`taskflow smoke --stack dr`, and the alarms of dr")


def graceful_reasons(sight: Sight) -> Sequence[str]:
    """Return what refuses a graceful promotion in production's region: a lag that isn't idleness, running migrations."""
    found = finding_of(lambda: lag(sight), sight.recovery.environment.region)
    reasons = [] if found.verdict in GOOD else [found.detail]
    try:
        left = sight.of_production(lambda production: ProductionService(context=production).one_off())
    except OperationError as error:
        return [f"{error.message}, and --graceful needs it ({error.advice})"]
    if left:
        reasons.append(f"a migration or a rotation runs in production: {', '.join(left)}")
    return reasons


def _reason(row: Row) -> str:
    return f"{row.check.key}: {row.finding.detail}"
