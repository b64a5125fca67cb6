"""`taskflow data`: the data of one person."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group

data = group("data", "Proof of the deletion of a person's data.")

SubjectId = Annotated[str, typer.Option("--subject", metavar="ID", help="The user's id in the database.")]


@data.callback()
def _group() -> None:
    """Keep an only command a command of the group."""


@data.command("erase-report")
def erase_report(
    context: typer.Context,
    subject: SubjectId,
    deleted_at: Annotated[
        str,
        typer.Option(metavar="TIME", help="When the application deleted the data, in UTC: 2026-03-31T14:30."),
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The proof. Default: in this folder, by id and day.")
    ] = None,
) -> None:
    """Prove when each copy of deleted data ends."""
    from operations.data.erase_report import ReportOptions
    from operations.data.erase_report import erase_report as run

    options = ReportOptions(subject=subject, deleted_at=deleted_at, output=output)
    execute(context, lambda operation: run(operation, options))
