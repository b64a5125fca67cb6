"""Runs the shell steps of workflows as GitHub's runner does, on this machine, with programs that record their calls."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from sandbox.__main__ import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = GITHUB / "workflows"
ACTION = GITHUB / "actions" / "taskflow" / "action.yml"
EXAMPLE = PROJECT / "examples" / "application" / "release.yml"
EVENTS = Path(__file__).parent / "events"
FAKES = ("aws", "docker", "gh", "make", "npm", "pulumi", "taskflow")
# Each call is a line of the log. Its output and exit code are those of the first rule whose words are all in the call.
FAKE = f"""#!{sys.executable} -S
import json, os, sys
words = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
if "--password-stdin" in words:
    sys.stdin.read()
open(os.environ["CALLS"], "a").write(" ".join(words) + "\\n")
def first(rules, otherwise):
    found = (value for rule, value in json.loads(rules).items() if all(word in words for word in rule.split()))
    return next(found, otherwise)
print(first(os.environ["OUTPUTS"], ""))
for name, text in json.loads(os.environ["FILES"]).items():
    if name in " ".join(words):
        open(next(word for word in words if name in word), "w").write(text)
sys.exit(first(os.environ["CODES"], 0))
"""
EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
# As the runner calls them: without a shell named, and with `shell: bash`.
SHELLS = {"": ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step with `run`, and the variables of its workflow and job."""

    file: str
    job: str
    name: str
    run: str
    shell: str
    variables: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.file}, {self.job}: {self.name}"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a step ended, which programs it called, and what it wrote."""

    code: int
    calls: Sequence[str]
    output: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(kw_only=True)
class Runner:
    """A runner in a folder, with an event; `codes`, `outputs` and `files` are how the programs answer."""

    folder: Path
    event: str = "push"
    codes: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    # The values of expressions that don't follow from the event.
    context: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "temp").mkdir()
        for name in FAKES:
            program = self.folder / "bin" / name
            program.write_text(FAKE)
            program.chmod(0o755)

    def run(self, step: Step, *, checkout: Path | None = None, **more: str) -> Result:
        """Run a step, in a checkout of this repository by default."""
        variables = {name: self.evaluated(text) for name, text in step.variables.items()} | more
        script = self.folder / "step.sh"
        script.write_text(self.evaluated(step.run))
        return self.start([*SHELLS[step.shell], str(script)], checkout=checkout, **variables)

    def start(self, command: Sequence[str | Path], *, checkout: Path | None = None, **variables: str) -> Result:
        """Run a program with the variables of a runner."""
        records = {name: self.folder / name for name in ("calls", "output", "summary")}
        for file in records.values():
            file.write_text("")
        event = self._event
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder),
            "CALLS": str(records["calls"]), "CODES": json.dumps(self.codes),
            "OUTPUTS": json.dumps(self.outputs), "FILES": json.dumps(self.files),
            "TASKFLOW": str(self.folder / "bin" / "taskflow"), "PYTHON": sys.executable, "PYTHONPATH": str(PROJECT),
            "RUNNER_TEMP": str(self.folder / "temp"), "GITHUB_OUTPUT": str(records["output"]),
            "GITHUB_STEP_SUMMARY": str(records["summary"]), "GITHUB_EVENT_PATH": str(EVENTS / f"{self.event}.json"),
            "GITHUB_REPOSITORY": event["repository"]["full_name"], "GITHUB_REF": event.get("ref", ""),
            "GITHUB_REF_NAME": event.get("ref", "").rpartition("/")[2], "GITHUB_SHA": event.get("after", ""),
            **variables,
        }  # fmt: skip
        process = subprocess.run(
            command, check=False, cwd=checkout or PROJECT, env=environment, capture_output=True, text=True
        )
        lines = (line.partition("=") for line in records["output"].read_text().splitlines())
        return Result(
            code=process.returncode,
            calls=records["calls"].read_text().splitlines(),
            output=process.stdout + process.stderr,
            outputs={name: value for name, _, value in lines},
            summary=records["summary"].read_text(),
        )

    def evaluated(self, text: str) -> str:
        """Return a text with the values of its expressions; KeyError for one that isn't known."""
        return EXPRESSION.sub(lambda found: self._value(found[1]), text)

    def _value(self, expression: str) -> str:
        if expression in self.context:
            return self.context[expression]
        if expression.startswith("github.event."):
            value: Any = self._event
            for part in expression.split(".")[2:]:
                value = value[part]
            return str(value)
        raise KeyError(expression)

    @property
    def _event(self) -> Mapping[str, Any]:
        return json.loads((EVENTS / f"{self.event}.json").read_text())


def workflow(file: Path) -> Mapping[Any, Any]:
    """Return a workflow or an action as data."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def steps() -> Iterator[Step]:
    """Yield each step with `run`: of the workflows, of the action, and of the example for the application."""
    for file in (*sorted(WORKFLOWS.glob("*.yml")), EXAMPLE):
        content = workflow(file)
        name = f"example {file.name}" if file == EXAMPLE else file.name
        for job, details in content["jobs"].items():
            variables = {**content.get("env", {}), **details.get("env", {})}
            yield from _steps(name, job, details.get("steps", []), variables)
    yield from _steps("action.yml", "taskflow", workflow(ACTION)["runs"]["steps"], {})


def _steps(file: str, job: str, found: Sequence[Mapping[str, Any]], variables: Mapping[str, str]) -> Iterator[Step]:
    for each in found:
        if "run" in each:
            yield Step(
                file=file,
                job=job,
                name=each.get("name") or each.get("id") or each["run"],
                run=each["run"],
                shell=each.get("shell", ""),
                variables={**variables, **cast("dict[str, str]", each.get("env", {}))},
            )


def actions() -> set[str]:
    """Return the actions that the workflows use, without their versions."""
    texts = [file.read_text() for file in (*WORKFLOWS.glob("*.yml"), ACTION, EXAMPLE)]
    return {found[1].partition("@")[0] for text in texts for found in re.finditer(r"uses: (\S+)", text)}
