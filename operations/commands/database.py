"""`taskflow db`: the database's roles, logins and sessions."""

from pathlib import Path
from typing import Annotated

import typer

from operations.commands.execution import execute, group
from operations.commands.options import ApprovedBy, MfaDevice

database = group("db", "Read and restore the database; its roles and its password.")
RestoredName = Annotated[str, typer.Argument(metavar="NAME", help="Restored instance: taskflow-recovery-…")]


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
    instance: Annotated[
        str | None, typer.Option(metavar="NAME", help="A restored instance, or another one of the stack.")
    ] = None,
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
        instance=instance,
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


@database.command()
def snapshots(context: typer.Context) -> None:
    """List the backups of both regions; a missing or late one fails."""
    from operations.recovery.snapshots import list_snapshots

    execute(context, list_snapshots)


@database.command()
def restore(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option(metavar="TIME", help="Point in time: 2026-11-22T09:30Z, 10m (ago), or latest.")
    ] = None,
    snapshot: Annotated[
        str | None, typer.Option(metavar="ID-OR-DATE", help="Snapshot by name, or by its day: 2026-11-22.")
    ] = None,
) -> None:
    """Restore to a new instance beside the database. Run it again to continue after an interruption."""
    from operations.recovery.restore import restore as run
    from operations.recovery.source import Wish

    execute(context, lambda operation: run(operation, Wish(to=to, snapshot=snapshot)))


@database.command()
def cutover(
    context: typer.Context,
    name: RestoredName,
    without_dr: Annotated[
        bool, typer.Option("--without-dr", help="Switch before dr replicates it: a loss of the region then costs more.")
    ] = False,
    old_is_cut_off: Annotated[
        bool, typer.Option("--old-is-cut-off", help="The old instance can't be reached: don't close it.")
    ] = False,
) -> None:
    """Let a restored instance take over. Run it again to continue after an interruption."""
    from operations.cutover.cutover import CutoverOptions
    from operations.cutover.cutover import cutover as run

    options = CutoverOptions(name=name, without_dr=without_dr, old_is_cut_off=old_is_cut_off)
    execute(context, lambda operation: run(operation, options))


@database.command()
def discard(
    context: typer.Context,
    name: RestoredName,
    no_snapshot: Annotated[
        bool, typer.Option("--no-snapshot", help="Keep nothing: no last snapshot of its data.")
    ] = False,
) -> None:
    """Delete a restored instance, after a last snapshot."""
    from operations.recovery.discard import discard as run

    execute(context, lambda operation: run(operation, name, with_snapshot=not no_snapshot))
