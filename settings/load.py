"""How a program gets its settings: Pulumi's values in, settings or one clear error out."""

from collections.abc import Generator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from settings.base import Block
from settings.errors import SettingsError
from settings.parse import parse, parse_blocks
from settings.stack import Settings

B = TypeVar("B", bound=Block)


@dataclass(frozen=True, kw_only=True)
class Running:
    """What Pulumi hands over to the program that runs: full keys with their values, and which of them are secret."""

    project: str
    stack: str
    file: str
    values: Mapping[str, str]
    secret_keys: Set[str]


def load() -> Settings:
    """Return the settings of the stack that runs; pulumi.RunError, which Pulumi shows without a traceback, if not."""
    running = _running()
    with _shown_without_traceback():
        return parse(
            running.values, running.secret_keys, file=running.file, stack=running.stack, project=running.project
        )


def load_blocks(model: type[B]) -> B:
    """Return another program's settings, from a model with a field for each block that it takes.

    All checks of the blocks run, as for a whole stack file; pulumi.RunError with everything that is refused.
    """
    running = _running()
    with _shown_without_traceback():
        return parse_blocks(model, running.values, running.secret_keys, file=running.file, project=running.project)


def _running() -> Running:
    # Not above: reading, judging and describing settings must work where Pulumi isn't running.
    import pulumi
    from pulumi.runtime import config

    values = {key: str(value) for key, value in config.CONFIG.get().items()}
    stack = pulumi.get_stack()
    return Running(
        project=pulumi.get_project(),
        stack=stack,
        file=f"Pulumi.{stack}.yaml",
        values=values,
        secret_keys={key for key in values if config.is_config_secret(key)},
    )


@contextmanager
def _shown_without_traceback() -> Generator[None]:
    import pulumi

    try:
        yield
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
