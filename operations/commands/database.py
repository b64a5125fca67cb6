"""`taskflow db`: the database's roles, logins and sessions."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group
from operations.commands.options import ApprovedBy, MfaDevice

database = group("db", "Reach the database, create its roles, rotate its password.")


@database.command()
def connect(
    context: typer.Context,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- ARGUMENTS", help="Arguments of psql.", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(metavar="PORT", min=1024, max=65535, help="Local end of the tunnel.")] = 5433,
    replica: Annotated[
        bool, typer.Option("--replica", help="Read from the replica: long queries, which may be behind.")
    ] = False,
    approved_by: ApprovedBy = None,
    mfa_device: MfaDevice = None,
    ca_bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="RDS's certificates. Default: downloaded, kept for a month.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Read the database with psql in an incident."""
    from operations.database.connect import ConnectOptions
    from operations.database.connect import connect as run
    from operations.database.system import SystemMachine

    options = ConnectOptions(
        arguments=arguments or (),
        approved_by=approved_by or "",
        port=port,
        is_replica=replica,
        ca_bundle=ca_bundle,
        mfa_device=mfa_device,
    )
    execute(context, lambda operation: run(operation, options, SystemMachine()))


@database.command()
def bootstrap(
    context: typer.Context,
    instance: Annotated[
        str, typer.Option("--instance", metavar="NAME", help="A restored successor, before it serves.")
    ] = "",
) -> None:
    """Create the database's roles and logins, or correct them."""
    from operations.database.bootstrap import bootstrap as run

    execute(context, lambda operation: run(operation, instance))


@database.command()
def fence(context: typer.Context) -> None:
    """Close the database that a restored one replaces to the API."""
    from operations.database.fence import fence as run

    execute(context, run)


@database.command()
def rotate(context: typer.Context) -> None:
    """Rotate the API's database password without an outage. Run it again to continue after an interruption."""
    from operations.database.rotate import rotate_database

    execute(context, rotate_database)
