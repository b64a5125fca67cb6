"""The command `taskflow`: its global options. What takes time to import is imported when a command runs."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from operations.commands.audit import audit
from operations.commands.backup import backup
from operations.commands.cache import cache
from operations.commands.checklist import postflight, preflight
from operations.commands.data import data
from operations.commands.database import database
from operations.commands.deploy import deploy
from operations.commands.dr import dr
from operations.commands.execution import group
from operations.commands.incident import emergency, incident
from operations.commands.objects import objects
from operations.commands.release import release, rollback, smoke
from settings.stacks import PRIMARY

app = group(
    "taskflow",
    "TaskFlow's runbook as commands. docs/runbooks/commands.md describes exit codes, tickets and audit events.",
)


@app.callback()
def options(
    context: typer.Context,
    stack: Annotated[str, typer.Option(metavar="NAME", help="Stack: production or dr.")] = PRIMARY,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="Profile of the AWS configuration.")] = None,
    ticket: Annotated[
        str | None, typer.Option(metavar="TICKET", help="incident-… or change-…. Default: the session's name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be changed; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before a change.")] = False,
) -> None:
    """Collect the global options; they may stand before or after the command."""
    from operations.frame.context import Options

    context.obj = Options(stack=stack, profile=profile, dry_run=dry_run, as_json=as_json, yes=yes, ticket=ticket)


for command in (preflight, release, postflight, rollback, smoke):
    app.command()(command)
for each in (audit, incident, emergency, database, cache, objects, backup, data, dr, deploy):
    app.add_typer(each)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Move the global options before the command, where Typer expects them."""
    takes_value = {"--stack", "--profile", "--ticket"}
    flags = {"--dry-run", "--json", "--yes"}
    first: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        if argument == "--":
            rest += [argument, *remaining]
            break
        name = argument.partition("=")[0]
        if argument in flags or (name in takes_value and "=" in argument):
            first.append(argument)
        elif argument in takes_value:
            first += [argument, *remaining[:1]]
            del remaining[:1]
        else:
            rest.append(argument)
    return [*first, *rest]


def main() -> None:
    """Run the command line."""
    app(args=hoisted(sys.argv[1:]), prog_name="taskflow")
