"""A person with a terminal during the loss of a region: `taskflow` and `pulumi`, over both simulated AWS accounts.

Commands run by their command lines, through the command-line parser. Around them stand: the real engine in the sandbox
(tests/drill/engine.py), AWS as the commands' tests have it, joined with what the engine made (tests/drill/join.py), the
names and load balancers that users meet (tests/drill/outside.py), and alarms (tests/drill/alarms.py).
"""

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from operations.cli import app, hoisted
from operations.dr.measure import measured
from operations.dr.record import RecoveryRecord, recovery_store
from operations.frame.context import Context, Options
from operations.frame.errors import ExitCode, OperationError
from operations.incident.record import Incident, incident_store
from sandbox.workspace import Sandbox
from tests.drill.alarms import CloudWatch
from tests.drill.engine import EngineRun, SandboxPulumi
from tests.drill.join import Join
from tests.drill.outside import Outside
from tests.drill.transcript import Result, Shown, Transcript
from tests.operations.deploying import Deployer
from tests.operations.fake.machine import FakeMachine
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.world import World
from tests.operations.fake.writes import Writes

LOST = "us-east-1"
COLUMNS = "100"
# More changes than these are counted only.
LISTED = 30
ACCESS_TASK = 3600


class _Screen(io.StringIO):
    """What a terminal shows: both outputs, in order."""

    def isatty(self) -> bool:
        return True


@dataclass(kw_only=True)
class Drill(Deployer):
    """One person and both stacks. `account` is the file of the sandbox's simulated account."""

    sandbox: Sandbox
    account: Path
    transcript: Transcript
    world: World = field(default_factory=World)
    sandbox_pulumi: SandboxPulumi = field(init=False)
    join: Join = field(init=False)
    outside: Outside = field(init=False)
    writes: Writes = field(init=False)
    alarms: CloudWatch = field(init=False)
    machine: FakeMachine = field(init=False)
    commands: list[Shown] = field(default_factory=list[Shown])
    results: list[Result] = field(default_factory=list[Result])

    def __post_init__(self) -> None:
        super().__post_init__()
        recovery = self.world.add_recovery_stack()
        self.pulumi = self.sandbox_pulumi = SandboxPulumi(
            sandbox=self.sandbox, world=self.account, folder=self.folder, applied=self._applied, show=_show
        )
        self.join = Join(pulumi=self.sandbox_pulumi, worlds={LOST: self.world, "us-west-2": recovery})
        self.https = self.outside = Outside(join=self.join, clock=self.world.clock, wire=self.world.wire)
        self.machine = FakeMachine(world=recovery, cache=self.folder / "cache")
        recovery.ecs.programs["taskflow-dr-access"] = lambda _task: (ACCESS_TASK, 137)
        self.answer = True

    @property
    def recovery(self) -> World:
        assert self.world.partner
        return self.world.partner

    def _applied(self) -> None:
        self.join.apply()
        self.outside.note()

    def deployed(self) -> None:
        """Begin to serve users: both stacks are up, and each has a release."""
        self.writes = Writes(production=self.world, recovery=self.recovery)
        self.recovery.gauges["replicaLag"] = self.writes.lag
        self.world.gauges["replicaLag"] = self.writes.lag_of_return
        self.world.gauges["oldestReplicationSlotLag"] = self.writes.unsent
        self.alarms = CloudWatch(clock=self.world.clock, join=self.join, world=self.recovery)
        for each in (self.world, self.recovery):
            each.take_backups()

    def restored(self, version: str) -> None:
        """Begin with what the sandbox has: both stacks, each with a release of this version."""
        self._applied()
        self.push(version)
        for stack in ("production", "dr"):
            self.stack = stack
            assert self._silently(lambda: self.release(version)) is ExitCode.SUCCESS
        self.deployed()
        self.wait(60)

    @staticmethod
    def _silently(run: Callable[[], ExitCode]) -> ExitCode:
        with _screen():
            return run()

    # The region.

    def lose(self) -> None:
        """Lose us-east-1 and the global control planes, for the commands and for Pulumi's providers."""
        self.writes.lost_at = self.world.clock.now()
        for backup in self.recovery.rds.kept_backups:
            backup.until = self.writes.lost_at
        self.world.wire.lost = frozenset({LOST})
        self.sandbox_pulumi.lose(LOST)
        self.writes.note()
        self.outside.note()

    def restore(self) -> None:
        """Let us-east-1 return, with what ran in it."""
        self.world.wire.lost = frozenset()
        self.sandbox_pulumi.lose(None)
        self.writes.lost_at = None
        for backup in self.recovery.rds.kept_backups:
            backup.until = None
        self.writes.note()
        self.outside.note()

    def push(self, version: str, worlds: Sequence[World] = ()) -> None:
        """Push an image, which ECR replicates unless production's registry is lost."""
        for each in worlds or (self.world, self.recovery):
            each.push(version)

    def finish_promotion(self, scenario: str, ticket: str, began_at: datetime) -> None:
        """Keep what the last command, a promotion, has measured, for the table of results."""

        def read(context: Context) -> tuple[RecoveryRecord, Incident | None]:
            recovery = context.of_stack("dr")
            return recovery_store(recovery).load(), incident_store(recovery).find(ticket)

        record, incident = self.run_with(read)
        assert record.promotion
        assert record.promotion.serving_at
        assert incident
        last = self.commands[-1]
        self.results.append(
            Result(
                scenario=scenario,
                outage=record.promotion.serving_at - began_at,
                command=last.passed,
                runs=last.runs,
                loss=measured(record.promotion, incident).loss,
            )
        )

    def finish_return(self, scenario: str) -> None:
        """Keep what the last command, a failback, has measured: its audit event has the outage."""
        event, last = self.recovery.events()[-1], self.commands[-1]
        assert (event["action"], event["outcome"]) == ("dr failback", "success")
        outage = timedelta(seconds=int(event["outage_seconds"]))
        self.results.append(Result(scenario=scenario, outage=outage, command=outage, runs=last.runs, loss=timedelta(0)))

    def wait(self, minutes: float) -> None:
        """Let time pass in AWS."""
        self.world.clock.sleep(minutes * 60)

    def be(self, role: str, session: str) -> None:
        """Call AWS by a role from now on, in a session of this name."""
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"
        self.world.principal = self.recovery.principal = arn

    # The terminal.

    def taskflow(self, line: str, *, code: ExitCode = ExitCode.SUCCESS, may_ask: bool = False) -> Shown:
        """Run a command line; require its exit code, and that a region that is lost wasn't asked."""

        def run() -> int:
            self.world.wire.restart()
            self.machine.restart()
            with self._installed():
                return int(app(args=hoisted(shlex.split(line)[1:]), prog_name="taskflow", standalone_mode=False) or 0)

        shown = self._shown(line, run)
        assert shown.code == code, f"{line}: exit code {shown.code}\n{shown.output}"
        assert may_ask or not shown.asked, f"{line} asked {LOST}: {shown.asked}"
        return shown

    def preview(self, stack: str) -> Shown:
        """Run `pulumi preview` as a person does."""

        def run() -> None:
            self.sandbox_pulumi.preview(stack)
            _show(self.sandbox_pulumi.runs[-1])

        return self._shown(f"pulumi preview --stack {stack} --policy-pack policies", run)

    def up(self, stack: str) -> Shown:
        """Run `pulumi up` as a person does."""
        return self._shown(f"pulumi up --stack {stack} --policy-pack policies", lambda: self.sandbox_pulumi.up(stack))

    def _shown(self, line: str, run: Callable[[], int | None]) -> Shown:
        clock, wire, runs = self.world.clock, self.world.wire, self.sandbox_pulumi.runs
        began_at, ran, asked = clock.now(), len(runs), len(wire.unanswered)
        with _screen() as screen:
            try:
                code = run() or 0
            except OperationError as error:
                raise AssertionError(f"{line}: {error.message}\n{error.advice}") from error
        if hasattr(self, "writes"):
            self.writes.note()
        shown = Shown(
            command=line,
            output=screen.getvalue(),
            code=code,
            passed=clock.now() - began_at,
            runs=runs[ran:],
            asked=wire.unanswered[asked:],
            is_lost=bool(wire.lost),
        )
        self.commands.append(shown)
        self.transcript.show(shown)
        assert not wire.lost or not self.sandbox_pulumi.rejected_calls, self.sandbox_pulumi.rejected_calls
        return shown

    @contextmanager
    def _installed(self) -> Generator[None]:
        """Let the command line use this terminal's neighbours."""

        def system_context(_folder: Path, options: Options) -> Context:
            return self.context(options)

        with (
            mock.patch("operations.frame.run.system_context", system_context),
            mock.patch("operations.database.system.SystemMachine", return_value=self.machine),
        ):
            yield

    def context(self, options: Options) -> Context:
        """Return the context of a command with its global options."""

        def of_stack(stack: str) -> Context:
            return self.context(replace(options, stack=stack))

        return replace(self._context(options.stack), options=options, of_stack=of_stack)

    def _ask(self, question: str) -> bool | None:
        sys.stderr.write(f"{question} [y/N] y\n")
        return super()._ask(question)


@contextmanager
def _screen() -> Generator[_Screen]:
    screen = _Screen()
    variables = {"COLUMNS": COLUMNS, "TERM": "xterm", "NO_COLOR": "1"}
    with (
        mock.patch.dict(os.environ, variables),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
    ):
        yield screen


def _show(run: EngineRun) -> None:
    """Print the changes of a run, in the place of Pulumi's longer output."""
    if len(run.steps) <= LISTED:
        for step in sorted(run.steps, key=lambda each: (each.kind, each.name, each.operation)):
            sys.stderr.write(f"    {step.operation:18} {step.kind} {step.name}\n")
    sys.stderr.write(f"    Resources: {run.counts}; {run.unchanged} unchanged\n")
