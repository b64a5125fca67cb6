"""The preview command beside the engine: unknown stacks, files that can't be read, errors without output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pulumi.automation import CommandError, CommandResult

from sandbox.__main__ import PROJECT, main, project
from sandbox.project import Project, generated_settings
from sandbox.service_models.coverage import Summary


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Stand-ins that held nothing to AWS's models."""

    coverage: Summary = field(default_factory=Summary)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack whose preview shows one line, or fails without one."""

    silent: bool

    def preview(self, *, show: Callable[[str], None]) -> None:
        if self.silent:
            raise CommandError(CommandResult(stdout="", stderr="error: a reason", code=255))
        show("everything is planned")


class Sandbox:
    """A sandbox that reads the stack files as the real one does, and has no engine."""

    silent = False

    def __init__(self, project: Project, **_: str) -> None:
        self.project = project
        self.stand_in = StandIn()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def stack(self, name: str) -> Stack:
        generated_settings(self.project, name)
        return Stack(silent=self.silent)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the stack files, which the command reads in place of the project's."""
    monkeypatch.setattr("sandbox.workspace.Sandbox", Sandbox)
    monkeypatch.setattr("sandbox.__main__.project", lambda: replace(project(), stack_files=tmp_path))
    for stack in ("production", "dr"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_bytes((PROJECT / f"Pulumi.{stack}.yaml").read_bytes())
    return tmp_path


@pytest.mark.parametrize("arguments", [["preview", "staging"], ["preview", "dr", "staging"], ["state", "staging", "x"]])
def test_a_stack_that_the_program_does_not_have_is_named_with_those_that_it_has(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "STACK=staging: this program has the stacks production and dr, and no stack 'staging'.\n"
        "A stack takes more than a stack file: see CONTRIBUTING.md, Adding a stack.\n"
    )


BROKEN: Mapping[str, tuple[Callable[[str], str], str]] = {
    "a tab": (lambda text: f"{text}\taws:region: x\n", "Pulumi.production.yaml, line {last}: a tab stands here"),
    "config misspelt": (
        lambda text: text.replace("config:", "confg:", 1),
        "Pulumi.production.yaml, line 2: `confg:` stands where",
    ),
    "empty": (lambda text: text[:0], "Pulumi.production.yaml: the file is empty"),
    "a key twice": (
        lambda text: f"{text}  aws:region: x\n",
        "Pulumi.production.yaml, line {last}: the key aws:region occurs twice",
    ),
}


@pytest.mark.parametrize(("break_it", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_stops_its_own_stack_only(
    folder: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[str], str], reason: str
) -> None:
    file = folder / "Pulumi.production.yaml"
    reason = reason.format(last=len(file.read_text().splitlines()) + 1)
    file.write_text(break_it(file.read_text()))
    assert main(["preview"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count(reason) == 1
    assert printed.out.index(reason) < printed.out.index("everything is planned")
    assert "production: failed: the reason stands above\ndr: plan accepted" in printed.out
    assert "Traceback" not in printed.out + printed.err


def test_a_missing_file_stops_the_state_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Pulumi.dr.yaml").unlink()
    assert main(["state", "dr", str(folder / "state.json")]) == 1
    assert capsys.readouterr().err == "Pulumi.dr.yaml: there is no such file\n"


@pytest.mark.usefixtures("folder")
def test_what_the_engine_refuses_without_output_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict says that the reason stands above it."""
    monkeypatch.setattr(Sandbox, "silent", True)
    assert main(["preview", "dr"]) == 1
    assert "error: a reason" in capsys.readouterr().out
