"""`taskflow data`: the data of one person."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group

data = group("data", "The data of one person: export, and proof of a deletion.")

SubjectId = Annotated[str, typer.Option("--subject", metavar="ID", help="The user's id in the database.")]


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


@data.command()
def export(
    context: typer.Context,
    subject: SubjectId,
    recipient: Annotated[
        str, typer.Option(metavar="KEY", help="The public key (age1…) of who receives it; it alone opens the archive.")
    ],
    queries: Annotated[
        Path, typer.Option(metavar="FILE", help="The application's SQL queries for the release that runs.")
    ],
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Audit records since then: 365d or a date. Default: all.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The archive. Default: in this folder, by id and ticket.")
    ] = None,
) -> None:
    """Export what infrastructure holds of a person, encrypted. Run it again to continue after an interruption."""
    from operations.data.export import ALWAYS, ExportOptions
    from operations.data.export import export as run

    options = ExportOptions(subject=subject, recipient=recipient, queries=queries, since=since or ALWAYS, output=output)
    execute(context, lambda operation: run(operation, options))
