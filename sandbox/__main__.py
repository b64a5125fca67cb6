"""The sandbox's commands: `python -m sandbox preview|state|secrets|cli`. The Makefile is their front door."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi import automation as auto

    from sandbox.project import Project
    from sandbox.workspace import Sandbox, SandboxStack

PROJECT = Path(__file__).resolve().parent.parent
STACKS = ("production", "dr")
NOTICE = """\
AWS is stood in for: the real Pulumi engine plans these stacks over stand-in providers.
No account is touched, no network is used, and nothing is created."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when all went well, 1 when a stack failed or a policy was violated, 2 when it couldn't run."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=NOTICE.replace("\n", " "))
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser("preview", help="preview the stacks, with the policy pack mandatory")
    preview.add_argument("stack", nargs="*", choices=[*STACKS, []], default=[], help="one stack alone")
    state = commands.add_parser("state", help="bring a stack up over the stand-ins and write its exported state")
    state.add_argument("stack", choices=STACKS)
    state.add_argument("file", type=Path)
    commands.add_parser("secrets", help="list the secret settings that each stack needs")
    commands.add_parser("cli", help="find the Pulumi CLI, or build it, and print its path")
    chosen = parser.parse_args(arguments)
    os.chdir(PROJECT)

    from sandbox.cli.find import EngineError

    try:
        if chosen.command == "preview":
            return _preview(tuple(chosen.stack) or STACKS)
        if chosen.command == "state":
            return _state(chosen.stack, chosen.file)
        return _secrets() if chosen.command == "secrets" else _cli()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2


def _preview(stacks: Sequence[str]) -> int:
    from pulumi import automation as auto

    from sandbox.output import without_echoes
    from sandbox.workspace import Sandbox, forget_owners_environment

    forget_owners_environment()
    print(f"{NOTICE}\n", flush=True)
    failed: list[str] = []
    with Sandbox(project(), color="always" if sys.stdout.isatty() else "never") as sandbox:
        # All stacks at once, while the program's modules still load and the engine has nothing else to do.
        made = {stack: _made(sandbox, stack) for stack in stacks}
        for name, stack in made.items():
            print(f"── {name} " + "─" * (76 - len(name)), flush=True)
            try:
                if isinstance(stack, auto.CommandError):
                    print(stack)
                    raise stack
                stack.preview(show=without_echoes(lambda line: print(line, flush=True)))
            except auto.CommandError:
                failed.append(name)
            print(flush=True)
    for stack in stacks:
        verdict = "failed: the reason stands above" if stack in failed else "plan accepted, no policy violated"
        print(f"{stack}: {verdict}")
    print("Nothing was created: AWS is stood in for.")
    return 1 if failed else 0


def _made(sandbox: "Sandbox", stack: str) -> "SandboxStack | auto.CommandError":
    """Give a stack, or why the CLI refuses to make it."""
    from pulumi import automation as auto

    try:
        return sandbox.stack(stack)
    except auto.CommandError as error:
        return error


def _state(stack: str, file: Path) -> int:
    from pulumi import automation as auto

    from sandbox.output import without_echoes
    from sandbox.workspace import Sandbox, forget_owners_environment

    forget_owners_environment()
    with Sandbox(project()) as sandbox:
        made = sandbox.stack(stack)
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
