"""`taskflow db`: the database's roles, logins and sessions."""

import typer

from operations.commands.execution import execute, group

app = group("db", "Reach the database, create its roles, rotate its password.")


@app.command()
def bootstrap(context: typer.Context) -> None:
    """Create the database's roles and logins, or correct them."""
    from operations.database.bootstrap import bootstrap as run

    execute(context, run)


@app.command()
def rotate(context: typer.Context) -> None:
    """Rotate the API's database password without an outage. Run it again to continue after an interruption."""
    from operations.database.rotate import rotate_database

    execute(context, rotate_database)
