"""The sandbox's commands: `python -m sandbox preview|state|audit|secrets|cli`. The Makefile is their front door."""

import argparse
import gc
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from settings.stacks import STACKS, unknown_stack

if TYPE_CHECKING:
    from pulumi import automation as auto

    from sandbox.project import Project
    from sandbox.stack_file import StackFileError
    from sandbox.workspace import Sandbox, SandboxStack

PROJECT = Path(__file__).resolve().parent.parent
NOTICE = """\
AWS is stood in for: the real Pulumi engine plans these stacks over stand-in providers.
No account is touched, no network is used, and nothing is created."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when all went well, 1 when a stack failed or a policy was violated, 2 when it couldn't run."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=NOTICE.replace("\n", " "))
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser("preview", help="preview the stacks, with the policy pack mandatory")
    preview.add_argument("stack", nargs="*", help=f"one stack alone: {' or '.join(STACKS)}")
    state = commands.add_parser("state", help="bring a stack up over the stand-ins and write its exported state")
    state.add_argument("stack", nargs=1, help=" or ".join(STACKS))
    state.add_argument("file", type=Path)
    audit = commands.add_parser("audit", help="judge an exported state by the policy pack")
    audit.add_argument("stack", nargs=1, help=" or ".join(STACKS))
    audit.add_argument("file", type=Path)
    commands.add_parser("secrets", help="list the secret settings that each stack needs")
    commands.add_parser("cli", help="find the Pulumi CLI, or build it, and print its path")
    chosen = parser.parse_args(arguments)
    stacks: list[str] = getattr(chosen, "stack", [])
    if unknown := [stack for stack in stacks if stack not in STACKS]:
        print(f"STACK={unknown[0]}: {unknown_stack(unknown[0])}", file=sys.stderr)
        return 2
    os.chdir(PROJECT)

    from sandbox.cli.find import EngineError

    try:
        if chosen.command == "preview":
            return _preview(stacks or STACKS)
        if chosen.command == "state":
            return _state(stacks[0], chosen.file)
        if chosen.command == "audit":
            return _audit(stacks[0], chosen.file)
        return _secrets() if chosen.command == "secrets" else _cli()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2


@contextmanager
def opened(made: "Project", *, color: str = "never") -> "Generator[Sandbox]":
    """Open a project's sandbox, its policy pack started first: it loads beside the SDK, on another processor."""
    from sandbox.processes import PackServer, forget_owners_environment

    forget_owners_environment()
    with ExitStack() as closing:
        pack = PackServer(made.policies) if made.policies else None
        if pack:
            closing.callback(pack.stop)

        from sandbox.workspace import Sandbox

        yield closing.enter_context(Sandbox(made, color=color, pack=pack))


def _preview(stacks: Sequence[str]) -> int:
    print(f"{NOTICE}\n", flush=True)
    failed: list[str] = []
    with opened(project(), color="always" if sys.stdout.isatty() else "never") as sandbox:
        # All stacks at once, while the program's modules still load and the engine has nothing else to do.
        made = {stack: _made(sandbox, stack) for stack in stacks}
        for name, stack in made.items():
            print(f"── {name} " + "─" * (76 - len(name)), flush=True)
            if not _previewed(stack):
                failed.append(name)
            print(flush=True)
    for stack in stacks:
        verdict = "failed: the reason stands above" if stack in failed else "plan accepted, no policy violated"
        print(f"{stack}: {verdict}")
    print("\n".join(sandbox.stand_in.coverage.lines()))
    print("Nothing was created: AWS is stood in for.")
    return 1 if failed else 0


def _made(sandbox: "Sandbox", stack: str) -> "SandboxStack | auto.CommandError | StackFileError":
    """Return a stack, or why its file can't be read or the CLI refuses to make it."""
    from pulumi import automation as auto

    from sandbox.stack_file import StackFileError

    try:
        return sandbox.stack(stack)
    except (auto.CommandError, StackFileError) as error:
        return error


def _previewed(stack: "SandboxStack | auto.CommandError | StackFileError") -> bool:
    """Preview a stack and show the output; False, with the reason shown, when it fails."""
    from pulumi import automation as auto

    from sandbox.output import without_echoes

    if isinstance(stack, Exception):
        print(stack, flush=True)
        return False
    shown: list[str] = []

    def show(line: str) -> None:
        shown.append(line)
        print(line, flush=True)

    try:
        stack.preview(show=without_echoes(show))
    except auto.CommandError as error:
        # The CLI refuses some stack files without a word on the output that it was given.
        if not "".join(shown).strip():
            print(error, flush=True)
        return False
    return True


def _state(stack: str, file: Path) -> int:
    with opened(project()) as sandbox:
        from pulumi import automation as auto

        from sandbox.output import without_echoes

        made = _made(sandbox, stack)
        if isinstance(made, Exception):
            print(made, file=sys.stderr)
            return 1
        told: list[str] = []
        try:
            made.up(show=without_echoes(told.append))
        except auto.CommandError:
            print("\n".join(told), file=sys.stderr)
            return 1
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made.state())
    print(f"{file}: the state of {stack} after an `up` over the stand-ins, placeholders of secrets shown")
    return 0


def _audit(stack: str, file: Path) -> int:
    if not file.is_file():
        print(f"{file}: no such file; `pulumi stack export --stack {stack} --file {file}` writes it", file=sys.stderr)
        return 2
    try:
        state = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        print(f"{file}: not an exported state: it isn't UTF-8", file=sys.stderr)
        return 2
    with opened(project()) as sandbox:
        judged = sandbox.analyze(state)
    printed = judged.stdout + judged.stderr
    print(printed, end="")
    if judged.returncode and "policy violations were found" in printed:
        print(f"{file}: a policy is violated")
        return 1
    if judged.returncode or "nothing to analyze" in printed:
        print(f"{file}: it could not be judged: the reason stands above", file=sys.stderr)
        return 2
    redacted = "; its secrets could not be read, and were not judged" if "secret values redacted" in printed else ""
    print(f"{file}: no policy is violated{redacted}")
    return 0


def _secrets() -> int:
    from settings.secrets import SECRETS

    for stack in STACKS:
        needed = [secret for secret in SECRETS if stack in secret.stacks]
        print(f"{stack}: " + ("no secret settings" if not needed else f"{len(needed)} secret settings"))
        for secret in needed:
            choice = "" if secret.required else " (may be left out)"
            print(f"  {secret.purpose}{choice}: {secret.allowed}\n    {secret.command(stack)}")
    return 0


def _cli() -> int:
    from sandbox.cli.find import find_or_make

    print(find_or_make())
    return 0


def project() -> "Project":
    """Give this repository as the sandbox runs it."""
    from sandbox.project import Project
    from settings.secrets import SECRETS

    secrets = {stack: [s.key for s in SECRETS if s.required and stack in s.stacks] for stack in STACKS}
    components = sorted(f"components.{file.stem}" for file in (PROJECT / "components").glob("[!_]*.py"))
    return Project(
        folder=PROJECT,
        policies=PROJECT / "policies",
        secrets=secrets,
        placeholders={secret.key: secret.placeholder for secret in SECRETS},
        modules=components,
    )


if __name__ == "__main__":
    # Thousands of small objects live as long as the run: looking for garbage among them costs a fifth of the time.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(main(sys.argv[1:]))
