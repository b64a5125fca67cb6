"""The sandbox's commands: `python -m sandbox preview|state|audit|secrets|cli`, which the Makefile calls."""

import argparse
import gc
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.project import Project, ProjectError, read_project
from settings.secrets import SECRETS
from settings.stacks import STACKS, unknown_stack

if TYPE_CHECKING:
    from pulumi import automation as auto

    from sandbox.workspace import Sandbox, SandboxStack
    from settings.stack_file import StackFileError

PROJECT = Path(__file__).resolve().parent.parent
NOTICE = """\
The real Pulumi engine plans these stacks against stand-ins for AWS.
No account is touched, no network is used, and nothing is created."""


def main(arguments: Sequence[str]) -> int:
    """Run one command: 0 on success, 1 if a stack failed or violates a policy, 2 if the command couldn't run."""
    options = _parser().parse_args(arguments)
    stacks: list[str] = getattr(options, "stack", [])
    try:
        opened, known = _opened(getattr(options, "project", None))
    except ProjectError as error:
        print(f"PROJECT={options.project}: {error}", file=sys.stderr)
        return 2
    if unknown := [stack for stack in stacks if stack not in known]:
        print(f"STACK={unknown[0]}: {_unknown_stack(unknown[0], known)}", file=sys.stderr)
        return 2
    os.chdir(PROJECT)

    from sandbox.cli.find import CliError

    try:
        return _run(options, opened, stacks, known)
    except CliError as error:
        print(error, file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, opened: "Project", stacks: Sequence[str], known: Sequence[str]) -> int:
    if options.command == "preview":
        return _preview(opened, stacks or known)
    if options.command == "state":
        return _state(opened, stacks[0], options.file)
    if options.command == "audit":
        return _audit(opened, stacks[0], options.file)
    return _secrets(opened, known) if options.command == "secrets" else _cli()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=NOTICE.replace("\n", " "))
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser("preview", help="preview the stacks, with the policy pack mandatory")
    preview.add_argument("stack", nargs="*", help=f"one stack only: {' or '.join(STACKS)}")
    state = commands.add_parser("state", help="run `up` against the stand-ins and write the exported state")
    state.add_argument("stack", nargs=1, help=" or ".join(STACKS))
    state.add_argument("file", type=Path)
    audit = commands.add_parser("audit", help="check an exported state against the policies")
    audit.add_argument("stack", nargs=1, help=" or ".join(STACKS))
    audit.add_argument("file", type=Path)
    secrets = commands.add_parser("secrets", help="list the secret settings that each stack needs")
    for command in (preview, state, audit, secrets):
        command.add_argument("--project", type=Path, help="another project's folder, such as examples/ledger")
    commands.add_parser("cli", help="find or install the Pulumi CLI and print its path")
    return parser


def _opened(folder: Path | None) -> tuple["Project", Sequence[str]]:
    """Return a project, by default this repository's, and its stacks; ProjectError if it can't be read."""
    if folder is None:
        return project(), STACKS
    opened = read_project(folder.resolve(), modules=_components())
    return opened, opened.stacks


def _unknown_stack(name: str, known: Sequence[str]) -> str:
    return unknown_stack(name) if known == STACKS else f"unknown stack {name!a}: there is {' and '.join(known)}."


@contextmanager
def open_sandbox(project: "Project", *, color: str = "never") -> "Generator[Sandbox]":
    """Open a project's sandbox. The policy pack starts first: it loads while the SDK does, on another processor."""
    from sandbox.processes import PackServer, clear_environment

    clear_environment()
    with ExitStack() as resources:
        pack = PackServer(project.policies) if project.policies else None
        if pack:
            resources.callback(pack.stop)

        from sandbox.workspace import Sandbox

        yield resources.enter_context(Sandbox(project, color=color, pack=pack))


def _preview(project: "Project", stacks: Sequence[str]) -> int:
    print(f"{NOTICE}\n", flush=True)
    failed: list[str] = []
    with open_sandbox(project, color="always" if sys.stdout.isatty() else "never") as sandbox:
        # All stacks at once: the program's modules are still loading, and the engine is idle.
        opened = {stack: _open_stack(sandbox, stack) for stack in stacks}
        for name, stack in opened.items():
            print(f"── {name} " + "─" * (76 - len(name)), flush=True)
            if not _preview_stack(stack):
                failed.append(name)
            print(flush=True)
    accepted = "plan accepted, no policy violations" if project.policies else "plan accepted; it has no policy pack"
    for stack in stacks:
        print(f"{stack}: {'failed, see the error above' if stack in failed else accepted}")
    print("\n".join(sandbox.stand_in.coverage.lines()))
    print("Nothing was created: the plans ran against stand-ins for AWS.")
    return 1 if failed else 0


def _open_stack(sandbox: "Sandbox", stack: str) -> "SandboxStack | auto.CommandError | StackFileError":
    """Return a stack, or the error if its file can't be read or the CLI can't create it."""
    from pulumi import automation as auto

    from settings.stack_file import StackFileError

    try:
        return sandbox.stack(stack)
    except (auto.CommandError, StackFileError) as error:
        return error


def _preview_stack(stack: "SandboxStack | auto.CommandError | StackFileError") -> bool:
    """Preview a stack and print the output; False, with the error printed, if it fails."""
    from pulumi import automation as auto

    from sandbox.output import drop_repeated_errors

    if isinstance(stack, Exception):
        print(stack, flush=True)
        return False
    lines: list[str] = []

    def show(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    try:
        stack.preview(on_output=drop_repeated_errors(show))
    except auto.CommandError as error:
        # For some stack files the CLI fails without any output.
        if not "".join(lines).strip():
            print(error, flush=True)
        return False
    return True


def _state(project: "Project", stack: str, file: Path) -> int:
    with open_sandbox(project) as sandbox:
        from pulumi import automation as auto

        from sandbox.output import drop_repeated_errors

        opened = _open_stack(sandbox, stack)
        if isinstance(opened, Exception):
            print(opened, file=sys.stderr)
            return 1
        lines: list[str] = []
        try:
            opened.up(on_output=drop_repeated_errors(lines.append))
        except auto.CommandError:
            print("\n".join(lines), file=sys.stderr)
            return 1
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(opened.state())
    print(f"{file}: the state of {stack} after an `up` against the stand-ins, with placeholders for secrets")
    return 0


def _audit(project: "Project", stack: str, file: Path) -> int:
    if not file.is_file():
        print(f"{file}: no such file; `pulumi stack export --stack {stack} --file {file}` writes it", file=sys.stderr)
        return 2
    try:
        state = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        print(f"{file}: not an exported state: not UTF-8", file=sys.stderr)
        return 2
    with open_sandbox(project) as sandbox:
        analysis = sandbox.analyze(state)
    output = analysis.stdout + analysis.stderr
    print(output, end="")
    if analysis.returncode and "policy violations were found" in output:
        print(f"{file}: policy violations found")
        return 1
    if analysis.returncode or "nothing to analyze" in output:
        print(f"{file}: not checked, see the error above", file=sys.stderr)
        return 2
    redacted = "; its secrets can't be decrypted and were not checked" if "secret values redacted" in output else ""
    print(f"{file}: no policy violations{redacted}")
    return 0


def _secrets(project: "Project", stacks: Sequence[str]) -> int:
    for stack in stacks:
        needed = [secret for secret in project.declared if stack in secret.stacks]
        print(f"{stack}: " + ("no secret settings" if not needed else f"{len(needed)} secret settings"))
        for secret in needed:
            optional = "" if secret.required else " (optional)"
            print(f"  {secret.purpose}{optional}: {secret.allowed}\n    {secret.command(stack)}")
    return 0


def _cli() -> int:
    from sandbox.cli.find import find_or_install

    print(find_or_install())
    return 0


def project() -> "Project":
    """Return this repository's project."""
    return Project(folder=PROJECT, policies=PROJECT / "policies", declared=SECRETS, modules=_components())


def _components() -> Sequence[str]:
    files = (PROJECT / "components").rglob("[!_]*.py")
    return sorted(".".join(file.relative_to(PROJECT).with_suffix("").parts) for file in files)


if __name__ == "__main__":
    # Thousands of small objects live as long as the run: garbage collection would take a fifth of the time.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(main(sys.argv[1:]))
