"""`taskflow cache`: the AUTH token of Redis."""

import typer

from operations.commands.execution import execute, group

cache = group("cache", "Rotate the AUTH token of Redis.")


@cache.command()
def rotate(context: typer.Context) -> None:
    """Rotate the AUTH token without an outage. Run it again to continue after an interruption."""
    from operations.rotation.cache import rotate_cache

    execute(context, rotate_cache)


@cache.callback()
def _group() -> None:
    """Keep `rotate` a command of the group: Typer would make an only command the group itself."""
