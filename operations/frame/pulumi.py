"""Pulumi, as a command runs it: a preview with its steps, and an `up`, both judged by the policies."""

import json
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from operations.frame.errors import ExitCode, OperationError

POLICIES = "policies"
LOCKED = "the stack is currently locked"
NO_STACK = "no stack named"
# Pulumi's words for a step, and for a value, that isn't in the plan to which an `up` is limited.
OUTSIDE_PLAN = ("is not allowed by the plan", "violates plan")
LAST_LINES = 20
PLAN_OPTION = "--plan="
# Not compared with AWS: passwords rotate outside Pulumi, and to read them is more than a look for drift may do.
NOT_COMPARED = "urn:pulumi:*::*::**aws:secretsmanager/secretVersion:SecretVersion::*"
_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a plan: `create`, `update`, `delete`, `replace`, `import` …, of the resource with this URN.

    `properties` are those that differ, if the plan has them.
    """

    operation: str
    urn: str
    properties: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """The resource's type, such as `aws:rds/instance:Instance`."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.split("::", 3)[3]

    def __str__(self) -> str:
        return f"{self.operation} {self.kind} {self.name}"


# A step of Pulumi's JSON: `op`, `urn`, and the resource's `oldState` and `newState`.
PreviewStep: TypeAlias = Mapping[str, Any]


class Pulumi(Protocol):
    """What commands need of Pulumi. Both calls raise OperationError if Pulumi or a policy refuses."""

    def preview(self, stack: str) -> Sequence[Step]:
        """Return the steps of an `up`, without those that change nothing."""
        ...

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        """Deploy a stack as its file describes it, or some of its resources, by URN, without the policies.

        After an interruption the next `up` continues.
        """
        ...

    def refresh(self, stack: str, urn: str) -> None:
        """Read one resource from AWS into the state, and nothing else: an `up` that was killed had changed it."""
        ...

    def plan(self, stack: str, file: Path) -> Sequence[Step]:
        """Return the steps of an `up`, and write its plan to a file."""
        ...

    def up_by_plan(self, stack: str, file: Path) -> None:
        """Deploy a stack by a plan: stop before the first step that isn't in it."""
        ...

    def drift(self, stack: str) -> Sequence[Step]:
        """Return what an `up` would change back: its steps from what exists in AWS. The state isn't written."""
        ...


@dataclass(frozen=True, kw_only=True)
class SystemPulumi:
    """The Pulumi CLI in PATH, in the project's folder.

    Each stack's state is in a backend of its own: the one that `TASKFLOW_STATE_PRODUCTION` or `TASKFLOW_STATE_DR`
    names, or else the one that the CLI is logged in to. Its output goes to standard error, because standard output is
    the command's.
    """

    folder: Path
    profile: str | None = None
    program: str = "pulumi"

    def preview(self, stack: str) -> Sequence[Step]:
        """Return the steps of an `up`, without those that change nothing."""
        return changes(self._preview(stack))

    def plan(self, stack: str, file: Path) -> Sequence[Step]:
        """Return the steps of an `up`, and write its plan to a file."""
        found = self._preview(stack, f"--save-plan={file}")
        return [*changes(found), *changed_protection(found)]

    def drift(self, stack: str) -> Sequence[Step]:
        """Return what an `up` would change back."""
        return changes(after_refresh(self._preview(stack, "--refresh", f"--exclude={NOT_COMPARED}")))

    def _preview(self, stack: str, *options: str) -> Sequence[PreviewStep]:
        command = self._command("preview", stack, "--json", *options)
        try:
            result = subprocess.run(
                command, cwd=self.folder, env=self._environment(stack), capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise _missing(self.program) from error
        if result.returncode:
            # Pulumi's JSON has no policy violations: the preview runs again to show why it fails.
            self._run("preview", stack, *options)
            raise OperationError(f"`pulumi preview` of {stack} failed once", advice="Run the same command again.")
        return json.loads(result.stdout).get("steps", [])

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        """Deploy a stack as its file describes it, or some of its resources; the output is shown as it comes."""
        # The preview was shown and confirmed by the command.
        self._run("up", stack, "--yes", "--skip-preview", targets=targets)

    def up_by_plan(self, stack: str, file: Path) -> None:
        """Deploy a stack by a plan; the output is shown as it comes.

        Pulumi previews it first: a difference from the plan stops it before anything is changed.
        """
        self._run("up", stack, "--yes", f"{PLAN_OPTION}{file}")

    def refresh(self, stack: str, urn: str) -> None:
        """Read one resource from AWS into the state, and nothing else."""
        self._run("refresh", stack, "--target", urn, "--yes", "--skip-preview")

    def _run(self, verb: str, stack: str, *options: str, targets: Sequence[str] = ()) -> None:
        """Run Pulumi with its output on standard error; OperationError if it fails."""
        command = self._command(verb, stack, *options, targets=targets)
        try:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(stack), text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise _missing(self.program) from error
        last: deque[str] = deque(maxlen=LAST_LINES)
        try:
            for line in process.stdout or ():
                sys.stderr.write(line)
                last.append(line)
        finally:
            # Control-C reaches Pulumi too, which ends the step that runs and saves its state: it isn't killed.
            code = process.wait()
        if code:
            raise _failed(verb, stack, "".join(last), by_plan=any(option.startswith(PLAN_OPTION) for option in options))

    def _command(self, verb: str, stack: str, *options: str, targets: Sequence[str] = ()) -> Sequence[str]:
        # A refresh changes nothing that a policy judges, and has no such option. A part of a plan may violate what the
        # whole of it meets, which a preview has shown: a new primary whose backups come a moment later.
        policies = [] if verb == "refresh" or targets else ["--policy-pack", POLICIES]
        chosen = [f"--target={urn}" for urn in targets]
        return [self.program, verb, "--stack", stack, *policies, "--non-interactive", *options, *chosen]

    def _environment(self, stack: str) -> Mapping[str, str]:
        profile = {"AWS_PROFILE": self.profile} if self.profile else {}
        backend = os.environ.get(state_variable(stack))
        return {**os.environ, **profile, **({"PULUMI_BACKEND_URL": backend} if backend else {})}


def changes(steps: Sequence[PreviewStep]) -> Sequence[Step]:
    """Return the steps of a preview that change something."""
    return [
        Step(operation=each["op"], urn=each["urn"], properties=_properties(each))
        for each in steps
        if each["op"] != "same"
    ]


def changed_protection(steps: Sequence[PreviewStep]) -> Sequence[Step]:
    """Return the resources of which only the protection changes: `same` to Pulumi, but it takes an `up`."""
    return [
        Step(operation="protect" if _is_protected(each, "newState") else "unprotect", urn=each["urn"])
        for each in steps
        if each["op"] == "same" and _is_protected(each, "oldState") != _is_protected(each, "newState")
    ]


def after_refresh(steps: Sequence[PreviewStep]) -> Sequence[PreviewStep]:
    """Return the steps of the program, without those of the refresh before it, which has one for each resource.

    The program begins with the stack itself.
    """
    stacks = [number for number, each in enumerate(steps) if each["urn"].split("::")[2] == _STACK]
    return steps[stacks[-1] + 1 :] if stacks else steps


def _properties(step: PreviewStep) -> Sequence[str]:
    """Return the properties that differ: of `tags.Name` or `rules[0].priority` the first part."""
    paths: Mapping[str, Any] = step.get("detailedDiff") or {}
    return sorted({re.split(r"[.\[]", path)[0] for path in paths})


def _is_protected(step: PreviewStep, state: str) -> bool:
    found: Mapping[str, Any] = step.get(state) or {}
    return bool(found.get("protect"))


def state_variable(stack: str) -> str:
    """Return the environment variable that names the backend of a stack's state."""
    return f"TASKFLOW_STATE_{stack.upper()}"


def _missing(program: str) -> OperationError:
    return OperationError(
        f"{program} is not installed, or not in PATH",
        code=ExitCode.REFUSED,
        advice="docs/deploying.md describes Pulumi's CLI and the log-in to the state.",
    )


def _failed(verb: str, stack: str, output: str, *, by_plan: bool) -> OperationError:
    name = f"`pulumi {verb}` of {stack}"
    if LOCKED in output:
        return OperationError(
            f"{name} failed: the stack is locked by another `up`, or by one that was killed",
            code=ExitCode.REFUSED,
            advice="If no other one runs, remove the lock, then run the same command again:",
            command=f"pulumi cancel --stack {stack}",
        )
    if any(words in output for words in OUTSIDE_PLAN):
        return OperationError(
            f"{name} stopped: the next step isn't in the plan that was approved",
            code=ExitCode.REFUSED,
            advice="What was done before it stays. Plan again, and have the new plan approved:",
            command=f"taskflow deploy plan --stack {stack}",
        )
    if NO_STACK in output:
        return OperationError(
            f"{name} failed: the state that you are logged in to doesn't have this stack",
            code=ExitCode.REFUSED,
            advice="Each region has a state of its own (docs/deploying.md). Name it, or log in to it:",
            command=f"export {state_variable(stack)}=s3://…",
        )
    if by_plan:
        # The plan was of the state before.
        return OperationError(
            f"{name} failed",
            advice="Its output is above. What it has done stays. Plan the rest, and have the new plan approved:",
            command=f"taskflow deploy plan --stack {stack}",
        )
    return OperationError(
        f"{name} failed", advice="Its output is above. What it has done stays; run the same command again to continue."
    )
