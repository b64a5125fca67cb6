"""`taskflow release`, `rollback` and `smoke`."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute


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
    execute(context, lambda operation: run(operation, wanted))


def rollback(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Version to return to. Default: the release before.")
    ] = None,
) -> None:
    """Return to the release before, or to a named one."""
    from operations.release.rollback import rollback as run

    execute(context, lambda operation: run(operation, to))


def smoke(context: typer.Context) -> None:
    """Check from outside that the stack serves users."""
    from operations.smoke.smoke import smoke as run

    execute(context, run)
