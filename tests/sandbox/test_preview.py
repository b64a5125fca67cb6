"""The preview command without the engine: unknown stacks, unreadable files, errors without output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pulumi.automation import CommandError, CommandResult

from sandbox.__main__ import PROJECT, main, project
from sandbox.project import Project, generate_settings
from sandbox.service_models.coverage import Summary


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Stand-ins that checked nothing."""

    coverage: Summary = field(default_factory=Summary)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack whose preview prints one line, or fails without output."""

    is_silent: bool

    def preview(self, *, on_output: Callable[[str], None]) -> None:
        if self.is_silent:
            raise CommandError(CommandResult(stdout="", stderr="error: a reason", code=255))
        on_output("everything is planned")


class Sandbox:
    """A sandbox that reads stack files like the real one, without an engine."""

    is_silent = False

    def __init__(self, project: Project, **_: str) -> None:
        self.project = project
        self.stand_in = StandIn()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def stack(self, name: str) -> Stack:
        generate_settings(self.project, name)
        return Stack(is_silent=self.is_silent)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with copies of the stack files, which the command reads."""
    monkeypatch.setattr("sandbox.workspace.Sandbox", Sandbox)
    monkeypatch.setattr("sandbox.__main__.project", lambda: replace(project(), stack_files=tmp_path))
    for stack in ("production", "dr"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_bytes((PROJECT / f"Pulumi.{stack}.yaml").read_bytes())
    return tmp_path


@pytest.mark.parametrize("arguments", [["preview", "staging"], ["preview", "dr", "staging"], ["state", "staging", "x"]])
def test_an_unknown_stack_is_named_with_the_known_ones(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "STACK=staging: unknown stack 'staging': the stacks are production and dr.\n"
        "A stack takes more than a stack file: see CONTRIBUTING.md, Add a stack.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--project", "examples/none"], "PROJECT=examples/none: no such project: the folder has no Pulumi.yaml\n"),
        (["--project", "docs"], "PROJECT=docs: no such project: the folder has no Pulumi.yaml\n"),
        (["--project", "examples/ledger", "dr"], "STACK=dr: unknown stack 'dr': there is demo.\n"),
    ],
)
def test_another_projects_folder_and_stacks_are_checked(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", *arguments]) == 2
    assert capsys.readouterr().err == message


def test_a_project_without_a_stack_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\n")
    assert main(["preview", "--project", str(tmp_path)]) == 2
    assert "the project has no stack file, such as Pulumi.demo.yaml" in capsys.readouterr().err


def test_another_projects_secrets_are_listed_with_their_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secrets", "--project", "examples/ledger"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("demo: 2 secret settings\n")
    assert "pulumi config set --secret ledger:pagerDutyUrl --stack demo" in printed


BROKEN: Mapping[str, tuple[Callable[[str], str], str]] = {
    "a tab": (lambda text: f"{text}\taws:region: x\n", "Pulumi.production.yaml, line {last}: tab character"),
    "config misspelt": (
        lambda text: text.replace("config:", "confg:", 1),
        "Pulumi.production.yaml, line 2: unknown key `confg:`",
    ),
    "empty": (lambda text: text[:0], "Pulumi.production.yaml: the file is empty"),
    "a key twice": (
        lambda text: f"{text}  aws:region: x\n",
        "Pulumi.production.yaml, line {last}: duplicate key aws:region",
    ),
}


@pytest.mark.parametrize(("break_it", "reason"), BROKEN.values(), ids=BROKEN)
def test_an_unreadable_file_fails_only_its_own_stack(
    folder: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[str], str], reason: str
) -> None:
    file = folder / "Pulumi.production.yaml"
    reason = reason.format(last=len(file.read_text().splitlines()) + 1)
    file.write_text(break_it(file.read_text()))
    assert main(["preview"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count(reason) == 1
    assert printed.out.index(reason) < printed.out.index("everything is planned")
    assert "production: failed, see the error above\ndr: plan accepted" in printed.out
    assert "Traceback" not in printed.out + printed.err


def test_a_missing_file_also_fails_make_state(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Pulumi.dr.yaml").unlink()
    assert main(["state", "dr", str(folder / "state.json")]) == 1
    assert capsys.readouterr().err == "Pulumi.dr.yaml: no such file\n"


@pytest.mark.usefixtures("folder")
def test_an_error_without_output_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict refers to the error above it."""
    monkeypatch.setattr(Sandbox, "is_silent", True)
    assert main(["preview", "dr"]) == 1
    assert "error: a reason" in capsys.readouterr().out
