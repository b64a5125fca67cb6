"""`taskflow dr promote`: the recovery region takes over, step by step. Decisions 0010, 0019 and 0046.

1. What would make it fail is looked up, all of it before anything is changed. 2. Graceful: production stops, and dr
catches up. 3. The first `up`: database and capacity. 4. A writable database, four healthy tasks with the release.
5. The second `up`: the latch. 6. The origin's name leads to dr, and users are answered.

Each step is looked up before it is done, in AWS, in the stack file or in the recovery's record. Without `--graceful`
nothing in us-east-1 and no global control plane is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from operations.dr.capacity import await_tasks
from operations.dr.fence import ServiceTasks
from operations.dr.latch import is_on
from operations.dr.measure import measured, show
from operations.dr.plan import A_PROMOTION, LATCH_SETTING, SUCCESSOR_SETTING, promotion_of, promotion_values
from operations.dr.readiness import Row, refusals
from operations.dr.record import Promotion, RecoveryRecord
from operations.dr.replica import lag_of
from operations.dr.sight import Sight
from operations.dr.stacks import Stacks, stacks_of
from operations.dr.steps import Steps
from operations.dr.targets import Mode
from operations.frame.context import INCIDENT, Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import previewed
from operations.frame.stack_file import SettingChange
from operations.incident.access import approver, open_incident
from operations.incident.record import Incident, Kind, entry_of, incident_store
from operations.release.api import Api
from operations.release.release import renew
from settings.stack import PROJECT
from settings.stacks import RECOVERY

ACCESS = "A promotion of dr"


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
    def _steps(self) -> Steps:
        return Steps(stacks=self.stacks, mode=self.mode, ticket=self.operation.ticket or "")

    def run(self, options: PromoteOptions) -> None:
        """Do what is left to do."""
        recovery, steps = self.stacks.recovery, self._steps
        incident = open_incident(recovery, self.operation.ticket, ACCESS)
        approval = self._approval(incident, options.approved_by)
        instance = steps.candidate.settled()
        record = steps.store.load()
        if record.failback and record.failback.fence:
            raise OperationError(
                "A failback is under way, and dr is stopped",
                code=ExitCode.REFUSED,
                advice="Continue it, or return users to dr while production's new database isn't promoted:",
                command=recovery.command("dr failback --undo", self.operation.ticket),
            )
        if not instance.is_replica and is_on(recovery) and record.promotion and record.promotion.serving_at:
            recovery.report.done("dr serves users already")
            show(recovery.report, measured(record.promotion, incident))
            return
        if instance.is_replica:
            self._require_ready()
        else:
            self._require_unfinished(record)
        changes: Sequence[SettingChange] = ()
        if instance.is_replica:
            values = promotion_values(steps.standby, steps.count)
            changes, _ = previewed(recovery, values, promotion_of(steps.standby), A_PROMOTION)
        self.operation.begin(
            self._target(), self._words([str(each) for each in changes], is_replica=instance.is_replica)
        )
        if approval:
            incident_store(recovery).add(
                incident, entry_of(recovery, Kind.RECOVERY_APPROVED, self.operation.principal, text=approval)
            )
        self._begin_record(is_replica=instance.is_replica)
        if instance.is_replica:
            steps.secure_writes()
        steps.promote_database()
        if steps.standby.setting == SUCCESSOR_SETTING:
            recovery.step(f"New tasks get the address of {steps.database}")
            renew(Api(context=recovery), self.operation)
        await_tasks(recovery, steps.count, "The database is promoted, and no user is sent to dr")
        steps.move_users()
        self._end(incident)

    # Before anything is changed.

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
                "production: it answers /health, so it takes writes: use --graceful, or `taskflow dr fence` first"
            )
        if reasons:
            raise OperationError(
                "dr can't be promoted; nothing was changed:\n" + "\n".join(reasons),
                code=ExitCode.REFUSED,
                advice="`taskflow dr status` shows all that is known.",
            )

    def _require_unfinished(self, record: RecoveryRecord) -> None:
        """Refuse to continue a promotion that isn't one: a primary without users is what a fail-back leaves."""
        recovery = self.stacks.recovery
        is_over = record.promotion is None or record.promotion.serving_at is not None
        if is_over and not is_on(recovery):
            raise OperationError(
                f"{self._steps.database} is a primary, and no promotion of it is unfinished: its rows may be old",
                code=ExitCode.REFUSED,
                advice="After a fail-back dr needs a new replica first: docs/runbooks/fail-over.md. What was begun by "
                "hand is ended by hand.",
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
        words += (
            [f"`pulumi up` of dr: promote {self._steps.database}, one way"]
            if is_replica
            else ["continue the promotion"]
        )
        return [
            *words,
            f"wait for {self._steps.count} healthy tasks",
            f"Pulumi.{RECOVERY}.yaml: {PROJECT}:{LATCH_SETTING}: false → true, and `pulumi up`: users are sent to dr",
        ]

    def _loss_in_words(self) -> str:
        lag = lag_of(self.stacks.recovery, self._steps.database)
        if lag is None:
            return "lose an unknown number of writes: CloudWatch has no sample of the lag of the last minutes"
        return f"lose what production wrote after {lag.replayed_to:%H:%M:%S} UTC, {lag.seconds:.0f} s before the sample"

    def _begin_record(self, *, is_replica: bool) -> None:
        """Record the promotion, unless an earlier run of it has: that one knows what the stack file said before."""
        settings = self.stacks.recovery.settings.service
        entry = Promotion(
            ticket=self.operation.ticket or "", mode=self.mode, began_at=self.began_at,
            minimum=settings.min_count, desired=settings.desired_count,
        )  # fmt: skip

        def begun(known: RecoveryRecord) -> RecoveryRecord:
            earlier = known.promotion
            if earlier and earlier.serving_at:
                # Of an earlier time; since then dr has become a replica again.
                return RecoveryRecord(promotion=entry) if is_replica else known
            if earlier is None or earlier.ticket != entry.ticket:
                kept = earlier or entry
                values = {"minimum": kept.minimum, "desired": kept.desired}
                return known.model_copy(update={"promotion": entry.model_copy(update=values)})
            mode = earlier.mode if earlier.promoted_at else self.mode
            return known.model_copy(update={"promotion": earlier.model_copy(update={"mode": mode})})

        self._steps.store.update(begun)

    def _end(self, incident: Incident) -> None:
        recovery = self.stacks.recovery
        record = self._steps.store.load()
        if record.promotion and record.promotion.serving_at is None:
            self._steps.note(serving_at=recovery.clock.now())
            record = self._steps.store.load()
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
    """Return what refuses a graceful promotion besides: production's region doesn't answer, or a migration runs."""
    try:
        left = sight.of_production(lambda production: ServiceTasks(context=production).one_off())
    except OperationError as error:
        return [f"production: {error.message}, and --graceful needs it ({error.advice})"]
    return [f"production: a migration or a rotation runs, {', '.join(left)}"] if left else []


def _reason(row: Row) -> str:
    return f"{row.check.key}: {row.finding.detail}"
