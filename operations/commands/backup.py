"""`taskflow backup`: whether the backups are what the document requires, and the evidence."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group

backup = group("backup", "The Backup Schedule, and the results of restore tests.")


@backup.command()
def status(context: typer.Context) -> None:
    """Check each row of the Backup Schedule."""
    from operations.backup.status import status as run

    execute(context, run)


@backup.command()
def report(
    context: typer.Context,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=30, help="AWS Backup lists jobs for 30 days.")] = 30,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write it as Markdown.", dir_okay=False)
    ] = None,
) -> None:
    """Show restore tests, backups and copies, for an auditor."""
    from operations.backup.report import report as run

    execute(context, lambda operation: run(operation, days=days, output=output))
