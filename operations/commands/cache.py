"""`taskflow cache`: the AUTH token of Redis, and restores of its snapshots."""

from typing import Annotated

import typer

from operations.commands.execution import execute, group

cache = group("cache", "Rotate the AUTH token of Redis, restore a snapshot.")


@cache.command()
def rotate(context: typer.Context) -> None:
    """Rotate the AUTH token without an outage. Run it again to continue after an interruption."""
    from operations.rotation.cache import rotate_cache

    execute(context, rotate_cache)


@cache.command()
def restore(
    context: typer.Context,
    snapshot: Annotated[str, typer.Option(metavar="NAME", help="Snapshot of the stack's cache.")] = "latest",
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Under the stack's own name, once its group is deleted.")
    ] = False,
    security_group: Annotated[
        str | None, typer.Option(metavar="ID", help="Default: that of the stack's group, if there is one.")
    ] = None,
) -> None:
    """Restore a snapshot beside the cache, or in its place. Run it again to continue after an interruption."""
    from operations.recovery_cache.restore import CacheRestoreOptions
    from operations.recovery_cache.restore import restore_cache as run

    options = CacheRestoreOptions(snapshot=snapshot, in_place=in_place, security_group=security_group)
    execute(context, lambda operation: run(operation, options))
