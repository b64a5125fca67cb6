"""`taskflow dr`: the recovery region."""

from typing import Annotated

import typer

from operations.commands.execution import execute, group
from operations.commands.options import ApprovedBy

dr = group("dr", "The recovery region: its readiness, and taking over.")


@dr.command()
def status(context: typer.Context) -> None:
    """Show whether dr can take over, and what is missing."""
    from operations.dr.status import status as run

    execute(context, run)


@dr.command()
def promote(
    context: typer.Context,
    graceful: Annotated[
        bool, typer.Option("--graceful", help="Production answers: stop its writes first, lose nothing.")
    ] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Production is lost: lose the writes that dr lacks.")
    ] = False,
    approved_by: ApprovedBy = None,
) -> None:
    """Let dr take over. One way. Run it again to continue after an interruption."""
    from operations.dr.promote import PromoteOptions
    from operations.dr.promote import promote as run
    from operations.dr.targets import Mode

    modes = [mode for mode, is_named in ((Mode.GRACEFUL, graceful), (Mode.ACCEPT_LOSS, accept_loss)) if is_named]
    options = PromoteOptions(mode=modes[0] if len(modes) == 1 else None, approved_by=approved_by or "")
    execute(context, lambda operation: run(operation, options))


@dr.command()
def fence(
    context: typer.Context,
    undo: Annotated[bool, typer.Option("--undo", help="Return production, while dr isn't promoted.")] = False,
) -> None:
    """Stop production's tasks, so that it writes nothing beside dr."""
    from operations.dr.fence import fence as stop
    from operations.dr.fence import undo as start

    execute(context, start if undo else stop)


@dr.command()
def failback(
    context: typer.Context,
    undo: Annotated[bool, typer.Option("--undo", help="Return users to dr, before the promotion.")] = False,
    files_checked: Annotated[
        bool, typer.Option("--files-checked", help="Files whose replication failed were copied.")
    ] = False,
    approved_by: ApprovedBy = None,
) -> None:
    """Return to production: the first run prepares, the second switches. Run it again to continue."""
    from operations.dr.failback import FailbackOptions
    from operations.dr.failback import failback as run
    from operations.dr.failback import undo as back

    options = FailbackOptions(approved_by=approved_by or "", files_checked=files_checked)
    execute(context, back if undo else lambda operation: run(operation, options))
