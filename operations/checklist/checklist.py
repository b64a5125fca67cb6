"""`taskflow preflight` and `postflight`: make the checks, ask for the rest, record the answers, judge.

Nothing of the service is changed. Each answer is recorded when it is given, so an interrupted run continues with the
next question. Without a terminal, with --json and with --dry-run nothing is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from operations.backup import freshness
from operations.checklist import image, items, service, staging
from operations.checklist.answers import Answer, Answers, answer_store, person, short_note
from operations.checklist.deployed import Deployed
from operations.checklist.items import Item, Phase, items_of, require_questions
from operations.checklist.judgement import (
    GOOD,
    Finding,
    Moment,
    Row,
    Verdict,
    expiry,
    finding_of,
    require_good,
    rows_of,
)
from operations.checklist.subject import Subject
from operations.checklist.table import line, show
from operations.frame.aws import explained
from operations.frame.context import CHANGE, INCIDENT, Context, Operation
from operations.frame.errors import OperationError
from operations.frame.store import RecordStore
from operations.release.release import require_version
from operations.release.service import short

Check = Callable[[], Finding]
PREFLIGHT: Mapping[str, Callable[[Subject], Finding]] = {
    items.STAGING: staging.staging,
    items.SECURITY_SCAN: image.security_scan,
    items.ROLLBACK_PLAN: service.rollback_plan,
    items.ALARMS: service.alarms,
    items.DEPLOYMENTS: service.deployments,
    items.POINT_IN_TIME: lambda subject: freshness.point_in_time(subject.context),
    items.DAILY_BACKUP: lambda subject: freshness.daily_backup(subject.context),
    items.WEEKLY_SNAPSHOT: lambda subject: freshness.weekly_snapshot(subject.context),
    items.CACHE_SNAPSHOT: lambda subject: freshness.cache_snapshot(subject.context),
}
HOW_TO_ANSWER = "Answer y or n; a note may follow: `n two tests fail`. Enter leaves an item open."
YES, NO = {"y", "yes"}, {"n", "no"}


def preflight(
    context: Context,
    version: str,
    *,
    confirmed: Sequence[str] = (),
    day_before: bool = False,
    staging_profile: str | None = None,
) -> None:
    """Go through the lists before a deployment; OperationError unless every item is settled."""
    subject = Subject(context=context, version=version, staging_profile=staging_profile)
    phases = (Phase.DAY_BEFORE,) if day_before else (Phase.DAY_BEFORE, Phase.HOUR_BEFORE)
    checklist = Checklist(
        operation=Operation(context=context, action="preflight", tickets=(CHANGE,), needs_confirmation=False),
        subject=subject,
        items=items_of(*phases),
        checks={key: partial(check, subject) for key, check in PREFLIGHT.items()},
    )
    checklist.run(confirmed)
    if not day_before:
        context.report.command(f"Next: {context.command(f'release {version}')} --digest {subject.digest} --watch")


def postflight(context: Context, version: str, *, confirmed: Sequence[str] = ()) -> None:
    """Go through the lists of a deployment and after it; OperationError unless every item is settled."""
    subject = Subject(context=context, version=version)
    deployed = Deployed(subject=subject, waits=not context.options.dry_run)
    checklist = Checklist(
        operation=Operation(context=context, action="postflight", tickets=(INCIDENT, CHANGE), needs_confirmation=False),
        subject=subject,
        items=items_of(Phase.DEPLOYMENT, Phase.AFTER),
        checks={
            items.MIGRATIONS: deployed.migrations,
            items.SERVICE: deployed.service,
            items.HEALTH: deployed.health,
            items.SMOKE: deployed.smoke,
            items.ERROR_RATE: partial(deployed.metric, "error-rate"),
            items.LATENCY: partial(deployed.metric, "p95-latency"),
        },
        deployed_at=lambda: deployed.deployed_at,
    )
    checklist.run(confirmed)


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """One run of a checklist: its items, the checks of those that a machine answers, and what is asked."""

    operation: Operation
    subject: Subject
    items: Sequence[Item]
    checks: Mapping[str, Check]
    deployed_at: Callable[[], datetime | None] = lambda: None
    _answers: dict[str, Answer] = field(default_factory=dict[str, Answer])

    @property
    def _context(self) -> Context:
        return self.operation.context

    def run(self, confirmed: Sequence[str]) -> None:
        """Make the checks, ask, record, show; OperationError unless every item is settled."""
        has_staging = self._context.settings.releases.staging is not None
        asked = [item for item in self.items if item.is_asked(has_staging=has_staging)]
        with self.operation.running():
            require_version(self.subject.version)
            require_questions(confirmed, asked)
            digest = self._digest()
            name = f"{self.subject.version} ({short(digest)})"
            store = answer_store(self._context.aws, self._context.environment, self.subject.version)
            self._answers.update(self._recorded(store, digest))
            self._begin(name, store)
            findings = {
                item.key: finding_of(self.checks[item.key], self._context.environment.region)
                for item in self.items
                if item not in asked
            }
            if digest is None:
                self._context.report.warning("Nothing is asked: which image the answers would be for can't be read")
            elif not self._context.options.dry_run:
                is_deployed = self._moment().deployed_at is not None
                # What users say of a deployment is asked after it.
                due = [item for item in asked if is_deployed or item.phase is not Phase.AFTER]
                self._confirm([item for item in due if item.key in confirmed], store, digest)
                self._ask(due, findings, store, digest)
            self._end(rows_of(self.items, findings, self._answers, self._moment()), name, digest)

    def _digest(self) -> str | None:
        """Return the digest of the version; None if the registry can't be read, so that the other checks are made."""
        try:
            return self.subject.digest
        except (BotoCoreError, ClientError):
            return None

    def _recorded(self, store: RecordStore[Answers], digest: str | None) -> Mapping[str, Answer]:
        try:
            return store.load().of(digest) if digest else {}
        except (BotoCoreError, ClientError) as error:
            if not self._context.options.dry_run:
                raise
            problem = explained(error, self._context.environment.region)
            self._context.report.warning(f"The recorded answers can't be read: {problem.message}")
            return {}

    def _begin(self, name: str, store: RecordStore[Answers]) -> None:
        target = f"{self.operation.action} {name}"
        if self._context.options.dry_run:
            # What there is to see of a checklist is its result.
            environment = self._context.environment
            self._context.report.line(f"{environment.name} ({environment.region}): {target}", "bold")
            self._context.report.line("Dry run: nothing is asked or recorded.")
        else:
            self.operation.begin(target, [f"record answers in {store.name}; nothing else is changed"])

    def _moment(self) -> Moment:
        try:
            deployed_at = self.deployed_at()
        except (BotoCoreError, ClientError, OperationError):
            deployed_at = None
        return Moment(now=self._context.clock.now(), ticket=self.operation.ticket or "", deployed_at=deployed_at)

    def _confirm(self, confirmed: Sequence[Item], store: RecordStore[Answers], digest: str) -> None:
        """Record the items of --confirm; an answer that holds and is yes stays as it is."""
        for item in confirmed:
            answer = self._valid(item)
            if answer is None or not answer.is_yes:
                self._record(store, digest, item, is_yes=True, note="")

    def _ask(
        self, asked: Sequence[Item], findings: Mapping[str, Finding], store: RecordStore[Answers], digest: str
    ) -> None:
        """Ask for each item without an answer that holds, and again for a no; show the others."""
        answers = {item.key: self._valid(item) for item in asked}
        if self._context.options.as_json or all(answer and answer.is_yes for answer in answers.values()):
            return
        checked = [item for item in self.items if item.key in findings]
        for row in rows_of(checked, findings, {}, self._moment()):
            if row.verdict not in GOOD:
                line(self._context.report, row)
        rows = {row.item.key: row for row in rows_of(asked, {}, self._answers, self._moment())}
        is_explained = False
        for item in asked:
            answer = answers[item.key]
            if answer:
                line(self._context.report, rows[item.key])
                if answer.is_yes:
                    continue
            if not is_explained:
                self._context.report.line(HOW_TO_ANSWER, "dim")
                is_explained = True
            reply = self._reply(item)
            if reply is None:
                # There is no terminal.
                return
            if reply:
                word, _, note = reply.partition(" ")
                self._record(store, digest, item, is_yes=word.lower() in YES, note=note)

    def _reply(self, item: Item) -> str | None:
        """Ask until the reply begins with y or n; empty text: left open; None: there is no terminal."""
        question = f"{item.title}{self._hint(item)}? [y/n]"
        while True:
            reply = self._context.ask_text(question)
            if not reply or reply.partition(" ")[0].lower() in YES | NO:
                return reply
            question = f"{item.title}? Answer y or n:"

    def _hint(self, item: Item) -> str:
        settings, environment = self._context.settings, self._context.environment
        if item.key == items.CHANGE_REQUEST:
            return f" ({self.operation.ticket})"
        return f" ({settings.dashboard.name} in {environment.region})" if item.key == items.DASHBOARDS else ""

    def _valid(self, item: Item) -> Answer | None:
        answer = self._answers.get(item.key)
        return None if answer is None or expiry(item, answer, self._moment()) else answer

    def _record(self, store: RecordStore[Answers], digest: str, item: Item, *, is_yes: bool, note: str) -> None:
        answer = Answer(
            is_yes=is_yes,
            at=self._context.clock.now().replace(microsecond=0),
            by=person(self.operation.principal),
            ticket=self.operation.ticket or "",
            note=short_note(note),
        )
        record = store.update(lambda record: record.with_answer(digest, item.key, answer))
        self._answers.clear()
        self._answers.update(record.of(digest))

    def _end(self, rows: Sequence[Row], name: str, digest: str | None) -> None:
        report = self._context.report
        self.operation.details |= {"digest": digest, "items": {row.item.key: str(row.verdict) for row in rows}}
        report.values |= {"version": self.subject.version, "digest": digest}
        show(report, rows)
        require_good(rows, f"The {self.operation.action} of {name}")
        count = sum(row.verdict is not Verdict.NOT_NEEDED for row in rows)
        report.done(f"The {self.operation.action} of {name} is complete: {count} items")
