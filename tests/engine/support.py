"""What the engine tests share: a sandbox on the project, its plans as data, and edited stack files."""

import io
import json
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pulumi import automation as auto

from sandbox.__main__ import PROJECT, project
from sandbox.project import Project
from sandbox.values import Value
from sandbox.workspace import Sandbox, SandboxStack


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One resource as the engine was asked for it: an unknown input is None's text `unknown`."""

    urn: str
    type: str
    name: str
    parent: str
    operation: str
    inputs: Mapping[str, Value]


@dataclass(kw_only=True)
class Run:
    """What one operation did: whether it went well, what it printed, and each resource's step."""

    ok: bool = True
    text: str = ""
    planned: list[Planned] = field(default_factory=list[Planned])
    violations: list[str] = field(default_factory=list[str])
    advisories: list[str] = field(default_factory=list[str])

    @property
    def changed(self) -> list[Planned]:
        return [p for p in self.planned if p.operation not in ("same", "read", "refresh")]

    def operations(self) -> Mapping[str, str]:
        return {p.urn: p.operation for p in self.planned}


def run(operation: Callable[..., object]) -> Run:
    """Run a stack's `preview` or `up` and collect what happened instead of raising."""
    result = Run()
    printed = io.StringIO()

    def on_event(event: auto.EngineEvent) -> None:
        _collect(result, event)

    def show(line: str) -> None:
        printed.write(f"{line}\n")

    try:
        operation(show=show, on_event=on_event)
    except auto.CommandError:
        result.ok = False
    result.text = printed.getvalue()
    return result


def _collect(result: Run, event: auto.EngineEvent) -> None:
    if event.resource_pre_event:
        step = event.resource_pre_event.metadata
        new = step.new
        inputs: Mapping[str, Value] = (new.inputs if new else None) or {}
        _, _, type_, name = step.urn.split("::", 3)
        result.planned.append(
            Planned(
                urn=step.urn,
                type=type_.rsplit("$", 1)[-1],
                name=name,
                parent=(new.parent if new else "") or "",
                operation=step.op.value,
                inputs=inputs,
            )
        )
    if event.policy_event:
        policy = event.policy_event
        resource = (policy.resource_urn or "").rsplit("::", 1)[-1]
        line = f"{policy.policy_name}: {resource}: {policy.message}"
        (result.violations if policy.enforcement_level == "mandatory" else result.advisories).append(line)


def without_policies() -> Project:
    """Give the project without its policy pack, for tests of what becomes of a plan that others judge."""
    return replace(project(), policies=None)


@contextmanager
def sandboxed(project_: Project | None = None, *, world: Path | None = None) -> Generator[Sandbox]:
    with Sandbox(project_ or project(), world=world) as sandbox:
        yield sandbox


def edited(folder: Path, stack: str, edits: Mapping[str, Value]) -> Project:
    """Give the project with the stack's file changed: dotted paths (keys with a colon first) to new values."""
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    document = yaml.safe_load(text)
    for path, value in edits.items():
        *parents, last = path.split(".")
        place = document["config"]
        for key in parents:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return replace(project(), stack_files=folder)


def resources(stack: SandboxStack) -> Sequence[Mapping[str, Value]]:
    """Give the exported state's resources."""
    return json.loads(stack.state())["deployment"].get("resources", [])


def pending(stack: SandboxStack) -> Sequence[Mapping[str, Value]]:
    return json.loads(stack.state())["deployment"].get("pending_operations") or []


def is_running(process: int) -> bool:
    """Whether a process goes on: one that ended but wasn't reaped yet doesn't."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], check=False, capture_output=True, text=True)
    return bool(state.stdout.strip().strip("Z+<s"))
