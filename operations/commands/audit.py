"""`taskflow audit query`."""

from typing import Annotated

import typer

from operations.commands.execution import execute, group

audit = group("audit", "Audit records of the application and of the commands.")


@audit.callback()
def records() -> None:
    """Keep `query` a command of the group: Typer drops the name of a group's only command."""


@audit.command()
def query(
    context: typer.Context,
    event: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE",
            help="authentication, data_access, configuration_change, error or operation. Default: all.",
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="90m, 24h, 7d, a date or a time in UTC: 2026-03-31T14:30.")
    ] = "24h",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="End, in the same form. Default: now.")] = None,
    user: Annotated[str | None, typer.Option(metavar="ID", help="The user's id in the database.")] = None,
    of_ticket: Annotated[
        str | None, typer.Option("--of-ticket", metavar="TICKET", help="Commands with this ticket.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(metavar="WORD", help="success, failure, denied …")] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="The newest N records.")] = 100,
) -> None:
    """Search the audit records, also those that only the archive has."""
    from operations.audit.query import QueryOptions
    from operations.audit.query import query as run

    options = QueryOptions(
        event=event, user=user, ticket=of_ticket, outcome=outcome, since=since, until=until, limit=limit
    )
    execute(context, lambda operation: run(operation, options))
