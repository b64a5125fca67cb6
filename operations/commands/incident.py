"""`taskflow incident` and `taskflow emergency`."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group
from operations.commands.options import ApprovedBy, MfaDevice
from operations.incident.severity import Severity

incident = group("incident", "Declare, note, show and end an incident.")
emergency = group("emergency", "Break-glass access during an incident, and its review.")

Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="File to write. Default: in this folder, by ticket.")
]


@incident.command()
def start(
    context: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TITLE", help='What is broken: "API is down".')] = "",
    severity: Annotated[
        Severity | None,
        typer.Option(metavar="LEVEL", case_sensitive=False, help="SEV1 (down) or SEV2 (major). Asked for by default."),
    ] = None,
) -> None:
    """Declare an incident; show alarms, releases and what to do next.

    For a declared incident it shows them again, and changes the severity if another one is named.
    """
    from operations.incident.incident import Declaration
    from operations.incident.incident import start as run

    execute(context, lambda operation: run(operation, Declaration(severity=severity, title=title)))


@incident.command()
def note(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you see, think or do, in quotes.")],
) -> None:
    """Add a line to the incident's timeline."""
    from operations.incident.incident import note as run

    execute(context, lambda operation: run(operation, text))


@incident.command()
def show(
    context: typer.Context,
    ticket: Annotated[
        str | None, typer.Argument(metavar="TICKET", help="Default: --ticket, or the open incidents.")
    ] = None,
) -> None:
    """Show an incident's timeline, or the open incidents."""
    from operations.incident.incident import show as run

    execute(context, lambda operation: run(operation, ticket))


@incident.command()
def end(context: typer.Context, output: Output = None) -> None:
    """End the incident and write its post-mortem."""
    from operations.incident.incident import end as run

    execute(context, lambda operation: run(operation, output))


@emergency.command("start")
def start_access(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="After `--`: what to run. Default: your shell.")
    ] = None,
    approved_by: ApprovedBy = None,
    mfa_device: MfaDevice = None,
) -> None:
    """Open a shell with break-glass, for an hour. It raises an alarm."""
    from operations.emergency.emergency import Access
    from operations.emergency.emergency import start as run

    access = Access(approved_by=approved_by or "", mfa_device=mfa_device, command=command or [])
    execute(context, lambda operation: run(operation, access))


@emergency.command("end")
def end_access(context: typer.Context, output: Output = None) -> None:
    """Collect what was done with break-glass, and open the review."""
    from operations.emergency.emergency import end as run

    execute(context, lambda operation: run(operation, output))
