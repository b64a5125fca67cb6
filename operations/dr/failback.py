"""`taskflow dr failback`: production takes over again from the recovery region. Decisions 0010, 0019 and 0049.

The first run: 1. what would make it fail is looked up. 2. Production gets a new instance, which replicates dr's; users
notice nothing. The second run: 3. dr stops, and the new instance catches up. 4. It is promoted. 5. Production's tasks
start with its address, and with the release that dr runs. 6. The latch is off: users are with production. 7. dr gets a
new replica and stands by again.

Each step is looked up before it is done. Until 4 `--undo` returns users to dr.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from operations.dr.backlog import KEPT, WITHIN, failures_of, to_production
from operations.dr.failback_plan import (
    A_RETURN,
    A_SWITCH,
    AN_ADDITION,
    RETIRE,
    FailbackPlan,
    failback_plan,
    is_of_capacity,
)
from operations.dr.failback_steps import FailbackSteps, running_in
from operations.dr.fence import ServiceTasks, require_replica
from operations.dr.latch import is_on
from operations.dr.measure import show_outage
from operations.dr.plan import LATCH_SETTING, SUCCESSOR_SETTING, standby_of
from operations.dr.record import Failback, RecoveryRecord, recovery_store
from operations.dr.replica import instance_of
from operations.dr.stacks import Stacks, asking, stacks_of
from operations.frame.aws import explained
from operations.frame.context import INCIDENT, Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import previewed
from operations.frame.pulumi import Step
from operations.frame.stack_file import change_settings
from operations.incident.access import approver, open_incident
from operations.incident.record import Incident, Kind, entry_of, incident_store
from operations.release.api import Api
from operations.release.registry import image_details
from settings.stacks import PRIMARY, RECOVERY

ACCESS = "A failback to production"


@dataclass(frozen=True, kw_only=True)
class FailbackOptions:
    """Who approves it, and whether failed files were copied."""

    approved_by: str = ""
    files_checked: bool = False


def failback(context: Context, options: FailbackOptions) -> None:
    """Let production take over again; return when dr stands by, raise OperationError otherwise."""
    stacks = stacks_of(context, is_lost=False)
    operation = Operation(context=stacks.recovery, action="dr failback", tickets=(INCIDENT,))
    with operation.running():
        _Return(stacks=stacks, operation=operation, plan=_plan(stacks)).run(options)


def _plan(stacks: Stacks) -> FailbackPlan:
    """Return the plan; the setting of a promotion that was only previewed, by a run that was killed, is taken back."""
    plan, known = failback_plan(stacks), recovery_store(stacks.recovery).load().failback
    if plan.is_promoted and known and known.promoting_at is None:
        change_settings(stacks.production.folder, PRIMARY, {SUCCESSOR_SETTING: False})
        return replace(plan, is_promoted=False)
    return plan


def undo(context: Context) -> None:
    """Return users to dr; OperationError once production's new instance is promoted."""
    stacks = stacks_of(context, is_lost=False)
    operation = Operation(context=stacks.recovery, action="dr failback", tickets=(INCIDENT,), is_emergency=True)
    with operation.running():
        plan = _plan(stacks)
        steps = FailbackSteps(stacks=stacks, operation=operation, plan=plan)
        fence = steps.failback().fence
        if steps.may_be_promoted:
            # Otherwise production isn't asked: it may be lost again.
            require_replica(stacks.production, plan.name, may_be_promoted=True, advice="Continue the failback.")
        name = stacks.recovery.settings.service.name
        changes = [f"{name}: {fence.minimum} to {fence.maximum} tasks, {fence.desired} now"] if fence else []
        operation.begin("return users to dr", [*changes, f"{plan.name} stays, and replicates {plan.source}"])
        steps.reopen()
        stacks.recovery.report.done("dr serves users")


@dataclass(frozen=True, kw_only=True)
class _Return:
    """One run of the command."""

    stacks: Stacks
    operation: Operation
    plan: FailbackPlan

    @property
    def _steps(self) -> FailbackSteps:
        return FailbackSteps(stacks=self.stacks, operation=self.operation, plan=self.plan)

    def run(self, options: FailbackOptions) -> None:
        """Do what is left to do: prepare, or switch once that is done."""
        recovery, steps = self.stacks.recovery, self._steps
        incident = open_incident(recovery, self.operation.ticket, ACCESS)
        record = steps.store.load()
        known = record.failback
        if known is None and self._is_over(record):
            return
        approval = self._approval(incident, options.approved_by, known)
        additions: Sequence[Step] = ()
        if known is None or known.fence is None:
            self._require_possible(record, files_checked=options.files_checked)
            _, additions = previewed(
                self.stacks.production, self.plan.of_production, self.plan.is_of_addition, AN_ADDITION
            )
            previewed(recovery, self.plan.latch, is_of_capacity, A_RETURN)
        self.operation.begin("return from dr to production", self._words(known, prepares=bool(additions)))
        if steps.store.load().failback != known:
            raise OperationError("Another run has changed the failback meanwhile", code=ExitCode.REFUSED)
        if approval:
            entry = entry_of(recovery, Kind.FAILBACK_APPROVED, self.operation.principal, text=approval)
            incident_store(recovery).add(incident, entry)
        if known is None or known.fence is None:
            self._begin_record()
            steps.prepare()
        if additions:
            # It took an hour: the switch is a run of its own, in a window that is announced, with a new session.
            self._end_preparation()
            return
        if known is None or known.serving_at is None:
            self._switch()
        steps.stand_by()
        steps.complete()
        self._end(incident)

    def _is_over(self, record: RecoveryRecord) -> bool:
        """Whether there is nothing to return: dr isn't promoted. OperationError if a failback can't be begun."""
        recovery = self.stacks.recovery
        if standby_of(self.stacks).is_promoted:
            if self.plan.is_promoted:
                raise OperationError(
                    f"Pulumi.{PRIMARY}.yaml has a promoted successor already: {self.plan.name}",
                    code=ExitCode.REFUSED,
                    advice=RETIRE,
                )
            return False
        if record.fence:
            raise OperationError(
                "dr isn't promoted, and production is stopped: there is nothing to fail back",
                code=ExitCode.REFUSED,
                advice="Return production:",
                command=recovery.command("dr fence --undo", self.operation.ticket),
            )
        recovery.report.done("Production serves users already, and dr stands by")
        return True

    def _end_preparation(self) -> None:
        report = self.stacks.recovery.report
        report.done(f"{self.plan.name} replicates {self.plan.source}; dr serves users as before")
        report.line("Next", "bold")
        report.bullet(f"commit Pulumi.{PRIMARY}.yaml: an `up` without the new instance would try to delete it")
        report.bullet("announce the window; then, with a new session:")
        report.command(f"    {self.stacks.recovery.command('dr failback', self.operation.ticket)}")

    # Before anything is changed.

    def _approval(self, incident: Incident, approved_by: str, known: Failback | None) -> str:
        """Return who approves now; empty if this failback has an approval already."""
        begun = known.began_at if known else None
        if begun and any(each.kind is Kind.FAILBACK_APPROVED and each.at <= begun for each in incident.entries):
            return ""
        return approver(self.stacks.recovery, approved_by, self.operation.principal, ACCESS)

    def _require_possible(self, record: RecoveryRecord, *, files_checked: bool) -> None:
        """Refuse with every reason at once."""
        reasons = [*self._recovery_reasons(), *self._production_reasons(record, files_checked=files_checked)]
        if reasons:
            raise OperationError(
                "Production can't take over; nothing was changed:\n" + "\n".join(reasons),
                code=ExitCode.REFUSED,
                advice="`taskflow dr status` shows more. docs/runbooks/dr-failback.md",
            )

    def _recovery_reasons(self) -> Sequence[str]:
        recovery = self.stacks.recovery
        found, running, api = instance_of(recovery, self.plan.source), running_in(self.stacks), Api(context=recovery)
        newest = api.service.newest_deployment()
        reasons: list[str] = []
        if not found.is_writable:
            reasons.append(f"database: {found.name} is {'a replica' if found.is_replica else found.status}")
        if not is_on(recovery):
            reasons.append("latch: users aren't sent to dr")
        if newest and not newest.is_over:
            reasons.append(f"release: a deployment has been running since {newest.created_at:%H:%M} UTC in dr")
        if left := ServiceTasks(context=recovery).one_off():
            reasons.append(f"release: a migration or a rotation runs in dr, {', '.join(left)}")
        if running.digest is None:
            reasons.append("release: the placeholder runs in dr")
        elif self._pushed(running.version) != running.digest:
            region = self.stacks.production.environment.region
            reasons.append(f"image: {region} has no image {running.name} by its version: push it there too")
        return reasons

    def _pushed(self, version: str | None) -> str | None:
        """Return the digest that production's registry has for a version."""
        found = image_details(self.stacks.production, {"imageTag": version}) if version else None
        return found.get("imageDigest") if found else None

    def _production_reasons(self, record: RecoveryRecord, *, files_checked: bool) -> Sequence[str]:
        production, reasons = self.stacks.production, list[str]()
        if left := ServiceTasks(context=production).writers():
            reasons.append(f"fence: {len(left)} tasks of production run: `taskflow dr fence` first")
        elif record.fence is None:
            reasons.append(
                "fence: `taskflow dr fence` hasn't stopped production: it must stay stopped until the switch"
            )
        newest = Api(context=production).service.newest_deployment()
        if newest and not newest.is_over:
            reasons.append(f"release: a deployment has been running since {newest.created_at:%H:%M} UTC in production")
        if not files_checked and (failures := self._failed_files(record)):
            reasons.append(
                f"files: {failures:.0f} operations of their replication to production failed since the promotion. Copy "
                "what is missing (docs/runbooks/replication-failed.md), then add --files-checked"
            )
        return reasons

    def _failed_files(self, record: RecoveryRecord) -> float:
        """Return how many operations of the way back failed since the promotion: S3 doesn't try them again."""
        direction = to_production(self.stacks)
        if direction is None:
            return 0
        recovery = self.stacks.recovery
        began_at = record.promotion.began_at if record.promotion else None
        within = recovery.clock.now() - began_at if began_at else WITHIN
        return failures_of(recovery, direction, within=min(within, KEPT))

    def _words(self, known: Failback | None, *, prepares: bool) -> Sequence[str]:
        if known and known.serving_at:
            return [f"continue: production serves users since {known.serving_at:%H:%M:%S} UTC", *self._last_words()]
        if known and known.fence:
            return [f"continue: dr is stopped since {known.fence.at:%H:%M:%S} UTC", *self._switch_words()]
        if prepares:
            return [
                f"`pulumi up` of {PRIMARY}: {self.plan.name}, which replicates {self.plan.source} (an hour)",
                f"wait until {self.plan.name} has nearly caught up, and end: users notice nothing",
            ]
        return self._switch_words()

    def _switch_words(self) -> Sequence[str]:
        return [
            "stop dr's tasks: users get errors until production serves",
            f"wait until {self.plan.name} has every write, and promote it: one way",
            f"start production's tasks with it, and with {running_in(self.stacks).name}",
            f"Pulumi.{RECOVERY}.yaml: {LATCH_SETTING}: false, and `pulumi up`: users are sent to production",
            *self._last_words(),
        ]

    def _last_words(self) -> Sequence[str]:
        return [
            f"`pulumi up` of {RECOVERY}: {self.plan.replica}, which replicates {self.plan.name} (an hour)",
            f"`pulumi up` of {PRIMARY}: alarms and backups of {self.plan.name}",
        ]

    # The steps.

    def _begin_record(self) -> None:
        began = Failback(ticket=self.operation.ticket or "", began_at=self.stacks.recovery.clock.now())
        self._steps.store.update(
            lambda known: known if known.failback else known.model_copy(update={"failback": began})
        )

    def _switch(self) -> None:
        """Switch. An OperationError after dr's stop says that users get errors, and how to continue."""
        steps = self._steps
        _, planned = previewed(self.stacks.production, self.plan.switch, self.plan.is_of_switch, A_SWITCH)
        production, recovery = self.stacks.production, self.stacks.recovery
        try:
            steps.stop()
            with asking(production):
                steps.promote(planned)
                steps.start_production()
            steps.return_users()
        except (BotoCoreError, ClientError) as error:
            raise self._while_stopped(explained(error, recovery.environment.region)) from error
        except OperationError as error:
            raise self._while_stopped(error) from error

    def _while_stopped(self, error: OperationError) -> OperationError:
        """Return an error that says that users get errors, unless dr serves."""
        known = self._steps.store.load().failback
        if known is None or known.fence is None:
            return error
        return OperationError(
            f"{error.message}. Users get errors: dr is stopped",
            code=error.code,
            advice=f"{error.advice} Run the same command again. `taskflow dr failback --undo` returns users to dr "
            f"while {self.plan.name} isn't promoted.",
            command=error.command or self.stacks.recovery.command("dr failback", self.operation.ticket),
        )

    def _end(self, incident: Incident) -> None:
        recovery, record = self.stacks.recovery, self._steps.failback()
        self._steps.store.update(lambda _: RecoveryRecord())
        stopped_at = record.fence.at if record.fence else record.began_at
        outage = (record.serving_at or recovery.clock.now()) - stopped_at
        self.operation.details |= {"outage_seconds": int(outage.total_seconds()), "loss_seconds": 0}
        entry = entry_of(
            recovery, Kind.NOTE, self.operation.principal, text="production serves users, and dr stands by"
        )
        incident_store(recovery).add(incident, entry)
        recovery.report.done("Production serves users, and dr stands by")
        show_outage(recovery.report, outage)
        left = self._steps.pending_files()
        if left:
            recovery.report.line(f"{left:.0f} operations on files are still on their way to production.")
        recovery.report.line("Next", "bold")
        recovery.report.bullet("commit both stack files: an `up` with an old one would be refused, or undo the switch")
        recovery.report.bullet("`taskflow smoke`, `taskflow dr status`, and the alarms of both regions")
        recovery.report.bullet(
            "compare what production wrote before its loss and dr lacked; after seven days retire the old instances: "
            "docs/runbooks/dr-failback.md, Finish"
        )
