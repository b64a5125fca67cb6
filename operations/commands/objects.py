"""`taskflow objects`: the files of the API's users."""

from typing import Annotated

import typer

from operations.commands.execution import execute, group

objects = group("objects", "Restore deleted or overwritten files of users.")


@objects.command()
def restore(
    context: typer.Context,
    before: Annotated[
        str, typer.Option(metavar="TIME", help="The files become as they were before: UTC, 2026-03-31T14:30:00.")
    ],
    prefix: Annotated[str | None, typer.Option(metavar="PREFIX", help='All files below it; "" is every file.')] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="One file.")] = None,
    deleted_only: Annotated[
        bool, typer.Option("--deleted-only", help="Leave files alone that were overwritten since.")
    ] = False,
    only_list: Annotated[bool, typer.Option("--list", help="Print each file that differs; change nothing.")] = False,
) -> None:
    """Make earlier versions of files current again. Run it again to continue after an interruption."""
    from operations.objects.restore import RestoreOptions
    from operations.objects.restore import restore as run

    options = RestoreOptions(before=before, prefix=prefix, key=key, deleted_only=deleted_only, only_list=only_list)
    execute(context, lambda operation: run(operation, options))


@objects.callback()
def _group() -> None:
    """Keep `restore` a command of the group: Typer would make an only command the group itself."""
