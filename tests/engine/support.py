"""Helpers of the engine tests: a sandbox of the project, its plans as data, and edited stack files."""

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
    """One planned resource; unknown inputs are UNKNOWN."""

    urn: str
    type: str
    name: str
    parent: str
    operation: str
    inputs: Mapping[str, Value]


@dataclass(kw_only=True)
class Run:
    """The result of one operation: success, output, and each resource's step."""

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
    """Run a stack's `preview` or `up`; return its result, also if it fails."""
    result = Run()
    output = io.StringIO()

    def on_event(event: auto.EngineEvent) -> None:
        _collect(result, event)

    def on_output(line: str) -> None:
        output.write(f"{line}\n")

    try:
        operation(on_output=on_output, on_event=on_event)
    except auto.CommandError:
        result.ok = False
    result.text = output.getvalue()
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


def project_without_policies() -> Project:
    """Return the project without its policy pack, for tests that don't check policies."""
    return replace(project(), policies=None)


@contextmanager
def sandboxed(project_: Project | None = None, *, world: Path | None = None) -> Generator[Sandbox]:
    with Sandbox(project_ or project(), world=world) as sandbox:
        yield sandbox


def edited_project(folder: Path, stack: str, edits: Mapping[str, Value]) -> Project:
    """Return the project with an edited stack file: dotted paths, such as `taskflow:rds.port`, to new values."""
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    document = yaml.safe_load(text)
    for path, value in edits.items():
        *parents, last = path.split(".")
        block = document["config"]
        for key in parents:
            block = block[key]
        if value is None:
            del block[last]
        else:
            block[last] = value
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return replace(project(), stack_files=folder)


def resources(stack: SandboxStack) -> Sequence[Mapping[str, Value]]:
    """Return the exported state's resources."""
    return json.loads(stack.state())["deployment"].get("resources", [])


def pending_operations(stack: SandboxStack) -> Sequence[Mapping[str, Value]]:
    return json.loads(stack.state())["deployment"].get("pending_operations") or []


def is_running(process: int) -> bool:
    """Whether a process runs; a zombie doesn't."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], check=False, capture_output=True, text=True)
    return bool(state.stdout.strip().strip("Z+<s"))
