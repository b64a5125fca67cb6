"""`taskflow preflight` and `postflight`."""

from typing import Annotated

import typer

from operations.commands.execution import execute

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Version, such as v1.5.0.", show_default=False)]
Confirmed = Annotated[
    list[str] | None,
    typer.Option("--confirm", metavar="ITEM", help="Answer an item with yes; repeatable.", show_default=False),
]


def preflight(
    context: typer.Context,
    version: Version,
    confirm: Confirmed = None,
    day_before: Annotated[
        bool, typer.Option("--day-before", help="Only the list of 24 hours before the deployment.")
    ] = False,
    staging_profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Profile of the staging account.", show_default=False)
    ] = None,
) -> None:
    """Go through the checklist before a deployment."""
    from operations.checklist.checklist import preflight as run

    execute(
        context,
        lambda operation: run(
            operation, version, confirmed=confirm or (), day_before=day_before, staging_profile=staging_profile
        ),
    )


def postflight(context: typer.Context, version: Version, confirm: Confirmed = None) -> None:
    """Go through the checklist after a deployment."""
    from operations.checklist.checklist import postflight as run

    execute(context, lambda operation: run(operation, version, confirmed=confirm or ()))
