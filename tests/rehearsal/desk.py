"""A person's desk in the rehearsal: command lines, over both simulated accounts of the drill."""

import argparse
import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from operations.cli import app, hoisted
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from sandbox.__main__ import PROJECT
from sandbox.output import drop_repeated_errors
from sandbox.workspace import PASSPHRASE, SandboxStack
from settings.errors import SettingsError
from settings.stack_file import StackFileError
from settings.stacks import STACKS
from tests.drill.alarms import REQUESTS, CloudWatch
from tests.drill.drill import Drill
from tests.drill.engine import SandboxPulumi
from tests.engine.support import Run, run
from tests.operations.fake.world import World
from tests.rehearsal.channel import Channel
from tests.rehearsal.users import Users

# What a copy of the project doesn't need; `.venv` is linked.
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache", ".hypothesis")
ROLES = {
    "devops": ("taskflow-devops", "change-1042"),
    "on-call": ("AWSReservedSSO_OnCall_0123456789abcdef", "alice@example.com"),
    "dba": ("taskflow-dba", "change-1042"),
}
# Per cent of the requests that fail, and the seconds that 95 % of them take, on a good day.
FAILING, SECONDS = 0.02, 0.18
HELP = """\
Control of the simulated AWS:

  rehearsal push v1.0.0          a build pushes an image, which ECR replicates
  rehearsal wait 30              half an hour passes in AWS
  rehearsal fail production 5    5 % of the requests fail from now on, rolled back or not; 0 ends it
  rehearsal lose                 us-east-1 is lost; rehearsal restore: it returns
  rehearsal be on-call           call AWS as devops (the beginning), on-call or dba, in a session of a person's name
  rehearsal be devops incident-7 … or of a ticket
"""


def _has_value(arguments: Sequence[str]) -> bool:
    """Whether `pulumi config set` has a key and a value."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--stack", "-s")
    for flag in ("--secret", "--plaintext", "--path"):
        parser.add_argument(flag, action="store_true")
    return len(parser.parse_known_args(arguments)[0].words) > 1


class _Streaming(SandboxPulumi):
    """Pulumi that a person runs: its whole output is shown as it comes."""

    def shown(self, verb: str, stack: str, channel: Channel) -> None:
        """Run `preview` or `up`; OperationError if it fails."""

        def operate(opened: SandboxStack) -> Run:
            def print_line(line: str) -> None:
                channel.show(f"{line}\n")

            show = drop_repeated_errors(print_line)

            def streamed(*, on_output: Callable[[str], None], **others: object) -> None:
                def receive(line: str) -> None:
                    on_output(line)
                    show(line)

                getattr(opened, verb)(on_output=receive, **others)

            return run(streamed)

        try:
            self._run(verb, stack, operate)
        finally:
            if verb == "up":
                self.applied()


@dataclass(kw_only=True)
class Desk(Drill):
    """Runs command lines, one at a time. `channel` is the terminal of the one that runs."""

    channel: Channel = field(init=False)
    initialised: set[str] = field(default_factory=set[str])
    serves: bool = False
    watched: dict[str, CloudWatch] = field(default_factory=dict[str, CloudWatch])

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pulumi = self.sandbox_pulumi = _Streaming(
            sandbox=self.sandbox, world=self.account, folder=self.folder, applied=self._applied, show=lambda _: None
        )
        self.join.pulumi = self.sandbox_pulumi
        self.https = self.outside = Users(join=self.join, clock=self.world.clock, wire=self.world.wire)
        for each in self._worlds:
            each.metrics = {"result": [(each.clock.now(), FAILING)], "watched": [(each.clock.now(), SECONDS)]}

    def deployed(self) -> None:
        """Begin to serve users, with alarms and metrics in production too."""
        super().deployed()
        production = CloudWatch(clock=self.world.clock, join=self.join, world=self.world)
        self.watched = {"production": production, "dr": self.alarms}

    def _new_folder(self) -> Path:
        """Return a copy of the project, in which stack files can be edited; it is deleted with this desk."""
        outer = Path(tempfile.mkdtemp(prefix="taskflow-rehearsal-"))
        weakref.finalize(self, shutil.rmtree, outer, ignore_errors=True)
        folder = outer / PROJECT.name
        shutil.copytree(PROJECT, folder, ignore=LEFT_OUT, symlinks=True)
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        # Runbooks compare with the commit, and commit the stack files.
        for line in (["init"], ["add", "."], ["-c", "user.name=-", "-c", "user.email=-", "commit", "-m", "A copy"]):
            subprocess.run(["git", *line], cwd=folder, check=False, capture_output=True)
        return folder

    def answer_line(self, arguments: Sequence[str], channel: Channel) -> int:
        """Run a command line; return its exit code, or raise SystemExit."""
        self.channel = channel
        program, *rest = arguments
        commands: Mapping[str, Callable[[list[str]], int]] = {
            "taskflow": self._taskflow,
            "pulumi": self._pulumi,
            "rehearsal": self._control,
        }
        command = commands.get(program)
        if command is None:
            channel.show(f"rehearsal: not simulated, skipped: {shlex.join(arguments)}\n")
            return 0
        try:
            return command(rest)
        finally:
            self._begin_to_serve()

    def _begin_to_serve(self) -> None:
        """Let users write as soon as both stacks have a release."""
        if not self.serves and all(world.ecs.deployments and world.running in world.images for world in self._worlds):
            self.serves = True
            self.deployed()
        if self.serves:
            self.writes.note()

    @property
    def _worlds(self) -> Sequence[World]:
        return (self.world, self.recovery)

    # taskflow.

    def _context(self, stack: str) -> Context:
        try:
            return super()._context(stack)
        except (SettingsError, StackFileError) as error:
            raise OperationError(str(error), code=ExitCode.USAGE) from None

    def _taskflow(self, arguments: list[str]) -> int:
        self.world.wire.restart()
        self.machine.restart()
        variables = {"COLUMNS": str(self.channel.columns or 100), "TERM": "xterm", "NO_COLOR": "1"}
        # A post-mortem is written to the current folder.
        with mock.patch.dict(os.environ, variables), self._installed(), contextlib.chdir(self.folder):
            app(args=hoisted(arguments), prog_name="taskflow")
        return 0

    def _ask(self, question: str) -> bool | None:
        answer = self.channel.ask(f"{question} [y/N]")
        return None if answer is None else answer.lower() in {"y", "yes"}

    def _ask_text(self, question: str) -> str | None:
        return self.channel.ask(question)

    # pulumi.

    def _pulumi(self, arguments: list[str]) -> int:
        verb = arguments[0] if arguments else ""
        if verb in {"login", "logout", "whoami"}:
            self.channel.show("Logged in: the rehearsal keeps all states in a temporary folder\n")
            return 0
        if verb in {"preview", "up"}:
            return self._deploy(verb, arguments[1:])
        if arguments[:2] == ["stack", "init"]:
            return self._initialise(arguments[2:])
        if arguments[:2] == ["config", "set"] and "--secret" in arguments:
            # Pulumi reads the value from the terminal or a pipe. A value in the command line wins.
            value = None if _has_value(arguments[2:]) else self.channel.ask("value:", reads_files=True)
            return self._cli(arguments, typed=value or "")
        return self._cli(arguments)

    def _deploy(self, verb: str, arguments: list[str]) -> int:
        parser = argparse.ArgumentParser(prog=f"pulumi {verb}")
        parser.add_argument("--stack", "-s", choices=STACKS, required=True)
        parser.add_argument("--policy-pack", required=True)
        parser.add_argument("--yes", "-y", action="store_true")
        options = parser.parse_args(arguments)
        if options.stack not in self.initialised:
            self.channel.show(f"error: no stack named '{options.stack}' found\n")
            return 255
        pulumi = self.sandbox_pulumi
        assert isinstance(pulumi, _Streaming)
        try:
            if verb == "up" and not options.yes:
                pulumi.shown("preview", options.stack, self.channel)
                if not self._ask("Do you want to perform this update?"):
                    self.channel.show("confirmation declined; without a terminal, pass --yes\n")
                    return 255
            pulumi.shown(verb, options.stack, self.channel)
        except OperationError:
            return 255
        return 0

    def _initialise(self, arguments: list[str]) -> int:
        """Create the stack with a passphrase: no key of AWS's is at hand."""
        parser = argparse.ArgumentParser(prog="pulumi stack init")
        parser.add_argument("stack", choices=STACKS)
        parser.add_argument("--secrets-provider", required=True)
        stack = parser.parse_args(arguments).stack
        code = self._cli(["stack", "init", stack, "--secrets-provider", "passphrase"])
        if code == 0:
            self.initialised.add(stack)
        return code

    def _cli(self, arguments: Sequence[str], typed: str = "") -> int:
        """Run Pulumi's CLI in the copy of the project."""
        cli = str(self.sandbox.folder / "bin" / "pulumi")
        environment = {**os.environ, **self.sandbox.environment(), "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
        ended = subprocess.run(
            [cli, *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder, env=environment, check=False, input=typed, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.channel.show(ended.stdout)
        return ended.returncode

    # The simulated AWS.

    def _control(self, arguments: list[str]) -> int:
        match arguments:
            case ["push", version]:
                self.push(version)
            case ["wait", minutes] if minutes.isdecimal():
                self.wait(int(minutes))
            case ["be", role, *named] if role in ROLES and len(named) < 2:
                name, session = ROLES[role]
                self.be(name, *(named or [session]))
            case ["fail", _, _] | ["lose"] | ["restore"] if not self.serves:
                self.channel.show("First bring both stacks up, and release in both.\n")
                return 2
            case ["fail", stack, percent] if stack in self.watched and percent.isdecimal():
                self._fail(stack, int(percent))
            case ["lose"]:
                self.lose()
            case ["restore"]:
                self.restore()
            case _:
                self.channel.show(HELP)
                return 2
        self.channel.show(f"It is {self.world.clock.now():%d %b %H:%M} UTC in AWS.\n")
        return 0

    def _fail(self, stack: str, percent: int) -> None:
        self.watched[stack].failing = REQUESTS * percent // 100
        world = self.world if stack == "production" else self.recovery
        world.metrics["result"].append((world.clock.now(), percent or FAILING))
