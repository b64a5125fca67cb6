"""`taskflow deploy`: the infrastructure, by a plan that someone has approved."""

from typing import Annotated

import typer

from operations.commands.execution import execute, group

deploy = group("deploy", "Deploy the infrastructure by an approved plan, and find drift.")


@deploy.command()
def plan(context: typer.Context) -> None:
    """Plan this commit, and save the plan for its approval."""
    from operations.deploy.deploy import plan as run

    execute(context, run)


@deploy.command()
def up(
    context: typer.Context,
    approved: Annotated[
        str, typer.Option(metavar="FINGERPRINT", help="The plan that was approved, as `deploy plan` printed it.")
    ],
) -> None:
    """Deploy the approved plan of this checkout, and nothing else."""
    from operations.deploy.deploy import deploy as run

    execute(context, lambda operation: run(operation, approved))


@deploy.command()
def drift(context: typer.Context) -> None:
    """Find what differs between AWS and the program."""
    from operations.deploy.deploy import drift as run

    execute(context, run)
