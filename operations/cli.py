"""The command `taskflow`: its options and commands. What takes time to import is imported when a command runs."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from operations.frame.context import Context, Options

PROJECT = Path(__file__).resolve().parent.parent
PRODUCTION = "production"

app = typer.Typer(
    name="taskflow",
    help="TaskFlow's runbook as commands. docs/runbooks/commands.md describes exit codes, tickets and audit events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def options(
    context: typer.Context,
    stack: Annotated[str, typer.Option(metavar="NAME", help="Stack: production or dr.")] = PRODUCTION,
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


@app.command()
def release(
    context: typer.Context,
    version: Annotated[
        str | None, typer.Argument(metavar="VERSION", help="Version, such as v1.5.0.", show_default=False)
    ] = None,
    same_image: Annotated[
        bool, typer.Option("--same-image", help="Deploy the running image with changed settings.")
    ] = False,
    digest: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Digest that the version must have, from the build: sha256:….")
    ] = None,
    assets: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY", help="The web application's build; published once the tasks run.", exists=True
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Then compare error rate and latency with those before, for 30 minutes.")
    ] = False,
    retry_migration: Annotated[bool, typer.Option("--retry-migration", help="Start a failed migration again.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Deploy an image again that was rolled back before.")] = False,
) -> None:
    """Release a version: migrate, deploy, verify. Run it again to continue after an interruption."""
    from operations.release.release import ReleaseOptions
    from operations.release.release import release as run

    wanted = ReleaseOptions(
        version=version,
        same_image=same_image,
        digest=digest,
        again=again,
        retry_migration=retry_migration,
        assets=assets,
        watch=watch,
    )
    if (version is None) != same_image:
        raise typer.BadParameter("name a version, or --same-image")
    _execute(context.obj, lambda operation: run(operation, wanted))


@app.command()
def rollback(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Version to return to. Default: the release before.")
    ] = None,
) -> None:
    """Return to the release before, or to a named one."""
    from operations.release.rollback import rollback as run

    _execute(context.obj, lambda operation: run(operation, to))


@app.command()
def smoke(context: typer.Context) -> None:
    """Check from outside that the stack serves users."""
    from operations.smoke.smoke import smoke as run

    _execute(context.obj, run)


def _execute(options: "Options", run: "Callable[[Context], None]") -> None:
    """Run a command and end the process with its exit code."""
    from operations.frame.run import execute, system_context

    code = execute(lambda: system_context(PROJECT, options), run, as_json=options.as_json)
    raise typer.Exit(code)


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
