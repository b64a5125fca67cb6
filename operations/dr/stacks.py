"""The contexts of both stacks, whichever one a command was started for."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import explained
from operations.frame.context import Context
from settings.stacks import PRIMARY, RECOVERY


@dataclass(frozen=True, kw_only=True)
class Stacks:
    """Production and the recovery stack. Commands run in the recovery stack: its audit log, its records, its region."""

    production: Context
    recovery: Context


def stacks_of(context: Context, *, is_lost: bool = True) -> Stacks:
    """Return both contexts. Only stack files are read; no region is asked.

    Production's region may be lost: its clients give up after seconds, and ask once.
    """
    production, recovery = _of(context, PRIMARY), _of(context, RECOVERY)
    return Stacks(
        production=replace(production, aws=production.aws.impatient) if is_lost else production, recovery=recovery
    )


def _of(context: Context, stack: str) -> Context:
    # One report, whose values are the JSON document.
    return context if context.options.stack == stack else replace(context.of_stack(stack), report=context.report)


@contextmanager
def asking(context: Context) -> Generator[None]:
    """Explain errors of AWS as those of this stack's region: a command of both would name the other one."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise explained(error, context.environment.region) from error
