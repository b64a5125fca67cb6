"""Runs a command with the global options."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from operations.frame.context import Context

PROJECT = Path(__file__).resolve().parent.parent.parent


def execute(context: typer.Context, run: "Callable[[Context], None]") -> None:
    """Run a command and end the process with its exit code."""
    from operations.frame.run import execute as run_to_exit_code
    from operations.frame.run import system_context

    options = context.obj
    code = run_to_exit_code(lambda: system_context(PROJECT, options), run, as_json=options.as_json)
    raise typer.Exit(code)


def group(name: str, summary: str) -> typer.Typer:
    """Return a group of commands, such as `db`."""
    return typer.Typer(
        name=name,
        help=summary,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
